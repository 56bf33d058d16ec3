//! The outermost layer of every request: an id, a time limit, a net under panics, problem documents in
//! the reader's language, safe headers, figures and one log line without personal data.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use futures_util::FutureExt;

use super::auditing::note;
use super::extract::Signed;
use super::headers::safe;
use super::metrics::Metrics;
use super::patience::{Limits, Patience, within};
use super::problem::{Language, Problem};
use crate::usecases::Office;

/// Wraps every request.
pub async fn around(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = crate::usecases::request_id();
    let language = Language::of(request.headers().get(header::ACCEPT_LANGUAGE));
    let method = request.method().clone();
    if method == Method::HEAD {
        // Whatever can be got can be asked about; the connection leaves the body out.
        request.head_mut().method = Method::GET;
    }
    let limits = request.app_data::<web::Data<Limits>>().map_or_else(Limits::default, |limits| ***limits);
    let (patience, end) = Patience::with(limits);
    request.extensions_mut().insert(patience);
    let metrics = request.app_data::<web::Data<Metrics>>().cloned();
    // No text of this product has a NUL, and PostgreSQL would fail on one.
    let nul = request.query_string().contains("%00");
    let work = async {
        if nul {
            return Err(Problem::of_status(StatusCode::BAD_REQUEST).into());
        }
        if let Some(office) = request.app_data::<web::Data<Office>>() {
            office.may_serve().map_err(Problem::from)?;
        }
        if let Some(signed) = Signed::find(&request).await {
            request.extensions_mut().insert(signed);
        }
        next.call(request).await
    };
    let work = AssertUnwindSafe(work).catch_unwind();
    let outcome = match within(end, work).await {
        Some(Ok(Ok(response))) => Ok(response.map_into_boxed_body()),
        Some(Ok(Err(error))) => Err(match error.as_error::<Problem>() {
            Some(problem) => problem.clone(),
            None => Problem::of_status(error.as_response_error().status_code()),
        }),
        Some(Err(_)) => {
            tracing::error!(request_id = %id, "a handler panicked");
            Err(Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))
        }
        None => Err(Problem::of_status(StatusCode::SERVICE_UNAVAILABLE)),
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
    let method = named(&method);
    if let Ok(response) = &outcome {
        note(response, method, &route);
    }
    if let Some(metrics) = metrics {
        metrics.observe(method, &route, status, started.elapsed());
    }
    // The route's pattern instead of the path, and no query: neither can carry personal data.
    tracing::info!(
        request_id = %id,
        method,
        route = %route,
        status,
        micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    // The request is gone with the work that failed, so such an answer leaves as an error.
    outcome.map_err(|problem| problem.read_by(language, id).into())
}

/// A method as logs and figures have it: whoever makes methods up would fill both with a line for each.
fn named(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
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
