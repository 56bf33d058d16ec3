//! 走访计划: planned, listed, called off; and what was needed at a door ticked off.

use actix_web::{HttpResponse, get, post, web};
use chrono::{NaiveDate, NaiveTime};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::answer;
use super::applications::known;
use super::extract::{Body, Once, Signed};
use super::payments::EmptyIn;
use super::problem::Problem;
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::domain::visit::VisitPurpose;
use crate::usecases::Office;
use crate::usecases::needs::DoneView;
use crate::usecases::plans::{NewPlan, PlanView};

/// 走访计划
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitPlanIn {
    /// UUIDv7 made by the device; made here if left out.
    #[serde(default)]
    id: Option<Uuid>,
    /// The grid.
    region: Region,
    /// House address.
    #[schema(min_length = 2, max_length = 200)]
    address: String,
    /// Latitude, degrees, CGCS2000, where it is known.
    #[serde(default)]
    #[schema(minimum = -90, maximum = 90)]
    latitude: Option<f64>,
    /// Longitude, degrees, CGCS2000.
    #[serde(default)]
    #[schema(minimum = -180, maximum = 180)]
    longitude: Option<f64>,
    /// Why.
    purpose: VisitPurpose,
    /// On which day, from today to a year from now.
    on: NaiveDate,
    /// Not before that time, HH:MM.
    #[serde(default)]
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    not_before: Option<String>,
    /// Not after that time, HH:MM.
    #[serde(default)]
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    not_after: Option<String>,
    /// The grid worker who will call, where a supervisor plans.
    #[serde(default)]
    for_staff: Option<Uuid>,
    /// The application it is about; whoever it belongs to is told.
    #[serde(default)]
    about: Option<Uuid>,
}

/// 需求已办理
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NeedDoneIn {
    /// What was done.
    #[serde(default)]
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// From when to when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DaysQuery {
    /// First day; today if left out.
    from: Option<NaiveDate>,
    /// Last day, at most 92 later; 30 if left out.
    to: Option<NaiveDate>,
}

fn hour(text: Option<&String>) -> Option<NaiveTime> {
    text.and_then(|text| NaiveTime::parse_from_str(text, "%H:%M").ok())
}

/// 安排走访: in one's own grid, or for a worker of a grid one watches.
#[utoipa::path(tag = "visits", request_body = VisitPlanIn, params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = PlanView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker", "supervisor"], "scope": "grid"}))))]
#[post("/v1/visit-plans")]
async fn plan_visit(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    body: Body<VisitPlanIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let given = body.value;
    let new = NewPlan {
        id: given.id,
        region: given.region,
        address: given.address,
        place: (given.latitude, given.longitude),
        purpose: given.purpose,
        day: given.on,
        window: (hour(given.not_before.as_ref()), hour(given.not_after.as_ref())),
        for_staff: given.for_staff,
        about: given.about,
    };
    Ok(answer::once(office.plan_visit(signed.0.actor.clone(), new, key).await?))
}

/// 走访计划列表: one's own and those of the places one watches, the soonest first, at most 500.
#[utoipa::path(tag = "visits", params(DaysQuery), responses((status = 200, body = [PlanView])),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker", "supervisor"], "scope": "own_or_region"}))))]
#[get("/v1/visit-plans")]
async fn list_plans(
    office: web::Data<Office>,
    signed: Signed,
    query: web::Query<DaysQuery>,
) -> Result<HttpResponse, Problem> {
    let DaysQuery { from, to } = query.into_inner();
    Ok(HttpResponse::Ok().json(office.visit_plans(signed.0.actor.clone(), from, to).await?))
}

/// 取消走访计划
#[utoipa::path(tag = "visits", request_body = EmptyIn,
    params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = PlanView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker", "supervisor"], "scope": "own_or_region"}))))]
#[post("/v1/visit-plans/{id}/cancellation")]
async fn cancel_plan(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    id: web::Path<String>,
    body: Body<EmptyIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    Ok(answer::once(office.cancel_plan(signed.0.actor.clone(), known(&id)?, key).await?))
}

/// 需求办理完毕: once; the need of one's own visit with that index, from 0.
#[utoipa::path(tag = "visits", request_body = NeedDoneIn,
    params(("id" = Uuid, Path), ("index" = u32, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = DoneView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[post("/v1/visits/{id}/needs/{index}/done")]
async fn need_done(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    path: web::Path<(String, String)>,
    body: Body<NeedDoneIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let (id, index) = path.into_inner();
    let index: Option<u16> = index.parse().ok();
    let at = known(&id).and_then(|id| Ok((id, index.ok_or_else(Refusal::not_found)?.into())));
    Ok(answer::once(office.need_done(signed.0.actor.clone(), at?, body.value.note, key).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(plan_visit).service(list_plans).service(cancel_plan).service(need_done);
}
