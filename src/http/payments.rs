//! Contributions: what is owed, money that was collected, and payment at the provider.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::answer;
use super::applications::known;
use super::extract::{Body, Once, Signed};
use super::problem::Problem;
use crate::domain::payment::{Fen, PaymentMethod};
use crate::usecases::Office;
use crate::usecases::payments::{Arrival, PaymentOrderView, PostingView};

/// Money collected at the counter or the door.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CollectIn {
    /// Amount that arrived, fen.
    #[schema(minimum = 1, maximum = 100_000_000)]
    amount_fen: i64,
    /// Cash, card or bank transfer.
    method: PaymentMethod,
    /// Voucher number of the collecting channel (tax voucher, POS slip).
    #[schema(min_length = 4, max_length = 64, pattern = "^[0-9A-Za-z-]+$")]
    voucher_no: String,
    /// Who paid.
    #[schema(min_length = 2, max_length = 60)]
    payer: String,
    /// When.
    paid_at: DateTime<FixedOffset>,
}

/// Nothing to say beyond the address.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmptyIn {}

/// A payment begun at the provider.
#[derive(Debug, Serialize, ToSchema)]
pub struct BegunView {
    /// The order.
    order: PaymentOrderView,
    /// What the client passes on to the provider.
    #[schema(value_type = Object)]
    client_parameters: Value,
}

/// 缴费单: what is owed on an application and what arrived.
#[utoipa::path(tag = "payments", params(("id" = Uuid, Path)),
    responses((status = 200, body = [PaymentOrderView])),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official", "supervisor"], "scope": "own_or_region"}))))]
#[get("/v1/applications/{id}/payment-orders")]
async fn orders(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.payment_orders(signed.0.actor.clone(), known(&id)?).await?))
}

/// 代收入账: records money against a numbered voucher; answers what became of it.
#[utoipa::path(tag = "payments", params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    request_body = CollectIn,
    responses((status = 201, body = PostingView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["clerk", "grid_worker"], "scope": "region"}))))]
#[post("/v1/payment-orders/{id}/postings")]
async fn collect(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    id: web::Path<String>,
    body: Body<CollectIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let CollectIn { amount_fen, method, voucher_no, payer, paid_at } = body.value;
    let arrival = Arrival { amount: Fen(amount_fen), method, voucher_no, payer, paid_at: paid_at.to_utc() };
    Ok(answer::once(office.collect(signed.0.actor.clone(), known(&id)?, arrival, key).await?))
}

/// 发起支付: at the provider; the confirmation follows later. Safe to repeat: an order is begun once.
#[utoipa::path(tag = "payments", params(("id" = Uuid, Path)), request_body = EmptyIn,
    responses((status = 200, body = BegunView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker"], "scope": "own_or_region"}))))]
#[post("/v1/payment-orders/{id}/begin")]
async fn begin(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
    _body: Body<EmptyIn>,
) -> Result<HttpResponse, Problem> {
    let (order, client_parameters) = office.begin_payment(signed.0.actor.clone(), known(&id)?).await?;
    Ok(HttpResponse::Ok().json(BegunView { order, client_parameters }))
}

/// 本地支付确认: stands in for the payer's wallet when no payment platform is configured.
#[utoipa::path(tag = "payments", params(("id" = Uuid, Path)), request_body = EmptyIn,
    responses((status = 200, body = [PaymentOrderView])),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "own"}))))]
#[post("/v1/payment-orders/{id}/local-wallet")]
async fn wallet(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
    _body: Body<EmptyIn>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.pay_from_local_wallet(signed.0.actor.clone(), known(&id)?).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(orders).service(collect).service(begin).service(wallet);
}
