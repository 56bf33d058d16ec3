//! The errors of `Validate` functions, in both languages and with JSON pointers.

use serde_json::Value;
use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use crate::domain::text::{FieldError, Text};

/// `validator`'s tree of errors as a flat list with pointers.
pub fn collect(errors: &ValidationErrors, at: &str, into: &mut Vec<FieldError>) {
    for (field, kind) in errors.errors() {
        let pointer = if field == "__all__" { at.to_owned() } else { format!("{at}/{field}") };
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(inner, &pointer, into),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{pointer}/{index}"), into);
                }
            }
            ValidationErrorsKind::Field(list) => {
                for error in list {
                    let zh = error.message.clone().unwrap_or_else(|| "不符合要求。".into());
                    let en = error.params.get("en").and_then(Value::as_str).unwrap_or("Not as required.");
                    let detail = Text::new(zh, en);
                    into.push(FieldError::new(pointer.clone(), error.code.clone(), detail));
                }
            }
        }
    }
}

/// An error for a `Validate` function, with its sentence in both languages.
pub fn violation(code: &'static str, zh: &'static str, en: &'static str) -> ValidationError {
    let mut error = ValidationError::new(code).with_message(zh.into());
    error.params.insert("en".into(), Value::from(en));
    error
}

/// 申请人声明属实: no form is filed without it.
pub fn truth_declared(declared: &bool) -> Result<(), ValidationError> {
    if *declared {
        Ok(())
    } else {
        Err(violation("not_declared", "请确认所填属实。", "Declare that it is true."))
    }
}
