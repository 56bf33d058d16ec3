//! The outermost layer of every request: an id, a time limit, a net under panics, problem documents in
//! the reader's language, safe headers, figures and one log line without personal data.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};
use futures_util::FutureExt;

use super::metrics::Metrics;
use super::problem::{Language, Problem};

/// How long an answer may take.
#[derive(Debug, Clone, Copy)]
pub struct HandlerLimit(pub Duration);

/// Wraps every request.
pub async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = crate::usecases::request_id();
    let language = Language::of(request.headers().get(header::ACCEPT_LANGUAGE));
    let http = request.request().clone();
    let limit = http.app_data::<web::Data<HandlerLimit>>().map_or(Duration::from_secs(10), |limit| limit.0);
    let work = AssertUnwindSafe(next.call(request)).catch_unwind();
    let mut response = match tokio::time::timeout(limit, work).await {
        Ok(Ok(Ok(response))) => response.map_into_boxed_body(),
        Ok(Ok(Err(error))) => failed(&http, &error, language, &id),
        Ok(Err(_)) => {
            tracing::error!(request_id = %id, "a handler panicked");
            broken(&http, StatusCode::INTERNAL_SERVER_ERROR, language, &id)
        }
        Err(_) => broken(&http, StatusCode::SERVICE_UNAVAILABLE, language, &id),
    };
    if response.status().is_client_error() || response.status().is_server_error() {
        response = problem(response, language, &id);
    }
    safe(response.headers_mut(), &id);
    let route = http.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status().as_u16();
    if let Some(metrics) = http.app_data::<web::Data<Metrics>>() {
        metrics.observe(http.method().as_str(), &route, status, started.elapsed());
    }
    // The route's pattern instead of the path, and no query: neither can carry personal data.
    tracing::info!(
        request_id = %id,
        method = %http.method(),
        route = %route,
        status,
        micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    Ok(response)
}

fn failed(http: &actix_web::HttpRequest, error: &Error, language: Language, id: &str) -> ServiceResponse<BoxBody> {
    let response = match error.as_error::<Problem>() {
        Some(problem) => problem.render(language, id),
        None => Problem::of_status(error.as_response_error().status_code()).render(language, id),
    };
    ServiceResponse::new(http.clone(), response)
}

fn broken(http: &actix_web::HttpRequest, status: StatusCode, language: Language, id: &str) -> ServiceResponse<BoxBody> {
    ServiceResponse::new(http.clone(), Problem::of_status(status).render(language, id))
}

/// An error answer as a problem document, whoever made it.
fn problem(response: ServiceResponse<BoxBody>, language: Language, id: &str) -> ServiceResponse<BoxBody> {
    let rendered = match response.response().error() {
        Some(error) => match error.as_error::<Problem>() {
            Some(problem) => problem.render(language, id),
            None => Problem::of_status(response.status()).render(language, id),
        },
        None if is_problem(response.response()) => return response,
        None => Problem::of_status(response.status()).render(language, id),
    };
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut rendered = ServiceResponse::new(response.request().clone(), rendered);
    if let Some(allow) = allow {
        rendered.headers_mut().insert(header::ALLOW, allow);
    }
    rendered
}

fn is_problem(response: &HttpResponse<BoxBody>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/problem+json"))
}

fn safe(headers: &mut HeaderMap, id: &str) {
    const FIXED: [(HeaderName, &str); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
    ];
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let policy = "default-src 'none'; frame-ancestors 'none'";
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}
