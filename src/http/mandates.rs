//! 授权: given in the mini-program, revoked there or ended at the counter.

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::answer;
use super::applications::known;
use super::extract::{Body, Once, Signed};
use super::payments::EmptyIn;
use super::problem::Problem;
use crate::domain::id_number::IdNumber;
use crate::domain::mandate::MandateEnd;
use crate::domain::person_name::PersonName;
use crate::usecases::Office;
use crate::usecases::mandates::{MandateView, NewMandate};

/// 授权他人代办
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MandateIn {
    /// 代理人姓名
    agent_name: PersonName,
    /// 代理人证件号码
    agent_id_number: IdNumber,
    /// For which service items, by code.
    #[schema(min_items = 1, max_items = 20)]
    matters: Vec<String>,
    /// Last day, at most a year from now.
    valid_until: NaiveDate,
}

/// 终止授权
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MandateEndIn {
    /// `revoked`, `principal_died` or `agent_died`.
    why: MandateEnd,
}

/// 授权他人代办: from an account that was verified in person.
#[utoipa::path(tag = "mandates", request_body = MandateIn, params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = MandateView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "own"}))))]
#[post("/v1/me/mandates")]
async fn give(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    body: Body<MandateIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let MandateIn { agent_name, agent_id_number, matters, valid_until } = body.value;
    let new = NewMandate { agent_name, agent_id_number, matters, valid_until };
    Ok(answer::once(office.give_mandate(signed.0.actor.clone(), new, key).await?))
}

/// 本人的授权: given and received.
#[utoipa::path(tag = "mandates", responses((status = 200, body = [MandateView])), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "own"}))))]
#[get("/v1/me/mandates")]
async fn list(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.mandates(signed.0.actor.clone()).await?))
}

/// 撤销授权
#[utoipa::path(tag = "mandates", params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    request_body = EmptyIn, responses((status = 200, body = MandateView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "own"}))))]
#[post("/v1/me/mandates/{id}/revocation")]
async fn revoke(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    id: web::Path<String>,
    body: Body<EmptyIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    Ok(answer::once(office.revoke_mandate(signed.0.actor.clone(), known(&id)?, key).await?))
}

/// 窗口登记授权终止: a revocation at the counter, or a death.
#[utoipa::path(tag = "mandates", params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    request_body = MandateEndIn, responses((status = 200, body = MandateView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["clerk", "supervisor"], "scope": "region"}))))]
#[post("/v1/mandates/{id}/ending")]
async fn end(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    id: web::Path<String>,
    body: Body<MandateEndIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let why = body.value.why;
    Ok(answer::once(office.close_mandate(signed.0.actor.clone(), known(&id)?, why, key).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(give).service(list).service(revoke).service(end);
}
