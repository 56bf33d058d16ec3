//! Takes note of every request to the API but the public guide; and shows the notes to whom they concern.

use actix_web::dev::ServiceResponse;
use actix_web::{HttpMessage, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::applications::known;
use super::extract::{Signed, address};
use super::problem::Problem;
use crate::domain::audit::AuditEntry;
use crate::usecases::auditing::{AccessView, AuditView, roles_of};
use crate::usecases::{AuditFilter, Office};

/// What a handler knows of its request beyond the address.
#[derive(Debug, Clone, Default)]
pub struct Noted {
    /// The application it is about, where the address names something else.
    pub application: Option<Uuid>,
    /// Who signed in.
    pub actor: Option<Uuid>,
    /// Which fields.
    pub fields: String,
    /// To what end.
    pub purpose: String,
    /// Applications that were shown beside it.
    pub beside: Vec<Uuid>,
}

/// Routes that tell nothing of anybody.
const PUBLIC: [&str; 3] = ["/v1/services", "/v1/services/{code}", "/v1/public-notices"];

/// Takes note of an answered request.
pub fn note<B>(response: &ServiceResponse<B>, method: &str, route: &str) {
    let request = response.request();
    if !route.starts_with("/v1/") || (method == "GET" && PUBLIC.contains(&route)) {
        return;
    }
    let Some(office) = request.app_data::<web::Data<Office>>() else { return };
    let extensions = request.extensions();
    let noted = extensions.get::<Noted>().cloned().unwrap_or_default();
    let caller = extensions.get::<Result<Signed, Problem>>().and_then(|signed| signed.as_ref().ok());
    // A stranger's ids are not worth a line each, and what is no id may be a name or a number.
    let id: Option<Uuid> = caller.and_then(|_| request.match_info().get("id")?.parse().ok());
    let (named, subject) =
        if route.starts_with("/v1/applications/") { (id, None) } else { (None, id.map(|id| id.to_string())) };
    let entry = AuditEntry {
        actor: noted.actor.or(caller.map(|signed| signed.0.actor.id)),
        actor_name: caller.map(|signed| signed.0.actor.name.clone()).unwrap_or_default(),
        roles: caller.map(|signed| roles_of(&signed.0.actor)).unwrap_or_default(),
        operation: format!("{method} {route}"),
        application: noted.application.or(named),
        subject: subject.unwrap_or_default(),
        fields: noted.fields,
        purpose: noted.purpose,
        origin: address(request),
        status: response.status().as_u16(),
    };
    for other in noted.beside {
        office.note(AuditEntry { application: Some(other), ..entry.clone() });
    }
    office.note(entry);
}

/// 谁看过我的办件: who of the staff looked at it, the latest first.
#[utoipa::path(tag = "audit", params(("id" = Uuid, Path)), responses((status = 200, body = [AccessView])),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "supervisor"], "scope": "own_or_region"}))))]
#[get("/v1/applications/{id}/accesses")]
async fn accesses(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.accesses(signed.0.actor.clone(), known(&id)?).await?))
}

/// What narrows a look at the log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LogQuery {
    /// About this application.
    application: Option<Uuid>,
    /// By this account.
    actor: Option<Uuid>,
    /// By anybody of this contracted agency, gone or not: what is handed over when the contract ends.
    #[param(max_length = 60)]
    agency: Option<String>,
    /// Below this number: the next page.
    before: Option<i64>,
    /// 1 to 100; 50 if left out.
    limit: Option<i64>,
}

/// 审计日志: every request, refused ones included, the newest first.
#[utoipa::path(tag = "audit", params(LogQuery), responses((status = 200, body = [AuditView])),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["auditor"], "scope": "everything"}))))]
#[get("/v1/audit")]
async fn log(
    office: web::Data<Office>,
    signed: Signed,
    query: web::Query<LogQuery>,
) -> Result<HttpResponse, Problem> {
    let LogQuery { application, actor, agency, before, limit } = query.into_inner();
    let limit = limit.unwrap_or(50).clamp(1, 100);
    let filter = AuditFilter { application, actor, agency, before, limit };
    Ok(HttpResponse::Ok().json(office.audit_log(signed.0.actor.clone(), filter).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(accesses).service(log);
}
