//! The queue at the counter: look, take the next one, keep or give back.

use actix_web::{HttpResponse, get, post, web};
use chrono::Duration;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::answer::{self, Page, page, position, size};
use super::applications::known;
use super::extract::{Body, Once, Signed};
use super::problem::Problem;
use crate::domain::lifecycle::{Role, Status};
use crate::usecases::dossiers::ApplicationLine;
use crate::usecases::queue::LeaseStep;
use crate::usecases::view::{ApplicationView, HolderView};
use crate::usecases::{Office, QueueFilter};

/// What the queue is narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    /// Code of a service item.
    service: Option<String>,
    /// A status.
    status: Option<Status>,
    /// Only those that came in at least so many days ago.
    #[param(minimum = 0, maximum = 3650)]
    older_than_days: Option<u32>,
    /// Lines per page, 1 to 100; 20 if left out.
    limit: Option<i64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// What the next application may be.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimIn {
    /// Code of a service item.
    #[serde(default)]
    service: Option<String>,
    /// A status.
    #[serde(default)]
    status: Option<Status>,
}

/// What to do with a lease.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaseIn {
    /// The step.
    step: LeaseStep,
}

/// A line of the queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueLine {
    /// The application.
    application: ApplicationLine,
    /// Who works on it.
    holder: Option<HolderView>,
}

fn filter(service: Option<String>, status: Option<Status>) -> QueueFilter {
    QueueFilter {
        mover: Role::Clerk,
        service,
        status,
        free_at: None,
        not_filed_by: None,
        created_before: None,
        after: None,
        limit: 1,
    }
}

/// 待办队列: the least legal slack first.
#[utoipa::path(tag = "queue", params(QueueQuery),
    responses((status = 200, body = Page<QueueLine>)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["clerk", "official", "supervisor"], "scope": "region"}))))]
#[get("/v1/queue")]
async fn look(
    office: web::Data<Office>,
    signed: Signed,
    query: web::Query<QueueQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let limit = size(query.limit)?;
    let days = query.older_than_days.map(|days| office.now() - Duration::days(i64::from(days.min(3650))));
    let filter = QueueFilter {
        created_before: days,
        after: position(query.cursor.as_deref())?,
        limit: limit + 1,
        ..filter(query.service, query.status)
    };
    let lines = office.queue(signed.0.actor.clone(), filter).await?;
    let lines = lines.into_iter().map(|(application, holder)| QueueLine { application, holder }).collect();
    let at = |line: &QueueLine| {
        let due = line.application.due_at.unwrap_or(line.application.created_at);
        (due.to_utc(), line.application.id)
    };
    Ok(HttpResponse::Ok().json(page(lines, limit, at)))
}

/// 取下一件: to exactly one clerk, as a lease; `null` when nothing waits.
#[utoipa::path(tag = "queue", request_body = ClaimIn, params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Option<ApplicationView>)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["clerk"], "scope": "region"}))))]
#[post("/v1/queue/claim")]
async fn claim(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    body: Body<ClaimIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    let ClaimIn { service, status } = body.value;
    Ok(answer::once(office.claim_next(signed.0.actor.clone(), filter(service, status), key).await?))
}

/// 承办: renew, release, or take over as a supervisor.
#[utoipa::path(tag = "queue", request_body = LeaseIn,
    params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = ApplicationView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["clerk", "supervisor"], "scope": "region"}))))]
#[post("/v1/applications/{id}/lease")]
async fn lease(
    office: web::Data<Office>,
    signed: Signed,
    once: Once,
    id: web::Path<String>,
    body: Body<LeaseIn>,
) -> Result<HttpResponse, Problem> {
    let key = once.of(&signed.0, &body);
    Ok(answer::once(office.step_lease(signed.0.actor.clone(), known(&id)?, body.value.step, key).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(look).service(claim).service(lease);
}
