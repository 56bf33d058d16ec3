//! What handlers ask of a request: a signed-in caller, a checked body, an idempotency key, the version
//! that was seen. Each refuses on its own, so a handler begins with everything in order.

use std::any::TypeId;
use std::collections::HashMap;
use std::future::{Future, ready};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use data_encoding::HEXLOWER;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use validator::Validate;

use super::forms::also_wrong;
use super::patience::Patience;
use super::problem::Problem;
use crate::catalog::shape::{Shape, typed};
use crate::catalog::violation::collect;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::text::{FieldError, Text};
use crate::usecases::Office;
use crate::usecases::authority::Caller;
use crate::usecases::once::OnceKey;

/// What takes a while.
pub type Answering<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// The assembled product, from the app's data.
pub fn office(request: &HttpRequest) -> Result<Office, Problem> {
    let office = request.app_data::<web::Data<Office>>();
    office
        .map(|data| data.get_ref().clone())
        .ok_or_else(|| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))
}

/// 已登录的来访者
#[derive(Clone)]
pub struct Signed(pub Arc<Caller>);

impl Signed {
    /// Finds out who asks, before anything else is looked at: whoever may not come in learns nothing about
    /// how to ask.
    pub async fn find(request: &ServiceRequest) -> Option<Result<Self, Problem>> {
        let header = request.headers().get(header::AUTHORIZATION)?;
        let token = header.to_str().ok()?.strip_prefix("Bearer ")?;
        let office = request.app_data::<web::Data<Office>>()?;
        Some(office.caller(token).await.map(Self).map_err(Problem::from))
    }
}

impl FromRequest for Signed {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let unsigned = || {
            let detail = Text::fixed("请先登录。", "Sign in first.");
            Problem::from(Refusal::new(RefusalKind::NotSignedIn, "not_signed_in", detail))
        };
        let found = request.extensions().get::<Result<Self, Problem>>().cloned();
        ready(found.unwrap_or_else(|| Err(unsigned())))
    }
}

/// The shapes of request bodies, each compiled once.
fn shape<T: ToSchema + 'static>() -> Arc<Shape> {
    static SHAPES: LazyLock<RwLock<HashMap<TypeId, Arc<Shape>>>> = LazyLock::new(RwLock::default);
    let key = TypeId::of::<T>();
    if let Some(shape) = SHAPES.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return shape.clone();
    }
    let shape = Arc::new(Shape::of::<T>());
    SHAPES.write().unwrap_or_else(PoisonError::into_inner).insert(key, shape.clone());
    shape
}

/// A JSON body that has its shape and passes its checks; everything wrong is told at once.
pub struct Body<T> {
    /// The typed body.
    pub value: T,
    /// Hash of the bytes, for the idempotency key.
    hash: [u8; 32],
}

impl<T: DeserializeOwned + ToSchema + Validate + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Answering<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let sent = sent(request, payload);
        Box::pin(async move {
            let bytes = sent.await?;
            Ok(Body { value: read(&bytes)?, hash: Sha256::digest(&bytes).into() })
        })
    }
}

/// The bytes of a JSON body, once they have arrived.
pub fn sent(request: &HttpRequest, payload: &mut Payload) -> Answering<web::Bytes> {
    let json = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !json.is_some_and(is_json) {
        return Box::pin(ready(Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE))));
    }
    let bytes = web::Bytes::from_request(request, payload);
    let patience = Patience::extract(request);
    Box::pin(async move {
        let Ok(patience) = patience.await;
        let bytes = patience.body(bytes).await?;
        bytes.map_err(|error| Problem::of_status(error.as_response_error().status_code()))
    })
}

/// What a JSON body says, or everything wrong with it.
pub fn read<T: DeserializeOwned + ToSchema + Validate + 'static>(bytes: &[u8]) -> Result<T, Problem> {
    let body = parse(bytes)?;
    let refused = |mut errors: Vec<FieldError>| {
        errors.extend(parse(bytes).map(|body| also_wrong(&body)).unwrap_or_default());
        Problem::from(Refusal::fields(errors))
    };
    let wrong = shape::<T>().errors(&body);
    if !wrong.is_empty() {
        return Err(refused(wrong));
    }
    // What is large is moved, not copied; only an error needs to know where it is.
    let Ok(value) = T::deserialize(body) else {
        return Err(refused(typed::<T>(&parse(bytes)?).err().unwrap_or_default()));
    };
    if let Err(invalid) = value.validate() {
        let mut errors = Vec::new();
        collect(&invalid, "", &mut errors);
        return Err(refused(errors));
    }
    Ok(value)
}

fn is_json(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| Problem::malformed())?;
    let mut errors = Vec::new();
    if may_say_nul(bytes) {
        nul(&value, String::new(), &mut errors);
    }
    if errors.is_empty() { Ok(value) } else { Err(Refusal::fields(errors).into()) }
}

/// Whether one may be in it: there is no other way to write it.
pub fn may_say_nul(bytes: &[u8]) -> bool {
    bytes.contains(&b'\\') && bytes.windows(6).any(|six| six == br"\u0000")
}

/// NUL has no place in a text of this product, and PostgreSQL cannot store it.
fn nul(value: &Value, at: String, errors: &mut Vec<FieldError>) {
    match value {
        Value::String(text) if text.contains('\0') => {
            let detail = Text::fixed("含有不允许的控制字符。", "Contains a control character.");
            errors.push(FieldError::new(at, "control_character", detail));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| nul(item, format!("{at}/{index}"), errors));
        }
        Value::Object(object) => object.iter().for_each(|(key, item)| {
            if key.contains('\0') {
                let detail = Text::fixed("字段名含有控制字符。", "A field name has a control character.");
                errors.push(FieldError::new(at.clone(), "control_character", detail));
            }
            nul(item, format!("{at}/{key}"), errors);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// 幂等键: the Idempotency-Key header, required on every POST that has an effect.
pub struct Once {
    key: String,
    route: String,
}

const LONGEST_KEY: usize = 255;

impl FromRequest for Once {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut keys = request.headers().get_all("idempotency-key");
        let key = keys.next().and_then(|value| value.to_str().ok()).map(str::trim).unwrap_or_default();
        let fits = !key.is_empty() && key.len() <= LONGEST_KEY && keys.next().is_none();
        ready(if fits {
            Ok(Once { key: key.to_owned(), route: format!("{} {}", request.method(), request.path()) })
        } else {
            Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "idempotency_key_required",
                "请带一个 Idempotency-Key 请求头（1 至 255 个可见字符）。",
                "Send one Idempotency-Key header of 1 to 255 visible characters.",
            ))
        })
    }
}

impl Once {
    /// The key for a caller and a body.
    pub fn of<T>(self, caller: &Caller, body: &Body<T>) -> OnceKey {
        self.of_hash(caller, &body.hash)
    }

    /// The key for a caller and the hash of whatever was sent.
    pub fn of_hash(self, caller: &Caller, hash: &[u8]) -> OnceKey {
        let mut digest = Sha256::new();
        digest.update(self.route.as_bytes());
        digest.update([0]);
        digest.update(hash);
        let fingerprint = HEXLOWER.encode(&digest.finalize());
        OnceKey { account: caller.actor.id, key: self.key, fingerprint }
    }
}

/// 所见版本: If-Match, required to change something that was looked at before.
pub struct Seen(pub i64);

impl Seen {
    /// The version that is named, if one is.
    pub fn maybe(request: &HttpRequest) -> Result<Option<Self>, Problem> {
        let Some(value) = request.headers().get(header::IF_MATCH) else { return Ok(None) };
        let text = value.to_str().unwrap_or_default();
        match text.trim().strip_prefix('"').and_then(|t| t.strip_suffix('"')).map(str::parse) {
            Some(Ok(version)) => Ok(Some(Seen(version))),
            // A weak or foreign tag never matches.
            _ => {
                let detail = Text::fixed("If-Match 不是所见的版本。", "If-Match is not a version of this.");
                Err(Refusal::new(RefusalKind::Stale, "stale_version", detail).into())
            }
        }
    }
}

impl FromRequest for Seen {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let unnamed = || {
            let detail = Text::fixed("请用 If-Match 注明所见版本。", "Name the version you saw in If-Match.");
            Problem::from(Refusal::new(RefusalKind::VersionRequired, "version_required", detail))
        };
        ready(Self::maybe(request).and_then(|seen| seen.ok_or_else(unnamed)))
    }
}

/// Addresses whose X-Forwarded-For is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Vec<IpAddr>);

/// The caller's network address, for rate limits. Anybody can write X-Forwarded-For; only what a
/// trusted proxy appended to it, its last entry, counts.
pub fn address(request: &HttpRequest) -> String {
    let peer = request.peer_addr().map(|peer| peer.ip());
    let trusted = request.app_data::<web::Data<TrustedProxies>>().map(|proxies| proxies.0.as_slice());
    let by_proxy = peer.is_some_and(|peer| trusted.unwrap_or_default().contains(&peer));
    let forwarded = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let last = forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
    last.filter(|_| by_proxy).or(peer).map_or_else(|| "unknown".to_owned(), |ip| ip.to_string())
}
