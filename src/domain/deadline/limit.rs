//! How long something may take: an amount and its unit, as laws and promises state it.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 时限单位: what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// 工作日
    WorkingDays,
    /// 自然日
    NaturalDays,
    /// 月
    Months,
}

/// 时限: so many days or months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: LimitUnit,
}

impl Limit {
    /// 工作日时限
    pub const fn working_days(amount: u32) -> Self {
        Self { amount, unit: LimitUnit::WorkingDays }
    }

    /// 自然日时限
    pub const fn natural_days(amount: u32) -> Self {
        Self { amount, unit: LimitUnit::NaturalDays }
    }

    /// 按月时限
    pub const fn months(amount: u32) -> Self {
        Self { amount, unit: LimitUnit::Months }
    }

    /// In English; `Display` is the Chinese.
    pub fn en(&self) -> String {
        let unit = match self.unit {
            LimitUnit::WorkingDays => "working day",
            LimitUnit::NaturalDays => "day",
            LimitUnit::Months => "month",
        };
        format!("{} {unit}{}", self.amount, if self.amount == 1 { "" } else { "s" })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            LimitUnit::WorkingDays => "个工作日",
            LimitUnit::NaturalDays => "个自然日",
            LimitUnit::Months => "个月",
        };
        write!(f, "{}{unit}", self.amount)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn in_both_languages_and_in_data() {
        let said = |limit: Limit| (limit.to_string(), limit.en());
        assert_eq!(said(Limit::working_days(5)), ("5个工作日".to_owned(), "5 working days".to_owned()));
        assert_eq!(said(Limit::natural_days(30)), ("30个自然日".to_owned(), "30 days".to_owned()));
        assert_eq!(said(Limit::months(1)), ("1个月".to_owned(), "1 month".to_owned()));
        let read: Limit = toml::from_str("amount = 5\nunit = 'working_days'").unwrap();
        assert_eq!(read, Limit::working_days(5));
    }
}
