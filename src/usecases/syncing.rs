//! 同步: a batch of what was done offline. Each operation succeeds or fails on its own, is kept in either case
//! and answered the same however often it comes; those that build on one that is missing wait for it.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::arrivals::{Arrival, put_right, read, settled_of, told, waits_of, write_down};
use super::devices::{device_to_sync, grids_of};
use super::verdicts::{Settled, VerdictView};
use super::weighing::{Known, Sender, Trust, quarantined};
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::actor::Actor;
use crate::domain::device::Moment;
use crate::domain::lifecycle::Role;
use crate::domain::operation::{Operation, Verdict};
use crate::domain::refusal::Refusal;
use crate::domain::visit::skew;
use crate::storage::operations::{self, Record};
use crate::storage::{Conn, StorageError, devices};

/// Operations that share one transaction: long enough to be worth it, short enough for the others who write.
const STEP: usize = 50;
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
        let mut arrivals: VecDeque<Value> = batch.operations.into();
        let (mut verdicts, mut later) = (Vec::new(), Vec::new());
        loop {
            let step: Vec<Value> = arrivals.drain(..arrivals.len().min(STEP)).collect();
            let (own, others) = self.take_in_turn(actor, (batch.device, batch.sent_at), step).await?;
            verdicts.extend(own);
            later.extend(others);
            if arrivals.is_empty() {
                break;
            }
        }
        Ok((verdicts, later))
    }

    /// Takes a step in a transaction of its own; again from the beginning, where another's stood in the way of it.
    async fn take_in_turn(
        &self,
        actor: &Actor,
        from: (Uuid, DateTime<Utc>),
        step: Vec<Value>,
    ) -> Result<(Vec<VerdictView>, Vec<VerdictView>), Failure> {
        let mut turns = 1;
        loop {
            let (office, who, step) = (self.clone(), actor.clone(), step.clone());
            let work = move |conn: &mut Conn| -> Result<_, Failure> {
                office.take_step(conn, &who, from, step.into_iter().map(read).collect())
            };
            match self.db().write(work).await {
                Err(Failure::Storage(StorageError::Deadlock)) if turns < TURNS => {
                    // The other one is given the time to get through.
                    tokio::time::sleep(Duration::from_millis(200 * turns)).await;
                    turns += 1;
                }
                done => return done,
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

    fn take_step(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        (device, sent_at): (Uuid, DateTime<Utc>),
        step: Vec<Arrival>,
    ) -> Result<(Vec<VerdictView>, Vec<VerdictView>), Failure> {
        let heard = self.now();
        let mut device = device_to_sync(conn, actor, device)?;
        let worker = device.staff;
        operations::in_turn(conn, worker)?;
        for grid in grids_of(actor).into_iter().filter(|_| worker == actor.id) {
            // The last is the latest: what names no place is looked at there.
            device.grids.retain(|had| *had != grid);
            device.grids.push(grid);
        }
        device.seen_at = heard;
        devices::save(conn, &device)?;
        let mut ids: Vec<Uuid> = step.iter().map(Arrival::id).collect();
        let read = step.iter().filter_map(|arrival| arrival.read.as_ref().ok());
        ids.extend(read.flat_map(|operation| operation.after.iter().chain(&operation.resolves).copied()));
        let mut known = Known {
            of_id: HashMap::new(),
            awaited: operations::awaited(conn, worker)?.into_iter().collect(),
            later: Vec::new(),
        };
        let mut others: Vec<Record> = Vec::new();
        for record in operations::of_ids(conn, worker, &ids)? {
            match known.of_id.contains_key(&record.operation) {
                true => others.push(record),
                false => {
                    known.of_id.insert(record.operation, record);
                }
            }
        }
        let trust = if worker == actor.id { Trust::Own } else { Trust::Recovered };
        let sender = Sender { actor, device: &device, skew: skew(Some(sent_at), heard), heard, trust };
        let mut verdicts = Vec::new();
        for arrival in step {
            verdicts.push(self.take(conn, &sender, arrival, &mut known, &mut others)?);
        }
        // What came earlier in the step may have gone on meanwhile.
        for verdict in &mut verdicts {
            if let Some(now) = verdict.operation.and_then(|id| known.of_id.get(&id))
                && verdict.verdict == Verdict::Held
                && now.verdict != Verdict::Held
            {
                *verdict = told(now)?;
            }
        }
        Ok((verdicts, known.later))
    }

    fn take(
        &self,
        conn: &mut Conn,
        sender: &Sender<'_>,
        arrival: Arrival,
        known: &mut Known,
        others: &mut Vec<Record>,
    ) -> Result<VerdictView, Failure> {
        let operation = arrival.id();
        let Arrival { body, fingerprint, read, .. } = arrival;
        let first = known.of_id.get(&operation);
        let same = first
            .into_iter()
            .chain(others.iter())
            .find(|record| record.operation == operation && record.fingerprint == fingerprint);
        if let Some(before) = same {
            let waits = before.verdict == Verdict::Held;
            return told(before).map(|verdict| if waits { verdict } else { verdict.again() });
        }
        let told_at = read.as_ref().map_or(sender.heard, |operation| operation.at);
        let moment = Moment::of(told_at, sender.skew, sender.heard);
        let mut record = Record {
            id: new_id(sender.heard),
            staff: sender.device.staff,
            operation,
            fingerprint,
            device: sender.device.id,
            sequence: read.as_ref().map_or(0, |operation| operation.sequence),
            kind: read.as_ref().map_or("unreadable", |operation| operation.deed.name()).to_owned(),
            record: read.as_ref().map_or(operation, |operation| operation.deed.record()),
            region: sender.device.grids.last().map(|grid| grid.as_str().to_owned()).unwrap_or_default(),
            done_at: moment.at,
            received_at: sender.heard,
            verdict: Verdict::Quarantined,
            base: read.as_ref().ok().and_then(|operation| operation.base),
            version: None,
            body,
            answer: Value::Null,
            settled: None,
        };
        if first.is_some() {
            let zh = "同一编号已用于另一操作。";
            let refusal =
                Refusal::invalid("operation_id_reused", zh, "The id was used for another operation.");
            write_down(&mut record, Settled { clock: moment.clock, ..quarantined(&refusal) })?;
            operations::insert(conn, &record)?;
            let view = told(&record)?;
            others.push(record);
            return Ok(view);
        }
        let settled = match &read {
            Err(refusal) => quarantined(refusal),
            Ok(operation) => self.weigh(conn, sender, operation, &mut record, (moment, known))?,
        };
        write_down(&mut record, Settled { clock: moment.clock, ..settled })?;
        operations::insert(conn, &record)?;
        for predecessor in waits_of(&record)? {
            operations::wait(conn, record.id, record.staff, predecessor)?;
            known.awaited.insert(predecessor);
        }
        let view = told(&record)?;
        known.of_id.insert(operation, record.clone());
        if let Ok(read) = &read {
            self.go_on(conn, sender, (&record, read.resolves), known)?;
        }
        Ok(view)
    }

    /// Whatever waited for this one goes on.
    pub fn go_on(
        &self,
        conn: &mut Conn,
        sender: &Sender<'_>,
        (done, resolves): (&Record, Option<Uuid>),
        known: &mut Known,
    ) -> Result<(), Failure> {
        let mut ready: VecDeque<Uuid> = VecDeque::new();
        let free = |record: &Record, resolves: Option<Uuid>, ready: &mut VecDeque<Uuid>| {
            // What a person has put aside is waited for no longer.
            let over = record.verdict.stands() || record.settled.is_some();
            ready.extend(over.then_some(record.operation));
            ready.extend(resolves.filter(|_| record.verdict.stands()));
        };
        free(done, resolves, &mut ready);
        if let Some(resolved) = resolves.filter(|_| done.verdict.stands())
            && let Some(before) = known.of_id.get_mut(&resolved)
            && before.settled.is_none()
            && !before.verdict.stands()
        {
            before.settled = Some((sender.heard, sender.actor.id));
            operations::save(conn, before)?;
        }
        while let Some(predecessor) = ready.pop_front() {
            if !known.awaited.remove(&predecessor) {
                continue;
            }
            for mut waiting in operations::release(conn, sender.device.staff, predecessor)? {
                let Ok(operation) = serde_json::from_value::<Operation>(waiting.body.clone()) else {
                    continue;
                };
                let device = match waiting.device == sender.device.id {
                    true => sender.device.clone(),
                    false => match devices::find(conn, waiting.device)? {
                        Some(device) => device,
                        None => continue,
                    },
                };
                let own = Sender { device: &device, skew: put_right(&waiting, &operation), ..*sender };
                let clock = settled_of(&waiting)?.clock;
                let moment = Moment { at: waiting.done_at, clock };
                for before in operations::of_ids(conn, sender.device.staff, &operation.after)? {
                    known.of_id.entry(before.operation).or_insert(before);
                }
                let settled = self.weigh(conn, &own, &operation, &mut waiting, (moment, known))?;
                write_down(&mut waiting, Settled { clock, ..settled })?;
                operations::save(conn, &waiting)?;
                for predecessor in waits_of(&waiting)? {
                    operations::wait(conn, waiting.id, waiting.staff, predecessor)?;
                    known.awaited.insert(predecessor);
                }
                known.later.push(told(&waiting)?);
                free(&waiting, operation.resolves, &mut ready);
                known.of_id.insert(waiting.operation, waiting);
            }
        }
        Ok(())
    }
}
