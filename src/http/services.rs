//! The catalogue: find a service by whatever people call it, read its guide, check before filing.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::answer::Page;
use super::extract::{Body, Signed};
use super::forms::FormIn;
use super::problem::Problem;
use crate::catalog::Entry;
use crate::catalog::guide::Alias;
use crate::domain::application::{Applicant, Track};
use crate::domain::refusal::Refusal;
use crate::domain::text::Text;
use crate::usecases::Office;
use crate::usecases::guides::GuideView;
use crate::usecases::services::{CheckView, PrefillView};

/// What the catalogue is narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ServiceQuery {
    /// Name, former name, keyword or code.
    q: Option<String>,
    /// Lines per page, 1 to 100; 20 if left out.
    limit: Option<usize>,
    /// Code of the last item of the page before.
    cursor: Option<String>,
}

/// 事项摘要
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceLine {
    /// Stable code.
    code: &'static str,
    /// Name.
    name: Text,
    /// Former and other names.
    aliases: Vec<Alias>,
    /// 办件类型
    track: Track,
    /// Whether a contribution is collected.
    charges: bool,
}

impl ServiceLine {
    fn of(entry: &'static Entry) -> Self {
        let guide = entry.guide();
        let aliases = guide.aliases.to_vec();
        Self {
            code: guide.code,
            name: guide.name.clone(),
            aliases,
            track: guide.track,
            charges: guide.charges,
        }
    }
}

/// A filled form to check before filing.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckIn {
    /// Whose matter it is.
    applicant: Applicant,
    /// The form.
    form: FormIn,
}

/// 事项目录: searched by name, former name or keyword.
#[utoipa::path(tag = "services", params(ServiceQuery),
    responses((status = 200, body = Page<ServiceLine>)),
    extensions(("x-authz" = json!({"roles": ["anonymous"], "scope": "public"}))))]
#[get("/v1/services")]
async fn list(office: web::Data<Office>, query: web::Query<ServiceQuery>) -> Result<HttpResponse, Problem> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Refusal::invalid("limit_invalid", "每页 1 至 100 条。", "1 to 100 lines a page.").into());
    }
    let found = office.services(query.q.as_deref());
    let start = match query.cursor.as_deref() {
        None => 0,
        Some(code) => match found.iter().position(|entry| entry.guide().code == code) {
            Some(at) => at + 1,
            None => {
                return Err(Refusal::invalid(
                    "cursor_invalid",
                    "翻页标记无效。",
                    "Not a cursor of this list.",
                )
                .into());
            }
        },
    };
    let items: Vec<ServiceLine> =
        found.iter().skip(start).take(limit).map(|entry| ServiceLine::of(entry)).collect();
    let more = start + items.len() < found.len();
    let next_cursor = items.last().filter(|_| more).map(|line| line.code.to_owned());
    Ok(HttpResponse::Ok().json(Page { items, next_cursor }))
}

/// 办事指南 with the form's schema.
#[utoipa::path(tag = "services", params(("code" = String, Path)),
    responses((status = 200, body = GuideView)),
    extensions(("x-authz" = json!({"roles": ["anonymous"], "scope": "public"}))))]
#[get("/v1/services/{code}")]
async fn get(office: web::Data<Office>, code: web::Path<String>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(GuideView::of(office.service(&code)?)))
}

/// 预检: eligibility, materials and what would be owed, before filing.
#[utoipa::path(tag = "services", params(("code" = String, Path)), request_body = CheckIn,
    responses((status = 200, body = CheckView)),
    extensions(("x-authz" = json!({"roles": ["anonymous"], "scope": "public"}))))]
#[post("/v1/services/{code}/check")]
async fn check(
    office: web::Data<Office>,
    code: web::Path<String>,
    body: Body<CheckIn>,
) -> Result<HttpResponse, Problem> {
    let CheckIn { applicant, form } = body.value;
    let (service, form) = form.split();
    if service != *code {
        return Err(Refusal::not_found().into());
    }
    Ok(HttpResponse::Ok().json(office.check(&code, &applicant, &form)?))
}

/// 预填: the part of the form that the account and its household tell.
#[utoipa::path(tag = "services", params(("code" = String, Path)),
    responses((status = 200, body = PrefillView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "own"}))))]
#[get("/v1/services/{code}/prefill")]
async fn prefill(
    office: web::Data<Office>,
    signed: Signed,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.prefill(signed.0.actor.clone(), code.into_inner()).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(list).service(get).service(check).service(prefill);
}
