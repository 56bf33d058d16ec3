//! 离线客户端: the device's side of the offline protocol, as small as it can be: an outbox that survives a crash,
//! batches, what was answered, and what was taken along. Whoever writes another reads docs/offline.md.

mod journal;
mod keys;
mod outbox;
mod pack;

pub use journal::Journal;
pub use keys::DeviceKey;
pub use outbox::{Deed, Outbox, Sent};
pub use pack::{Pack, PackError};
