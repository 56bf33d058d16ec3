//! 工作证: shown by a grid worker, scanned by whoever opens the door.

use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::extract::{Body, Signed, address};
use super::payments::EmptyIn;
use super::problem::Problem;
use crate::usecases::Office;
use crate::usecases::credentials::{BearerView, CredentialView};

/// What was scanned.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanIn {
    /// The content of the QR code.
    #[validate(length(min = 1, max = 2000))]
    token: String,
}

/// 出示工作证: good for ten minutes, and only as long as the worker's session is.
#[utoipa::path(tag = "visits", request_body = EmptyIn, responses((status = 201, body = CredentialView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[post("/v1/me/credential")]
async fn show(office: web::Data<Office>, signed: Signed, _: Body<EmptyIn>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Created().json(office.credential(&signed.0.actor, signed.0.session)?))
}

/// 核验工作证: who stands at the door; nobody needs to sign in for that.
#[utoipa::path(tag = "visits", request_body = ScanIn, responses((status = 200, body = BearerView)),
    extensions(("x-authz" = json!({"roles": ["anonymous"], "scope": "public"}))))]
#[post("/v1/credential-checks")]
async fn scan(
    office: web::Data<Office>,
    request: HttpRequest,
    body: Body<ScanIn>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.bearer(&body.value.token, &address(&request)).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(show).service(scan);
}
