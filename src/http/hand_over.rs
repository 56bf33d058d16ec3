//! 交接箱: what was done offline and waits for a person.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::answer;
use super::applications::known;
use super::extract::{Body, Once, Signed};
use super::problem::Problem;
use crate::usecases::Office;
use crate::usecases::hand_over::{BoxDecision, BoxDecisionView, BoxEntry};

/// 处理方式
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BoxVerdict {
    /// 办理: carried out as it is, as the act of who did it.
    Accept,
    /// 不予办理: put aside, and kept.
    Dismiss,
}

/// 处理意见
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoxDecisionIn {
    /// What becomes of it.
    decision: BoxVerdict,
    /// Why; its worker reads it.
    #[schema(min_length = 2, max_length = 500)]
    reason: String,
}

/// 交接箱: of one's grids and one's own work, the longest waiting first, at most a hundred.
#[utoipa::path(tag = "offline", responses((status = 200, body = [BoxEntry])), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker", "supervisor"], "scope": "own_or_region"}))))]
#[get("/v1/field/box")]
async fn hand_over_box(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.hand_over_box(signed.0.actor.clone()).await?))
}

/// 处理: what waited for it goes on.
#[utoipa::path(tag = "offline", request_body = BoxDecisionIn,
    params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = BoxDecisionView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker", "supervisor"], "scope": "own_or_region"}))))]
#[post("/v1/field/box/{id}/decision")]
async fn decide_in_box(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    id: web::Path<String>,
    body: Body<BoxDecisionIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let BoxDecisionIn { decision, reason } = body.value;
    let decision = BoxDecision { accept: decision == BoxVerdict::Accept, reason };
    Ok(answer::once(office.decide_in_box(signed.0.actor.clone(), known(&id)?, decision, key).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(hand_over_box).service(decide_in_box);
}
