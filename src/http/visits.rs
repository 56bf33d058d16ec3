//! Visits at the door.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, FixedOffset};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::answer;
use super::extract::{Body, Once, Signed};
use super::problem::Problem;
use crate::domain::mandate::Mandate;
use crate::domain::region::Region;
use crate::usecases::Office;
use crate::usecases::visits::{NewVisit, VisitView};

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
    /// When it began; now if left out.
    #[serde(default)]
    started_at: Option<DateTime<FixedOffset>>,
    /// The resident's mandate, if one was given.
    #[serde(default)]
    mandate: Option<Mandate>,
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
    let VisitIn { id, region, address, latitude, longitude, started_at, mandate } = body.value;
    let started_at = started_at.map(|at| at.to_utc());
    let new = NewVisit { id, region, address, place: (latitude, longitude), started_at, mandate };
    Ok(answer::once(office.record_visit(signed.0.actor.clone(), new, key).await?))
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
    config.service(record).service(list);
}
