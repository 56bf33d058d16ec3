//! The policy page of the resident pension and what a person owes on it. The public subsidy is no part of
//! what is paid: it is added to the person's account, and made-up years earn none.

use chrono::{Datelike, Months, NaiveDate};
use serde::Deserialize;

use super::person::PensionAidCategory;
use super::{PensionInsuranceForm, PensionPurpose};
use crate::domain::payment::{Fen, Quote, QuoteLine};

/// 政策参数: the page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PensionInsurancePolicy {
    /// 各版标准
    pub editions: Vec<PensionEdition>,
}

/// 一版标准, for the years it was in force.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PensionEdition {
    /// First year.
    pub from_year: i32,
    /// Last year.
    pub to_year: i32,
    /// Whether a number in it could not be verified locally.
    pub sample: bool,
    /// 依据
    pub source: String,
    /// 参保年龄
    pub least_age: u32,
    /// 领取年龄
    pub pension_age: u32,
    /// 最低缴费年限
    pub required_years: u32,
    /// Years before it cannot be made up.
    pub make_up_from_year: i32,
    /// 缴费档次, ascending.
    pub tiers: Vec<PensionTier>,
    /// 政府代缴
    pub aids: Vec<PensionAid>,
}

/// 缴费档次
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PensionTier {
    /// What the person pays for the year.
    pub tier_fen: Fen,
    /// 政府补贴 to their account.
    pub subsidy_fen: Fen,
}

/// 政府代缴
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PensionAid {
    /// For whom.
    pub category: PensionAidCategory,
    /// Its name on the order.
    pub name: String,
    /// How much.
    pub amount: PensionAidAmount,
}

/// 代缴额
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PensionAidAmount {
    /// 最低档次
    LowestTier,
    /// 定额, fen.
    FixedFen(Fen),
}

impl PensionInsurancePolicy {
    /// The edition in force in a year.
    pub fn of_year(&self, year: i32) -> Option<&PensionEdition> {
        self.editions.iter().find(|edition| (edition.from_year..=edition.to_year).contains(&year))
    }
}

impl PensionEdition {
    /// The tier of that amount.
    pub fn tier(&self, tier: Fen) -> Option<PensionTier> {
        self.tiers.iter().copied().find(|known| known.tier_fen == tier)
    }

    /// 达到领取年龄之日
    pub fn turns_pension_age(&self, born: NaiveDate) -> NaiveDate {
        born + Months::new(self.pension_age * 12)
    }

    /// The best single aid: aids never add up.
    pub fn best_aid(&self, categories: &[PensionAidCategory]) -> Option<(&str, Fen)> {
        let lowest = self.tiers.iter().map(|tier| tier.tier_fen).min().unwrap_or_default();
        let amount = |aid: &PensionAid| match aid.amount {
            PensionAidAmount::LowestTier => lowest,
            PensionAidAmount::FixedFen(fixed) => fixed,
        };
        let mine = self.aids.iter().filter(|aid| categories.contains(&aid.category));
        mine.map(|aid| (aid.name.as_str(), amount(aid))).max_by_key(|(_, fen)| *fen)
    }
}

/// What the form owes on a day.
pub fn quote(edition: &PensionEdition, form: &PensionInsuranceForm, today: NaiveDate) -> Quote {
    let born = form.insured.id_number.birth_date();
    // A pension already due is drawn as soon as the missing years are paid.
    let drawn_from = month_after(edition.turns_pension_age(born).max(today));
    let line = |due: Fen, aid: Option<(&str, Fen)>, explanation: String| {
        let aid_fen = aid.map_or(Fen(0), |(_, fen)| fen.min(due));
        QuoteLine {
            member: form.insured.name.as_str().to_owned(),
            personal_fen: due,
            aid_fen,
            aid: aid.map(|(name, _)| name.to_owned()),
            payable_fen: due - aid_fen,
            covered_from: drawn_from,
            explanation,
        }
    };
    let subsidy = |tier: Fen| edition.tier(tier).map_or(Fen(0), |tier| tier.subsidy_fen);
    let year = form.year;
    let lines = match &form.purpose {
        PensionPurpose::Contribute { tier_fen } => {
            let aid = edition.best_aid(&form.aid_categories);
            let helped =
                aid.map(|(name, fen)| format!("；{name}{}元", fen.min(*tier_fen))).unwrap_or_default();
            let added = subsidy(*tier_fen);
            vec![line(
                *tier_fen,
                aid,
                format!("{year}年度{tier_fen}元档{helped}；另有政府补贴{added}元记入个人账户。"),
            )]
        }
        PensionPurpose::ChangeTier { paid_tier_fen, tier_fen } => {
            let due = *tier_fen - *paid_tier_fen;
            let added = subsidy(*tier_fen) - subsidy(*paid_tier_fen);
            let said = format!(
                "{year}年度由{paid_tier_fen}元档改为{tier_fen}元档，补差{due}元；政府补贴相应增加{added}元。"
            );
            vec![line(due, None, said)]
        }
        PensionPurpose::MakeUp { years } => {
            let said = |year: i32, tier: Fen| format!("补缴{year}年度{tier}元档；补缴年度不享受政府补贴。");
            years
                .iter()
                .map(|missed| line(missed.tier_fen, None, said(missed.year, missed.tier_fen)))
                .collect()
        }
    };
    let total_fen = lines.iter().map(|line: &QuoteLine| line.payable_fen).sum();
    Quote { year, lines, total_fen, valid_until: valid_until(edition, form, today) }
}

/// The year ends, or the right to pay for it does, on the day before the birthday.
fn valid_until(edition: &PensionEdition, form: &PensionInsuranceForm, today: NaiveDate) -> NaiveDate {
    let year_end = NaiveDate::from_ymd_opt(today.year(), 12, 31).unwrap_or(today);
    let birthday = edition.turns_pension_age(form.insured.id_number.birth_date());
    match form.purpose {
        PensionPurpose::MakeUp { .. } => year_end,
        PensionPurpose::Contribute { .. } | PensionPurpose::ChangeTier { .. } => {
            birthday.pred_opt().map_or(year_end, |eve| eve.min(year_end))
        }
    }
}

/// The first day of the next month: pensions begin the month after the condition is met.
fn month_after(day: NaiveDate) -> NaiveDate {
    (day + Months::new(1)).with_day(1).unwrap_or(day)
}
