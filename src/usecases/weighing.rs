//! 逐项审定: whether an operation can be carried out now, waits, or has to be looked at by a person.

use std::cell::Cell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::arrivals::verdict_on;
use super::doing::Doing;
use super::verdicts::{Settled, VerdictView};
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::device::{Device, Moment};
use crate::domain::lifecycle::Role;
use crate::domain::operation::{Operation, Verdict};
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::storage::operations::{self, Record};
use crate::storage::{Conn, StorageError, queue, visits};

/// Tries against somebody else's simultaneous change.
const TRIES: usize = 5;

/// Whoever sends, and by what right.
pub struct Sender<'a> {
    /// The worker, with the duties of today.
    pub actor: &'a Actor,
    /// The device it was done on.
    pub device: &'a Device,
    /// By how much its clock is put right.
    pub skew: TimeDelta,
    /// When it came.
    pub heard: DateTime<Utc>,
    /// How far it is believed.
    pub trust: Trust,
    /// Raised where an operation was refused that has no part of the transaction of its own; none, where each has.
    pub spoilt: Option<&'a Cell<bool>>,
}

/// How far what a device sends is taken on its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The worker sends it.
    Own,
    /// Somebody else sends what a worker who has left did on it: a person decides about each.
    Recovered,
    /// A person has looked at it: neither a lost device nor a grid handed over stands in its way.
    Vouched,
}

/// What is known of the worker's operations while a step runs.
pub struct Known {
    /// By the ids of the device.
    pub of_id: HashMap<Uuid, Record>,
    /// What came under an id that another had before.
    pub others: Vec<Record>,
    /// What others wait for.
    pub awaited: HashSet<Uuid>,
    /// What went on because of this step.
    pub later: Vec<VerdictView>,
}

impl Known {
    /// Finds what has come under these ids, where that is not known yet.
    pub fn look_up(
        &mut self,
        conn: &mut Conn,
        worker: Uuid,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<(), Failure> {
        let unknown: Vec<Uuid> = ids.into_iter().filter(|id| !self.of_id.contains_key(id)).collect();
        for record in operations::of_ids(conn, worker, &unknown)? {
            match self.of_id.entry(record.operation) {
                Entry::Occupied(_) => self.others.push(record),
                Entry::Vacant(new) => {
                    new.insert(record);
                }
            }
        }
        Ok(())
    }
}

impl Office {
    /// Decides about one operation that nobody has heard of before, or that waited.
    pub fn weigh(
        &self,
        conn: &mut Conn,
        sender: &Sender<'_>,
        operation: &Operation,
        record: &mut Record,
        (moment, known): (Moment, &Known),
    ) -> Result<Settled, Failure> {
        let place = place_of(conn, operation)?;
        let trusted = place.as_ref().filter(|place| sender.device.grids.iter().any(|g| g.contains(place)));
        // What names no place, or a strange one, is looked at where the worker works.
        let place_of_work = trusted.or(sender.device.grids.last());
        record.region = place_of_work.map(|place| place.as_str().to_owned()).unwrap_or_default();
        let vouched = sender.trust == Trust::Vouched;
        if sender.device.ended.is_some() && !vouched {
            let zh = "设备已停用。";
            let refusal = Refusal::conflict("device_revoked", zh, "The device is out of use.");
            return Ok(quarantined(&refusal));
        }
        let stands = |id: &Uuid| {
            known.of_id.get(id).is_some_and(|before| before.verdict.stands() || before.settled.is_some())
        };
        let seen = |id: &Uuid| known.of_id.contains_key(id);
        let mut missing: Vec<Uuid> = operation.after.iter().filter(|id| !stands(id)).copied().collect();
        missing.extend(operation.resolves.iter().filter(|id| !seen(id)));
        missing.retain(|id| *id != operation.id);
        if !missing.is_empty() {
            return Ok(Settled::waiting(missing));
        }
        let lost = trusted.is_some_and(|place| !sender.actor.has_in(Role::GridWorker, place));
        if sender.trust == Trust::Recovered || lost && !vouched {
            let zh = "网格已移交。";
            let refusal = Refusal::conflict("handed_over", zh, "The grid has been handed over.");
            return Ok(Settled::not(Verdict::Held, &refusal));
        }
        let doing = Doing {
            actor: sender.actor,
            device: sender.device.id,
            operation,
            moment,
            skew_seconds: sender.skew.num_seconds(),
        };
        let Some(spoilt) = sender.spoilt else { return self.attempt(conn, &doing) };
        let done = self.do_deed(conn, &doing);
        spoilt.set(matches!(done, Err(Failure::Refused(_))));
        done
    }

    /// Carries one out, again where somebody else was quicker; a refusal becomes its verdict.
    pub fn attempt(&self, conn: &mut Conn, doing: &Doing<'_>) -> Result<Settled, Failure> {
        for _ in 1..TRIES {
            match self.attempt_once(conn, doing) {
                Err(Failure::Storage(StorageError::Stale | StorageError::Duplicate(_))) => {}
                done => return done,
            }
        }
        self.attempt_once(conn, doing)
    }

    fn attempt_once(&self, conn: &mut Conn, doing: &Doing<'_>) -> Result<Settled, Failure> {
        match conn.attempt(|conn| self.do_deed(conn, doing)) {
            Err(Failure::Refused(refusal)) => {
                let refusal = self.side_by_side_for(conn, doing, *refusal)?;
                Ok(Settled::not(verdict_on(&refusal), &refusal))
            }
            done => done,
        }
    }
}

/// Where the record of an operation is, as far as it is known.
fn place_of(conn: &mut Conn, operation: &Operation) -> Result<Option<Region>, Failure> {
    if let Some(region) = operation.deed.region() {
        return Ok(Some(region.clone()));
    }
    let record = operation.deed.record();
    Ok(match operation.deed.is_of_a_visit() {
        true => visits::place(conn, record)?,
        false => queue::place(conn, record)?,
    })
}

/// Cannot succeed as it is.
pub fn quarantined(refusal: &Refusal) -> Settled {
    Settled::not(Verdict::Quarantined, refusal)
}
