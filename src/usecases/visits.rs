//! Visits at the door and the mandates recorded there.

use chrono::{DateTime, Duration, FixedOffset, Utc};
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
use crate::domain::mandate::{Mandate, MandateEvidence};
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::domain::sensitive::Sensitive;
use crate::domain::visit::Visit;
use crate::storage::{mandates, visits};

/// 上门走访
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitView {
    /// Id.
    pub id: Uuid,
    /// The grid.
    pub region: String,
    /// House address.
    pub address: String,
    /// Latitude, degrees.
    pub latitude: f64,
    /// Longitude, degrees.
    pub longitude: f64,
    /// When it began.
    pub started_at: DateTime<FixedOffset>,
    /// The mandate recorded there.
    pub mandate: Option<Mandate>,
}

impl From<Visit> for VisitView {
    fn from(visit: Visit) -> Self {
        Self {
            id: visit.id,
            region: visit.region.as_str().to_owned(),
            address: visit.address.reveal().clone(),
            latitude: visit.latitude,
            longitude: visit.longitude,
            started_at: local(visit.started_at),
            mandate: visit.mandate,
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
    /// House address.
    pub address: String,
    /// Latitude and longitude, degrees.
    pub place: (f64, f64),
    /// When it began; now if left out.
    pub started_at: Option<DateTime<Utc>>,
    /// The mandate.
    pub mandate: Option<Mandate>,
}

/// A device's clock may be ahead by this much before its time is refused.
const CLOCK_SKEW: Duration = Duration::minutes(5);

impl Office {
    /// Records a visit in one of the worker's grids.
    pub async fn record_visit(&self, actor: Actor, new: NewVisit, key: OnceKey) -> Result<Answer, Failure> {
        if !actor.has_in(Role::GridWorker, &new.region) {
            return Err(Refusal::not_permitted().into());
        }
        let now = self.now();
        let started_at = new.started_at.unwrap_or(now);
        if started_at > now + CLOCK_SKEW {
            return Err(Refusal::invalid(
                "visit_in_future",
                "走访时间不能晚于现在。",
                "The visit lies in the future.",
            )
            .into());
        }
        if new.mandate.as_ref().is_some_and(|mandate| mandate.evidence == MandateEvidence::InApp) {
            let zh = "上门授权须有签名、指印或录音录像。";
            let en = "A mandate given at the door needs a signature, a fingerprint or a recording.";
            return Err(Refusal::field("/mandate/evidence", "evidence_unfit", zh, en).into());
        }
        let visit = Visit {
            id: new.id.unwrap_or_else(|| new_id(now)),
            staff: actor.id,
            region: new.region,
            address: Sensitive::new(new.address),
            latitude: new.place.0,
            longitude: new.place.1,
            started_at,
            mandate: new.mandate,
        };
        self.once(key, 201, move |_, conn| {
            visits::insert(conn, &visit)?;
            if let Some(standing) = visit.standing() {
                mandates::insert(conn, &standing)?;
            }
            Ok(VisitView::from(visit))
        })
        .await
        .map_err(id_taken)
    }

    /// The worker's latest visits.
    pub async fn visits(&self, actor: Actor) -> Result<Vec<VisitView>, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let found = self.db().read(move |conn| visits::of_staff(conn, actor.id, 100)).await;
        Ok(found.map_err(Failure::from)?.into_iter().map(VisitView::from).collect())
    }
}
