//! The policy page of the resident medical insurance: per year the amounts, the payment periods, the
//! waits, who is exempt from them, and the aids. The quote computes with it.
//! 国办发〔2021〕42号 (aids); 国办发〔2024〕38号 (waiting after a late payment or a break).

use chrono::{Days, NaiveDate};
use serde::Deserialize;

use super::member::MedicalAidCategory;
use crate::domain::payment::Fen;

/// 政策参数: the page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedicalInsurancePolicy {
    /// 在校学生年龄
    pub student_ages: MedicalAges,
    /// 各年度
    pub years: Vec<MedicalYear>,
}

/// 年龄范围, both ends included.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedicalAges {
    /// From this age.
    pub from: u32,
    /// To this age.
    pub to: u32,
}

/// 年度政策
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedicalYear {
    /// 参保年度
    pub year: i32,
    /// Whether a number in it could not be verified locally.
    pub sample: bool,
    /// 依据
    pub source: String,
    /// 个人缴费标准
    pub personal_fen: Fen,
    /// 财政补助标准
    pub subsidy_fen: Fen,
    /// 待遇期起
    pub covers_from: NaiveDate,
    /// 待遇期止
    pub covers_to: NaiveDate,
    /// 集中参保缴费期起
    pub central_from: NaiveDate,
    /// 集中参保缴费期止
    pub central_to: NaiveDate,
    /// 新生儿缴费期: days after birth within which benefits begin at birth.
    pub newborn_grace_days: u32,
    /// 职工医保中断后可直接接续的月数
    pub employee_gap_months: u32,
    /// 补缴期各档
    pub late_bands: Vec<MedicalBand>,
    /// 免等待人群
    pub exemptions: Vec<MedicalExemption>,
    /// 断保等待规则; none before 2025.
    #[serde(default)]
    pub interruption: Option<MedicalInterruption>,
    /// 资助标准
    pub aids: Vec<MedicalAid>,
}

/// 缴费时段
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedicalBand {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// What is paid.
    pub pays: MedicalPays,
    /// The wait for benefits.
    pub waiting: MedicalWaiting,
}

/// 缴费构成
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MedicalPays {
    /// 只缴个人部分
    PersonalOnly,
    /// 个人部分和财政补助部分都由个人缴
    PersonalAndPublic,
}

/// 待遇等待期, counted with the day of payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MedicalWaiting {
    /// 无
    None,
    /// 日
    Days(u32),
    /// 月
    Months(u32),
}

/// 免等待
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedicalExemption {
    /// Who does not wait.
    pub who: MedicalExempt,
    /// Whether the public part is never asked of them either.
    pub public_part: bool,
}

/// 免等待人群
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MedicalExempt {
    /// 规定期限内缴费的新生儿
    Newborn,
    /// 新入学学生
    NewlyEnrolled,
    /// 职工医保转入
    FromEmployee,
    /// 困难群体: whoever receives an aid.
    Hardship,
}

/// 断保等待规则 (国办发〔2024〕38号)
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedicalInterruption {
    /// Missed years before this one do not count.
    pub counted_from: i32,
    /// 固定等待期
    pub fixed_months: u32,
    /// 变动等待期 for every missed year after the first.
    pub months_per_further_year: u32,
    /// From so many missed years on …
    pub long_break_years: u32,
    /// … the wait is at least this long, however much was repaired.
    pub long_break_least_months: u32,
}

/// 资助
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedicalAid {
    /// To whom.
    pub category: MedicalAidCategory,
    /// Its name on the order.
    pub name: String,
    /// How much.
    pub amount: MedicalAidAmount,
}

/// 资助额
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MedicalAidAmount {
    /// 全额
    Full,
    /// 定额, fen.
    FixedFen(Fen),
}

impl MedicalInsurancePolicy {
    /// The page of a contribution year.
    pub fn of_year(&self, year: i32) -> Option<&MedicalYear> {
        self.years.iter().find(|page| page.year == year)
    }

    /// 可缴年度 on a day.
    pub fn open_years(&self, today: NaiveDate) -> Vec<i32> {
        self.years.iter().filter(|page| page.band(today).is_some()).map(|page| page.year).collect()
    }
}

impl MedicalInterruption {
    /// 断保年数 that count for `year` after `last_paid`.
    pub fn missed_years(&self, last_paid: i32, year: i32) -> u32 {
        u32::try_from(year - 1 - last_paid.max(self.counted_from - 1)).unwrap_or(0)
    }

    /// 变动等待期, which paying for missed years shortens.
    pub fn variable_months(&self, missed: u32) -> u32 {
        missed.saturating_sub(1) * self.months_per_further_year
    }

    /// 等待期 for so many missed years, shortened by the repaired ones.
    pub fn months(&self, missed: u32, repaired: u32) -> u32 {
        if missed == 0 {
            return 0;
        }
        let months = self.fixed_months + self.variable_months(missed).saturating_sub(repaired);
        if missed >= self.long_break_years { months.max(self.long_break_least_months) } else { months }
    }
}

impl MedicalYear {
    /// The band a day falls into; the central period is the first of them.
    pub fn band(&self, today: NaiveDate) -> Option<MedicalBand> {
        let central = MedicalBand {
            from: self.central_from,
            to: self.central_to,
            pays: MedicalPays::PersonalOnly,
            waiting: MedicalWaiting::None,
        };
        let bands = std::iter::once(central).chain(self.late_bands.iter().copied());
        bands.into_iter().find(|band| (band.from..=band.to).contains(&today))
    }

    /// Last day on which a child born on that day counts as a newborn.
    pub fn newborn_until(&self, born: NaiveDate) -> NaiveDate {
        born.checked_add_days(Days::new(self.newborn_grace_days.into())).unwrap_or(born)
    }
}
