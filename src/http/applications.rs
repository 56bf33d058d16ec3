//! Applications: file, look, continue, act, timeline.

use actix_web::{HttpResponse, get, post, put, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::answer::{self, Page, page, position, size};
use super::extract::{Body, Once, Seen, Signed};
use super::forms::FormIn;
use super::problem::Problem;
use crate::domain::action::Action;
use crate::domain::application::Applicant;
use crate::domain::lifecycle::Status;
use crate::domain::mandate::Representative;
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::usecases::applicants::NewApplication;
use crate::usecases::dossiers::{ApplicationLine, EventView, words};
use crate::usecases::drafts::Draft;
use crate::usecases::rationing::Rationed;
use crate::usecases::view::ApplicationView;
use crate::usecases::{Office, Search};

/// A new application.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationIn {
    /// UUIDv7 made by the client; made here if left out.
    #[serde(default)]
    id: Option<Uuid>,
    /// Community or grid of the matter.
    region: Region,
    /// Whose matter it is. A resident may leave it out for themselves, or name a household member.
    #[serde(default)]
    applicant: Option<Applicant>,
    /// 法定代理人, where staff file for a minor.
    #[serde(default)]
    representative: Option<Representative>,
    /// 监护人同意: a parent consents to the use of the personal data of a child under fourteen.
    #[serde(default)]
    guardian_consent: bool,
    /// The visit it is bound to, for the doorstep.
    #[serde(default)]
    visit: Option<Uuid>,
    /// File it at once; otherwise it stays a draft.
    #[serde(default)]
    submit: bool,
    /// The form, tagged with the code of its service; a draft may be incomplete.
    form: FormIn,
}

/// A draft, saved again.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftIn {
    /// The visit it is continued at, for the doorstep.
    #[serde(default)]
    visit: Option<Uuid>,
    /// The form, as far as it is filled.
    form: FormIn,
}

/// An action; `Validate` has nothing to add to its schema.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct ActionIn(pub Action);

impl Validate for ActionIn {
    fn validate(&self) -> Result<(), validator::ValidationErrors> {
        Ok(())
    }
}

/// What a list is narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Code of a service item.
    service: Option<String>,
    /// A status.
    status: Option<Status>,
    /// Lines per page, 1 to 100; 20 if left out.
    limit: Option<i64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// What is searched for; in the body, because names and ID numbers do not belong into addresses.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchIn {
    /// Beginning of the applicant's name, a whole ID number, or a receipt number.
    #[schema(min_length = 1, max_length = 64)]
    text: String,
    /// Code of a service item.
    #[serde(default)]
    service: Option<String>,
    /// A status.
    #[serde(default)]
    status: Option<Status>,
    /// Lines per page; 20 if left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Where the page before ended.
    #[serde(default)]
    cursor: Option<String>,
}

/// 申请: makes a draft, and files it at once if asked to.
#[utoipa::path(tag = "applications", request_body = ApplicationIn,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = ApplicationView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker"], "scope": "region"}))))]
#[post("/v1/applications")]
async fn file(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    body: Body<ApplicationIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    office.may_file(&signed.0.actor).await?;
    let ApplicationIn { id, region, applicant, representative, guardian_consent, visit, submit, form } =
        body.value;
    let (service, form) = form.split();
    let new = NewApplication {
        id,
        service,
        region,
        applicant,
        representative,
        guardian_consent,
        visit,
        form,
        submit,
    };
    let answer = office.file(signed.0.actor.clone(), new, key).await?;
    if !answer.replayed {
        office.has_filed(&signed.0.actor).await;
    }
    Ok(answer::once(answer))
}

/// 办件列表: a page within the caller's reach, newest first.
#[utoipa::path(tag = "applications", params(ListQuery),
    responses((status = 200, body = Page<ApplicationLine>)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official", "supervisor"], "scope": "own_or_region"}))))]
#[get("/v1/applications")]
async fn list(
    office: web::Data<Office>,
    signed: Signed,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let limit = size(query.limit)?;
    let narrowed = Search {
        service: query.service,
        status: query.status,
        words: None,
        after: position(query.cursor.as_deref())?,
        limit: limit + 1,
    };
    let lines = office.applications(signed.0.actor.clone(), narrowed).await?;
    Ok(HttpResponse::Ok().json(page(lines, limit, at)))
}

fn at(line: &ApplicationLine) -> (DateTime<Utc>, Uuid) {
    (line.created_at.to_utc(), line.id)
}

/// 查询: by the beginning of a name (in the order of names), a whole ID number or a receipt number
/// (newest first), within the caller's reach.
#[utoipa::path(tag = "applications", request_body = SearchIn,
    responses((status = 200, body = Page<ApplicationLine>)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official", "supervisor"], "scope": "own_or_region"}))))]
#[post("/v1/applications/search")]
async fn search(
    office: web::Data<Office>,
    signed: Signed,
    body: Body<SearchIn>,
) -> Result<HttpResponse, Problem> {
    let asked = body.value;
    let limit = size(asked.limit)?;
    office.ration(&signed.0.actor, Rationed::Search).await?;
    let narrowed = Search {
        service: asked.service,
        status: asked.status,
        words: Some(words(&asked.text)),
        after: position(asked.cursor.as_deref())?,
        limit: limit + 1,
    };
    let lines = office.applications(signed.0.actor.clone(), narrowed).await?;
    Ok(HttpResponse::Ok().json(page(lines, limit, at)))
}

/// 办件
#[utoipa::path(tag = "applications", params(("id" = Uuid, Path)),
    responses((status = 200, body = ApplicationView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official", "supervisor"], "scope": "own_or_region"}))))]
#[get("/v1/applications/{id}")]
async fn get(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = office.application(signed.0.actor.clone(), known(&id)?).await?;
    Ok(answer::versioned(&view, view.version))
}

/// 续填草稿: on whichever channel; names the version that was seen in If-Match.
#[utoipa::path(tag = "applications", params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = DraftIn,
    responses((status = 200, body = ApplicationView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker"], "scope": "own_or_region"}))))]
#[put("/v1/applications/{id}")]
async fn save(
    office: web::Data<Office>,
    signed: Signed,
    seen: Seen,
    id: web::Path<String>,
    body: Body<DraftIn>,
) -> Result<HttpResponse, Problem> {
    let DraftIn { visit, form } = body.value;
    let (service, form) = form.split();
    let view = office
        .save_draft(signed.0.actor.clone(), known(&id)?, seen.0, Draft { service, form, visit })
        .await?;
    Ok(answer::versioned(&view, view.version))
}

/// 办理: does one thing; `available_actions` of the view says what is possible now.
#[utoipa::path(tag = "applications",
    params(("id" = Uuid, Path), ("If-Match" = String, Header), ("Idempotency-Key" = String, Header)),
    request_body = ActionIn,
    responses((status = 200, body = ApplicationView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official"], "scope": "own_or_region"}))))]
#[post("/v1/applications/{id}/actions")]
async fn act(
    office: web::Data<Office>,
    signed: Signed,
    seen: Seen,
    once: Once,
    id: web::Path<String>,
    body: Body<ActionIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let action = untagged(body.value.0);
    Ok(answer::once(office.act(signed.0.actor.clone(), known(&id)?, seen.0, action, key).await?))
}

/// A corrected form may carry its service tag like everywhere else; the item's form has none.
fn untagged(mut action: Action) -> Action {
    if let Action::Correct { form: Some(Value::Object(form)) } = &mut action {
        form.remove("service");
    }
    action
}

/// 办理过程: a resident sees the resident's part.
#[utoipa::path(tag = "applications", params(("id" = Uuid, Path)),
    responses((status = 200, body = [EventView])),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official", "supervisor"], "scope": "own_or_region"}))))]
#[get("/v1/applications/{id}/events")]
async fn events(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.timeline(signed.0.actor.clone(), known(&id)?).await?))
}

/// An id as it stands in a path: one that cannot exist is as unknown as one that does not.
pub fn known(id: &str) -> Result<Uuid, Problem> {
    id.parse().map_err(|_| Refusal::not_found().into())
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(search)
        .service(file)
        .service(list)
        .service(get)
        .service(save)
        .service(act)
        .service(events);
}
