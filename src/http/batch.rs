//! 一批操作的请求体: what is large in it, its operations, is read once and not put together again.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, FixedOffset};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::extract::{Answering, may_say_nul, read, sent};
use super::problem::Problem;
use crate::domain::operation::Operation;

/// 一批离线操作
#[derive(Debug, Deserialize, Validate, ToSchema)]
pub struct BatchIn {
    /// The device.
    device: Uuid,
    /// Its clock when it sends this.
    sent_at: DateTime<FixedOffset>,
    /// What was done, each on its own: one that is malformed does not spoil the others.
    operations: Vec<Value>,
}

/// 一批离线操作, as they should be.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the API document")]
pub struct BatchOf {
    /// The device.
    device: Uuid,
    /// Its clock when it sends this.
    sent_at: DateTime<FixedOffset>,
    /// What was done, each on its own: one that is malformed does not spoil the others.
    operations: Vec<Operation>,
}

/// One that has the shape of [`BatchIn`].
pub struct Operations {
    /// The device.
    pub device: Uuid,
    /// Its clock when it sends this.
    pub sent_at: DateTime<FixedOffset>,
    /// What was done.
    pub operations: Vec<Value>,
}

impl FromRequest for Operations {
    type Error = Problem;
    type Future = Answering<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let sent = sent(request, payload);
        Box::pin(async move {
            let bytes = sent.await?;
            if let Some(operations) = in_order(&bytes) {
                return Ok(operations);
            }
            let BatchIn { device, sent_at, operations } = read(&bytes)?;
            Ok(Operations { device, sent_at, operations })
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Around {
    device: Value,
    sent_at: Value,
    operations: Vec<Value>,
}

/// What has nothing wrong or unknown around its operations; of anything else it is told elsewhere what there is to say.
fn in_order(bytes: &[u8]) -> Option<Operations> {
    // A list of the values would be taken for an object.
    if may_say_nul(bytes) || !bytes.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let Around { device, sent_at, operations } = serde_json::from_slice(bytes).ok()?;
    let around = json!({"device": device, "sent_at": sent_at, "operations": []});
    let BatchIn { device, sent_at, .. } = read(around.to_string().as_bytes()).ok()?;
    Some(Operations { device, sent_at, operations })
}
