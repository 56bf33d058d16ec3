//! Masking inside a JSON form: whatever reads as an ID number, a phone or an account is shown masked
//! to those whose work does not need it.

use serde_json::Value;

use crate::domain::bank_card::BankCard;
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;

/// Masks every identifier in place.
pub fn mask(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Ok(id) = IdNumber::parse(text) {
                *text = id.masked();
            } else if let Ok(phone) = PhoneNumber::parse(text) {
                *text = phone.masked();
            } else if let Ok(card) = BankCard::parse(text) {
                *text = card.masked();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(object) => object.values_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
