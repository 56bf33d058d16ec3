//! 离线客户端: the device's side of the offline protocol, as small as it can be: an outbox that survives a crash,
//! batches, and what was answered. Whoever writes another reads docs/offline.md.

mod journal;
mod outbox;

pub use journal::Journal;
pub use outbox::{Deed, Outbox, Sent};
