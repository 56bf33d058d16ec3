//! The delegated-affairs list: one file per service item, one line each below.

use std::ops::Deref;
use std::sync::LazyLock;

use serde_json::Value;

pub mod any_item;
pub mod birth_registration;
pub mod childcare_subsidy;
pub mod disability_subsidy;
pub mod duplicates;
pub mod family;
pub mod form;
pub mod guide;
pub mod house_rebuild;
pub mod household;
pub mod housing_aid;
pub mod item;
pub mod medical_insurance;
pub mod minimum_living;
pub mod old_age_allowance;
pub mod pension_insurance;
pub mod pointers;
pub mod policy;
pub mod residence_permit;
pub mod shape;
#[cfg(test)]
mod trial;
pub mod violation;

use crate::domain::text::FieldError;
use any_item::{AnyItem, Checked};
use item::Facts;
use shape::Shape;

/// A service item together with the compiled shape of its form.
pub struct Entry {
    item: &'static dyn AnyItem,
    shape: LazyLock<Shape, Box<dyn FnOnce() -> Shape + Send + Sync>>,
}

impl Entry {
    fn new(item: &'static dyn AnyItem) -> Self {
        Self { item, shape: LazyLock::new(Box::new(|| item.compile_shape())) }
    }

    /// The compiled shape of the form.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// What follows from a filled form, or everything wrong with it.
    pub fn check_form(&self, form: &Value, facts: &Facts<'_>) -> Result<Checked, Vec<FieldError>> {
        self.item.check(&self.shape, form, facts)
    }
}

impl Deref for Entry {
    type Target = dyn AnyItem;

    fn deref(&self) -> &Self::Target {
        self.item
    }
}

static ALL: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    vec![
        Entry::new(&birth_registration::BirthRegistration),
        Entry::new(&medical_insurance::MedicalInsurance),
        Entry::new(&pension_insurance::PensionInsurance),
        Entry::new(&house_rebuild::HouseRebuild),
        Entry::new(&housing_aid::HousingAid),
        Entry::new(&childcare_subsidy::ChildcareSubsidy),
        Entry::new(&minimum_living::MinimumLiving),
        Entry::new(&old_age_allowance::OldAgeAllowance),
        Entry::new(&disability_subsidy::DisabilitySubsidy),
        Entry::new(&residence_permit::ResidencePermit),
    ]
});

/// Every service item, in the order of the list.
pub fn all() -> &'static [Entry] {
    &ALL
}

/// The item of that code.
pub fn find(code: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.guide().code == code)
}
