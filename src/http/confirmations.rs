//! 授权确认: a mandate recorded during a visit, and how the resident confirms it: by a code or by scanning.

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::answer;
use super::applications::known;
use super::extract::{Body, Once, Signed};
use super::payments::EmptyIn;
use super::problem::Problem;
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::mandate::Mandate;
use crate::domain::person_name::PersonName;
use crate::usecases::Office;
use crate::usecases::confirmation_codes::{CodeFor, CodeSentView};
use crate::usecases::scanning::{ConfirmationView, TicketView};
use crate::usecases::visits::VisitView;

/// Its shape is all that is checked before the domain is asked.
impl Validate for Mandate {
    fn validate(&self) -> Result<(), ValidationErrors> {
        Ok(())
    }
}

/// 发送确认码
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationCodeIn {
    /// The principal's mobile telephone.
    phone: PhoneNumber,
    /// 委托人姓名, as in the mandate.
    principal_name: PersonName,
    /// 委托人证件号码, as in the mandate.
    principal_id_number: IdNumber,
    /// All service items of the mandate, by code.
    #[schema(min_items = 1, max_items = 20)]
    matters: Vec<String>,
}

/// 确认码
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationIn {
    /// The six digits the resident was sent.
    #[schema(pattern = "^[0-9]{6}$")]
    code: String,
}

/// 扫码内容
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketIn {
    /// The content of the QR code.
    #[validate(length(min = 1, max = 2000))]
    ticket: String,
}

/// 扫码确认
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementIn {
    /// The content of the QR code.
    #[validate(length(min = 1, max = 2000))]
    ticket: String,
    /// Whether the principal agrees; if not, the mandate is revoked.
    agree: bool,
}

/// 走访中登记授权: once, of one's own visit that goes on.
#[utoipa::path(tag = "visits", request_body = Mandate,
    params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = VisitView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[post("/v1/visits/{id}/mandate")]
async fn record_mandate(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    id: web::Path<String>,
    body: Body<Mandate>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    Ok(answer::once(office.record_mandate(signed.0.actor.clone(), known(&id)?, body.value, key).await?))
}

/// 发送授权确认码: to the principal's telephone; ten minutes, five tries; each call sends another.
#[utoipa::path(tag = "visits", request_body = ConfirmationCodeIn, params(("id" = Uuid, Path)),
    responses((status = 201, body = CodeSentView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[post("/v1/visits/{id}/confirmation-codes")]
async fn send_code(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
    body: Body<ConfirmationCodeIn>,
) -> Result<HttpResponse, Problem> {
    let ConfirmationCodeIn { phone, principal_name, principal_id_number, matters } = body.value;
    let to = CodeFor { phone, principal_name, principal_id_number, matters };
    Ok(HttpResponse::Created().json(office.send_code(&signed.0.actor, known(&id)?, to).await?))
}

/// 核对确认码: what the resident told; the mandate is confirmed by it.
#[utoipa::path(tag = "visits", request_body = ConfirmationIn,
    params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = VisitView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[post("/v1/visits/{id}/confirmations")]
async fn check_code(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    id: web::Path<String>,
    body: Body<ConfirmationIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let actor = signed.0.actor.clone();
    Ok(answer::once(office.confirm_by_code(actor, known(&id)?, &body.value.code, key).await?))
}

/// 出示授权确认二维码: ten minutes, and only as long as the worker's session and the visit go on.
#[utoipa::path(tag = "visits", request_body = EmptyIn, params(("id" = Uuid, Path)),
    responses((status = 201, body = TicketView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["grid_worker"], "scope": "own"}))))]
#[post("/v1/visits/{id}/confirmation-tickets")]
async fn show_ticket(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
    _: Body<EmptyIn>,
) -> Result<HttpResponse, Problem> {
    let (actor, session) = (&signed.0.actor, signed.0.session);
    Ok(HttpResponse::Created().json(office.confirmation_ticket(actor, session, known(&id)?).await?))
}

/// 查看待确认的授权: who asks, from which agency, for what; changes nothing.
#[utoipa::path(tag = "mandates", request_body = TicketIn, responses((status = 200, body = ConfirmationView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "code"}))))]
#[post("/v1/me/confirmations/preview")]
async fn preview_confirmation(
    office: web::Data<Office>,
    signed: Signed,
    body: Body<TicketIn>,
) -> Result<HttpResponse, Problem> {
    let view = office.preview_confirmation(signed.0.actor.clone(), &body.value.ticket).await?;
    Ok(HttpResponse::Ok().json(view))
}

/// 扫码确认授权: by the principal's own verified account; whoever does not agree revokes the mandate.
#[utoipa::path(tag = "mandates", request_body = AgreementIn, params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = ConfirmationView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "code"}))))]
#[post("/v1/me/confirmations")]
async fn confirm(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    body: Body<AgreementIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let (actor, AgreementIn { ticket, agree }) = (signed.0.actor.clone(), body.value);
    Ok(answer::once(office.confirm_by_scan(actor, &ticket, agree, key).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(record_mandate)
        .service(send_code)
        .service(check_code)
        .service(show_ticket)
        .service(preview_confirmation)
        .service(confirm);
}
