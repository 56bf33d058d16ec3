//! What may happen in a history, and how often.

use proptest::prelude::*;

/// One thing that happens: on a device, at the window, or to the wire. Numbers choose among what there is.
#[derive(Debug, Clone)]
pub enum Step {
    /// With a mandate at once or without.
    Visit(bool),
    Mandate(usize),
    Draft(usize),
    /// On which of the drafts, which field, which value.
    Edit(usize, usize, u8),
    /// On which device's drafts, which of those the server has, which value, in a field of one's own.
    EditAnothers(usize, usize, u8),
    /// The same in the field that all want.
    Contest(usize, usize, u8),
    Submit(usize),
    /// The window asks to correct whose application.
    Ask(usize, usize),
    Correct(usize, u8),
    Withdraw(usize),
    EndVisit(usize),
    /// Ticks off what was needed at whose visit.
    Finish(usize, usize),
    /// To which draft, a new file or one that was attached before, large or small.
    Attach(usize, bool, bool),
    /// A piece of a file travels.
    Piece(usize),
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

/// What a worker does at the doors with one device.
pub fn deed() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any::<bool>().prop_map(Step::Visit),
        3 => (0..8usize).prop_map(Step::Mandate),
        6 => (0..8usize).prop_map(Step::Draft),
        9 => (0..8usize, 0..3usize, any::<u8>()).prop_map(|(d, f, v)| Step::Edit(d, f, v)),
        4 => (0..8usize).prop_map(Step::Submit),
        1 => (0..8usize).prop_map(Step::Withdraw),
        2 => (0..8usize).prop_map(Step::EndVisit),
        2 => (Just(usize::MAX), 0..8usize).prop_map(|(who, which)| Step::Finish(who, which)),
        3 => (0..8usize, any::<bool>(), 0..16u8).prop_map(|(d, new, size)| Step::Attach(d, new, size == 0)),
    ]
}

/// That, and everything else.
pub fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        34 => deed(),
        4 => (0..3usize, 0..8usize, any::<u8>()).prop_map(|(who, d, v)| Step::EditAnothers(who, d, v)),
        4 => (0..3usize, 0..8usize, any::<u8>()).prop_map(|(who, d, v)| Step::Contest(who, d, v)),
        2 => (0..3usize, 0..8usize).prop_map(|(who, which)| Step::Finish(who, which)),
        2 => (0..3usize, 0..8usize).prop_map(|(who, which)| Step::Ask(who, which)),
        2 => (0..8usize, any::<u8>()).prop_map(|(which, value)| Step::Correct(which, value)),
        2 => (0..8usize).prop_map(Step::Piece),
        1 => Just(Step::Crash),
        1 => Just(Step::Reassign),
        1 => Just(Step::Restart),
        9 => (0..4usize, 1..13usize, any::<[bool; 4]>()).prop_map(|(skip, most, [backwards, lost, twice, cut])| {
            Step::Send { skip, most, backwards, lost, twice, cut }
        }),
    ]
}
