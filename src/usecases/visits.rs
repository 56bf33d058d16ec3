//! Visits at the door: recorded with their mandate, ended with what came of them.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::clocks_view::local;
use super::filing::id_taken;
use super::once::{Answer, OnceKey};
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::actor::Actor;
use crate::domain::lifecycle::Role;
use crate::domain::mandate::Mandate;
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::domain::sensitive::Sensitive;
use crate::domain::text::Text;
use crate::domain::visit::{Visit, VisitNeed, VisitOutcome, VisitPurpose, VisitReport, skew};
use crate::storage::{Conn, mandates, visits};

/// 走访结果
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitReportView {
    /// What came of it.
    pub outcome: VisitOutcome,
    /// When it ended.
    pub ended_at: DateTime<FixedOffset>,
    /// What is needed.
    pub needs: Vec<VisitNeed>,
    /// When to come back.
    pub revisit_on: Option<NaiveDate>,
    /// Remark.
    pub note: Option<String>,
}

/// 上门走访
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitView {
    /// Id.
    pub id: Uuid,
    /// The grid.
    pub region: String,
    /// Why.
    pub purpose: VisitPurpose,
    /// What the resident is shown about it.
    pub purpose_text: Text,
    /// House address.
    pub address: String,
    /// Latitude, degrees.
    pub latitude: f64,
    /// Longitude, degrees.
    pub longitude: f64,
    /// Radius of the position, metres.
    pub accuracy: Option<f64>,
    /// When it began, by our clock.
    pub started_at: DateTime<FixedOffset>,
    /// When we heard of it: what was filed there counts as received then, not earlier (民法典 137).
    pub received_at: DateTime<FixedOffset>,
    /// Seconds by which the device's clock was put right.
    pub skew_seconds: i64,
    /// The visit that asked to come back.
    pub follows: Option<Uuid>,
    /// The mandate recorded there.
    pub mandate: Option<Mandate>,
    /// How strongly its evidence proves who gave it, 1 to 3.
    pub mandate_level: Option<u8>,
    /// How it ended, once it has.
    pub report: Option<VisitReportView>,
}

impl From<Visit> for VisitView {
    fn from(visit: Visit) -> Self {
        let report = visit.report.map(|report| {
            let VisitReport { outcome, ended_at, needs, revisit_on, note } = report;
            VisitReportView { outcome, ended_at: local(ended_at), needs, revisit_on, note }
        });
        Self {
            id: visit.id,
            region: visit.region.as_str().to_owned(),
            purpose: visit.purpose,
            purpose_text: visit.purpose.text(),
            address: visit.address.reveal().clone(),
            latitude: visit.latitude,
            longitude: visit.longitude,
            accuracy: visit.accuracy,
            started_at: local(visit.started_at),
            received_at: local(visit.received_at),
            skew_seconds: visit.skew_seconds,
            follows: visit.follows,
            mandate_level: visit.mandate.as_ref().map(|mandate| mandate.evidence.level()),
            mandate: visit.mandate,
            report,
        }
    }
}

/// A visit as the worker reports it.
#[derive(Debug, Clone)]
pub struct NewVisit {
    /// Made by the device, or here.
    pub id: Option<Uuid>,
    /// The grid.
    pub region: Region,
    /// Why.
    pub purpose: VisitPurpose,
    /// House address.
    pub address: String,
    /// Latitude and longitude, degrees.
    pub place: (f64, f64),
    /// Radius of the position, metres.
    pub accuracy: Option<f64>,
    /// When it began, by the device's clock; now if left out.
    pub started_at: Option<DateTime<Utc>>,
    /// The device's clock when it sent this.
    pub sent_at: Option<DateTime<Utc>>,
    /// The visit that asked to come back.
    pub follows: Option<Uuid>,
    /// The plan it keeps.
    pub plan: Option<Uuid>,
    /// The mandate.
    pub mandate: Option<Mandate>,
}

/// How a visit ended, as the worker reports it.
#[derive(Debug, Clone)]
pub struct NewReport {
    /// What came of it.
    pub outcome: VisitOutcome,
    /// When, by the device's clock; now if left out.
    pub ended_at: Option<DateTime<Utc>>,
    /// The device's clock when it sent this.
    pub sent_at: Option<DateTime<Utc>>,
    /// What is needed.
    pub needs: Vec<VisitNeed>,
    /// When to come back.
    pub revisit_on: Option<NaiveDate>,
    /// Remark.
    pub note: Option<String>,
}

/// A visit of the worker's own.
pub fn own_visit(conn: &mut Conn, actor: &Actor, id: Uuid) -> Result<Visit, Failure> {
    let own = |visit: &Visit| visit.staff == actor.id;
    visits::find(conn, id)?.filter(own).ok_or_else(|| Refusal::not_found().into())
}

/// When a visit began, by our clock, and when we hear of it.
#[derive(Debug, Clone, Copy)]
pub struct Began {
    /// By our clock.
    pub at: DateTime<Utc>,
    /// When we heard of it.
    pub heard: DateTime<Utc>,
    /// Seconds by which the device's clock was put right.
    pub skew_seconds: i64,
}

/// Ends a visit within a transaction.
pub fn visit_ended(
    conn: &mut Conn,
    mut visit: Visit,
    report: VisitReport,
    heard: DateTime<Utc>,
) -> Result<Visit, Failure> {
    visit.end(report, heard)?;
    visits::end(conn, &visit)?;
    Ok(visit)
}

impl Office {
    /// Begins a visit within a transaction.
    pub fn visit_begun(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        new: NewVisit,
        began: Began,
    ) -> Result<Visit, Failure> {
        if !actor.has_in(Role::GridWorker, &new.region) {
            return Err(Refusal::not_permitted().into());
        }
        let unfit = new.mandate.as_ref().map(Mandate::errors_at_the_door).unwrap_or_default();
        if !unfit.is_empty() {
            return Err(Refusal::fields(unfit.into_iter().map(|e| e.below("/mandate")).collect()).into());
        }
        let visit = Visit {
            id: new.id.unwrap_or_else(|| new_id(began.heard)),
            staff: actor.id,
            region: new.region,
            purpose: new.purpose,
            address: Sensitive::new(new.address),
            latitude: new.place.0,
            longitude: new.place.1,
            accuracy: new.accuracy,
            started_at: began.at,
            received_at: began.heard,
            skew_seconds: began.skew_seconds,
            follows: new.follows,
            mandate: new.mandate,
            report: None,
        };
        visit.check_start()?;
        if let Some(before) = visit.follows {
            own_visit(conn, actor, before).map_err(|failure| match failure {
                Failure::Refused(_) => {
                    Refusal::field("/follows", "visit_needed", "没有这次走访。", "No such visit.").into()
                }
                failure => failure,
            })?;
        }
        visits::insert(conn, &visit)?;
        if let Some(standing) = visit.standing() {
            mandates::insert(conn, &standing)?;
        }
        if let Some(plan) = new.plan {
            self.plan_kept(conn, &visit, plan)?;
        }
        Ok(visit)
    }

    /// Records a visit in one of the worker's grids.
    pub async fn record_visit(&self, actor: Actor, new: NewVisit, key: OnceKey) -> Result<Answer, Failure> {
        let now = self.now();
        let skew = skew(new.sent_at, now);
        let NewVisit { started_at, .. } = new;
        let began = Began {
            at: started_at.map_or(now, |at| at + skew),
            heard: now,
            skew_seconds: skew.num_seconds(),
        };
        self.once(key, 201, move |office, conn| {
            Ok(VisitView::from(office.visit_begun(conn, &actor, new, began)?))
        })
        .await
        .map_err(id_taken)
    }

    /// Keeps how one of the worker's visits ended.
    pub async fn end_visit(
        &self,
        actor: Actor,
        id: Uuid,
        new: NewReport,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let now = self.now();
        let skew = skew(new.sent_at, now);
        let NewReport { outcome, ended_at, needs, revisit_on, note, .. } = new;
        let ended_at = ended_at.map_or(now, |at| at + skew);
        let report = VisitReport { outcome, ended_at, needs, revisit_on, note };
        self.once(key, 200, move |_, conn| {
            let visit = own_visit(conn, &actor, id)?;
            Ok(VisitView::from(visit_ended(conn, visit, report, now)?))
        })
        .await
    }

    /// The worker's latest visits.
    pub async fn visits(&self, actor: Actor) -> Result<Vec<VisitView>, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let found = self.db().read(move |conn| visits::of_staff(conn, actor.id, None, 100)).await;
        Ok(found.map_err(Failure::from)?.into_iter().map(VisitView::from).collect())
    }
}
