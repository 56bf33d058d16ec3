//! A filled form for a household: the item's sample with one of its people replaced by one of the
//! household, wherever the item's own checks agree to that.

use chrono::{Datelike, Duration, NaiveDate};
use serde_json::{Map, Value};

use super::World;
use super::households::Household;
use crate::catalog::Entry;
use crate::domain::application::Applicant;
use crate::domain::deadline::civil_date;
use crate::domain::event::Channel;
use crate::domain::real_name::Assurance;

/// The day for which the samples of the catalogue were written.
const SAMPLE_DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 11, 23);

/// Somebody named in a sample.
struct Named {
    name: String,
    id_number: String,
    phone: Option<String>,
}

/// Who of the household applies, and with which form.
pub fn fitting(
    world: &World,
    entry: &Entry,
    household: &Household,
    door: Channel,
) -> Option<(Applicant, Value)> {
    let today = civil_date(world.office.now());
    let holder = household.people.first()?;
    let samples = [entry.sample(), moved(entry.sample(), today)];
    for sample in &samples {
        let mut named = Vec::new();
        people_in(sample, &mut named);
        // Grown-ups see to what is paid out to them on their own phones.
        let online = door == Channel::MiniProgram && entry.guide().real_name.submit > Assurance::Phone;
        let applies = |person: &&Applicant| {
            !online || person.id_number == holder.id_number || person.id_number.age_on(today) < 18
        };
        for person in household.people.iter().filter(applies) {
            for old in &named {
                let form = renamed(sample, old, person);
                if passes(world, entry, person, &form) {
                    return Some((person.clone(), form));
                }
            }
        }
        if passes(world, entry, holder, sample) {
            return Some((holder.clone(), sample.clone()));
        }
    }
    None
}

fn passes(world: &World, entry: &Entry, applicant: &Applicant, form: &Value) -> bool {
    world.office.check(entry.guide().code, applicant, form).is_ok_and(|result| result.eligible)
}

fn people_in(value: &Value, into: &mut Vec<Named>) {
    match value {
        Value::Object(object) => {
            let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
            if let (Some(name), Some(id_number)) = (text("name"), text("id_number")) {
                into.push(Named { name, id_number, phone: text("phone") });
            }
            object.values().for_each(|inner| people_in(inner, into));
        }
        Value::Array(items) => items.iter().for_each(|inner| people_in(inner, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The form with somebody replaced everywhere, also where a number begins with theirs.
fn renamed(form: &Value, old: &Named, new: &Applicant) -> Value {
    match form {
        Value::Object(object) => object
            .iter()
            .map(|(key, inner)| (key.clone(), renamed(inner, old, new)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(|inner| renamed(inner, old, new)).collect(),
        Value::String(text) if *text == old.name => new.name.as_str().into(),
        Value::String(text) if old.phone.as_ref() == Some(text) => new.phone.as_str().into(),
        Value::String(text) => match text.strip_prefix(old.id_number.as_str()) {
            Some(rest) => format!("{}{rest}", new.id_number.as_str()).into(),
            None => text.clone().into(),
        },
        other => other.clone(),
    }
}

/// The sample as if it had been written for today: its recent dates and years moved on.
fn moved(form: Value, today: NaiveDate) -> Value {
    let Some(then) = SAMPLE_DAY else { return form };
    let (days, years) = (today - then, today.year() - then.year());
    shifted(form, None, days, years, then.year())
}

fn shifted(value: Value, key: Option<&str>, days: Duration, years: i32, recent: i32) -> Value {
    match value {
        Value::Object(object) => object
            .into_iter()
            .map(|(key, inner)| {
                let inner = shifted(inner, Some(&key), days, years, recent);
                (key, inner)
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => {
            items.into_iter().map(|inner| shifted(inner, None, days, years, recent)).collect()
        }
        Value::String(text) => match text.parse::<NaiveDate>() {
            Ok(date) if date.year() >= recent => (date + days).to_string().into(),
            Ok(_) | Err(_) => text.into(),
        },
        Value::Number(number) if key == Some("year") && number.as_i64() >= Some(recent.into()) => {
            (number.as_i64().unwrap_or_default() + i64::from(years)).into()
        }
        other => other,
    }
}
