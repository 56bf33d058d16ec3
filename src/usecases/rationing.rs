//! How often somebody may do what costs others: file, send files, search.

use std::time::Duration;

use serde::Deserialize;

use super::sessions::too_many;
use super::uploads::PIECE;
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::contact::PhoneNumber;
use crate::domain::lifecycle::Role;

/// Rates and sizes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// Applications a resident makes per hour.
    pub filings_per_hour: u32,
    /// Files somebody sends per hour.
    pub uploads_per_hour: u32,
    /// Searches somebody makes per minute.
    pub searches_per_minute: u32,
    /// Copies of everything about them that a resident takes per hour.
    pub exports_per_hour: u32,
    /// How often a resident says who they are, or asks for a code, per hour.
    pub identities_per_hour: u32,
    /// Codes of residents that a member of staff tries per hour.
    pub verifications_per_hour: u32,
    /// Texts with a code that a grid worker has sent per hour.
    pub confirmations_per_hour: u32,
    /// … and that one telephone gets per hour.
    pub confirmations_per_phone: u32,
    /// Password tries per account and address, in a quarter of an hour.
    pub sign_in_per_quarter_hour: u32,
    /// … and per account from all addresses it never signed in from.
    pub sign_in_from_strangers: u32,
    /// Sign-ins per address and quarter of an hour.
    pub sign_in_per_address: u32,
    /// Anonymous look-ups per address and quarter of an hour.
    pub progress_per_quarter_hour: u32,
    /// Codes of the phone button per account and hour.
    pub phone_codes_per_hour: u32,
    /// Largest file, bytes.
    pub max_file_bytes: u64,
    /// Largest picture, pixels.
    pub max_file_pixels: u64,
}

/// 限频的操作
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rationed {
    /// Sending a file.
    Upload,
    /// Sending a piece of one: as many as the largest file has, for each file.
    Piece,
    /// Searching: whoever copies the register does it a page at a time.
    Search,
    /// Saying who one is, or asking for a code to be seen in person.
    Identity,
    /// Trying the code of a resident.
    Verification,
    /// Sending a code to a telephone.
    Confirmation,
    /// Taking a copy of everything.
    Export,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

impl Office {
    /// Counts one more, or says when it may be tried again.
    pub async fn ration(&self, actor: &Actor, what: Rationed) -> Result<(), Failure> {
        let limits = &self.rules().limits;
        let (name, window, limit) = match what {
            Rationed::Upload => ("upload", HOUR, limits.uploads_per_hour),
            Rationed::Piece => {
                let pieces = u32::try_from(limits.max_file_bytes.div_ceil(PIECE)).unwrap_or(u32::MAX);
                ("piece", HOUR, limits.uploads_per_hour.saturating_mul(pieces))
            }
            Rationed::Search => ("search", MINUTE, limits.searches_per_minute),
            Rationed::Identity => ("identity", HOUR, limits.identities_per_hour),
            Rationed::Export => ("export", HOUR, limits.exports_per_hour),
            Rationed::Verification => ("verification", HOUR, limits.verifications_per_hour),
            Rationed::Confirmation => ("confirmation", HOUR, limits.confirmations_per_hour),
        };
        let hit = self.outside().cache.hit(&format!("ration:{name}:{}", actor.id), window, limit).await;
        if hit.allowed { Ok(()) } else { Err(too_many(hit.retry_after)) }
    }

    /// Counts one more text to a telephone, whoever has it sent.
    pub async fn ration_phone(&self, phone: &PhoneNumber) -> Result<(), Failure> {
        let (hash, limit) = (self.code_hash(phone.as_str()), self.rules().limits.confirmations_per_phone);
        let hit = self.outside().cache.hit(&format!("ration:texts:{hash}"), HOUR, limit).await;
        if hit.allowed { Ok(()) } else { Err(too_many(hit.retry_after)) }
    }

    /// Whether a resident may file one more; staff file for many.
    pub async fn may_file(&self, actor: &Actor) -> Result<(), Failure> {
        let full = self.outside().cache.get(&format!("ration:filed:{}", actor.id)).await;
        let Some(until) = full.and_then(|until| until.parse::<i64>().ok()) else { return Ok(()) };
        Err(too_many(Duration::from_secs(u64::try_from(until - self.now().timestamp()).unwrap_or(1))))
    }

    /// Counts a filing that was one: a request repeated on a bad network is not.
    pub async fn has_filed(&self, actor: &Actor) {
        if !actor.has(Role::Resident) {
            return;
        }
        let (cache, limit) = (&self.outside().cache, self.rules().limits.filings_per_hour);
        let hit = cache.hit(&format!("ration:filing:{}", actor.id), HOUR, limit.saturating_sub(1)).await;
        if !hit.allowed {
            let until = self.now().timestamp() + i64::try_from(hit.retry_after.as_secs()).unwrap_or(0);
            cache.put(&format!("ration:filed:{}", actor.id), &until.to_string(), hit.retry_after).await;
        }
    }
}
