//! 授权确认: a mandate recorded during a visit, and its evidence made stronger while somebody stands there.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::auditing::note_of;
use super::once::{Answer, OnceKey};
use super::visits::{VisitView, own_visit};
use super::{Failure, Office};
use crate::catalog;
use crate::domain::actor::Actor;
use crate::domain::deadline::civil_date;
use crate::domain::lifecycle::Role;
use crate::domain::mandate::{Mandate, MandateEvidence, Standing};
use crate::domain::refusal::Refusal;
use crate::domain::text::Text;
use crate::domain::visit::Visit;
use crate::storage::{Conn, mandates, visits};

/// The names of service items, for a resident; one that is not in the catalogue keeps its code.
pub fn names_of(matters: &[String]) -> Vec<(String, Text)> {
    let name = |code: &String| {
        let entry = catalog::find(code).map(|entry| entry.guide().name.clone());
        (code.clone(), entry.unwrap_or_else(|| Text::new(code.clone(), code.clone())))
    };
    matters.iter().map(name).collect()
}

/// What can be confirmed at a visit: its mandate, while both go on.
pub fn open_mandate(conn: &mut Conn, visit: &Visit, now: DateTime<Utc>) -> Result<Standing, Failure> {
    under_way(visit)?;
    let none =
        || Refusal::conflict("mandate_missing", "本次走访没有登记授权。", "No mandate was recorded here.");
    let standing = mandates::find(conn, visit.id)?.ok_or_else(none)?;
    if let Some(end) = standing.end_on(civil_date(now)) {
        let refusal = Refusal::conflict("mandate_ended", "授权已终止。", "The mandate has ended.");
        return Err(refusal.with("why", end.name().into()).into());
    }
    Ok(standing)
}

/// What happens at a door happens while somebody stands there.
fn under_way(visit: &Visit) -> Result<(), Refusal> {
    let ended = || Refusal::conflict("visit_ended", "本次走访已结束。", "The visit has ended.");
    if visit.report.is_none() { Ok(()) } else { Err(ended()) }
}

/// Refuses evidence that proves no more than what is there.
pub fn stronger(standing: &Standing, evidence: MandateEvidence) -> Result<(), Refusal> {
    let zh = "授权已以同等或更强的方式确认。";
    let before = || Refusal::conflict("confirmed_before", zh, "It was confirmed as strongly before.");
    if standing.mandate.evidence.level() < evidence.level() { Ok(()) } else { Err(before()) }
}

impl Office {
    /// Records a mandate at one's own visit after it has begun: once, and while it goes on.
    pub fn mandate_recorded(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        visit: Uuid,
        mandate: Mandate,
        now: DateTime<Utc>,
    ) -> Result<VisitView, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let mut visit = own_visit(conn, actor, visit)?;
        under_way(&visit)?;
        if visit.mandate.is_some() {
            let zh = "本次走访已登记授权。";
            return Err(
                Refusal::conflict("mandate_recorded", zh, "A mandate was recorded here before.").into()
            );
        }
        let unfit = mandate.errors_at_the_door();
        if !unfit.is_empty() {
            return Err(Refusal::fields(unfit).into());
        }
        visit.mandate = Some(mandate);
        visits::keep_mandate(conn, &visit)?;
        if let Some(standing) = visit.standing() {
            mandates::insert(conn, &Standing { created_at: now, ..standing })?;
        }
        Ok(VisitView::from(visit))
    }

    /// The same for one request.
    pub async fn record_mandate(
        &self,
        actor: Actor,
        visit: Uuid,
        mandate: Mandate,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        self.once(key, 201, move |office, conn| {
            office.mandate_recorded(conn, &actor, visit, mandate, office.now())
        })
        .await
    }

    /// Makes the evidence of a mandate stronger, where it stands on its own and where it was recorded.
    pub fn mandate_confirmed(
        &self,
        conn: &mut Conn,
        visit: &mut Visit,
        mut standing: Standing,
        evidence: MandateEvidence,
        by: &Actor,
    ) -> Result<(), Failure> {
        let fields = format!("evidence={} before={}", evidence.name(), standing.mandate.evidence.name());
        standing.mandate.evidence = evidence;
        visit.mandate = Some(standing.mandate.clone());
        mandates::save(conn, standing)?;
        visits::keep_mandate(conn, visit)?;
        self.note_now(conn, note_of(Some(by), "confirm mandate", visit.id, fields))
    }
}
