//! Materials: one file per request, as `wx.uploadFile` sends it.

use actix_multipart::Multipart;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, post, web};
use futures_util::TryStreamExt;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::answer;
use super::applications::known;
use super::auditing::Noted;
use super::extract::{Once, Signed};
use super::patience::Patience;
use super::problem::Problem;
use crate::usecases::Office;
use crate::usecases::materials::{MaterialView, Upload};
use crate::usecases::rationing::Rationed;
use crate::usecases::revealing::Purpose;

/// One file; the type is found out by content.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart body in the API document")]
pub struct MaterialIn {
    /// The file: JPEG, PNG, WebP, HEIC or PDF.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
}

fn malformed() -> Problem {
    let zh = "请以 multipart/form-data 上传一个名为 file 的文件。";
    Problem::new(StatusCode::BAD_REQUEST, "malformed_upload", zh, "Send one multipart part called “file”.")
}

/// Reads the one part, never more than the limit and a byte.
async fn read(mut parts: Multipart, limit: u64) -> Result<(String, Vec<u8>), Problem> {
    let mut found = None;
    while let Some(mut part) = parts.try_next().await.map_err(|_| malformed())? {
        if found.is_some() || part.name() != Some("file") {
            return Err(malformed());
        }
        let disposition = part.content_disposition();
        let name = disposition.and_then(|d| d.get_filename()).unwrap_or("file").to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = part.try_next().await.map_err(|_| malformed())? {
            if bytes.len() as u64 + chunk.len() as u64 > limit {
                return Err(Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE));
            }
            bytes.extend_from_slice(&chunk);
        }
        found = Some((name, bytes));
    }
    found.ok_or_else(malformed)
}

/// 上传材料: one file for one line of the checklist, before or after filing.
#[utoipa::path(tag = "materials",
    params(("id" = Uuid, Path), ("material" = String, Path, description = "Code on the checklist"), ("Idempotency-Key" = String, Header)),
    request_body(content = MaterialIn, content_type = "multipart/form-data"),
    responses((status = 201, body = MaterialView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official"], "scope": "own_or_region"}))))]
#[post("/v1/applications/{id}/materials/{material}")]
async fn supply(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    path: web::Path<(String, String)>,
    patience: Patience,
    parts: Multipart,
) -> Result<HttpResponse, Problem> {
    let (id, material) = path.into_inner();
    office.ration(&signed.0.actor, Rationed::Upload).await?;
    let (file_name, bytes) = patience.body(read(parts, office.rules().limits.max_file_bytes)).await??;
    let key = once.of_hash(&signed.0, &Sha256::digest(&bytes));
    let upload = Upload { material, file_name, bytes };
    Ok(answer::once(office.supply(signed.0.actor.clone(), known(&id)?, upload, key).await?))
}

/// 材料列表
#[utoipa::path(tag = "materials", params(("id" = Uuid, Path)),
    responses((status = 200, body = [MaterialView])),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official", "supervisor"], "scope": "own_or_region"}))))]
#[get("/v1/applications/{id}/materials")]
async fn list(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.materials(signed.0.actor.clone(), known(&id)?).await?))
}

/// To what end a file is opened.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PurposeQuery {
    /// Needed of staff where the applicant is under fourteen.
    purpose: Option<Purpose>,
}

/// 下载材料: for those who may see the application.
#[utoipa::path(tag = "materials", params(("id" = Uuid, Path), PurposeQuery),
    responses((status = 200, content_type = "application/octet-stream")),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official"], "scope": "own_or_region"}))))]
#[get("/v1/materials/{id}")]
async fn get(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
    query: web::Query<PurposeQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let purpose = query.purpose;
    let (application, file, bytes) = office.material(signed.0.actor.clone(), known(&id)?, purpose).await?;
    let purpose = purpose.map(|purpose| purpose.name().to_owned()).unwrap_or_default();
    request.extensions_mut().insert(Noted { application: Some(application), purpose, ..Noted::default() });
    Ok(HttpResponse::Ok()
        .content_type(file.media_type)
        // The sender's own name stays out of headers; the id is name enough.
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.id)))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        ))
        .body(bytes))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(supply).service(list).service(get);
}
