//! The policy page of the disability subsidies and the monthly amounts on it.

use chrono::NaiveDate;
use serde::Deserialize;

use super::parts::{DisabilityCategory, DisabilityHousehold, DisabilityOtherBenefit, DisabilitySubsidyKind};
use crate::domain::payment::Fen;

/// 政策参数: the page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisabilitySubsidyPolicy {
    /// 不得重复享受的待遇
    pub exclusions: Vec<DisabilityExclusion>,
    /// 各版标准
    pub editions: Vec<DisabilityEdition>,
}

/// 不得重复享受
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisabilityExclusion {
    /// Who receives this …
    pub benefit: DisabilityOtherBenefit,
    /// … does not receive these …
    pub subsidies: Vec<DisabilitySubsidyKind>,
    /// … or (择高申领) may choose the higher.
    pub choice: bool,
}

/// 一版标准, for the days it was in force.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisabilityEdition {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Whether a number in it could not be verified locally.
    pub sample: bool,
    /// 依据
    pub source: String,
    /// 生活补贴 by household.
    pub living: Vec<DisabilityLivingAmount>,
    /// 护理补贴 by grade.
    pub care: Vec<DisabilityCareAmount>,
}

/// 生活补贴标准
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisabilityLivingAmount {
    /// For which household.
    pub household: DisabilityHousehold,
    /// 每月, fen.
    pub monthly_fen: Fen,
}

/// 护理补贴标准
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisabilityCareAmount {
    /// For which grade …
    pub grade: u8,
    /// … of these categories; of every one when empty.
    pub categories: Vec<DisabilityCategory>,
    /// 每月, fen.
    pub monthly_fen: Fen,
}

impl DisabilitySubsidyPolicy {
    /// The edition in force on a day.
    pub fn on(&self, day: NaiveDate) -> Option<&DisabilityEdition> {
        self.editions.iter().find(|edition| (edition.from..=edition.to).contains(&day))
    }
}

impl DisabilityEdition {
    /// 生活补贴 of a household, if it has one.
    pub fn living(&self, household: DisabilityHousehold) -> Option<Fen> {
        self.living.iter().find(|amount| amount.household == household).map(|amount| amount.monthly_fen)
    }

    /// 护理补贴 of a grade, if it has one.
    pub fn care(&self, category: DisabilityCategory, grade: u8) -> Option<Fen> {
        let fits = |amount: &&DisabilityCareAmount| {
            amount.grade == grade && (amount.categories.is_empty() || amount.categories.contains(&category))
        };
        self.care.iter().find(fits).map(|amount| amount.monthly_fen)
    }
}
