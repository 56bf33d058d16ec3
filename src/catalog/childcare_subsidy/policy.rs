//! The policy page of the childcare subsidy and what a child is owed for one calendar year.

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::ChildcareSubsidyForm;
use crate::domain::payment::Fen;

/// 政策参数: the page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildcareSubsidyPolicy {
    /// 施行日
    pub starts_on: NaiveDate,
    /// 依据
    pub source: String,
    /// Years paid in full to a child born from the start on.
    pub whole_years: i32,
    /// Age in months up to which an earlier-born child receives months.
    pub months_of_life: i32,
    /// Whether the month of the third birthday still counts.
    pub birthday_month_counts: bool,
    /// Past years that may still be claimed.
    pub back_claim_years: i32,
    /// Whether a number in it could not be verified.
    pub sample: bool,
    /// 各年标准, ascending.
    pub amounts: Vec<ChildcareAmount>,
}

/// 年补贴标准, until the next one begins.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildcareAmount {
    /// First year.
    pub from_year: i32,
    /// Per child and year, fen.
    pub yearly_fen: Fen,
    /// Whether the number could not be verified.
    pub sample: bool,
    /// 依据
    pub source: String,
}

impl ChildcareSubsidyPolicy {
    /// 年标准 in force in a year.
    pub fn yearly(&self, year: i32) -> Option<Fen> {
        self.amounts.iter().rev().find(|amount| amount.from_year <= year).map(|amount| amount.yearly_fen)
    }

    /// 计发月数 in one calendar year: twelve or nothing for a child born from the start on, for an earlier
    /// one the months from the start to its third birthday that fall into the year.
    pub fn months_in(&self, born: NaiveDate, year: i32) -> i32 {
        if year < self.starts_on.year() {
            return 0;
        }
        if born >= self.starts_on {
            let years = born.year()..born.year() + self.whole_years;
            return if years.contains(&year) { 12 } else { 0 };
        }
        let last = month(born) + self.months_of_life - i32::from(!self.birthday_month_counts);
        let first = month(self.starts_on).max(year * 12);
        (last.min(year * 12 + 11) - first + 1).max(0)
    }
}

impl ChildcareSubsidyForm {
    /// 出生日期
    pub fn born_on(&self) -> NaiveDate {
        self.child.id_number.birth_date()
    }
}

/// Months since the year 0, so that months can be subtracted.
fn month(day: NaiveDate) -> i32 {
    day.year() * 12 + day.month0().cast_signed()
}

/// 应发金额 for one calendar year, whatever was received before. Months are paid in proportion.
pub fn entitlement(form: &ChildcareSubsidyForm, policy: &ChildcareSubsidyPolicy, year: i32) -> Fen {
    let yearly = policy.yearly(year).unwrap_or_default();
    Fen(yearly.0 * i64::from(policy.months_in(form.born_on(), year)) / 12)
}
