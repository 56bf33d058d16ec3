//! 离线同步: devices and what was done on them without a network.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::answer;
use super::applications::known;
use super::batch::{BatchOf, Operations};
use super::extract::{Body, Once, Signed};
use super::problem::Problem;
use crate::domain::device::{DeviceEnd, PublicKey};
use crate::usecases::Office;
use crate::usecases::devices::DeviceView;
use crate::usecases::syncing::Batch;
use crate::usecases::verdicts::VerdictView;

/// 登记设备
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceIn {
    /// UUIDv7 made by the device, another for each person who works with it.
    id: Uuid,
    /// What its owner calls it.
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// X25519 public key made on the device; without one it gets no field pack.
    #[serde(default)]
    public_key: Option<PublicKey>,
}

/// 停用设备
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceEndIn {
    /// Why.
    why: DeviceEnd,
}

/// 同步结果
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncView {
    /// One for each operation, in the order in which they were sent.
    pub verdicts: Vec<VerdictView>,
    /// Of earlier operations that had waited and went on.
    pub released: Vec<VerdictView>,
    /// Sequence numbers of the device, first and last, that have not come yet though later ones have.
    pub gaps: Vec<(i64, i64)>,
    /// When it came.
    pub received_at: DateTime<FixedOffset>,
    /// Whether the device is to erase what it has taken along: it is out of use, or its worker has left.
    pub erase: bool,
}

/// 登记设备: before it works offline.
#[utoipa::path(tag = "offline", request_body = DeviceIn, params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = DeviceView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[post("/v1/devices")]
async fn register(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    body: Body<DeviceIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let DeviceIn { id, name, public_key } = body.value;
    let actor = signed.0.actor.clone();
    Ok(answer::once(office.register_device(actor, (id, name), public_key, key).await?))
}

/// 本人设备
#[utoipa::path(tag = "offline", responses((status = 200, body = [DeviceView])), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[get("/v1/devices")]
async fn list(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.devices(signed.0.actor.clone()).await?))
}

/// 停用设备: lost or replaced; what it still sends is kept and looked at by a person.
#[utoipa::path(tag = "offline", request_body = DeviceEndIn,
    params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = DeviceView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker", "supervisor"], "scope": "own_or_region"}))))]
#[post("/v1/devices/{id}/ending")]
async fn end(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    id: web::Path<String>,
    body: Body<DeviceEndIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let why = body.value.why;
    Ok(answer::once(office.end_device(signed.0.actor.clone(), known(&id)?, why, key).await?))
}

/// 同步: every operation gets its verdict, however often and in whatever order it comes; no Idempotency-Key
/// is needed.
#[utoipa::path(tag = "offline", request_body = BatchOf, responses((status = 200, body = SyncView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "grid"}))))]
#[post("/v1/sync")]
async fn sync(office: web::Data<Office>, signed: Signed, batch: Operations) -> Result<HttpResponse, Problem> {
    let Operations { device, sent_at, operations } = batch;
    if operations.len() > office.rules().field.batch_operations {
        let zh = "一批操作太多，请分批同步；设备上的记录请保留。";
        let en = "Too many operations in one batch; keep them on the device and send fewer at a time.";
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "batch_too_large", zh, en));
    }
    let actor = &signed.0.actor;
    let batch = Batch { device, sent_at: sent_at.to_utc(), operations };
    let (verdicts, released) = office.sync(actor, batch).await?;
    let erase = office.erases(actor, device).await?;
    let gaps = office.gaps(device).await?;
    let received_at = crate::usecases::clocks_view::local(office.now());
    Ok(HttpResponse::Ok().json(SyncView { verdicts, released, gaps, received_at, erase }))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(register).service(list).service(end).service(sync);
}
