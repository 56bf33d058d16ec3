//! 资料包: what a grid worker takes along on a device, the key to it, and numbers to give away.

use actix_web::http::header::{CACHE_CONTROL, ContentEncoding};
use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::answer;
use super::applications::known;
use super::extract::{Body, Once, Signed};
use super::problem::Problem;
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::usecases::Office;
use crate::usecases::packs::{PackAsked, PackKeyView};
use crate::usecases::reserved_numbers::ReservedNumberView;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PackQuery {
    /// The cursor of the page before; left out for a first download. One that is no longer known begins anew.
    cursor: Option<String>,
    /// Bytes of the page at the most, 16,384 to 4,194,304; `field.pack_page_bytes` if left out.
    bytes: Option<usize>,
}

/// 预留编号
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NumbersIn {
    /// One of the worker's grids; the numbers are its community's.
    region: Region,
    /// How many.
    #[schema(minimum = 1, maximum = 100)]
    count: usize,
}

/// 资料包: the next page of what the device lacks, gzip within AES-256-GCM-SIV; docs/offline.md tells how it is
/// opened and what is in it.
#[utoipa::path(tag = "offline", params(("id" = Uuid, Path), PackQuery),
    responses((status = 200, body = [u8], content_type = "application/octet-stream")),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[get("/v1/devices/{id}/pack")]
async fn pack(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
    query: web::Query<PackQuery>,
) -> Result<HttpResponse, Problem> {
    let PackQuery { cursor, bytes } = query.into_inner();
    let refuse = |_| Refusal::invalid("cursor_invalid", "资料包标记无效。", "Not a cursor of a pack.");
    let cursor = cursor.map(|cursor| cursor.parse::<Uuid>()).transpose().map_err(refuse)?;
    let page = office.pack(signed.0.actor.clone(), known(&id)?, PackAsked { cursor, bytes }).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        // It is squeezed as far as it goes.
        .insert_header(ContentEncoding::Identity)
        .body(page))
}

/// 资料包密钥: sealed for the device alone (HPKE, RFC 9180), good for `field.pack_hours`.
#[utoipa::path(tag = "offline", params(("id" = Uuid, Path)), responses((status = 200, body = PackKeyView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[get("/v1/devices/{id}/pack-key")]
async fn pack_key(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.pack_key(signed.0.actor.clone(), known(&id)?).await?))
}

/// 预留编号: receipt numbers with their query codes, to give away where there is no network.
#[utoipa::path(tag = "offline", request_body = NumbersIn,
    params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = [ReservedNumberView])), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[post("/v1/devices/{id}/numbers")]
async fn reserve_numbers(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    id: web::Path<String>,
    body: Body<NumbersIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let NumbersIn { region, count } = body.value;
    let actor = signed.0.actor.clone();
    Ok(answer::once(office.reserve_numbers(actor, known(&id)?, (region, count), key).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(pack).service(pack_key).service(reserve_numbers);
}
