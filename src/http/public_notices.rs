//! The notice board: open to everybody, objections from anybody signed in.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::answer;
use super::applications::known;
use super::extract::{Body, Once, Signed};
use super::problem::Problem;
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::domain::text::{FieldError, Text};
use crate::usecases::Office;
use crate::usecases::public_notices::{BoardNotice, ObjectionReceived};

/// Which board.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BoardQuery {
    /// Code of the community.
    community: String,
}

/// 异议
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectionIn {
    /// Why.
    #[schema(min_length = 2, max_length = 1000)]
    reason: String,
}

/// 公示栏: what hangs in a community now.
#[utoipa::path(tag = "public notices", params(BoardQuery),
    responses((status = 200, body = [BoardNotice])),
    extensions(("x-authz" = json!({"roles": ["anonymous"], "scope": "public"}))))]
#[get("/v1/public-notices")]
async fn board(office: web::Data<Office>, query: web::Query<BoardQuery>) -> Result<HttpResponse, Problem> {
    let wrong = || {
        let detail = Text::fixed("请用十二位社区代码。", "Use the community's twelve digits.");
        Problem::from(Refusal::fields(vec![FieldError::new("/community", "region_unknown", detail)]))
    };
    let community = Region::parse(&query.community).ok().filter(|region| region.community().is_some());
    Ok(HttpResponse::Ok().json(office.notice_board(community.ok_or_else(wrong)?).await?))
}

/// 提出异议: while the notice hangs, under one's own name.
#[utoipa::path(tag = "public notices", request_body = ObjectionIn,
    params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = ObjectionReceived)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "public"}))))]
#[post("/v1/public-notices/{id}/objections")]
async fn oppose(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    id: web::Path<String>,
    body: Body<ObjectionIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    Ok(answer::once(office.object(signed.0.actor.clone(), known(&id)?, body.value.reason, key).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(board).service(oppose);
}
