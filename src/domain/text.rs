//! What the product says to people: every sentence exists in Chinese and in English.
//! Rules and refusals carry both; the HTTP layer chooses by Accept-Language.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 双语文本: one sentence in Chinese and in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Text {
    #[schema(value_type = String)]
    /// Simplified Chinese, the language of the counter.
    pub zh: Cow<'static, str>,
    #[schema(value_type = String)]
    /// English.
    pub en: Cow<'static, str>,
}

impl Text {
    /// A fixed sentence.
    pub const fn fixed(zh: &'static str, en: &'static str) -> Self {
        Self { zh: Cow::Borrowed(zh), en: Cow::Borrowed(en) }
    }

    /// A sentence composed at run time.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: Cow::Owned(zh.into()), en: Cow::Owned(en.into()) }
    }
}

/// 字段错误: one thing wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// RFC 6901 pointer into the body, e.g. `/members/2/id_number`; empty for the whole body.
    pub pointer: String,
    /// Further fields a cross-field rule looked at.
    pub related: Vec<String>,
    /// Stable machine-readable code, e.g. `id_number_checksum`.
    pub code: Cow<'static, str>,
    /// What is wrong and what to do, for the person who filled the form.
    pub detail: Text,
}

impl FieldError {
    /// An error of one field.
    pub fn new(pointer: impl Into<String>, code: impl Into<Cow<'static, str>>, detail: Text) -> Self {
        Self { pointer: pointer.into(), related: Vec::new(), code: code.into(), detail }
    }

    /// An error of a rule across several fields: the first is shown, all of them must be sound for the
    /// rule to speak at all.
    pub fn across(pointers: &[&str], code: &'static str, detail: Text) -> Self {
        let mut pointers = pointers.iter().map(|pointer| (*pointer).to_owned());
        let pointer = pointers.next().unwrap_or_default();
        Self { pointer, related: pointers.collect(), code: Cow::Borrowed(code), detail }
    }

    /// The same error seen from a surrounding document.
    #[must_use]
    pub fn below(mut self, prefix: &str) -> Self {
        self.pointer = format!("{prefix}{}", self.pointer);
        self
    }
}
