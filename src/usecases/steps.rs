//! 一步: operations of a batch that share one transaction, each taken as if it came alone. Those that build on one
//! that is missing wait for it, and go on when it comes.

use std::cell::Cell;
use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::arrivals::{Arrival, put_right, settled_of, told, write_down};
use super::devices::{device_to_sync, grids_of};
use super::foreseeing::{look_ahead, look_back};
use super::portions::Portion;
use super::verdicts::{Settled, VerdictView};
use super::weighing::{Known, Sender, Trust, quarantined};
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::actor::Actor;
use crate::domain::device::Moment;
use crate::domain::operation::{Operation, Verdict};
use crate::domain::refusal::Refusal;
use crate::domain::visit::skew;
use crate::storage::operations::{self, Record};
use crate::storage::{Conn, devices, waits};

impl Office {
    /// Takes a step within a transaction. Where there is a flag for it, operations have no part of the transaction of
    /// their own: one that is refused raises the flag and fails the step.
    pub fn take_step(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        (device, sent_at): (Uuid, DateTime<Utc>),
        step: &[Portion],
        spoilt: Option<&Cell<bool>>,
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
        devices::heard(conn, &device)?;
        let mut known = Known {
            of_id: HashMap::new(),
            others: Vec::new(),
            awaited: waits::awaited(conn, worker)?.into_iter().collect(),
            later: Vec::new(),
        };
        let trust = if worker == actor.id { Trust::Own } else { Trust::Recovered };
        let sender =
            Sender { actor, device: &device, skew: skew(Some(sent_at), heard), heard, trust, spoilt };
        let mut verdicts = Vec::new();
        let read: Vec<_> = step.iter().map(|portion| portion.read(self)).collect();
        let arrivals = || read.iter().flat_map(|(arrivals, _)| arrivals);
        let operations = arrivals().filter_map(|arrival| arrival.read.as_ref().ok());
        let built_on = operations.flat_map(|operation| operation.after.iter().chain(&operation.resolves));
        known.look_up(conn, worker, arrivals().map(Arrival::id).chain(built_on.copied()))?;
        // What is only sent again looks for nothing.
        if arrivals().any(|arrival| !known.of_id.contains_key(&arrival.id())) {
            look_ahead(conn, read.iter().map(|(_, foreseen)| foreseen))?;
        }
        for arrival in arrivals() {
            verdicts.push(self.take(conn, &sender, arrival, &mut known)?);
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
        look_back(conn, read.iter().map(|(_, foreseen)| foreseen))?;
        Ok((verdicts, known.later))
    }

    fn take(
        &self,
        conn: &mut Conn,
        sender: &Sender<'_>,
        arrival: &Arrival,
        known: &mut Known,
    ) -> Result<VerdictView, Failure> {
        let operation = arrival.id();
        let Arrival { text, fingerprint, read, .. } = arrival;
        let first = known.of_id.get(&operation);
        let same = first
            .into_iter()
            .chain(&known.others)
            .find(|record| record.operation == operation && record.fingerprint == *fingerprint);
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
            fingerprint: fingerprint.clone(),
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
            body: text.clone(),
            answer: String::new(),
            settled: None,
        };
        if first.is_some() {
            let zh = "同一编号已用于另一操作。";
            let refusal =
                Refusal::invalid("operation_id_reused", zh, "The id was used for another operation.");
            let settled = Settled { clock: moment.clock, ..quarantined(&refusal) };
            write_down(&mut record, &settled)?;
            operations::insert(conn, &record)?;
            let view = VerdictView::of(Some(operation), settled);
            known.others.push(record);
            return Ok(view);
        }
        let settled = match read {
            Err(refusal) => quarantined(refusal),
            Ok(operation) => self.weigh(conn, sender, operation, &mut record, (moment, known))?,
        };
        let settled = Settled { clock: moment.clock, ..settled };
        write_down(&mut record, &settled)?;
        operations::insert(conn, &record)?;
        wait_for(conn, &record, &settled, known)?;
        let view = VerdictView::of(Some(operation), settled);
        known.of_id.insert(operation, record.clone());
        if let Ok(read) = read {
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
                let Ok(operation) = serde_json::from_str::<Operation>(&waiting.body) else {
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
                known.look_up(conn, sender.device.staff, operation.after.iter().copied())?;
                let settled = self.weigh(conn, &own, &operation, &mut waiting, (moment, known))?;
                let settled = Settled { clock, ..settled };
                write_down(&mut waiting, &settled)?;
                operations::save(conn, &waiting)?;
                wait_for(conn, &waiting, &settled, known)?;
                known.later.push(VerdictView::of(Some(waiting.operation), settled));
                free(&waiting, operation.resolves, &mut ready);
                known.of_id.insert(waiting.operation, waiting);
            }
        }
        Ok(())
    }
}

/// Notes what one that is held waits for.
fn wait_for(conn: &mut Conn, held: &Record, settled: &Settled, known: &mut Known) -> Result<(), Failure> {
    for predecessor in settled.waits_for.iter().filter(|_| settled.verdict == Verdict::Held) {
        waits::wait(conn, held.id, held.staff, *predecessor)?;
        known.awaited.insert(*predecessor);
    }
    Ok(())
}
