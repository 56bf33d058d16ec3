//! 户册: the register of households.

use actix_web::{HttpResponse, delete, get, put, web};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::answer::{self, Page, size};
use super::applications::known;
use super::extract::{Body, Seen, Signed};
use super::problem::Problem;
use crate::domain::household::HouseholdResident;
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::usecases::Office;
use crate::usecases::households::{HouseholdView, NewHousehold};

/// 户, as it is sent.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisteredHouseholdIn {
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
    /// Everybody who lives there.
    #[schema(value_type = Vec<Object>, max_items = 30)]
    residents: Vec<Value>,
    /// What a visitor should know.
    #[serde(default)]
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// 户, as it should be sent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the API document")]
pub struct RegisteredHouseholdOf {
    /// The grid.
    region: Region,
    /// House address.
    #[schema(min_length = 2, max_length = 200)]
    address: String,
    /// Latitude, degrees, CGCS2000, where it is known.
    latitude: Option<f64>,
    /// Longitude, degrees, CGCS2000.
    longitude: Option<f64>,
    /// Everybody who lives there; a value that is sent back masked stays what it was.
    #[schema(max_items = 30)]
    residents: Vec<HouseholdResident>,
    /// What a visitor should know.
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// 分页
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RegisterQuery {
    /// Lines per page, 1 to 100; 20 if left out.
    limit: Option<i64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// 户册: of one's places.
#[utoipa::path(tag = "households", params(RegisterQuery), responses((status = 200, body = Page<HouseholdView>)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["clerk", "supervisor", "grid_worker"], "scope": "region"}))))]
#[get("/v1/households")]
async fn list_households(
    office: web::Data<Office>,
    signed: Signed,
    query: web::Query<RegisterQuery>,
) -> Result<HttpResponse, Problem> {
    let RegisterQuery { limit, cursor } = query.into_inner();
    let limit = size(limit)?;
    let refuse = |_| {
        Refusal::invalid("cursor_invalid", "翻页标记无效，请从第一页开始。", "Not a cursor of this list.")
    };
    let after = cursor.map(|cursor| cursor.parse::<Uuid>()).transpose().map_err(refuse)?;
    let mut items = office.households(signed.0.actor.clone(), after, limit + 1).await?;
    let most = usize::try_from(limit).unwrap_or(0);
    let more = items.len() > most;
    items.truncate(most);
    let next_cursor = items.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(HttpResponse::Ok().json(Page { items, next_cursor }))
}

/// 一户
#[utoipa::path(tag = "households", params(("id" = Uuid, Path)), responses((status = 200, body = HouseholdView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["clerk", "supervisor", "grid_worker"], "scope": "region"}))))]
#[get("/v1/households/{id}")]
async fn one_household(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = office.registered_household(signed.0.actor.clone(), known(&id)?).await?;
    Ok(answer::versioned(&view, view.version))
}

/// 登记户: a new one under an id of the sender's, or what one is now, with the version that was seen.
#[utoipa::path(tag = "households", request_body = RegisteredHouseholdOf,
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = HouseholdView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["clerk", "supervisor"], "scope": "region"}))))]
#[put("/v1/households/{id}")]
async fn keep_household(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
    request: actix_web::HttpRequest,
    body: Body<RegisteredHouseholdIn>,
) -> Result<HttpResponse, Problem> {
    let seen = Seen::maybe(&request)?.map(|seen| seen.0);
    let given = body.value;
    let new = NewHousehold {
        region: given.region,
        address: given.address,
        place: given.latitude.zip(given.longitude),
        residents: given.residents,
        note: given.note,
    };
    let view = office.keep_household(signed.0.actor.clone(), known(&id)?, seen, new).await?;
    Ok(answer::versioned(&view, view.version))
}

/// 销户: moved away, or the house is gone; every device that has it loses it.
#[utoipa::path(tag = "households", params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 204)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["clerk", "supervisor"], "scope": "region"}))))]
#[delete("/v1/households/{id}")]
async fn strike_household(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
    seen: Seen,
) -> Result<HttpResponse, Problem> {
    office.strike_household(signed.0.actor.clone(), known(&id)?, seen.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(list_households).service(one_household).service(keep_household).service(strike_household);
}
