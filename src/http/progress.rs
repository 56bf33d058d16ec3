//! Progress for whoever holds the slip, without signing in.

use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::extract::{Body, address};
use super::problem::Problem;
use crate::usecases::Office;
use crate::usecases::progress::ProgressView;

/// What stands on the slip; in the body, for a code does not belong into an address.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgressIn {
    /// 申办流水号
    #[schema(max_length = 40)]
    receipt_no: String,
    /// 查询码
    #[schema(max_length = 16)]
    query_code: String,
}

/// 进度查询: number and code; says nothing about the person.
#[utoipa::path(tag = "progress", request_body = ProgressIn,
    responses((status = 200, body = ProgressView)),
    extensions(("x-authz" = json!({"roles": ["anonymous"], "scope": "public"}))))]
#[post("/v1/progress")]
async fn progress(
    office: web::Data<Office>,
    request: HttpRequest,
    body: Body<ProgressIn>,
) -> Result<HttpResponse, Problem> {
    let ProgressIn { receipt_no, query_code } = body.value;
    Ok(HttpResponse::Ok().json(office.progress(&receipt_no, &query_code, &address(&request)).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(progress);
}
