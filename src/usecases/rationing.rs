//! How often somebody may do what costs others: file, send files, search.

use std::time::Duration;

use super::sessions::too_many;
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::lifecycle::Role;

/// 限频的操作
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rationed {
    /// Sending a file.
    Upload,
    /// Searching: whoever copies the register does it a page at a time.
    Search,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

impl Office {
    /// Counts one more, or says when it may be tried again.
    pub async fn ration(&self, actor: &Actor, what: Rationed) -> Result<(), Failure> {
        let limits = &self.rules().limits;
        let (name, window, limit) = match what {
            Rationed::Upload => ("upload", HOUR, limits.uploads_per_hour),
            Rationed::Search => ("search", MINUTE, limits.searches_per_minute),
        };
        let hit = self.outside().cache.hit(&format!("ration:{name}:{}", actor.id), window, limit).await;
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
