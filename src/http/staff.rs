//! Staff accounts, for the security administrator; and setting one up, for whoever was given a code.

use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::applications::known;
use super::extract::{Body, Signed, address};
use super::payments::EmptyIn;
use super::problem::Problem;
use crate::domain::lifecycle::Role;
use crate::domain::region::Region;
use crate::usecases::Office;
use crate::usecases::staff::{NewMember, Opened, Post, Staff};

/// 岗位: what somebody is to do and where.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostIn {
    /// Any role of staff.
    role: Role,
    /// Street, community or grid.
    region: Region,
    /// Department code, for an official.
    #[serde(default)]
    #[validate(length(max = 60))]
    department: Option<String>,
}

impl From<PostIn> for Post {
    fn from(PostIn { role, region, department }: PostIn) -> Self {
        Post { role, region, department }
    }
}

/// 开户
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffIn {
    /// Sign-in name.
    #[validate(length(min = 2, max = 40))]
    username: String,
    /// Name.
    #[validate(length(min = 1, max = 60))]
    name: String,
    /// Mail address.
    #[serde(default)]
    #[validate(email)]
    #[schema(max_length = 120)]
    email: Option<String>,
    /// The contracted agency they come from; nobody's but the street's own without one.
    #[serde(default)]
    #[validate(length(min = 2, max = 60))]
    agency: Option<String>,
    /// Duties.
    #[validate(nested, length(min = 1, max = 10))]
    duties: Vec<PostIn>,
}

/// 机构退出
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgencyEndIn {
    /// The agency, as its people's accounts name it.
    #[validate(length(min = 2, max = 60))]
    agency: String,
}

/// 变更岗位
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DutiesIn {
    /// All duties from now on.
    #[validate(nested, length(min = 1, max = 10))]
    duties: Vec<PostIn>,
}

/// 离岗
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeavingIn {
    /// Who takes over what the leaving one holds; without one it goes back into the queue.
    #[serde(default)]
    successor: Option<Uuid>,
}

/// 启用账号
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetupIn {
    /// Sign-in name.
    #[validate(length(min = 1, max = 60))]
    username: String,
    /// The code that was handed over; good once, for three days.
    #[validate(length(min = 1, max = 100))]
    setup_code: String,
    /// At least ten characters.
    #[validate(length(min = 1, max = 200))]
    password: String,
}

/// 岗位
#[derive(Debug, Serialize, ToSchema)]
pub struct PostView {
    /// Role.
    role: Role,
    /// Street, community or grid.
    region: Option<String>,
    /// Department code.
    department: Option<String>,
}

/// 工作人员
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffView {
    /// Account id.
    id: Uuid,
    /// Sign-in name.
    username: String,
    /// Name.
    name: String,
    /// The contracted agency they come from.
    agency: Option<String>,
    /// Whether they may sign in.
    active: bool,
    /// Whether they have set a password.
    set_up: bool,
    /// Whether they have a second factor.
    second_factor: bool,
    /// Duties.
    duties: Vec<PostView>,
    /// Given once, with a new or reset account: hand it over in person.
    #[serde(skip_serializing_if = "Option::is_none")]
    setup_code: Option<String>,
}

impl From<Staff> for StaffView {
    fn from(member: Staff) -> Self {
        let duties = member.actor.grants.iter().map(|grant| PostView {
            role: grant.role,
            region: grant.scope.region().map(|region| region.as_str().to_owned()),
            department: grant.scope.department().map(str::to_owned),
        });
        Self {
            id: member.actor.id,
            duties: duties.collect(),
            active: member.active,
            set_up: !member.credentials.password_hash.is_empty(),
            second_factor: member.credentials.second_factor.is_some(),
            username: member.username,
            agency: member.agency,
            name: member.actor.name,
            setup_code: None,
        }
    }
}

impl From<Opened> for StaffView {
    fn from(Opened { member, setup_code }: Opened) -> Self {
        Self { setup_code: Some(setup_code), ..Self::from(member) }
    }
}

/// 动态口令绑定
#[derive(Debug, Serialize, ToSchema)]
pub struct EnrolmentView {
    /// The shared secret in base 32, for an authenticator app; nobody is needed without one.
    secret: Option<String>,
    /// The same as an address for a QR code.
    uri: Option<String>,
}

/// 工作人员名单
#[utoipa::path(tag = "staff", responses((status = 200, body = [StaffView])), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["security_administrator"], "scope": "everything"}))))]
#[get("/v1/staff")]
async fn list(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    let everybody = office.everybody(&signed.0.actor).await?;
    Ok(HttpResponse::Ok().json(everybody.into_iter().map(StaffView::from).collect::<Vec<_>>()))
}

/// 开户: the answer has the code to hand over, once.
#[utoipa::path(tag = "staff", request_body = StaffIn, responses((status = 201, body = StaffView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["security_administrator"], "scope": "everything"}))))]
#[post("/v1/staff")]
async fn hire(
    office: web::Data<Office>,
    signed: Signed,
    body: Body<StaffIn>,
) -> Result<HttpResponse, Problem> {
    let StaffIn { username, name, email, agency, duties } = body.value;
    let posts: Vec<Post> = duties.into_iter().map(Post::from).collect();
    let new = NewMember { username, name, email, agency };
    let opened = office.hire(&signed.0.actor, new, &posts).await?;
    Ok(HttpResponse::Created().json(StaffView::from(opened)))
}

/// 重置账号: password and second factor are gone, sessions ended; the answer has a new code.
#[utoipa::path(tag = "staff", params(("id" = Uuid, Path)), request_body = EmptyIn,
    responses((status = 200, body = StaffView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["security_administrator"], "scope": "everything"}))))]
#[post("/v1/staff/{id}/reset")]
async fn reset(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
    _: Body<EmptyIn>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(StaffView::from(office.reset(&signed.0.actor, known(&id)?).await?)))
}

/// 变更岗位: sessions end, what was held goes back into the queue.
#[utoipa::path(tag = "staff", params(("id" = Uuid, Path)), request_body = DutiesIn,
    responses((status = 200, body = StaffView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["security_administrator"], "scope": "everything"}))))]
#[put("/v1/staff/{id}/duties")]
async fn reassign(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
    body: Body<DutiesIn>,
) -> Result<HttpResponse, Problem> {
    let posts: Vec<Post> = body.value.duties.into_iter().map(Post::from).collect();
    let member = office.reassign(&signed.0.actor, known(&id)?, &posts).await?;
    Ok(HttpResponse::Ok().json(StaffView::from(member)))
}

/// 离岗: cut off at once; what was held goes to the successor or back into the queue.
#[utoipa::path(tag = "staff", params(("id" = Uuid, Path)), request_body = LeavingIn,
    responses((status = 200, body = StaffView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["security_administrator"], "scope": "everything"}))))]
#[post("/v1/staff/{id}/leave")]
async fn leave(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
    body: Body<LeavingIn>,
) -> Result<HttpResponse, Problem> {
    let member = office.leave(&signed.0.actor, known(&id)?, body.value.successor).await?;
    Ok(HttpResponse::Ok().json(StaffView::from(member)))
}

/// 机构退出: a contract ends, and everybody the agency sent is cut off at once; answers whose accounts were open.
/// What they did is read with `GET /v1/audit?agency=`.
#[utoipa::path(tag = "staff", request_body = AgencyEndIn, responses((status = 200, body = [StaffView])),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["security_administrator"], "scope": "everything"}))))]
#[post("/v1/agency-endings")]
async fn end_agency(
    office: web::Data<Office>,
    signed: Signed,
    body: Body<AgencyEndIn>,
) -> Result<HttpResponse, Problem> {
    let closed = office.end_agency(&signed.0.actor, body.value.agency).await?;
    Ok(HttpResponse::Ok().json(closed.into_iter().map(StaffView::from).collect::<Vec<_>>()))
}

/// 启用账号: sets the password with the code that was handed over.
#[utoipa::path(tag = "staff", request_body = SetupIn, responses((status = 200, body = EnrolmentView)),
    extensions(("x-authz" = json!({"roles": ["anonymous"], "scope": "public"}))))]
#[post("/v1/staff-setup")]
async fn set_up(
    office: web::Data<Office>,
    request: HttpRequest,
    body: Body<SetupIn>,
) -> Result<HttpResponse, Problem> {
    let SetupIn { username, setup_code, password } = body.value;
    let enrolment = office.set_up(username, setup_code, password, &address(&request)).await?;
    let (secret, uri) = enrolment.map(|new| (new.secret, new.uri)).unzip();
    Ok(HttpResponse::Ok().json(EnrolmentView { secret, uri }))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(list)
        .service(hire)
        .service(reset)
        .service(reassign)
        .service(leave)
        .service(end_agency)
        .service(set_up);
}
