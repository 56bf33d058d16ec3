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
    let method = request.method().clone();
    let limit = request.app_data::<web::Data<HandlerLimit>>().map_or(Duration::from_secs(10), |limit| limit.0);
    let metrics = request.app_data::<web::Data<Metrics>>().cloned();
    let work = AssertUnwindSafe(next.call(request)).catch_unwind();
    let outcome = match tokio::time::timeout(limit, work).await {
        Ok(Ok(Ok(response))) => Ok(response.map_into_boxed_body()),
        Ok(Ok(Err(error))) => Err(match error.as_error::<Problem>() {
            Some(problem) => problem.clone(),
            None => Problem::of_status(error.as_response_error().status_code()),
        }),
        Ok(Err(_)) => {
            tracing::error!(request_id = %id, "a handler panicked");
            Err(Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))
        }
        Err(_) => Err(Problem::of_status(StatusCode::SERVICE_UNAVAILABLE)),
    };
    let outcome = outcome.map(|response| {
        let status = response.status();
        let failed = status.is_client_error() || status.is_server_error();
        let mut response = if failed { problem(response, language, &id) } else { response };
        safe(response.headers_mut(), &id);
        response
    });
    let (route, status) = match &outcome {
        Ok(response) => (response.request().match_pattern(), response.status().as_u16()),
        Err(problem) => (None, problem.status.as_u16()),
    };
    let route = route.unwrap_or_else(|| "unmatched".to_owned());
    if let Some(metrics) = metrics {
        metrics.observe(method.as_str(), &route, status, started.elapsed());
    }
    // The route's pattern instead of the path, and no query: neither can carry personal data.
    tracing::info!(
        request_id = %id,
        %method,
        route = %route,
        status,
        micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    // The request is gone with the work that failed, so such an answer leaves as an error.
    outcome.map_err(|problem| problem.read_by(language, id).into())
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

const PAGE_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/// Headers every answer carries.
pub fn safe(headers: &mut HeaderMap, id: &str) {
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
        let html = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        // The only page there is documents the API; its scripts and styles come from this binary.
        let policy = if html { PAGE_POLICY } else { "default-src 'none'; frame-ancestors 'none'" };
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}
