//! The policy book: amounts, tiers, limits and periods with their effective dates, read from
//! `config/policy/*.toml` (compiled in; an operator's folder of the same file names wins).
//! Each item defines the shape of its own page.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// 政策参数: every item's page.
#[derive(Debug, Clone)]
pub struct Policies {
    /// Every page as it is written, by name: for whoever takes the book along.
    pub pages: BTreeMap<&'static str, Value>,
    /// medical_insurance
    pub medical_insurance: super::medical_insurance::MedicalInsurancePolicy,
    /// pension_insurance
    pub pension_insurance: super::pension_insurance::PensionInsurancePolicy,
    /// house_rebuild
    pub house_rebuild: super::house_rebuild::HouseRebuildPolicy,
    /// housing_aid
    pub housing_aid: super::housing_aid::HousingAidPolicy,
    /// childcare_subsidy
    pub childcare_subsidy: super::childcare_subsidy::ChildcareSubsidyPolicy,
    /// minimum_living
    pub minimum_living: super::minimum_living::MinimumLivingPolicy,
    /// old_age_allowance
    pub old_age_allowance: super::old_age_allowance::OldAgeAllowancePolicy,
    /// disability_subsidy
    pub disability_subsidy: super::disability_subsidy::DisabilitySubsidyPolicy,
    /// residence_permit
    pub residence_permit: super::residence_permit::ResidencePermitPolicy,
    /// 重复申请比对, of all items.
    pub duplicates: super::duplicates::DuplicatePolicy,
}

/// A page that cannot be read.
#[derive(Debug)]
pub struct PolicyError {
    /// The file.
    pub file: String,
    /// What is wrong.
    pub reason: String,
}

impl std::fmt::Display for PolicyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.file, self.reason)
    }
}

impl std::error::Error for PolicyError {}

macro_rules! page {
    ($read:expr, $pages:ident, $name:literal) => {{
        let file = concat!($name, ".toml");
        let compiled = include_str!(concat!("../../config/policy/", $name, ".toml"));
        let text = $read(file).unwrap_or_else(|| compiled.to_owned());
        $pages.insert($name, page(file, &text)?);
        page(file, &text)
    }};
}

impl Policies {
    /// The compiled-in book; what `read` answers for a file name stands in for the compiled page.
    pub fn load(read: impl Fn(&str) -> Option<String>) -> Result<Self, PolicyError> {
        let mut pages = BTreeMap::new();
        Ok(Self {
            medical_insurance: page!(read, pages, "medical_insurance")?,
            pension_insurance: page!(read, pages, "pension_insurance")?,
            house_rebuild: page!(read, pages, "house_rebuild")?,
            housing_aid: page!(read, pages, "housing_aid")?,
            childcare_subsidy: page!(read, pages, "childcare_subsidy")?,
            minimum_living: page!(read, pages, "minimum_living")?,
            old_age_allowance: page!(read, pages, "old_age_allowance")?,
            disability_subsidy: page!(read, pages, "disability_subsidy")?,
            residence_permit: page!(read, pages, "residence_permit")?,
            duplicates: page!(read, pages, "duplicates")?,
            pages,
        })
    }
}

fn page<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, PolicyError> {
    toml::from_str(text).map_err(|error| PolicyError { file: file.to_owned(), reason: error.to_string() })
}
