//! What every member of a medical insurance form pays on a day, and from when they are covered.
//! 国办发〔2021〕42号 (aids); 国办发〔2024〕38号 (waiting after a late payment or a break).

use chrono::{Days, Months, NaiveDate};

use super::MedicalInsuranceForm;
use super::member::{InsuredAs, MedicalMember, PriorCoverage};
use super::policy::{
    MedicalAid, MedicalAidAmount, MedicalBand, MedicalExempt, MedicalExemption, MedicalInsurancePolicy,
    MedicalPays, MedicalWaiting, MedicalYear,
};
use super::rules::closed;
use crate::domain::payment::{Fen, Quote, QuoteLine};
use crate::domain::refusal::Refusal;

/// 应缴: the whole household; refused when one of them cannot pay for that year today.
pub fn quote(
    form: &MedicalInsuranceForm,
    today: NaiveDate,
    policy: &MedicalInsurancePolicy,
) -> Result<Quote, Refusal> {
    let not_open = || closed(policy, form.year, today);
    let page = policy.of_year(form.year).ok_or_else(not_open)?;
    let lines = form.members.iter().map(|member| line(page, member, today)).collect::<Option<Vec<_>>>();
    let (lines, ends): (Vec<_>, Vec<_>) = lines.ok_or_else(not_open)?.into_iter().unzip();
    let valid_until = ends.into_iter().min().unwrap_or(today);
    let total_fen = lines.iter().map(|line: &QuoteLine| line.payable_fen).sum();
    Ok(Quote { year: form.year, lines, total_fen, valid_until })
}

impl MedicalYear {
    /// The band for one member: a newborn of this year may pay until the end of the grace, even when the
    /// year's last band is over by then.
    pub fn band_for(&self, member: &MedicalMember, today: NaiveDate) -> Option<MedicalBand> {
        let born = member.birth_date();
        let newborn = matches!(member.insured_as, InsuredAs::Newborn {})
            && (self.covers_from..=self.covers_to).contains(&born)
            && (born..=self.newborn_until(born)).contains(&today);
        let own = MedicalBand {
            from: born,
            to: self.newborn_until(born),
            pays: MedicalPays::PersonalOnly,
            waiting: MedicalWaiting::None,
        };
        if newborn { Some(own) } else { self.band(today) }
    }

    /// Last day on which somebody who left the employee insurance comes over without waiting.
    fn employee_until(&self, ended: NaiveDate) -> NaiveDate {
        ended + Months::new(self.employee_gap_months)
    }

    fn exemption(&self, member: &MedicalMember, today: NaiveDate) -> Option<MedicalExemption> {
        let fits = |who: MedicalExempt| match who {
            MedicalExempt::Newborn => {
                matches!(member.insured_as, InsuredAs::Newborn {})
                    && today <= self.newborn_until(member.birth_date())
            }
            MedicalExempt::NewlyEnrolled => {
                matches!(member.insured_as, InsuredAs::Student { newly_enrolled: true, .. })
            }
            MedicalExempt::FromEmployee => match &member.prior {
                PriorCoverage::FromEmployee { ended_on } => today <= self.employee_until(*ended_on),
                _ => false,
            },
            MedicalExempt::Hardship => self.best_aid(member).is_some(),
        };
        // Of several the one that also spares the public part, for that is better for the member.
        self.exemptions.iter().copied().filter(|rule| fits(rule.who)).max_by_key(|rule| rule.public_part)
    }

    /// The best single aid: aids never add up.
    pub fn best_aid(&self, member: &MedicalMember) -> Option<(&str, Fen)> {
        let amount = |aid: &MedicalAid| match aid.amount {
            MedicalAidAmount::Full => self.personal_fen,
            MedicalAidAmount::FixedFen(fixed) => fixed.min(self.personal_fen),
        };
        let mine = self.aids.iter().filter(|aid| member.subsidy_categories.contains(&aid.category));
        mine.map(|aid| (aid.name.as_str(), amount(aid))).max_by_key(|(_, fen)| *fen)
    }
}

/// A line of the quote and the last day on which it holds; `None` when nothing can be paid that day.
fn line(page: &MedicalYear, member: &MedicalMember, today: NaiveDate) -> Option<(QuoteLine, NaiveDate)> {
    let band = page.band_for(member, today)?;
    let exempt = page.exemption(member, today);
    let public = band.pays == MedicalPays::PersonalAndPublic && !exempt.is_some_and(|rule| rule.public_part);
    let repaired = match (&member.prior, page.interruption) {
        (PriorCoverage::Interrupted { repaired_years, .. }, Some(_)) => u32::from(*repaired_years),
        _ => 0,
    };
    let base = page.personal_fen + if public { page.subsidy_fen } else { Fen(0) };
    let due = base + Fen(page.personal_fen.0 * i64::from(repaired));
    let (aid, aid_fen) = page.best_aid(member).map_or((None, Fen(0)), |(name, fen)| (Some(name), fen));

    let mut said = vec![format!("{}年度个人缴费{}元", page.year, page.personal_fen)];
    if public {
        said.push(format!("逾期补缴另缴财政补助部分{}元", page.subsidy_fen));
    }
    if repaired > 0 {
        said.push(format!("补缴{repaired}年修复变动等待期"));
    }
    if let Some(name) = aid {
        let several = if member.subsidy_categories.len() > 1 {
            "（多项资助取最高一项，不叠加）"
        } else {
            ""
        };
        said.push(format!("{name}{aid_fen}元{several}"));
    }
    let covered_from = covered_from(page, member, band, exempt.is_some(), today, &mut said);
    if covered_from > page.covers_to {
        said.push("等待期超过本年度，本年度内不能享受待遇".to_owned());
    }
    let mut valid_until = band.to;
    if exempt.is_some_and(|rule| rule.who == MedicalExempt::Newborn) {
        valid_until = valid_until.min(page.newborn_until(member.birth_date()));
    }
    if let (Some(_), PriorCoverage::FromEmployee { ended_on }) = (exempt, &member.prior) {
        valid_until = valid_until.min(page.employee_until(*ended_on).max(today));
    }
    let line = QuoteLine {
        member: member.name.as_str().to_owned(),
        personal_fen: due,
        aid_fen,
        aid: aid.map(str::to_owned),
        payable_fen: due - aid_fen,
        covered_from,
        explanation: format!("{}。", said.join("；")),
    };
    Some((line, valid_until))
}

/// 待遇开始日: nobody's lies before the coverage year, except a newborn's, whose lies at birth.
fn covered_from(
    page: &MedicalYear,
    member: &MedicalMember,
    band: MedicalBand,
    exempt: bool,
    today: NaiveDate,
    said: &mut Vec<String>,
) -> NaiveDate {
    let born = member.birth_date();
    let begins = today.max(page.covers_from);
    if exempt {
        if matches!(member.insured_as, InsuredAs::Newborn {}) && born >= page.covers_from {
            said.push("新生儿自出生之日起享受待遇".to_owned());
            return born;
        }
        said.push("不设等待期".to_owned());
        return begins;
    }
    let late = match band.waiting {
        MedicalWaiting::None => begins,
        MedicalWaiting::Days(days) => begins.checked_add_days(Days::new(days.into())).unwrap_or(begins),
        MedicalWaiting::Months(months) => begins + Months::new(months),
    };
    let broken = match (&member.prior, page.interruption) {
        (PriorCoverage::Interrupted { last_paid_year, repaired_years }, Some(rule)) => {
            rule.months(rule.missed_years(*last_paid_year, page.year), u32::from(*repaired_years))
        }
        _ => 0,
    };
    let from = late.max(begins + Months::new(broken));
    said.push(match (band.waiting, broken) {
        (MedicalWaiting::None, 0) => "不设等待期".to_owned(),
        (MedicalWaiting::Days(days), 0) => format!("等待期{days}日（含缴费当日），按今日缴费计"),
        (MedicalWaiting::Months(months), 0) => format!("固定等待期{months}个月，按今日缴费计"),
        (_, months) => format!("断保等待期{months}个月，按今日缴费计"),
    });
    from
}
