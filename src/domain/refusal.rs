//! Every business "no": a stable code, a sentence in both languages, the legal basis, and what may be
//! done instead. The HTTP layer maps the kind to a status and never invents refusals of its own.

use serde_json::Value;

use super::lifecycle::{ActionKind, Role, Status};
use super::text::{FieldError, Text};

/// 拒绝类别: what sort of "no" it is; one HTTP status each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// The request itself is malformed (400).
    Malformed,
    /// Nobody, or nobody any more, is signed in (401).
    NotSignedIn,
    /// Signed in, but this is not the caller's to do (403).
    NotPermitted,
    /// Missing, or not the caller's to see: the same answer (404).
    NotFound,
    /// The state of things does not allow it now (409).
    Conflict,
    /// Seen from an old version (412).
    Stale,
    /// Fields are wrong (422).
    Invalid,
    /// The version must be named (428).
    VersionRequired,
    /// Too often (429).
    TooMany,
}

/// 代码: what was sent, as far as it is a code or a pointer; anything else may be personal and is not repeated.
pub fn code_of(sent: &str) -> &str {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '/');
    let code = sent.starts_with(|c: char| c.is_ascii_lowercase() || c == '/') && sent.len() <= 64;
    if code && sent.chars().all(plain) { sent } else { "…" }
}

/// 业务拒绝: why not, on which ground, and what now.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// What sort of "no".
    pub kind: RefusalKind,
    /// Stable code, part of the API, e.g. `wrong_status`.
    pub code: &'static str,
    /// One or two sentences for the person in front of the screen.
    pub detail: Box<Text>,
    /// The rule, e.g. `行政许可法 32(4)`.
    pub basis: Option<&'static str>,
    /// All wrong fields at once.
    pub errors: Vec<FieldError>,
    /// Extra members of the problem document (holder, version, allowed actions …).
    pub context: Vec<(&'static str, Value)>,
}

impl Refusal {
    /// A refusal without fields or context.
    pub fn new(kind: RefusalKind, code: &'static str, detail: Text) -> Self {
        Self { kind, code, detail: Box::new(detail), basis: None, errors: Vec::new(), context: Vec::new() }
    }

    /// The state of things does not allow it.
    pub fn conflict(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(RefusalKind::Conflict, code, Text::new(zh, en))
    }

    /// The content does not meet a rule.
    pub fn invalid(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(RefusalKind::Invalid, code, Text::new(zh, en))
    }

    /// All field errors of a request.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let zh = format!("有 {} 处需要改正，已全部列出。", errors.len());
        let en = format!("{} thing(s) to correct; all of them are listed.", errors.len());
        Self { errors, ..Self::invalid("fields_invalid", zh, en) }
    }

    /// One wrong field.
    pub fn field(pointer: &str, code: &'static str, zh: &'static str, en: &'static str) -> Self {
        Self::fields(vec![FieldError::new(pointer, code, Text::fixed(zh, en))])
    }

    /// Missing or foreign: indistinguishable on purpose.
    pub fn not_found() -> Self {
        Self::new(
            RefusalKind::NotFound,
            "not_found",
            Text::fixed("没有找到，或不在您的权限范围内。", "Not found, or not within what you may see."),
        )
    }

    /// Signed in, but the role does not cover it.
    pub fn not_permitted() -> Self {
        Self::new(
            RefusalKind::NotPermitted,
            "not_permitted",
            Text::fixed("您的岗位不能办理此操作。", "Your role does not include this."),
        )
    }

    /// The table has no row for this role and action in this status.
    pub fn wrong_status(status: Status, action: ActionKind, roles: &[Role]) -> Self {
        let mut allowed: Vec<String> = roles
            .iter()
            .flat_map(|role| super::lifecycle::actions(status, *role))
            .map(ActionKind::name)
            .collect();
        allowed.sort();
        allowed.dedup();
        Self::conflict(
            "wrong_status",
            format!("办件当前为“{}”，不能“{}”。", status.label().zh, action.label().zh),
            format!(
                "The application is “{}”; “{}” is not possible now.",
                status.label().en,
                action.label().en
            ),
        )
        .with("application_status", Value::from(status.name()))
        .with("available_actions", Value::from(allowed))
    }

    /// Adds the legal basis.
    #[must_use]
    pub fn on(mut self, basis: &'static str) -> Self {
        self.basis = Some(basis);
        self
    }

    /// Adds a member to the problem document.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: Value) -> Self {
        self.context.push((key, value));
        self
    }
}
