//! What may happen in a history, and how often.

use proptest::prelude::*;

/// The fields that devices edit: three of their own drafts, and one each of those of another.
pub const FIELDS: [&str; 6] = ["name", "phone", "residence_address", "remark_1", "remark_2", "remark_3"];
/// How many of them a device edits in its own drafts.
pub const OWN: usize = 3;

/// One thing that happens: on a device, or to the wire.
#[derive(Debug, Clone)]
pub enum Step {
    Visit,
    Draft,
    /// On which of the drafts, which field, which value.
    Edit(usize, usize, u8),
    /// On which device's drafts, which of those the server has, which value.
    EditAnothers(usize, usize, u8),
    Submit(usize),
    Withdraw(usize),
    EndVisit(usize),
    /// The device dies while it writes, and starts again.
    Crash,
    /// The worker loses the grid, or gets it back.
    Reassign,
    /// The server dies and another takes its place.
    Restart,
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
        8 => (0..6usize, 0..OWN, any::<u8>()).prop_map(|(d, f, v)| Step::Edit(d, f, v)),
        3 => (0..3usize, 0..6usize, any::<u8>()).prop_map(|(who, d, v)| Step::EditAnothers(who, d, v)),
        1 => Just(Step::Crash),
        1 => Just(Step::Reassign),
        1 => Just(Step::Restart),
        3 => (0..6usize).prop_map(Step::Submit),
        1 => (0..6usize).prop_map(Step::Withdraw),
        1 => (0..3usize).prop_map(Step::EndVisit),
        6 => (0..4usize, 1..9usize, any::<[bool; 4]>()).prop_map(|(skip, most, [backwards, lost, twice, cut])| {
            Step::Send { skip, most, backwards, lost, twice, cut }
        }),
    ]
}
