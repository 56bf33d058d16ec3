//! Visits at the door.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::answer;
use super::applications::known;
use super::extract::{Body, Once, Signed};
use super::problem::Problem;
use crate::domain::mandate::Mandate;
use crate::domain::region::Region;
use crate::domain::visit::{VisitNeed, VisitOutcome, VisitPurpose};
use crate::usecases::Office;
use crate::usecases::field::TodayView;
use crate::usecases::visits::{NewReport, NewVisit, VisitView};

/// 上门走访
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitIn {
    /// UUIDv7 made by the device; made here if left out.
    #[serde(default)]
    id: Option<Uuid>,
    /// The grid.
    region: Region,
    /// House address as found.
    #[schema(min_length = 2, max_length = 200)]
    address: String,
    /// Latitude, degrees, CGCS2000.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// Longitude, degrees, CGCS2000.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// Radius of the position, metres.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100_000)]
    accuracy: Option<f64>,
    /// Why; `service` if left out.
    #[serde(default)]
    purpose: VisitPurpose,
    /// When it began, by the device's clock; now if left out.
    #[serde(default)]
    started_at: Option<DateTime<FixedOffset>>,
    /// The device's clock when it sends this; beyond five minutes of difference its times are put right.
    #[serde(default)]
    sent_at: Option<DateTime<FixedOffset>>,
    /// The visit that asked to come back.
    #[serde(default)]
    follows: Option<Uuid>,
    /// The plan of one's own that is kept hereby.
    #[serde(default)]
    plan: Option<Uuid>,
    /// The resident's mandate, if one was given.
    #[serde(default)]
    mandate: Option<Mandate>,
}

/// 走访结果
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitReportIn {
    /// What came of it.
    outcome: VisitOutcome,
    /// When it ended, by the device's clock; now if left out.
    #[serde(default)]
    ended_at: Option<DateTime<FixedOffset>>,
    /// The device's clock when it sends this.
    #[serde(default)]
    sent_at: Option<DateTime<FixedOffset>>,
    /// What is needed, where somebody was met.
    #[serde(default)]
    #[schema(max_items = 20)]
    needs: Vec<VisitNeed>,
    /// When to come back.
    #[serde(default)]
    revisit_on: Option<NaiveDate>,
    /// Remark.
    #[serde(default)]
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// 登记走访
#[utoipa::path(tag = "visits", request_body = VisitIn, params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = VisitView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "grid"}))))]
#[post("/v1/visits")]
async fn record(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    body: Body<VisitIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let VisitIn { id, region, address, latitude, longitude, accuracy, purpose, .. } = body.value;
    let new = NewVisit {
        id,
        region,
        purpose,
        address,
        place: (latitude, longitude),
        accuracy,
        started_at: body.value.started_at.map(|at| at.to_utc()),
        sent_at: body.value.sent_at.map(|at| at.to_utc()),
        follows: body.value.follows,
        plan: body.value.plan,
        mandate: body.value.mandate,
    };
    Ok(answer::once(office.record_visit(signed.0.actor.clone(), new, key).await?))
}

/// 登记走访结果: once; of one's own visit.
#[utoipa::path(tag = "visits", request_body = VisitReportIn,
    params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = VisitView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[post("/v1/visits/{id}/outcome")]
async fn end(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    id: web::Path<String>,
    body: Body<VisitReportIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let VisitReportIn { outcome, ended_at, sent_at, needs, revisit_on, note } = body.value;
    let (ended_at, sent_at) = (ended_at.map(|at| at.to_utc()), sent_at.map(|at| at.to_utc()));
    let new = NewReport { outcome, ended_at, sent_at, needs, revisit_on, note };
    Ok(answer::once(office.end_visit(signed.0.actor.clone(), known(&id)?, new, key).await?))
}

/// 今日工作: a grid worker's day in one look.
#[utoipa::path(tag = "visits", responses((status = 200, body = TodayView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[get("/v1/field/today")]
async fn today(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.field_today(signed.0.actor.clone()).await?))
}

/// 本人走访记录: the latest hundred.
#[utoipa::path(tag = "visits", responses((status = 200, body = [VisitView])),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[get("/v1/visits")]
async fn list(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.visits(signed.0.actor.clone()).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(record).service(end).service(today).service(list);
}
