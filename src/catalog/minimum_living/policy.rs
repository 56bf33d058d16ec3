//! The policy page of minimum living and the household's means against it.

use chrono::NaiveDate;
use serde::Deserialize;

use super::MinimumLivingForm;
use super::parts::{
    MinimumLivingIncomeKind, MinimumLivingOutlayKind, MinimumLivingProperty, MinimumLivingVehicleKind,
};
use crate::domain::payment::Fen;

/// 政策参数: the page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinimumLivingPolicy {
    /// 入户调查 stage that must be passed.
    pub home_visit_stage: String,
    /// 各版标准
    pub editions: Vec<MinimumLivingEdition>,
}

/// 一版标准, for the days it was in force.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinimumLivingEdition {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Whether a number in it could not be verified locally.
    pub sample: bool,
    /// 依据
    pub source: String,
    /// 低保标准 per head and month, fen.
    pub monthly_standard_fen: Fen,
    /// 低保边缘家庭: per-head income up to this share of the standard.
    pub marginal_percent: i64,
    /// 货币财产上限 per head, in monthly standards.
    pub cash_months: i64,
    /// 房屋套数上限
    pub houses_allowed: usize,
    /// Vehicles that do no harm.
    pub vehicles_allowed: Vec<MinimumLivingVehicleKind>,
    /// 不计入家庭收入
    pub uncounted_incomes: Vec<MinimumLivingIncomeKind>,
    /// 可扣减的刚性支出
    pub deductible_outlays: Vec<MinimumLivingOutlayKind>,
}

impl MinimumLivingPolicy {
    /// The edition in force on a day.
    pub fn on(&self, day: NaiveDate) -> Option<&MinimumLivingEdition> {
        self.editions.iter().find(|edition| (edition.from..=edition.to).contains(&day))
    }
}

/// 家庭经济状况测算, as declared; the data check may find otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinimumLivingMeans {
    /// 计入的月收入 of the whole household, fen.
    pub income_fen: Fen,
    /// 扣减的刚性支出, fen.
    pub deducted_fen: Fen,
    /// 人均月收入 after it, fen, rounded down.
    pub per_head_fen: Fen,
    /// Whether income per head is below the standard.
    pub below_standard: bool,
    /// Whether it is below the standard of a marginal household.
    pub below_marginal: bool,
    /// 月保障金 by which the household falls short of the standard, fen.
    pub grant_fen: Fen,
}

impl MinimumLivingEdition {
    /// Income per head against the standard.
    pub fn means(&self, form: &MinimumLivingForm) -> MinimumLivingMeans {
        let heads = i64::try_from(form.members.len()).unwrap_or(1).max(1);
        let incomes = form.members.iter().flat_map(|member| &member.incomes);
        let counted = incomes.filter(|income| !self.uncounted_incomes.contains(&income.kind));
        let income_fen = counted.map(|income| income.monthly_fen).sum::<Fen>()
            + form.supporters.iter().map(|supporter| supporter.monthly_fen).sum();
        let outlays = form.outlays.iter().filter(|outlay| self.deductible_outlays.contains(&outlay.kind));
        let deducted_fen = outlays.map(|outlay| outlay.monthly_fen).sum::<Fen>().min(income_fen);
        let left = income_fen - deducted_fen;
        let household_standard = Fen(self.monthly_standard_fen.0 * heads);
        MinimumLivingMeans {
            income_fen,
            deducted_fen,
            per_head_fen: Fen(left.0 / heads),
            below_standard: left < household_standard,
            below_marginal: left.0 * 100 < household_standard.0 * self.marginal_percent,
            grant_fen: (household_standard - left).max(Fen(0)),
        }
    }

    /// 货币财产上限 of a household of so many.
    pub fn cash_limit(&self, heads: usize) -> Fen {
        Fen(self.monthly_standard_fen.0 * self.cash_months * i64::try_from(heads).unwrap_or(1))
    }
}

impl MinimumLivingProperty {
    /// 货币财产
    pub fn cash(&self) -> Fen {
        self.deposits_fen + self.securities_fen + self.claims_fen
    }
}
