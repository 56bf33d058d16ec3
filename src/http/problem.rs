//! Every "no" on the wire: RFC 9457 problem details, complete in the body because mini-programs see no
//! status, in Chinese or by Accept-Language in English.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Map, Value, json};

use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::text::Text;
use crate::usecases::Failure;
use crate::usecases::failure::StorageTrouble;

/// 语言: in which the person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese, unless asked otherwise.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The better liked of the two in an Accept-Language header.
    pub fn of(header: Option<&HeaderValue>) -> Self {
        let text = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let weight = |range: &str| {
            let of = |part: &str| {
                let (name, q) = part.split_once(";q=").unwrap_or((part, "1"));
                name.trim().to_lowercase().starts_with(range).then(|| q.trim().parse::<f32>().unwrap_or(0.0))
            };
            text.split(',').filter_map(of).fold(0.0_f32, f32::max)
        };
        if weight("en") > weight("zh") { Language::English } else { Language::Chinese }
    }

    fn pick(self, text: &Text) -> &str {
        match self {
            Language::Chinese => &text.zh,
            Language::English => &text.en,
        }
    }
}

/// An error answer in the making; rendered by the outermost layer, which knows language and request id.
#[derive(Debug, Clone)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    refusal: Box<Refusal>,
    reader: Option<(Language, String)>,
}

impl Problem {
    /// A refusal of the HTTP layer itself.
    pub fn new(status: StatusCode, code: &'static str, zh: &'static str, en: &'static str) -> Self {
        let kind = RefusalKind::Malformed;
        Self { status, refusal: Box::new(Refusal::new(kind, code, Text::fixed(zh, en))), reader: None }
    }

    /// A body that is not JSON.
    pub fn malformed() -> Self {
        let zh = "请求内容不是有效的 JSON。";
        Self::new(StatusCode::BAD_REQUEST, "malformed_json", zh, "The body is not valid JSON.")
    }

    /// The problem for a status that the framework itself gave.
    pub fn of_status(status: StatusCode) -> Self {
        let (code, zh, en) = match status.as_u16() {
            400 => ("malformed_request", "请求格式不对。", "The request is malformed."),
            404 => ("no_such_path", "没有这个地址。", "There is no such path."),
            405 => ("method_not_allowed", "此地址不支持该方法。", "The method is not allowed here."),
            408 => ("request_timeout", "请求没有及时发完。", "The request did not arrive in time."),
            413 => ("body_too_large", "请求内容太大。", "The body is too large."),
            415 => ("unsupported_media_type", "请求内容类型不对。", "Wrong content type."),
            431 => ("head_too_large", "请求头太大。", "The head is too large."),
            503 => ("unavailable", "系统繁忙，请稍后再试。", "Busy; try again shortly."),
            code if code < 500 => ("refused", "请求未被接受。", "The request was not accepted."),
            _ => (
                "internal_error",
                "系统出错，请稍后再试或到窗口办理。",
                "Something broke; try again or come to the counter.",
            ),
        };
        Self::new(status, code, zh, en)
    }

    /// The same problem for a known reader, to be rendered later.
    #[must_use]
    pub fn read_by(mut self, language: Language, request_id: String) -> Self {
        self.reader = Some((language, request_id));
        self
    }

    /// The answer, for this reader and this request.
    pub fn render(&self, language: Language, request_id: &str) -> HttpResponse {
        let mut body = Map::new();
        let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
        put("type", Value::from(format!("urn:yichuang:problem:{}", self.refusal.code)));
        put("title", Value::from(language.pick(&title(self.status))));
        put("status", Value::from(self.status.as_u16()));
        put("code", Value::from(self.refusal.code));
        put("detail", Value::from(language.pick(&self.refusal.detail)));
        put("instance", Value::from(format!("urn:uuid:{request_id}")));
        if let Some(basis) = self.refusal.basis {
            put("basis", Value::from(basis));
        }
        if !self.refusal.errors.is_empty() {
            let errors = self.refusal.errors.iter().map(|error| {
                json!({
                    "pointer": error.pointer,
                    "code": error.code,
                    "detail": language.pick(&error.detail),
                    "detail_zh": error.detail.zh,
                    "detail_en": error.detail.en,
                })
            });
            put("errors", errors.collect());
        }
        for (key, value) in &self.refusal.context {
            // Context adds to the members of RFC 9457 and never replaces one.
            body.entry(*key).or_insert_with(|| value.clone());
        }
        let mut response = HttpResponse::build(self.status);
        response.insert_header((header::CONTENT_TYPE, "application/problem+json; charset=utf-8"));
        if let Some((_, seconds)) = self.refusal.context.iter().find(|(key, _)| *key == "retry_after") {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        } else if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((header::RETRY_AFTER, "2"));
        }
        if self.status == StatusCode::REQUEST_TIMEOUT {
            // The rest of the body may still come; nobody waits for it.
            response.force_close();
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.body(Value::Object(body).to_string())
    }
}

fn title(status: StatusCode) -> Text {
    match status.as_u16() {
        400 => Text::fixed("请求有误", "Bad request"),
        401 => Text::fixed("未登录", "Not signed in"),
        403 => Text::fixed("无权办理", "Not permitted"),
        404 => Text::fixed("未找到", "Not found"),
        409 => Text::fixed("当前不能办理", "Not possible now"),
        412 => Text::fixed("内容已更新", "Changed meanwhile"),
        422 => Text::fixed("内容需要改正", "To be corrected"),
        428 => Text::fixed("需注明版本", "Version required"),
        429 => Text::fixed("操作太频繁", "Too many requests"),
        code if code < 500 => Text::fixed("请求未被接受", "Not accepted"),
        503 => Text::fixed("系统繁忙", "Busy"),
        _ => Text::fixed("系统出错", "Internal error"),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status.as_u16(), self.refusal.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let (language, id) = self.reader.clone().unwrap_or((Language::Chinese, String::new()));
        let mut response = self.render(language, &id);
        super::headers::safe(response.headers_mut(), &id);
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.kind {
            RefusalKind::Malformed => StatusCode::BAD_REQUEST,
            RefusalKind::NotSignedIn => StatusCode::UNAUTHORIZED,
            RefusalKind::NotPermitted => StatusCode::FORBIDDEN,
            RefusalKind::NotFound => StatusCode::NOT_FOUND,
            RefusalKind::Conflict => StatusCode::CONFLICT,
            RefusalKind::Stale => StatusCode::PRECONDITION_FAILED,
            RefusalKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            RefusalKind::VersionRequired => StatusCode::PRECONDITION_REQUIRED,
            RefusalKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        };
        Self { status, refusal: Box::new(refusal), reader: None }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => (*refusal).into(),
            Failure::Outside(why) => {
                tracing::warn!(%why, "the outside world failed");
                Self::of_status(StatusCode::SERVICE_UNAVAILABLE)
            }
            Failure::Storage(error) => match StorageTrouble::of(&error) {
                StorageTrouble::Raced => {
                    let detail =
                        Text::fixed("内容刚被更新，请刷新后再试。", "It changed this moment; refresh.");
                    Refusal::new(RefusalKind::Conflict, "changed_meanwhile", detail).into()
                }
                StorageTrouble::Passing => {
                    tracing::warn!(%error, "storage is not available");
                    Self::of_status(StatusCode::SERVICE_UNAVAILABLE)
                }
                StorageTrouble::Broken => {
                    tracing::error!(%error, "storage failed");
                    Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
                }
            },
        }
    }
}
