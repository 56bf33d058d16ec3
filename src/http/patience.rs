//! How long a request may take: its body has to arrive within one limit, its answer within another that
//! begins once the body is there, so that a slow network does not eat the time for the work.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::problem::Problem;

/// 时限: of one request.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For the body to arrive.
    pub body: Duration,
    /// For the answer, once everything has arrived.
    pub handler: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: Duration::from_secs(30), handler: Duration::from_secs(10) }
    }
}

/// 耐心: what is left of it for one request; lies in the request's extensions.
#[derive(Debug, Clone)]
pub struct Patience {
    limits: Limits,
    until: Arc<watch::Sender<Instant>>,
}

impl Patience {
    /// The patience with a request that begins now, and the moving end of it.
    pub fn with(limits: Limits) -> (Self, watch::Receiver<Instant>) {
        let (until, end) = watch::channel(Instant::now() + limits.handler);
        (Self { limits, until: Arc::new(until) }, end)
    }

    /// Reads a body, or answers 408 when it does not arrive in time.
    pub async fn body<T>(&self, arriving: impl Future<Output = T>) -> Result<T, Problem> {
        self.until.send_replace(Instant::now() + self.limits.body + self.limits.handler);
        let arrived = timeout(self.limits.body, arriving).await;
        self.until.send_replace(Instant::now() + self.limits.handler);
        arrived.map_err(|_| Problem::of_status(StatusCode::REQUEST_TIMEOUT))
    }
}

impl FromRequest for Patience {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let own = request.extensions().get::<Patience>().cloned();
        ready(Ok(own.unwrap_or_else(|| Patience::with(Limits::default()).0)))
    }
}

/// The outcome of `work`, or `None` when patience ended before.
pub async fn within<T>(mut end: watch::Receiver<Instant>, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    loop {
        let until = *end.borrow_and_update();
        tokio::select! {
            outcome = &mut work => return Some(outcome),
            () = sleep_until(until) => return None,
            Ok(()) = end.changed() => {}
        }
    }
}
