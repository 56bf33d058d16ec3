//! Particulars in full, for a purpose.

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::applications::known;
use super::extract::{Body, Signed};
use super::problem::Problem;
use crate::usecases::Office;
use crate::usecases::revealing::{Purpose, RevealedView};

/// 查看明文
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevealIn {
    /// JSON pointers into the application as shown, e.g. `/applicant/phone` or `/form/account/number`.
    #[schema(min_items = 1, max_items = 20)]
    fields: Vec<String>,
    /// To what end.
    purpose: Purpose,
    /// Why, in words; needed where the applicant is under fourteen.
    #[serde(default)]
    #[schema(min_length = 2, max_length = 200)]
    reason: Option<String>,
}

/// 查看明文: staff who handle the case name the fields and the purpose; the applicant sees that they did.
#[utoipa::path(tag = "applications", params(("id" = Uuid, Path)), request_body = RevealIn,
    responses((status = 200, body = RevealedView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["clerk", "grid_worker", "official"], "scope": "region"}))))]
#[post("/v1/applications/{id}/reveal")]
async fn reveal(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
    body: Body<RevealIn>,
) -> Result<HttpResponse, Problem> {
    let RevealIn { fields, purpose, reason } = body.value;
    let shown = office.reveal(signed.0.actor.clone(), known(&id)?, fields, (purpose, reason)).await?;
    Ok(HttpResponse::Ok().json(shown))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(reveal);
}
