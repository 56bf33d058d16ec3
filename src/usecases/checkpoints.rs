//! What has happened stays as it was: a daily checkpoint over every chain, and the check that finds any edit,
//! deletion or reordering made behind the product's back.

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Failure, Office};
use crate::domain::deadline::civil_date;
use crate::storage::linking::{self, Break};
use crate::storage::{Conn, StorageError, audit, erasing};

/// What a checkpoint says.
#[derive(Debug, Serialize, Deserialize)]
struct Body {
    /// Hash of the checkpoint before.
    previous: String,
    /// When.
    at: DateTime<Utc>,
    /// Number and link of the last entry of the audit log.
    audit: (i64, String),
    /// Every application with an event since the one before: number and link of its last.
    applications: Vec<(Uuid, i64, String)>,
}

/// Transactions that had begun before the last checkpoint have ended after so long.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Whether the application was erased when its time was over, with everything up to that event or beyond.
fn was_erased(conn: &mut Conn, application: Uuid, sequence: i64) -> Result<bool, StorageError> {
    let erasure = erasing::find(conn, application)?;
    let gone = linking::link_at(conn, application, sequence)?.is_none();
    Ok(gone && erasure.is_some_and(|erasure| erasure.last.0 >= sequence))
}

impl Office {
    /// Makes the day's checkpoint unless it is made; answers how many were.
    pub async fn checkpoint_daily(&self) -> Result<usize, Failure> {
        let last = self.outside().checkpoints.all()?.pop();
        let at = last.and_then(|last| serde_json::from_str::<Body>(&last.body).ok()).map(|body| body.at);
        if at.is_some_and(|at| civil_date(at) >= civil_date(self.now())) {
            return Ok(0);
        }
        self.checkpoint().await.map(|()| 1)
    }

    /// Makes a checkpoint.
    pub async fn checkpoint(&self) -> Result<(), Failure> {
        self.keep_audit().await?;
        let last = self.outside().checkpoints.all()?.pop();
        let (number, previous) = last.as_ref().map_or((1, ""), |last| (last.number + 1, last.hash.as_str()));
        let before = last.as_ref().and_then(|last| serde_json::from_str::<Body>(&last.body).ok());
        let since = before.map_or(DateTime::UNIX_EPOCH, |body| body.at - OVERLAP);
        let at = self.now();
        let read = move |conn: &mut Conn| -> Result<_, StorageError> {
            let last = audit::last(conn)?;
            let link = audit::link_of(conn, last)?.unwrap_or_default();
            Ok(((last, hex(&link)), linking::changed_since(conn, since)?))
        };
        let (audit, changed) = self.db().read(read).await?;
        let applications = changed.into_iter().map(|(id, sequence, link)| (id, sequence, hex(&link)));
        let body = Body { previous: previous.to_owned(), at, audit, applications: applications.collect() };
        let body = serde_json::to_string(&body).map_err(|error| Failure::Outside(error.to_string()))?;
        Ok(self.outside().checkpoints.keep(number, &body)?)
    }

    /// Checks every chain and every checkpoint; each finding names its place. Nothing found is an empty list.
    pub async fn verify_audit(&self) -> Result<Vec<String>, Failure> {
        let mut findings = self.verify_applications().await?;
        findings.extend(self.verify_log().await?);
        findings.extend(self.verify_checkpoints().await?);
        Ok(findings)
    }

    async fn verify_applications(&self) -> Result<Vec<String>, Failure> {
        let (mut findings, mut after) = (Vec::new(), Uuid::nil());
        loop {
            let from = after;
            let step = move |conn: &mut Conn| -> Result<_, StorageError> {
                let mut found = Vec::new();
                let heads = linking::heads(conn, from)?;
                let last = heads.last().map(|(id, ..)| *id);
                for (id, chain) in heads {
                    found.extend(linking::check(conn, id, chain.as_deref())?.map(|broken| (id, broken)));
                }
                Ok((last, found))
            };
            let (last, found) = self.db().read(step).await?;
            findings.extend(found.into_iter().map(|(id, broken)| match broken {
                Break::Event(sequence) => {
                    format!(
                        "application {id}: event {sequence} or the one before it is not what was recorded"
                    )
                }
                Break::End => format!("application {id}: its last events are gone or its record was changed"),
                Break::Unreadable(what) => format!("application {id}: an event cannot be opened: {what}"),
            }));
            match last {
                Some(last) => after = last,
                None => return Ok(findings),
            }
        }
    }

    async fn verify_log(&self) -> Result<Vec<String>, Failure> {
        let (mut findings, mut at, mut link) = (Vec::new(), 0, Vec::new());
        loop {
            let (from, before) = (at, link);
            let step = move |conn: &mut Conn| audit::check(conn, from, before, 1000);
            let (next, next_link, wrong) = self.db().read(step).await?;
            let wrong = wrong.into_iter();
            findings.extend(
                wrong.map(|number| format!("audit entry {number}: missing or not what was recorded")),
            );
            if next == at {
                break;
            }
            (at, link) = (next, next_link);
        }
        let last = self.db().read(audit::last).await.map_err(Failure::from)?;
        if last > at {
            findings.push(format!("audit entries {} to {last}: missing", at + 1));
        }
        Ok(findings)
    }

    async fn verify_checkpoints(&self) -> Result<Vec<String>, Failure> {
        let (mut findings, mut previous) = (Vec::new(), String::new());
        for (number, checkpoint) in (1..).zip(self.outside().checkpoints.all()?) {
            let name = format!("checkpoint {}", checkpoint.number);
            let body = serde_json::from_str::<Body>(&checkpoint.body).ok().filter(|_| checkpoint.genuine);
            let Some(body) = body else {
                findings.push(format!("{name}: was not signed here or was changed"));
                continue;
            };
            if checkpoint.number != number || body.previous != previous {
                findings.push(format!("{name}: the one before it is missing or another"));
            }
            previous = checkpoint.hash;
            let read = move |conn: &mut Conn| -> Result<_, StorageError> {
                let mut found = Vec::new();
                for (id, sequence, link) in body.applications {
                    let kept = linking::link_at(conn, id, sequence)?.map(|kept| hex(&kept));
                    if kept.as_ref() != Some(&link) && !was_erased(conn, id, sequence)? {
                        found.push(format!("application {id}: event {sequence} is not what it was"));
                    }
                }
                let (number, link) = body.audit;
                if number > 0 && audit::link_of(conn, number)?.map(|kept| hex(&kept)) != Some(link) {
                    found.push(format!("audit entry {number}: is not what it was"));
                }
                Ok(found)
            };
            let found = self.db().read(read).await?;
            findings.extend(found.into_iter().map(|finding| format!("{finding} at {name}")));
        }
        Ok(findings)
    }
}
