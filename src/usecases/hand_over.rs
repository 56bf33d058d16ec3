//! 交接箱: what was done offline and cannot settle itself: work in a grid that has changed hands, what waits in vain,
//! and what its worker has not put right. A person looks at it; the work stays the work of who did it.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::arrivals::{put_right, settled_of, told, write_down};
use super::auditing::note_of;
use super::clocks_view::local;
use super::doing::Doing;
use super::masking::{Extent, mask};
use super::once::{Answer, OnceKey};
use super::verdicts::{Settled, VerdictView};
use super::weighing::{Known, Sender, Trust};
use super::{Failure, Office};
use crate::domain::actor::{Actor, Grant};
use crate::domain::device::Moment;
use crate::domain::lifecycle::Role;
use crate::domain::operation::{Operation, Verdict};
use crate::domain::real_name::Assurance;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::region::Region;
use crate::domain::text::Text;
use crate::storage::operations::{self, Record, Unsettled};
use crate::storage::{Conn, devices, staff, waits};

/// Entries of one look.
const MOST: i64 = 100;

/// 交接箱条目
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoxEntry {
    /// Its id in the box.
    pub id: Uuid,
    /// Who did it.
    pub worker: String,
    /// Where.
    pub region: String,
    /// When it was done, by our clock.
    pub done_at: DateTime<FixedOffset>,
    /// When it came.
    pub received_at: DateTime<FixedOffset>,
    /// What was done, with numbers masked.
    pub deed: Value,
    /// What its worker was told.
    pub verdict: VerdictView,
    /// How many others wait for it.
    pub waiting: i64,
    /// Whether whoever asks may have it carried out.
    pub acceptable: bool,
}

/// 处理结果
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoxDecisionView {
    /// What its worker is told now.
    pub verdict: VerdictView,
    /// Of those that had waited for it.
    pub released: Vec<VerdictView>,
}

/// 处理意见
#[derive(Debug, Clone)]
pub struct BoxDecision {
    /// To carry it out as it is; otherwise it is put aside.
    pub accept: bool,
    /// Why.
    pub reason: String,
}

fn places(actor: &Actor) -> Vec<Region> {
    let watching = actor.grants.iter().filter(|g| matches!(g.role, Role::GridWorker | Role::Supervisor));
    watching.filter_map(|grant| grant.scope.region().cloned()).collect()
}

/// Whether somebody answers for that place now.
fn answers_for(actor: &Actor, record: &Record) -> bool {
    Region::parse(&record.region)
        .is_ok_and(|place| actor.has_in(Role::GridWorker, &place) || actor.has_in(Role::Supervisor, &place))
}

fn is_supervised(actor: &Actor, record: &Record) -> bool {
    Region::parse(&record.region).is_ok_and(|place| actor.has_in(Role::Supervisor, &place))
}

fn code(settled: &Settled) -> &str {
    settled.obstacle.as_ref().map(|obstacle| obstacle.code.as_str()).unwrap_or_default()
}

/// Whether carrying it out as it is makes sense, and is this person's to decide.
fn acceptable(actor: &Actor, record: &Record, settled: &Settled) -> bool {
    match (settled.verdict, code(settled)) {
        (Verdict::Held, _) => answers_for(actor, record),
        (Verdict::Quarantined, "device_revoked") => is_supervised(actor, record),
        _ => false,
    }
}

/// The worker with the duty of that time: the act is theirs, whoever answers for the place now.
fn worker_then(conn: &mut Conn, record: &Record) -> Result<Actor, Failure> {
    let grid = Region::parse(&record.region).map_err(|_| Refusal::not_found())?;
    let name = staff::find(conn, record.staff)?.map(|member| member.actor.name).unwrap_or_default();
    let grants = Grant::to_staff(record.staff, Role::GridWorker, grid, None).into_iter().collect();
    Ok(Actor { id: record.staff, name, grants, assurance: Assurance::InPerson })
}

fn entry(conn: &mut Conn, actor: &Actor, record: &Record) -> Result<BoxEntry, Failure> {
    // It may be anything.
    let mut deed = record.sent().get_mut("deed").map(Value::take).unwrap_or_default();
    mask(&mut deed, Extent::Identifiers);
    let settled = settled_of(record)?;
    Ok(BoxEntry {
        id: record.id,
        worker: staff::find(conn, record.staff)?.map(|member| member.actor.name).unwrap_or_default(),
        region: record.region.clone(),
        done_at: local(record.done_at),
        received_at: local(record.received_at),
        deed,
        acceptable: acceptable(actor, record, &settled),
        verdict: told(record)?,
        waiting: waits::count(conn, record.staff, record.operation)?,
    })
}

impl Office {
    /// Until when what waits must have come not to be looked at now.
    fn late(&self) -> DateTime<Utc> {
        self.now() - TimeDelta::hours(self.rules().field.held_hours)
    }

    /// What somebody has to look at, the longest waiting first, at most a hundred.
    pub fn unsettled(&self, conn: &mut Conn, actor: &Actor) -> Result<Vec<Record>, Failure> {
        let which = Unsettled { staff: actor.id, regions: &places(actor), late: self.late() };
        Ok(operations::unsettled(conn, &which, MOST)?)
    }

    /// 交接箱
    pub async fn hand_over_box(&self, actor: Actor) -> Result<Vec<BoxEntry>, Failure> {
        if !actor.has(Role::GridWorker) && !actor.has(Role::Supervisor) {
            return Err(Refusal::not_permitted().into());
        }
        let office = self.clone();
        let look = move |conn: &mut Conn| -> Result<Vec<BoxEntry>, Failure> {
            let records = office.unsettled(conn, &actor)?;
            records.iter().map(|record| entry(conn, &actor, record)).collect()
        };
        self.db().read(look).await
    }

    /// Carries one out or puts it aside, once.
    pub async fn decide_in_box(
        &self,
        actor: Actor,
        id: Uuid,
        decision: BoxDecision,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        if !actor.has(Role::GridWorker) && !actor.has(Role::Supervisor) {
            return Err(Refusal::not_permitted().into());
        }
        self.once(key, 200, move |office, conn| {
            let may = |record: &Record| record.staff == actor.id || answers_for(&actor, record);
            let whose = operations::find(conn, id)?.filter(may).ok_or_else(Refusal::not_found)?.staff;
            // Nothing of this worker's moves while it is decided.
            operations::in_turn(conn, whose)?;
            let record = operations::find(conn, id)?.filter(may).ok_or_else(Refusal::not_found)?;
            let settled = settled_of(&record)?;
            office.undecided(conn, &record, &settled)?;
            if decision.accept && !acceptable(&actor, &record, &settled) {
                let zh = "这项操作不能原样办理：由有权的人决定，或改正后重新提交。";
                let en = "It cannot be carried out as it is: somebody else decides, or it is put right and sent anew.";
                return Err(Refusal::conflict("not_acceptable", zh, en).into());
            }
            if !decision.accept && settled.verdict == Verdict::Held && !answers_for(&actor, &record) {
                return Err(Refusal::not_permitted().into());
            }
            let did = if decision.accept { "accept operation" } else { "dismiss operation" };
            office.note_now(conn, note_of(Some(&actor), did, record.id, format!("kind={}", record.kind)))?;
            office.decided(conn, &actor, record, settled, &decision)
        })
        .await
    }

    fn undecided(&self, conn: &mut Conn, record: &Record, settled: &Settled) -> Result<(), Failure> {
        if record.settled.is_some() || record.verdict.stands() {
            let zh = "这项操作已经处理。";
            return Err(Refusal::conflict("already_decided", zh, "It has been decided.").into());
        }
        let waits = settled.verdict == Verdict::Held && waits::is_waiting(conn, record.id)?;
        if waits && record.received_at > self.late() {
            let zh = "所缺的操作可能还会到达，时限未到。";
            let until = record.received_at + TimeDelta::hours(self.rules().field.held_hours);
            let refusal = Refusal::conflict("still_waiting", zh, "What it waits for may still come.");
            return Err(refusal.with("until", local(until).to_rfc3339().into()).into());
        }
        Ok(())
    }

    fn decided(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        mut record: Record,
        before: Settled,
        decision: &BoxDecision,
    ) -> Result<BoxDecisionView, Failure> {
        let (now, clock) = (self.now(), before.clock);
        let worker = worker_then(conn, &record)?;
        let device = devices::find(conn, record.device)?.ok_or_else(Refusal::not_found)?;
        let operation = serde_json::from_str::<Operation>(&record.body).ok();
        let settled = match (&operation, decision.accept) {
            (Some(operation), true) => {
                let moment = Moment { at: record.done_at, clock };
                let skew_seconds = put_right(&record, operation).num_seconds();
                let doing = Doing { actor: &worker, device: device.id, operation, moment, skew_seconds };
                self.attempt(conn, &doing)?
            }
            _ => {
                let (zh, en) = (
                    format!("{}审阅后不予办理：{}", actor.name, decision.reason),
                    format!("{} looked at it and put it aside: {}", actor.name, decision.reason),
                );
                let refusal = Refusal::new(RefusalKind::Conflict, "dismissed", Text::new(zh, en));
                Settled { outcome: before.outcome, ..Settled::not(Verdict::Quarantined, &refusal) }
            }
        };
        // What fails although a person wanted it stays in the box with the new reason.
        let over = settled.verdict.stands() || !decision.accept;
        record.settled = over.then_some((now, actor.id));
        write_down(&mut record, &Settled { clock, ..settled })?;
        operations::save(conn, &record)?;
        waits::no_more(conn, record.id)?;
        let mut known = Known {
            of_id: [(record.operation, record.clone())].into(),
            others: Vec::new(),
            awaited: waits::awaited(conn, record.staff)?.into_iter().collect(),
            later: Vec::new(),
        };
        let (skew, trust, spoilt) = (TimeDelta::zero(), Trust::Vouched, None);
        let sender = Sender { actor: &worker, device: &device, skew, heard: now, trust, spoilt };
        let resolves = operation.and_then(|operation| operation.resolves);
        self.go_on(conn, &sender, (&record, resolves), &mut known)?;
        Ok(BoxDecisionView { verdict: told(&record)?, released: known.later })
    }
}
