//! 实名核验: the resident's code, what staff have seen, and changes that a supervisor decides.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::answer;
use super::applications::known;
use super::extract::{Body, Once, Signed};
use super::payments::EmptyIn;
use super::problem::Problem;
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::identity_change::{ChangeKind, Particulars};
use crate::domain::person_name::PersonName;
use crate::domain::real_name::IdDocument;
use crate::domain::region::Region;
use crate::usecases::Office;
use crate::usecases::binding::BindingCodeView;
use crate::usecases::identity_changes::{IdentityChangeView, Request};
use crate::usecases::verifying::{Seen, VerificationView, VerifiedView};

/// 当面核验
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerificationIn {
    /// The code on the resident's screen.
    #[schema(min_length = 1, max_length = 20)]
    code: String,
    /// 姓名, as on the document.
    name: PersonName,
    /// 证件号码, as on the document.
    id_number: IdNumber,
    /// 联系电话, where the account has none.
    #[serde(default)]
    phone: Option<PhoneNumber>,
    /// The document seen.
    document: IdDocument,
    /// The visit, at the door.
    #[serde(default)]
    visit: Option<Uuid>,
}

/// 身份变更申请
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityChangeIn {
    /// Community of the counter.
    region: Region,
    /// What kind.
    kind: ChangeKind,
    /// The code on the screen of the new account, for `new_account`.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 20)]
    code: Option<String>,
    /// 姓名
    name: PersonName,
    /// The number that is right.
    id_number: IdNumber,
    /// The number before, for `corrected_number`.
    #[serde(default)]
    former_id_number: Option<IdNumber>,
    /// The document seen; the certificate of the police for `corrected_number`.
    document: IdDocument,
    /// Its number.
    #[serde(default)]
    #[schema(min_length = 2, max_length = 60)]
    document_no: Option<String>,
    /// Why.
    #[schema(min_length = 2, max_length = 400)]
    reason: String,
}

/// 审批
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionIn {
    /// Whether it is approved.
    approve: bool,
    /// Why.
    #[schema(min_length = 2, max_length = 400)]
    reason: String,
}

/// 出示核验码: for a clerk or grid worker who sees person and document; ten minutes, once.
#[utoipa::path(tag = "verifications", request_body = EmptyIn, responses((status = 201, body = BindingCodeView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "own"}))))]
#[post("/v1/me/binding-code")]
async fn binding_code(
    office: web::Data<Office>,
    signed: Signed,
    _body: Body<EmptyIn>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Created().json(office.binding_code(&signed.0.actor).await?))
}

/// 本人核验记录
#[utoipa::path(tag = "verifications", responses((status = 200, body = [VerificationView])),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "own"}))))]
#[get("/v1/me/verifications")]
async fn own(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.verifications(&signed.0.actor).await?))
}

/// 当面核验: staff have seen the person and the document.
#[utoipa::path(tag = "verifications", request_body = VerificationIn,
    responses((status = 201, body = VerifiedView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["clerk", "grid_worker"], "scope": "code"}))))]
#[post("/v1/verifications")]
async fn verify(
    office: web::Data<Office>,
    signed: Signed,
    body: Body<VerificationIn>,
) -> Result<HttpResponse, Problem> {
    let VerificationIn { code, name, id_number, phone, document, visit } = body.value;
    let seen = Seen { code, name, id_number, phone, document, visit };
    Ok(HttpResponse::Created().json(office.verify_in_person(signed.0.actor.clone(), seen).await?))
}

/// 申请身份变更
#[utoipa::path(tag = "verifications", request_body = IdentityChangeIn,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = IdentityChangeView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["clerk"], "scope": "region"}))))]
#[post("/v1/identity-changes")]
async fn request(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    body: Body<IdentityChangeIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let IdentityChangeIn {
        region,
        kind,
        code,
        name,
        id_number,
        former_id_number,
        document,
        document_no,
        reason,
    } = body.value;
    let particulars = Particulars {
        name,
        id_number,
        former_id_number,
        account: None,
        document,
        document_no,
        reason,
        decision: None,
    };
    let asked = Request { region, kind, code, particulars };
    Ok(answer::once(office.request_change(signed.0.actor.clone(), asked, key).await?))
}

/// 待审批的身份变更
#[utoipa::path(tag = "verifications", responses((status = 200, body = [IdentityChangeView])),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["clerk", "supervisor"], "scope": "region"}))))]
#[get("/v1/identity-changes")]
async fn pending(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.pending_changes(signed.0.actor.clone()).await?))
}

/// 审批身份变更: by somebody else than who asked for it.
#[utoipa::path(tag = "verifications", params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    request_body = DecisionIn, responses((status = 200, body = IdentityChangeView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["supervisor"], "scope": "region"}))))]
#[post("/v1/identity-changes/{id}/decision")]
async fn decide(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    id: web::Path<String>,
    body: Body<DecisionIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let DecisionIn { approve, reason } = body.value;
    let decided = office.decide_change(signed.0.actor.clone(), known(&id)?, (approve, reason), key).await?;
    Ok(answer::once(decided))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(binding_code)
        .service(own)
        .service(verify)
        .service(request)
        .service(pending)
        .service(decide);
}
