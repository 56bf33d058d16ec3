//! Trying a form on a day, for the tests of the items: whose matter it is, and what the item says to it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::any_item::AnyItem;
use super::item::{Facts, ServiceItem};
use super::policy::Policies;
use crate::domain::application::Applicant;

/// Whose matter it is: name and ID number.
pub struct Who(pub &'static str, pub &'static str);

impl Who {
    /// The facts of a case of theirs on that day, before anything has happened.
    pub fn on<R>(&self, today: &str, then: impl FnOnce(&Facts<'_>) -> R) -> R {
        let policies = Policies::load(|_| None).unwrap();
        let applicant = json!({"name": self.0, "id_number": self.1, "phone": "13805950001"});
        let applicant: Applicant = serde_json::from_value(applicant).unwrap();
        then(&Facts {
            today: today.parse().unwrap(),
            policies: &policies,
            applicant: &applicant,
            site_visits: &[],
            notice: None,
            paid: false,
            supplied: &[],
            family: None,
        })
    }

    /// Where and what is wrong with the form.
    pub fn errors(&self, item: &impl AnyItem, form: &Value, today: &str) -> Vec<(String, String)> {
        let shape = item.compile_shape();
        assert!(shape.is_sound());
        self.on(today, |facts| match item.check(&shape, form, facts) {
            Ok(_) => Vec::new(),
            Err(list) => list.into_iter().map(|error| (error.pointer, error.code.into_owned())).collect(),
        })
    }

    /// What is wrong with the form.
    pub fn codes(&self, item: &impl AnyItem, form: &Value, today: &str) -> Vec<String> {
        self.errors(item, form, today).into_iter().map(|(_, code)| code).collect()
    }

    /// Why there is no grant.
    pub fn findings(&self, item: &impl AnyItem, form: &Value, today: &str) -> Vec<&'static str> {
        self.on(today, |facts| item.eligibility(form, facts).unwrap().iter().map(|one| one.code).collect())
    }
}

/// A form that reads well.
pub fn typed<T: ServiceItem>(form: &Value) -> T::Form {
    serde_json::from_value(form.clone()).unwrap()
}
