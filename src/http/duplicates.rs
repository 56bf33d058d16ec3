//! 重复申请: what looks like an application, and what somebody says of the two.

use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::answer;
use super::applications::known;
use super::auditing::Noted;
use super::extract::{Body, Once, Signed};
use super::problem::Problem;
use crate::domain::duplicate::judgement::Likeness;
use crate::usecases::Office;
use crate::usecases::duplicates_view::DuplicateView;
use crate::usecases::judging::{JudgedView, Judging};

/// 重复认定
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JudgementIn {
    /// What the two are: `same` takes this application back in favour of the other.
    verdict: Likeness,
    /// Why, for whoever looks later.
    #[schema(min_length = 2, max_length = 500)]
    reason: String,
}

/// 相似办件: side by side with this one, each with its reasons and with what was said about it.
#[utoipa::path(tag = "applications", params(("id" = Uuid, Path)),
    responses((status = 200, body = [DuplicateView])), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official", "supervisor"], "scope": "own_or_region"}))))]
#[get("/v1/applications/{id}/duplicates")]
async fn duplicates(
    office: web::Data<Office>,
    signed: Signed,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let found = office.duplicates(signed.0.actor.clone(), known(&id)?).await?;
    // Whoever looks at one looks at the others.
    let beside = found.iter().filter_map(|found| found.application).collect();
    request.extensions_mut().insert(Noted { beside, ..Noted::default() });
    Ok(HttpResponse::Ok().json(found))
}

/// 重复认定: the two are the same matter, and this one goes; or they are not, and both go on.
#[utoipa::path(tag = "applications",
    params(("id" = Uuid, Path), ("other" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    request_body = JudgementIn,
    responses((status = 200, body = JudgedView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker"], "scope": "own_or_region"}))))]
#[post("/v1/applications/{id}/duplicates/{other}")]
async fn judge(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    path: web::Path<(String, String)>,
    body: Body<JudgementIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let JudgementIn { verdict, reason } = body.value;
    let judging = Judging { application: known(&path.0)?, other: known(&path.1)?, verdict, reason };
    Ok(answer::once(office.judge_duplicate(signed.0.actor.clone(), judging, key).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(duplicates).service(judge);
}
