//! Checking a filled form: shape by its published schema, fields by `Validate`, rules across fields by
//! the item. All of it is reported at once: a field of wrong shape is set to the sample's value for the
//! later checks, and whatever those say about such a field is left out.

use serde_json::Value;
use validator::Validate;

use super::item::{Facts, ServiceItem};
use super::shape::Shape;
use super::violation::collect;
use crate::domain::text::FieldError;

/// The form typed, or everything wrong with it.
pub fn check<T: ServiceItem>(
    shape: &Shape,
    form: &Value,
    facts: &Facts<'_>,
) -> Result<T::Form, Vec<FieldError>> {
    let mut errors = shape.errors(form);
    if errors.is_empty() {
        match shape.read::<T::Form>(form) {
            Err(unreadable) => return Err(unreadable),
            Ok(typed) => {
                errors = later::<T>(&typed, facts);
                if errors.is_empty() {
                    return Ok(typed);
                }
            }
        }
    } else if let Some((typed, broken)) = mended::<T>(shape, form, &errors) {
        let touches = |pointer: &String| broken.iter().any(|at| related(at, pointer));
        let sound = |error: &FieldError| !touches(&error.pointer) && !error.related.iter().any(touches);
        errors.extend(later::<T>(&typed, facts).into_iter().filter(sound));
    }
    Err(errors)
}

fn later<T: ServiceItem>(form: &T::Form, facts: &Facts<'_>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Err(invalid) = form.validate() {
        collect(&invalid, "", &mut errors);
    }
    errors.extend(T::rules(form, facts));
    errors.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    errors
}

/// One pointer lies above or below the other.
fn related(a: &str, b: &str) -> bool {
    let under = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    under(a, b) || under(b, a)
}

/// The form with every ill-shaped field replaced by the sample's, if that makes it readable, and the
/// pointers of what was replaced.
fn mended<T: ServiceItem>(
    shape: &Shape,
    form: &Value,
    errors: &[FieldError],
) -> Option<(T::Form, Vec<String>)> {
    let sample = T::sample();
    let mut mended = form.clone();
    let mut replaced = Vec::new();
    for error in errors {
        if error.code == "unknown_field" {
            let (parent, name) = error.pointer.rsplit_once('/')?;
            mended.pointer_mut(parent)?.as_object_mut()?.remove(&unescaped(name));
            replaced.push(error.pointer.clone());
        } else {
            replaced.push(replace(&mut mended, &sample, &error.pointer)?);
        }
    }
    Some((shape.read(&mended).ok()?, replaced))
}

/// Puts the sample's value at a pointer, or at the nearest place above it that the sample has.
fn replace(form: &mut Value, sample: &Value, pointer: &str) -> Option<String> {
    let mut pointer = pointer;
    loop {
        let (parent, name) = pointer.rsplit_once('/')?;
        if let Some(value) = in_sample(sample, pointer) {
            match form.pointer_mut(parent)? {
                Value::Object(object) => {
                    object.insert(unescaped(name), value);
                }
                Value::Array(items) => *items.get_mut(name.parse::<usize>().ok()?)? = value,
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
            }
            return Some(pointer.to_owned());
        }
        pointer = parent;
    }
}

fn unescaped(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

/// The sample's value at a pointer; any element stands for all of a list.
fn in_sample(sample: &Value, pointer: &str) -> Option<Value> {
    let mut here = sample;
    for step in pointer.split('/').skip(1) {
        here = match here {
            Value::Array(items) => items.first()?,
            other => other.get(unescaped(step))?,
        };
    }
    Some(here.clone())
}
