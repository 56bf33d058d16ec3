//! The policy book: amounts, tiers, limits and periods with their effective dates, read from
//! `config/policy/*.toml` (compiled in; an operator's folder of the same file names wins).
//! Each item defines the shape of its own page.

use serde::de::DeserializeOwned;

/// 政策参数: every item's page.
#[derive(Debug, Clone)]
pub struct Policies {
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
    ($read:expr, $file:literal) => {
        page($read($file), $file, include_str!(concat!("../../config/policy/", $file)))
    };
}

impl Policies {
    /// The compiled-in book; what `read` answers for a file name stands in for the compiled page.
    pub fn load(read: impl Fn(&str) -> Option<String>) -> Result<Self, PolicyError> {
        let _ = &read;
        Ok(Self {
            medical_insurance: page!(read, "medical_insurance.toml")?,
            pension_insurance: page!(read, "pension_insurance.toml")?,
            house_rebuild: page!(read, "house_rebuild.toml")?,
            housing_aid: page!(read, "housing_aid.toml")?,
            childcare_subsidy: page!(read, "childcare_subsidy.toml")?,
            minimum_living: page!(read, "minimum_living.toml")?,
            old_age_allowance: page!(read, "old_age_allowance.toml")?,
            disability_subsidy: page!(read, "disability_subsidy.toml")?,
            residence_permit: page!(read, "residence_permit.toml")?,
            duplicates: page!(read, "duplicates.toml")?,
        })
    }
}

fn page<T: DeserializeOwned>(own: Option<String>, file: &str, compiled: &str) -> Result<T, PolicyError> {
    let text = own.as_deref().unwrap_or(compiled);
    toml::from_str(text).map_err(|error| PolicyError { file: file.to_owned(), reason: error.to_string() })
}
