//! The policy page of the old-age allowance, its age bands, and the day on which somebody reaches one.

use chrono::{Datelike, Months, NaiveDate};
use serde::Deserialize;

use crate::domain::payment::Fen;

/// 政策参数: the page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OldAgeAllowancePolicy {
    /// 提前申请的月数
    pub early_months: u32,
    /// Days for which an alive check stays good.
    pub alive_check_days: i64,
    /// 各版标准
    pub editions: Vec<OldAgeEdition>,
}

/// 一版标准, for the days it was in force.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OldAgeEdition {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Whether a number in it could not be verified locally.
    pub sample: bool,
    /// 依据
    pub source: String,
    /// 年龄档次, ascending.
    pub bands: Vec<OldAgeBand>,
}

/// 年龄档次
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OldAgeBand {
    /// From this age on.
    pub from_age: u32,
    /// 每月, fen.
    pub monthly_fen: Fen,
}

impl OldAgeAllowancePolicy {
    /// The edition in force on a day.
    pub fn on(&self, day: NaiveDate) -> Option<&OldAgeEdition> {
        self.editions.iter().find(|edition| (edition.from..=edition.to).contains(&day))
    }

    /// 可申请之日: the first day on which somebody may apply for a band.
    pub fn open_from(&self, born: NaiveDate, band: OldAgeBand) -> NaiveDate {
        let birthday = turns(born, band.from_age);
        birthday.checked_sub_months(Months::new(self.early_months)).unwrap_or(birthday)
    }

    /// 可申请的档次: the highest band that somebody may apply for on a day.
    pub fn band_on(&self, born: NaiveDate, day: NaiveDate) -> Option<OldAgeBand> {
        let bands = &self.on(day)?.bands;
        bands.iter().rev().copied().find(|band| self.open_from(born, *band) <= day)
    }
}

/// 年满之日: the birthday; somebody born on 29 February turns on 1 March in a common year.
pub fn turns(born: NaiveDate, age: u32) -> NaiveDate {
    let year = born.year() + i32::try_from(age).unwrap_or(0);
    born.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1)).unwrap_or(born)
}
