//! The shape of a JSON body, checked against the very schema the API publishes, so that a client hears
//! of every missing, unknown, mistyped or ill-formed field at once, in both languages.

use std::borrow::Cow;

use jsonschema::error::ValidationErrorKind as Kind;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::domain::bank_card::BankCard;
use crate::domain::contact::PhoneNumber;
use crate::domain::credit_code::CreditCode;
use crate::domain::id_number::IdNumber;
use crate::domain::identity::IdentityError;
use crate::domain::person_name::PersonName;
use crate::domain::region::Region;
use crate::domain::text::{FieldError, Text};

/// A compiled schema and the document it was compiled from.
pub struct Shape {
    validator: Option<jsonschema::Validator>,
    document: Value,
}

type Parse = fn(&str) -> Option<IdentityError>;

/// The identifiers that have a format of their own; a bad one is explained by its parser.
const FORMATS: [(&str, Parse); 6] = [
    (IdNumber::FORMAT, |text| IdNumber::parse(text).err()),
    (PhoneNumber::FORMAT, |text| PhoneNumber::parse(text).err()),
    (PersonName::FORMAT, |text| PersonName::parse(text).err()),
    (BankCard::FORMAT, |text| BankCard::parse(text).err()),
    (CreditCode::FORMAT, |text| CreditCode::parse(text).err()),
    (Region::FORMAT, |text| Region::parse(text).err()),
];

impl Shape {
    /// The shape of `T`.
    pub fn of<T: ToSchema>() -> Self {
        let document = document::<T>();
        let mut options = jsonschema::options().should_validate_formats(true);
        for (name, parse) in FORMATS {
            options = options.with_format(name, move |text: &str| parse(text).is_none());
        }
        // A schema that does not compile is a defect; `tests/it/forms.rs` compiles every one.
        Self { validator: options.build(&document).ok(), document }
    }

    /// The JSON Schema (2020-12), self-contained.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Whether the schema compiled.
    pub fn is_sound(&self) -> bool {
        self.validator.is_some()
    }

    /// Everything wrong with the shape of `value`.
    pub fn errors(&self, value: &Value) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if let Some(validator) = &self.validator {
            for error in validator.iter_errors(value) {
                explain(&error, &mut errors);
            }
        }
        errors.sort_by(|a, b| (&a.pointer, &a.code).cmp(&(&b.pointer, &b.code)));
        errors.dedup_by(|a, b| a.pointer == b.pointer && a.code == b.code);
        errors
    }

    /// The typed value, or everything wrong with its shape.
    pub fn read<T: DeserializeOwned>(&self, value: &Value) -> Result<T, Vec<FieldError>> {
        let errors = self.errors(value);
        if !errors.is_empty() {
            return Err(errors);
        }
        typed(value)
    }
}

/// The schema is the fence; what still slips through (an integer too large for its type, say) is named by the path where
/// reading stopped. Keeping track of the path costs as much as reading; only an error needs it.
pub fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, Vec<FieldError>> {
    if let Ok(read) = T::deserialize(value) {
        return Ok(read);
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().iter().map(|segment| format!("/{segment}")).collect::<String>();
        let detail = Text::fixed("此项的值无法读取。", "The value cannot be read.");
        vec![FieldError::new(path, "unreadable", detail)]
    })
}

fn document<T: ToSchema>() -> Value {
    let mut named = Vec::new();
    T::schemas(&mut named);
    let mut definitions = Map::new();
    for (name, schema) in named {
        definitions.insert(name, to_value(&schema));
    }
    let mut root = to_value(&T::schema());
    if let Value::Object(root) = &mut root {
        root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        root.insert("$defs".to_owned(), Value::Object(definitions));
    }
    root
}

fn to_value(schema: &RefOr<Schema>) -> Value {
    let mut value = serde_json::to_value(schema).unwrap_or_default();
    relocate(&mut value);
    close(&mut value);
    value
}

/// Variants of a tagged choice take no unknown fields, which their generated schemas leave open.
pub fn close(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for variant in object.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
                let tagged = variant.get("properties").is_some() && variant["type"] == "object";
                if let Some(variant) = variant.as_object_mut().filter(|_| tagged) {
                    variant.entry("additionalProperties").or_insert(Value::Bool(false));
                }
            }
            object.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `#/components/schemas/X` in the API document is `#/$defs/X` in a stand-alone schema.
fn relocate(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(target)) = object.get_mut("$ref") {
                *target = target.replace("#/components/schemas/", "#/$defs/");
            }
            object.values_mut().for_each(relocate);
        }
        Value::Array(items) => items.iter_mut().for_each(relocate),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn explain(error: &jsonschema::ValidationError<'_>, into: &mut Vec<FieldError>) {
    let at = error.instance_path().to_string();
    let mut say = |pointer: String, code: &'static str, zh: String, en: String| {
        into.push(FieldError::new(pointer, code, Text::new(zh, en)));
    };
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            say(format!("{at}/{}", escape(name)), "required", "必填。".into(), "Required.".into());
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                let pointer = format!("{at}/{}", escape(name));
                say(pointer, "unknown_field", "没有这一项。".into(), "There is no such field.".into());
            }
        }
        Kind::Type { .. } => {
            say(at, "wrong_type", "类型不对。".into(), "Wrong type of value.".into());
        }
        Kind::Enum { options } => {
            let options = list(options);
            say(at, "not_an_option", format!("只能是：{options}。"), format!("One of: {options}."));
        }
        Kind::Constant { expected_value } => {
            say(
                at,
                "not_an_option",
                format!("只能是：{expected_value}。"),
                format!("Only {expected_value}."),
            );
        }
        Kind::Format { format } => {
            let text = error.instance().as_str().unwrap_or_default().to_owned();
            into.push(format_error(at, format, &text));
        }
        Kind::Minimum { limit } | Kind::ExclusiveMinimum { limit } => {
            say(at, "too_small", format!("不能小于 {limit}。"), format!("At least {limit}."));
        }
        Kind::Maximum { limit } | Kind::ExclusiveMaximum { limit } => {
            say(at, "too_large", format!("不能大于 {limit}。"), format!("At most {limit}."));
        }
        Kind::MinLength { limit } => {
            say(at, "too_short", format!("至少 {limit} 个字。"), format!("At least {limit} characters."));
        }
        Kind::MaxLength { limit } => {
            say(at, "too_long", format!("最多 {limit} 个字。"), format!("At most {limit} characters."));
        }
        Kind::MinItems { limit } => {
            say(at, "too_few", format!("至少 {limit} 项。"), format!("At least {limit} item(s)."));
        }
        Kind::MaxItems { limit } => {
            say(at, "too_many", format!("最多 {limit} 项。"), format!("At most {limit} item(s)."));
        }
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            if let Some((tag, options)) = no_branch(context) {
                say(tag, "not_an_option", format!("只能是：{options}。"), format!("One of: {options}."));
                return;
            }
            for nested in nearest(context) {
                explain(nested, into);
            }
        }
        _ => say(at, "invalid", "不符合要求。".into(), "Not as required.".into()),
    }
}

/// The tag of a `oneOf` and all it may be, when no branch has the tag that was given.
fn no_branch(context: &[Vec<jsonschema::ValidationError<'static>>]) -> Option<(String, String)> {
    let tag = |branch: &Vec<jsonschema::ValidationError<'static>>| {
        branch.iter().find_map(|error| match error.kind() {
            Kind::Enum { options } => Some((error.instance_path().to_string(), list(options))),
            _ => None,
        })
    };
    let tags: Vec<(String, String)> = context.iter().map(tag).collect::<Option<_>>()?;
    let (first, _) = tags.first()?.clone();
    let same = tags.len() > 1 && tags.iter().all(|(at, _)| *at == first);
    same.then(|| (first, tags.into_iter().map(|(_, option)| option).collect::<Vec<_>>().join(" · ")))
}

/// The branch of a `oneOf` that was meant: the one whose tag fits, or else the one with fewest errors.
fn nearest<'a>(
    context: &'a [Vec<jsonschema::ValidationError<'static>>],
) -> &'a [jsonschema::ValidationError<'static>] {
    let off_tag = |branch: &Vec<jsonschema::ValidationError<'static>>| {
        branch
            .iter()
            .filter(|e| matches!(e.kind(), Kind::Enum { .. } | Kind::Constant { .. } | Kind::Type { .. }))
            .count()
    };
    context.iter().min_by_key(|branch| (off_tag(branch), branch.len())).map_or(&[], Vec::as_slice)
}

fn format_error(at: String, format: &str, text: &str) -> FieldError {
    let parser = FORMATS.iter().find(|(name, _)| *name == format).map(|(_, parse)| parse);
    match parser.and_then(|parse| parse(text)) {
        Some(reason) => FieldError::new(at, reason.code(), reason.text()),
        None => {
            let zh = format!("格式不对，应为 {format}。");
            FieldError::new(at, "wrong_format", Text::new(zh, format!("Wrong format; expected {format}.")))
        }
    }
}

fn list(options: &Value) -> String {
    let names = options.as_array().into_iter().flatten().map(|option| match option {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        other => Cow::Owned(other.to_string()),
    });
    names.collect::<Vec<_>>().join(" · ")
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
