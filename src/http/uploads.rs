//! 断点续传: pieces of a file, in any order.

use actix_web::{HttpResponse, get, put, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::extract::Signed;
use super::patience::Patience;
use super::problem::Problem;
use crate::usecases::Office;
use crate::usecases::rationing::Rationed;
use crate::usecases::sweeping::FilesView;
use crate::usecases::uploads::UploadView;

/// The whole that a piece belongs to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WholeQuery {
    /// Bytes of the whole.
    size: u64,
}

/// 上传进度: which pieces are here.
#[utoipa::path(tag = "offline", params(("sha256" = String, Path)),
    responses((status = 200, body = UploadView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[get("/v1/uploads/{sha256}")]
async fn look(
    office: web::Data<Office>,
    signed: Signed,
    sha256: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.upload(&signed.0.actor, sha256.into_inner()).await?))
}

/// 上传片段: 262,144 bytes each but the last; once all are here, their hash is checked.
#[utoipa::path(tag = "offline",
    params(("sha256" = String, Path), ("index" = u32, Path, description = "From 0"), WholeQuery),
    request_body(content = [u8], content_type = "application/octet-stream"),
    responses((status = 200, body = UploadView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[put("/v1/uploads/{sha256}/pieces/{index}")]
async fn keep(
    office: web::Data<Office>,
    signed: Signed,
    path: web::Path<(String, String)>,
    query: web::Query<WholeQuery>,
    patience: Patience,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let (sha256, index) = path.into_inner();
    office.ration(&signed.0.actor, Rationed::Piece).await?;
    let bytes = patience.body(body.to_bytes_limited(262_144)).await?;
    let too_large = || Problem::of_status(actix_web::http::StatusCode::PAYLOAD_TOO_LARGE);
    let bytes = bytes
        .map_err(|_| too_large())?
        .map_err(|_| Problem::of_status(actix_web::http::StatusCode::BAD_REQUEST))?;
    let index = index.parse().unwrap_or(u32::MAX);
    let view = office.keep_piece(&signed.0.actor, sha256, (index, query.size), bytes.to_vec()).await?;
    Ok(HttpResponse::Ok().json(view))
}

/// 附件清单: of one's own, what was announced and is not here, and what is here and belongs nowhere. The latter goes after
/// `field.upload_days`.
#[utoipa::path(tag = "offline", responses((status = 200, body = FilesView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[get("/v1/uploads")]
async fn upload_list(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.files(signed.0.actor.clone()).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(upload_list).service(look).service(keep);
}
