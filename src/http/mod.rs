//! HTTP: one file per resource, thin. Extractors refuse before a handler runs; every error leaves as a
//! problem document.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::http::header;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpResponse, HttpServer, web};
use serde::Deserialize;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::{Config, SwaggerUi};

pub mod answer;
pub mod applications;
pub mod auditing;
pub mod batch;
pub mod confirmations;
pub mod credentials;
pub mod duplicates;
pub mod extract;
pub mod forms;
pub mod hand_over;
pub mod headers;
pub mod health;
pub mod households;
pub mod layer;
pub mod mandates;
pub mod materials;
pub mod me;
pub mod metrics;
pub mod openapi;
pub mod packs;
pub mod patience;
pub mod payments;
pub mod plans;
pub mod problem;
pub mod progress;
pub mod public_notices;
pub mod queue;
pub mod revealing;
pub mod rights;
pub mod services;
pub mod sessions;
pub mod staff;
pub mod sync;
pub mod unmatched;
pub mod uploads;
pub mod verifications;
pub mod visits;

use crate::usecases::Office;
use extract::TrustedProxies;
use metrics::Metrics;
use patience::Limits;
use problem::Problem;
use unmatched::Addresses;

/// The HTTP server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// Address and port.
    pub bind: String,
    /// Threads that answer requests.
    pub workers: usize,
    /// Largest JSON body, bytes.
    pub max_json_bytes: usize,
    /// A request's head must have arrived within so many seconds.
    pub head_seconds: u64,
    /// … and its body.
    pub body_seconds: u64,
    /// An answer is given up so many seconds after its request has arrived.
    pub handler_seconds: u64,
    /// Running requests may finish that many seconds at shutdown.
    pub drain_seconds: u64,
    /// Refuses embedded stand-ins where a city must not use them.
    pub production: bool,
    /// Addresses of reverse proxies, comma-separated.
    pub trusted_proxies: String,
}

impl ServerSettings {
    fn proxies(&self) -> TrustedProxies {
        TrustedProxies(
            self.trusted_proxies.split(',').filter_map(|address| address.trim().parse().ok()).collect(),
        )
    }
}

/// Every route of the API.
pub fn routes(config: &mut ServiceConfig<'_>) {
    services::routes(config);
    sessions::routes(config);
    me::routes(config);
    rights::routes(config);
    applications::routes(config);
    duplicates::routes(config);
    revealing::routes(config);
    materials::routes(config);
    payments::routes(config);
    queue::routes(config);
    visits::routes(config);
    sync::routes(config);
    hand_over::routes(config);
    uploads::routes(config);
    packs::routes(config);
    households::routes(config);
    plans::routes(config);
    confirmations::routes(config);
    progress::routes(config);
    public_notices::routes(config);
    verifications::routes(config);
    credentials::routes(config);
    mandates::routes(config);
    staff::routes(config);
    auditing::routes(config);
    health::routes(config);
}

/// Binds and starts serving; the server runs when the answer is awaited. Also answers where it listens.
pub fn serve(
    office: Office,
    settings: &ServerSettings,
) -> std::io::Result<(actix_web::dev::Server, Vec<SocketAddr>)> {
    let settings = settings.clone();
    let document = openapi::document();
    let addresses = web::Data::new(Addresses::of(&document));
    let document = web::Data::new(document.to_string());
    let metrics = web::Data::new(Metrics::default());
    let proxies = web::Data::new(settings.proxies());
    let limits = settings.clone();
    let server = HttpServer::new(move || {
        App::new()
            .into_utoipa_app()
            .app_data(web::Data::new(office.clone()))
            .app_data(metrics.clone())
            .app_data(document.clone())
            .app_data(proxies.clone())
            .app_data(addresses.clone())
            .app_data(web::Data::new(Limits {
                body: Duration::from_secs(limits.body_seconds),
                handler: Duration::from_secs(limits.handler_seconds),
            }))
            .app_data(web::PayloadConfig::new(limits.max_json_bytes))
            .app_data(web::QueryConfig::default().error_handler(|_, _| {
                let status = actix_web::http::StatusCode::UNPROCESSABLE_ENTITY;
                let zh = "查询参数不对或未知。";
                Problem::new(status, "query_invalid", zh, "A query parameter is wrong or unknown.").into()
            }))
            .configure(routes)
            .into_app()
            .route("/openapi.json", web::get().to(document_as_json))
            .service(SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json")))
            .route("/docs", web::get().to(to_the_page))
            .default_service(web::to(unmatched::answer))
            .wrap(Compress::default())
            .wrap(from_fn(layer::around))
    })
    .workers(settings.workers)
    .client_request_timeout(Duration::from_secs(settings.head_seconds))
    .shutdown_timeout(settings.drain_seconds)
    .bind(&settings.bind)?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

async fn to_the_page() -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

async fn document_as_json(document: web::Data<String>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(document.get_ref().clone())
}
