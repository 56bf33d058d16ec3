//! Masking inside a JSON form: what reads as an ID number, a phone, an account or an address is shown masked, and
//! a masked value that comes back never overwrites the real one.

use serde_json::Value;

use crate::domain::bank_card::BankCard;
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::person_name::PersonName;
use crate::domain::refusal::Refusal;
use crate::domain::sensitive::masked_address;
use crate::domain::text::{FieldError, Text};

/// How much is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Numbers and addresses.
    Identifiers,
    /// Names as well: of children.
    Names,
}

/// Fewer digits make no number by which anybody is known: a mobile number has the fewest.
const FEWEST_DIGITS: usize = 11;

fn masked_number(text: &str) -> Option<String> {
    // Nearly every text of a form is none, and all of them are looked at whenever a case is opened.
    if text.chars().filter(|c| matches!(c, '0'..='9' | '０'..='９')).count() < FEWEST_DIGITS {
        return None;
    }
    let id = || IdNumber::parse(text).ok().map(|id| id.masked());
    let phone = || PhoneNumber::parse(text).ok().map(|phone| phone.masked());
    let card = || BankCard::parse(text).ok().map(|card| card.masked());
    id().or_else(phone).or_else(card)
}

/// What is shown instead of a text, if it is hidden.
fn hidden(key: &str, text: &str, extent: Extent) -> Option<String> {
    let number = masked_number(text);
    if number.is_some() {
        number
    } else if key.ends_with("address") && !text.is_empty() {
        Some(masked_address(text))
    } else if extent == Extent::Names && (key == "name" || key.ends_with("holder")) {
        PersonName::parse(text).ok().map(|name| name.masked())
    } else {
        None
    }
}

/// Masks every identifier in place.
pub fn mask(value: &mut Value, extent: Extent) {
    mask_below(value, "", extent);
}

fn mask_below(value: &mut Value, key: &str, extent: Extent) {
    match value {
        Value::String(text) => {
            if let Some(masked) = hidden(key, text, extent) {
                *text = masked;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask_below(item, key, extent)),
        Value::Object(object) => object.iter_mut().for_each(|(key, item)| mask_below(item, key, extent)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Visits every text with its key and its pointer.
fn each(value: &mut Value, key: &str, at: &mut String, visit: &mut impl FnMut(&str, &str, &mut String)) {
    match value {
        Value::String(text) => visit(key, at, text),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                let length = at.len();
                at.push_str(&format!("/{index}"));
                each(item, key, at, visit);
                at.truncate(length);
            }
        }
        Value::Object(object) => {
            for (key, item) in object.iter_mut() {
                let length = at.len();
                at.push('/');
                at.push_str(&key.replace('~', "~0").replace('/', "~1"));
                each(item, key, at, visit);
                at.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether something in it may be masked: every mask has a star.
fn has_star(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('*'),
        Value::Array(items) => items.iter().any(has_star),
        Value::Object(object) => object.values().any(has_star),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Puts the real value back wherever `new` has what `old` looks like masked; what cannot be told apart, or was
/// never there, is refused.
pub fn restore(new: &mut Value, old: &Value) -> Result<(), Vec<FieldError>> {
    if !has_star(new) {
        return Ok(());
    }
    let mut known: Vec<(String, String, String)> = Vec::new();
    let mut old = old.clone();
    each(&mut old, "", &mut String::new(), &mut |key, at, text| {
        for extent in [Extent::Identifiers, Extent::Names] {
            let masked = hidden(key, text, extent);
            known.extend(masked.map(|masked| (at.to_owned(), masked, text.clone())));
        }
    });
    let mut errors = Vec::new();
    each(new, "", &mut String::new(), &mut |_, at, text| {
        let masked = text.contains("***") || known.iter().any(|(_, masked, _)| masked == text);
        if !masked {
            return;
        }
        let here = known.iter().find(|(place, masked, _)| place == at && masked == text);
        let mut alike = known.iter().filter(|(_, masked, _)| masked == text).map(|(_, _, full)| full);
        // Moved within a list: its mask tells it as long as no other value has the same.
        let moved = alike.next().filter(|first| alike.all(|other| other == *first));
        match here.map(|(_, _, full)| full).or(moved) {
            Some(full) => *text = full.clone(),
            None if text.contains("***") => {
                let detail = Text::fixed(
                    "这里是打码后的内容，请填写完整内容。",
                    "This is a masked value; enter it in full.",
                );
                errors.push(FieldError::new(at.to_owned(), "masked_value", detail));
            }
            None => {}
        }
    });
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// The same for the form of a request.
pub fn restored(new: &mut Value, old: &Value) -> Result<(), Refusal> {
    let below = |errors: Vec<FieldError>| errors.into_iter().map(|error| error.below("/form")).collect();
    restore(new, old).map_err(|errors| Refusal::fields(below(errors)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn form() -> Value {
        json!({
            "mother": {"name": "林秀英", "id_number": "350582199412150025", "phone": "13805950001",
                       "residence_address": "福建省晋江市灵源街道林口社区中区12号"},
            "members": [{"id_number": "350582199003070016"}, {"id_number": "350582199203070010"}],
            "account": {"holder": "林秀英", "number": "6222020000000000018"},
            "area": 120,
        })
    }

    #[test]
    fn what_was_masked_comes_back_as_it_was() {
        for extent in [Extent::Identifiers, Extent::Names] {
            let mut shown = form();
            mask(&mut shown, extent);
            let text = shown.to_string();
            for hidden in ["350582199412150025", "13805950001", "中区12号", "6222020000000000018"] {
                assert!(!text.contains(hidden), "{text}");
            }
            assert_eq!(text.contains("林秀英"), extent == Extent::Identifiers);
            shown["area"] = 140.into();
            restore(&mut shown, &form()).unwrap();
            let mut expected = form();
            expected["area"] = 140.into();
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn what_moved_is_told_by_its_mask_and_what_was_never_there_is_refused() {
        let mut shown = form();
        mask(&mut shown, Extent::Identifiers);
        let second = shown["members"][1].clone();
        shown["members"] = json!([second]);
        restore(&mut shown, &form()).unwrap();
        assert_eq!(shown["members"], json!([{"id_number": "350582199203070010"}]));

        let mut foreign = json!({"mother": {"phone": "139****9999"}, "note": "a***b"});
        let errors = restore(&mut foreign, &form()).unwrap_err();
        let pointers: Vec<&str> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/mother/phone", "/note"]);
        // Two that look alike cannot be told apart once they moved.
        let old = json!({"a": [{"phone": "13805950001"}, {"phone": "13899990001"}], "b": 1});
        let mut alike = json!({"c": "138****0001"});
        assert_eq!(restore(&mut alike, &old).unwrap_err()[0].code, "masked_value");
    }

    #[test]
    fn what_is_not_masked_is_left_alone() {
        let mut new = json!({"mother": {"phone": "13899990001", "name": "林**"}, "stars": "**"});
        let before = new.clone();
        restore(&mut new, &form()).unwrap();
        assert_eq!(new, before);
    }
}
