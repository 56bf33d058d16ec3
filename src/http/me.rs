//! What a signed-in person sees of themselves: identity, household, inbox, and cases to bind.

use actix_web::{HttpResponse, get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::answer::{self, Page, Paging, page, position, size};
use super::applications::known;
use super::extract::{Body, Signed};
use super::payments::EmptyIn;
use super::problem::Problem;
use crate::catalog::family::Relation;
use crate::domain::application::Applicant;
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::lifecycle::Role;
use crate::domain::person_name::PersonName;
use crate::domain::real_name::Assurance;
use crate::domain::sensitive::in_full;
use crate::usecases::Office;
use crate::usecases::me::NoticeView;
use crate::usecases::view::ApplicationView;

/// 岗位
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantView {
    /// The role.
    role: Role,
    /// Street, community or grid.
    region: Option<String>,
    /// Department code.
    department: Option<String>,
}

/// 本人
#[derive(Debug, Serialize, ToSchema)]
pub struct MeView {
    /// Account id.
    id: Uuid,
    /// Name.
    name: String,
    /// What the account may do and where.
    grants: Vec<GrantView>,
    /// 实名等级, for a resident.
    #[serde(skip_serializing_if = "Option::is_none")]
    assurance: Option<Assurance>,
    /// 本人身份 as stated or verified, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<OwnIdentity>,
}

/// 本人身份, masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnIdentity {
    /// 姓名
    name: String,
    /// 证件号码
    id_number: String,
    /// 电话
    phone: String,
}

/// 本人身份, as the holder states it.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityIn {
    /// 姓名
    name: PersonName,
    /// 证件号码
    id_number: IdNumber,
    /// 电话
    phone: PhoneNumber,
    /// 邮箱, for notices.
    #[serde(default)]
    #[validate(email)]
    #[schema(max_length = 120)]
    email: Option<String>,
}

/// 手机号授权
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneIn {
    /// The code of the phone button: five minutes, once.
    #[schema(min_length = 1, max_length = 256)]
    code: String,
}

/// 已验证的手机号
#[derive(Debug, Serialize, ToSchema)]
pub struct PhoneView {
    /// The number, masked.
    phone: String,
}

/// 家庭成员
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberIn {
    /// 姓名
    name: PersonName,
    /// 证件号码
    id_number: IdNumber,
    /// 电话
    phone: PhoneNumber,
    /// 与本人关系
    relation: Relation,
}

/// 家庭
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseholdIn {
    /// Everybody the account's holder may file for.
    #[schema(max_items = 20)]
    members: Vec<MemberIn>,
}

/// The slip of an application filed at the counter or the door.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BindingIn {
    /// 申办流水号
    #[schema(max_length = 40)]
    receipt_no: String,
    /// 查询码
    #[schema(max_length = 16)]
    query_code: String,
}

/// 本人
#[utoipa::path(tag = "me", responses((status = 200, body = MeView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official", "supervisor", "administrator", "security_administrator", "auditor"], "scope": "own"}))))]
#[get("/v1/me")]
async fn me(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    let actor = &signed.0.actor;
    let grants = actor.grants.iter().map(|grant| GrantView {
        role: grant.role,
        region: grant.scope.region().map(|region| region.as_str().to_owned()),
        department: grant.scope.department().map(str::to_owned),
    });
    let person = if actor.has(Role::Resident) { Some(office.person(actor).await?) } else { None };
    let identity = person.as_ref().and_then(|person| person.identity.as_ref()).map(|own| OwnIdentity {
        name: own.name.as_str().to_owned(),
        id_number: own.id_number.masked(),
        phone: own.phone.masked(),
    });
    let view = MeView {
        id: actor.id,
        name: actor.name.clone(),
        grants: grants.collect(),
        assurance: person.map(|person| person.assurance()),
        identity,
    };
    Ok(HttpResponse::Ok().json(view))
}

/// 填写本人身份: stated by the holder; verification is the window's.
#[utoipa::path(tag = "me", request_body = IdentityIn, responses((status = 204)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "own"}))))]
#[put("/v1/me/identity")]
async fn identify(
    office: web::Data<Office>,
    signed: Signed,
    body: Body<IdentityIn>,
) -> Result<HttpResponse, Problem> {
    let IdentityIn { name, id_number, phone, email } = body.value;
    office.identify(signed.0.actor.clone(), Applicant { name, id_number, phone }, email).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// 绑定手机号: WeChat vouches for the number.
#[utoipa::path(tag = "me", request_body = PhoneIn, responses((status = 200, body = PhoneView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "own"}))))]
#[put("/v1/me/phone")]
async fn verify_phone(
    office: web::Data<Office>,
    signed: Signed,
    body: Body<PhoneIn>,
) -> Result<HttpResponse, Problem> {
    let phone = office.verify_phone(&signed.0.actor, &body.value.code).await?;
    Ok(HttpResponse::Ok().json(PhoneView { phone: phone.masked() }))
}

/// 家庭成员
#[utoipa::path(tag = "me", responses((status = 200, body = HouseholdIn)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "own"}))))]
#[get("/v1/me/household")]
async fn household(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    let members = office.household(signed.0.actor.clone()).await?;
    let members = members.into_iter().map(|member| {
        let relation = serde_json::from_value(member.relation.into()).unwrap_or(Relation::Other);
        let Applicant { name, id_number, phone } = member.person;
        MemberIn { name, id_number, phone, relation }
    });
    // The holder's own words.
    Ok(in_full(|| HttpResponse::Ok().json(HouseholdIn { members: members.collect() })))
}

/// 登记家庭成员: replaces the list.
#[utoipa::path(tag = "me", request_body = HouseholdIn, responses((status = 204)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "own"}))))]
#[put("/v1/me/household")]
async fn set_household(
    office: web::Data<Office>,
    signed: Signed,
    body: Body<HouseholdIn>,
) -> Result<HttpResponse, Problem> {
    let members = body.value.members.into_iter().map(|member| {
        let relation = serde_json::to_value(member.relation).unwrap_or_default();
        let relation = relation.as_str().unwrap_or_default().to_owned();
        (Applicant { name: member.name, id_number: member.id_number, phone: member.phone }, relation)
    });
    office.set_household(signed.0.actor.clone(), members.collect()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// 绑定办件: what was filed at the counter or the door appears in the mini-program.
#[utoipa::path(tag = "me", request_body = BindingIn, responses((status = 200, body = ApplicationView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "own"}))))]
#[put("/v1/me/applications")]
async fn bind(
    office: web::Data<Office>,
    signed: Signed,
    body: Body<BindingIn>,
) -> Result<HttpResponse, Problem> {
    let BindingIn { receipt_no, query_code } = body.value;
    let view = office.claim_ownership(signed.0.actor.clone(), receipt_no, query_code).await?;
    Ok(answer::versioned(&view, view.version))
}

/// 站内通知: newest first.
#[utoipa::path(tag = "me", params(Paging), responses((status = 200, body = Page<NoticeView>)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official", "supervisor", "administrator", "security_administrator", "auditor"], "scope": "own"}))))]
#[get("/v1/me/notices")]
async fn notices(
    office: web::Data<Office>,
    signed: Signed,
    query: web::Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let limit = size(query.limit)?;
    let after = position(query.cursor.as_deref())?;
    let lines = office.inbox(&signed.0.actor, after, limit + 1).await?;
    Ok(HttpResponse::Ok().json(page(lines, limit, |line| (line.created_at.to_utc(), line.id))))
}

/// 标为已读
#[utoipa::path(tag = "me", params(("id" = Uuid, Path)), request_body = EmptyIn, responses((status = 204)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official", "supervisor", "administrator", "security_administrator", "auditor"], "scope": "own"}))))]
#[post("/v1/me/notices/{id}/read")]
async fn read(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
    _body: Body<EmptyIn>,
) -> Result<HttpResponse, Problem> {
    office.read_notice(&signed.0.actor, known(&id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(me)
        .service(identify)
        .service(verify_phone)
        .service(household)
        .service(set_household)
        .service(bind)
        .service(notices)
        .service(read);
}
