//! The policy page on duplicates: which applications stand in the way of another, and where an item's form says of
//! which period and occasion it is, about whom, and where its people live.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::application::{Applicant, Application};
use crate::domain::deadline::civil_date;
use crate::domain::duplicate::{Matter, Measure, Period, Profile, house};
use crate::domain::id_number::IdNumber;
use crate::domain::lifecycle::Status;

/// 重复申请比对: the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicatePolicy {
    /// Whether something in it could not be verified.
    pub sample: bool,
    /// 依据
    pub source: String,
    /// In which status one stands in the way of another.
    pub counts: Vec<Status>,
    /// What two need to have in common.
    pub measure: Measure,
    /// By code of the item.
    pub items: BTreeMap<String, ItemRule>,
    #[serde(skip)]
    edition: OnceLock<String>,
}

/// 事项比对规则
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemRule {
    /// Of which period an application is.
    pub period: PeriodRule,
    /// Where it says on which occasion.
    pub occasion: Vec<String>,
    /// Where it says about whom or what; every list is compared on its own.
    pub subjects: Vec<Vec<String>>,
    /// Where the spouses stand.
    pub spouse: Vec<String>,
    /// Where the address stands; the first that is filled counts.
    pub address: Vec<String>,
}

/// 期间规则
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodRule {
    /// 自然年 of the filing.
    CalendarYear,
    /// 长期
    OpenEnded,
    /// The year that stands there.
    Declared(String),
}

/// Every value at a pointer in which `*` stands for each entry of a list.
pub fn values<'a>(form: &'a Value, pointer: &str) -> Vec<&'a Value> {
    pointer.split('/').skip(1).fold(vec![form], |found, part| {
        let below = |value: &'a Value| match (value, part) {
            (Value::Array(items), "*") => items.iter().collect(),
            (Value::Object(fields), part) if !part.contains('~') => fields.get(part).into_iter().collect(),
            (value, part) => value.pointer(&format!("/{part}")).into_iter().collect::<Vec<_>>(),
        };
        found.into_iter().flat_map(below).collect()
    })
}

/// The value as it is compared: an address told in any way is one.
fn word(pointer: &str, value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let place = pointer.ends_with("location") || pointer.ends_with("address");
    // Most words are too short for a number.
    let number = || match text.len() {
        ..18 => None,
        _ => IdNumber::parse(&text).map(|number| number.as_str().to_owned()).ok(),
    };
    let plain = if place { Some(house::plain(&text)) } else { number() };
    Some(plain.unwrap_or(text)).filter(|text| !text.is_empty())
}

fn words(form: &Value, pointers: &[String]) -> Vec<String> {
    let at = |pointer: &String| {
        values(form, pointer).into_iter().filter_map(|value| word(pointer, value)).collect::<Vec<_>>()
    };
    pointers.iter().flat_map(at).collect()
}

impl ItemRule {
    /// Every pointer it names.
    pub fn pointers(&self) -> impl Iterator<Item = &String> {
        let period = match &self.period {
            PeriodRule::Declared(pointer) => Some(pointer),
            PeriodRule::CalendarYear | PeriodRule::OpenEnded => None,
        };
        let subjects = self.subjects.iter().flatten();
        period.into_iter().chain(&self.occasion).chain(subjects).chain(&self.spouse).chain(&self.address)
    }

    fn matter(&self, form: &Value, filed_on: NaiveDate) -> Matter {
        let set = |pointers: &Vec<String>| words(form, pointers).into_iter().collect::<BTreeSet<_>>();
        Matter {
            period: match &self.period {
                PeriodRule::CalendarYear => Period::Calendar(filed_on),
                PeriodRule::OpenEnded => Period::OpenEnded,
                PeriodRule::Declared(pointer) => {
                    Period::Declared(form.pointer(pointer).and_then(Value::as_i64))
                }
            },
            occasion: words(form, &self.occasion),
            has_occasion: !self.occasion.is_empty(),
            subjects: self.subjects.iter().map(set).collect(),
        }
    }
}

impl DuplicatePolicy {
    /// What is compared of an application; of one that is not filed yet as if it were filed today.
    pub fn profile(&self, application: &Application, today: NaiveDate) -> Option<Profile> {
        let filed = application.dossier.submissions.first();
        let filed_on = filed.map_or(today, |submission| civil_date(submission.at));
        self.profile_of((&application.service, &application.applicant, &application.form), filed_on)
    }

    /// The same of an item, whose matter it is, and what the form says.
    pub fn profile_of(
        &self,
        (service, applicant, form): (&str, &Applicant, &Value),
        filed_on: NaiveDate,
    ) -> Option<Profile> {
        let rule = self.items.get(service)?;
        let own = applicant.id_number.as_str();
        Some(Profile {
            service: service.to_owned(),
            applicant: applicant.clone(),
            matter: rule.matter(form, filed_on),
            spouse: words(form, &rule.spouse).into_iter().find(|number| number != own),
            address: words(form, &rule.address).into_iter().next(),
        })
    }

    /// Whether it stands in the way of another like it: filed, and neither given up nor refused.
    pub fn counts(&self, application: &Application) -> bool {
        let refused = application.dossier.decision.as_ref().is_some_and(|decision| !decision.granted);
        self.counts.contains(&application.status) && !refused
    }

    /// 版本: tells whether keys were made by these rules.
    pub fn edition(&self) -> &str {
        self.edition.get_or_init(|| {
            let rules = (&self.counts, &self.measure.accents, &self.items);
            let text = serde_json::to_string(&rules).unwrap_or_default();
            Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
        })
    }
}
