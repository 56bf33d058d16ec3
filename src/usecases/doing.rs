//! An operation about to be carried out, with whose it is and when it was done.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Office;
use crate::domain::actor::Actor;
use crate::domain::device::{DeviceClock, Moment};
use crate::domain::operation::Operation;

/// An operation with whose it is and when it was done.
pub struct Doing<'a> {
    /// Who did it.
    pub actor: &'a Actor,
    /// On which device.
    pub device: Uuid,
    /// What.
    pub operation: &'a Operation,
    /// When.
    pub moment: Moment,
    /// Seconds by which the device's clock was put right.
    pub skew_seconds: i64,
}

impl Doing<'_> {
    /// When it counts as done: a clock that cannot be believed proves nothing.
    pub fn acted_at(&self, office: &Office) -> DateTime<Utc> {
        match self.moment.clock {
            DeviceClock::Right | DeviceClock::PutRight => self.moment.at,
            DeviceClock::Unreliable => office.now(),
        }
    }
}
