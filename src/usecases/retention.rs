//! 保存期限: erases what has been kept as long as the schedule says, and what piles up; files go after the rows that
//! named them.

use std::time::Duration;

use chrono::TimeDelta;
use serde::Deserialize;
use uuid::Uuid;

use super::{Failure, Office};
use crate::domain::deadline::civil_date;
use crate::domain::retention::Outcome;
use crate::storage::erasing;

/// 清理设置
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionSettings {
    /// Days for which a repeated request gets its first answer.
    pub replay_days: i64,
    /// Days for which delivered and dead mails are kept.
    pub mail_days: i64,
    /// Days for which visits and mandates are kept.
    pub visit_days: i64,
    /// A file somebody sent again within so many seconds is not removed.
    pub file_quiet_seconds: u64,
}

/// Applications looked at in one go.
const STEP: i64 = 500;
/// Nothing is kept for less: the scan skips what ended later.
const SHORTEST: TimeDelta = TimeDelta::days(180);

impl Office {
    /// One round over everything; answers how many applications were erased.
    pub async fn erase_due(&self) -> Result<usize, Failure> {
        let now = self.now();
        let today = civil_date(now);
        let (mut erased, mut after) = (0, Uuid::nil());
        loop {
            let from = after;
            let step =
                move |conn: &mut crate::storage::Conn| erasing::ended(conn, from, now - SHORTEST, STEP);
            let (found, last) = self.db().read(step).await.map_err(Failure::from)?;
            let Some(last) = last else { break };
            after = last;
            for (id, service, status, at) in found {
                let Some(outcome) = Outcome::of(status) else { continue };
                let day = civil_date(at);
                let Some(rule) = self.knowledge().retention.rule(&service, outcome, day) else { continue };
                if rule.until(day).is_none_or(|until| until > today) {
                    continue;
                }
                let basis = rule.basis.clone();
                let gone = self.db().write(move |conn| erasing::application(conn, id, &basis, now)).await;
                erased += usize::from(gone.map_err(Failure::from)?);
            }
        }
        let settings = self.rules().retention.clone();
        let before = move |days: i64| now - TimeDelta::days(days);
        let (replays, mails, visits) =
            (before(settings.replay_days), before(settings.mail_days), before(settings.visit_days));
        let swept = self.db().write(move |conn| erasing::leftovers(conn, replays, mails, visits, now)).await;
        let swept = swept.map_err(Failure::from)?;
        self.remove_files().await?;
        self.sweep_files().await?;
        if erased + swept > 0 {
            tracing::info!(erased, swept, "kept as long as the schedule says");
        }
        Ok(erased)
    }

    /// Removes the files of erased applications; what is interrupted is taken up again.
    pub async fn remove_files(&self) -> Result<(), Failure> {
        let quiet = Duration::from_secs(self.rules().retention.file_quiet_seconds);
        let waiting = self.db().read(|conn| erasing::files(conn, STEP)).await.map_err(Failure::from)?;
        for (application, hashes) in waiting {
            let asked = hashes.clone();
            let kept = self.db().read(move |conn| erasing::referred(conn, &asked)).await;
            let kept = kept.map_err(Failure::from)?;
            let mut all = true;
            for hash in hashes.iter().filter(|hash| !kept.contains(hash)) {
                all &= self.outside().blobs.remove(hash, quiet).await?;
            }
            if all {
                let done = self.db().write(move |conn| erasing::files_removed(conn, application)).await;
                done.map_err(Failure::from)?;
            }
        }
        Ok(())
    }
}
