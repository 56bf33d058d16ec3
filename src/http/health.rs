//! Is it alive, is it ready, how is it doing.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::metrics::Metrics;
use super::problem::Problem;
use crate::usecases::Office;

/// 就绪
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadyView {
    /// Which database answers.
    database: &'static str,
    /// Which cache answers: `local`, `redis` or `redis-degraded`.
    cache: &'static str,
}

/// Alive.
#[utoipa::path(tag = "operations", responses((status = 200, body = str, content_type = "text/plain")),
    extensions(("x-authz" = json!({"roles": ["anonymous"], "scope": "public"}))))]
#[get("/healthz")]
async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok")
}

/// Ready to serve: the database answers.
#[utoipa::path(tag = "operations", responses((status = 200, body = ReadyView)),
    extensions(("x-authz" = json!({"roles": ["anonymous"], "scope": "public"}))))]
#[get("/readyz")]
async fn ready(office: web::Data<Office>) -> Result<HttpResponse, Problem> {
    let (database, cache) = office.readiness().await?;
    Ok(HttpResponse::Ok().json(ReadyView { database, cache }))
}

/// Figures for Prometheus.
#[utoipa::path(tag = "operations", responses((status = 200, body = str, content_type = "application/openmetrics-text")),
    extensions(("x-authz" = json!({"roles": ["anonymous"], "scope": "public"}))))]
#[get("/metrics")]
async fn figures(office: web::Data<Office>, metrics: web::Data<Metrics>) -> Result<HttpResponse, Problem> {
    let (pending, dead) = office.outbox_figures().await?;
    metrics.outbox_pending.set(pending);
    metrics.outbox_dead.set(dead);
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(metrics.text()))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(alive).service(ready).service(figures);
}
