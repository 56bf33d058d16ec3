//! 同步: a batch of what was done offline. Each operation succeeds or fails on its own, is kept in either case
//! and answered the same however often it comes.

use std::cell::Cell;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::portions::{Step, in_steps, read_ahead};
use super::verdicts::VerdictView;
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::lifecycle::Role;
use crate::domain::refusal::Refusal;
use crate::storage::{Conn, StorageError, operations};

/// Operations that share one transaction: long enough to be worth it, short enough for the others who write.
const STEP: usize = 200;
/// Operations at least for which another thread is worth its while.
const MANY: usize = 10;
/// Turns of a step, where others write the same in another order.
const TURNS: u64 = 5;

/// 一批操作
#[derive(Debug, Clone)]
pub struct Batch {
    /// The device.
    pub device: Uuid,
    /// Its clock when it sent this.
    pub sent_at: DateTime<Utc>,
    /// As they were sent, one not spoiling the others.
    pub operations: Vec<Value>,
}

/// Why a step did not come to its end.
enum Halt {
    /// One of its operations was refused and may have left something behind: all of them again, each on its own.
    Spoilt,
    /// Something broke.
    Failed(Failure),
}

impl From<StorageError> for Halt {
    fn from(error: StorageError) -> Self {
        Halt::Failed(error.into())
    }
}

impl Office {
    /// Takes a batch; answers one verdict for each operation, in their order, and those of earlier ones that went on.
    pub async fn sync(
        &self,
        actor: &Actor,
        batch: Batch,
    ) -> Result<(Vec<VerdictView>, Vec<VerdictView>), Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let many = batch.operations.len() >= MANY;
        let steps = in_steps(batch.operations, STEP);
        read_ahead(self, &steps);
        let (mut verdicts, mut later) = (Vec::new(), Vec::new());
        for step in &steps {
            let from = (batch.device, batch.sent_at);
            let (own, others) = self.take_in_turn(actor, from, (step.clone(), many)).await?;
            verdicts.extend(own);
            later.extend(others);
        }
        if many {
            // Nobody waits until so many forms are put away.
            tokio::task::spawn_blocking(move || drop(steps));
        }
        Ok((verdicts, later))
    }

    /// Takes a step in a transaction of its own; again from the beginning, where another's stood in the way of it, and
    /// with care, where one of its operations was refused.
    async fn take_in_turn(
        &self,
        actor: &Actor,
        from: (Uuid, DateTime<Utc>),
        (step, many): (Step, bool),
    ) -> Result<(Vec<VerdictView>, Vec<VerdictView>), Failure> {
        let (mut turns, mut hopeful) = (1, true);
        loop {
            let (office, who, step) = (self.clone(), actor.clone(), step.clone());
            let work = move |conn: &mut Conn| -> Result<_, Halt> {
                let spoilt = Cell::new(false);
                let done = match hopeful {
                    true => {
                        conn.gathering(many, |conn| office.take_step(conn, &who, from, &step, Some(&spoilt)))
                    }
                    false => office.take_step(conn, &who, from, &step, None),
                };
                done.map_err(|failure| if spoilt.get() { Halt::Spoilt } else { Halt::Failed(failure) })
            };
            match self.db().write(work).await {
                // What another has stored meanwhile may show with the commit only.
                Err(Halt::Failed(Failure::Storage(StorageError::Stale | StorageError::Duplicate(_))))
                    if hopeful =>
                {
                    hopeful = false;
                }
                Err(Halt::Spoilt) => hopeful = false,
                Err(Halt::Failed(Failure::Storage(StorageError::Deadlock))) if turns < TURNS => {
                    // The other one is given the time to get through.
                    tokio::time::sleep(Duration::from_millis(200 * turns)).await;
                    turns += 1;
                }
                Err(Halt::Failed(failure)) => return Err(failure),
                Ok(done) => return Ok(done),
            }
        }
    }

    /// Sequence numbers of a device that have not come though later ones have, first and last of each gap.
    pub async fn gaps(&self, device: Uuid) -> Result<Vec<(i64, i64)>, Failure> {
        let come = self.db().read(move |conn| operations::sequences(conn, device, 1)).await;
        let mut gaps = Vec::new();
        let mut next = 1;
        for sequence in come.map_err(Failure::from)? {
            if sequence > next && gaps.len() < 100 {
                gaps.push((next, sequence - 1));
            }
            next = next.max(sequence.saturating_add(1));
        }
        Ok(gaps)
    }
}
