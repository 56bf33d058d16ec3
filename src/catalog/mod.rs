//! The delegated-affairs list: one file per service item, one line each below.

use std::ops::Deref;
use std::sync::LazyLock;

use serde_json::Value;

pub mod birth_registration;
pub mod medical_insurance;
pub mod medical_insurance_member;
pub mod medical_insurance_policy;
mod medical_insurance_quote;
mod medical_insurance_rules;
pub mod pension_insurance;
mod pension_insurance_entitlement;
pub mod pension_insurance_person;
pub mod pension_insurance_policy;
mod pension_insurance_rules;
pub mod house_rebuild;
mod house_rebuild_entitlement;
mod house_rebuild_materials;
pub mod house_rebuild_plan;
pub mod house_rebuild_policy;
mod house_rebuild_rules;
mod house_rebuild_sample;
pub mod house_rebuild_site;
pub mod housing_aid;
mod housing_aid_entitlement;
mod housing_aid_materials;
pub mod housing_aid_parts;
pub mod housing_aid_policy;
mod housing_aid_rules;
pub mod childcare_subsidy;
pub mod childcare_subsidy_policy;
mod childcare_subsidy_rules;
pub mod minimum_living;
mod minimum_living_entitlement;
pub mod minimum_living_parts;
pub mod minimum_living_policy;
mod minimum_living_rules;
pub mod old_age_allowance;
pub mod old_age_allowance_policy;
mod old_age_allowance_rules;
pub mod disability_subsidy;
pub mod disability_subsidy_parts;
pub mod disability_subsidy_policy;
mod disability_subsidy_rules;
pub mod residence_permit;
pub mod residence_permit_parts;
pub mod residence_permit_policy;
mod residence_permit_rules;
pub mod family;
pub mod form;
pub mod guide;
pub mod item;
pub mod policy;
pub mod shape;

use crate::domain::text::FieldError;
use item::{AnyItem, Facts};
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

    /// The normalised form, or everything wrong with it.
    pub fn check_form(&self, form: &Value, facts: &Facts<'_>) -> Result<Value, Vec<FieldError>> {
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
