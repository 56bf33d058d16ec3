//! What may happen in a history, and how often.

use proptest::prelude::*;

/// The fields that devices edit.
pub const FIELDS: [&str; 4] = ["name", "phone", "residence_address", "ethnicity"];

/// One thing that happens: on a device, or to the wire.
#[derive(Debug, Clone)]
pub enum Step {
    Visit,
    Draft,
    /// On which of the drafts, which field, which value.
    Edit(usize, usize, u8),
    Submit(usize),
    Withdraw(usize),
    EndVisit(usize),
    /// Which part of what is open is sent, in which order; whether the answer is lost or the device crashes
    /// before it has kept it; whether the batch comes twice.
    Send {
        skip: usize,
        most: usize,
        backwards: bool,
        lost: bool,
        twice: bool,
        cut: bool,
    },
}

pub fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Visit),
        3 => Just(Step::Draft),
        8 => (0..6usize, 0..FIELDS.len(), any::<u8>()).prop_map(|(d, f, v)| Step::Edit(d, f, v)),
        3 => (0..6usize).prop_map(Step::Submit),
        1 => (0..6usize).prop_map(Step::Withdraw),
        1 => (0..3usize).prop_map(Step::EndVisit),
        6 => (0..4usize, 1..9usize, any::<[bool; 4]>()).prop_map(|(skip, most, [backwards, lost, twice, cut])| {
            Step::Send { skip, most, backwards, lost, twice, cut }
        }),
    ]
}
