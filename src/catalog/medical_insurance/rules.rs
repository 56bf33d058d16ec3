//! What the counter checks of a medical insurance form: the year against the policy book, every member
//! against the payer, their category, their aids and what they were insured as before.

use chrono::NaiveDate;
use serde_json::Value;

use super::MedicalInsuranceForm;
use super::member::{InsuredAs, MedicalAidCategory, MedicalIdentity, MedicalMember, PriorCoverage};
use super::policy::{MedicalInsurancePolicy, MedicalYear};
use crate::catalog::family::{Relation, at};
use crate::domain::refusal::Refusal;
use crate::domain::text::{FieldError, Text};

/// 成年年龄 (民法典 17).
const OF_AGE: u32 = 18;
/// Age from which somebody with an income of their own counts as of age (民法典 18).
const MAY_PAY: u32 = 16;
/// 老年人 (老年人权益保障法 2).
const ELDERLY: u32 = 60;

/// The year cannot be paid today; says which can.
pub fn closed(policy: &MedicalInsurancePolicy, year: i32, today: NaiveDate) -> Refusal {
    let text = closed_text(policy, year, today);
    Refusal::conflict("period_not_open", text.zh, text.en)
        .on("国办发〔2024〕38号")
        .with("open_years", Value::from(policy.open_years(today)))
}

fn closed_text(policy: &MedicalInsurancePolicy, year: i32, today: NaiveDate) -> Text {
    let open: Vec<String> = policy.open_years(today).iter().map(i32::to_string).collect();
    match open.is_empty() {
        true => Text::new(
            format!("{year}年度现在不能缴费，目前没有开放的年度。"),
            format!("{year} cannot be paid now; no year is open."),
        ),
        false => Text::new(
            format!("{year}年度现在不能缴费，目前可缴年度：{}。", open.join("、")),
            format!("{year} cannot be paid now; open: {}.", open.join(", ")),
        ),
    }
}

/// Every rule across fields.
pub fn rules(
    form: &MedicalInsuranceForm,
    today: NaiveDate,
    policy: &MedicalInsurancePolicy,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let page = policy.of_year(form.year);
    match page {
        None => {
            let detail = closed_text(policy, form.year, today);
            errors.push(FieldError::across(&["/year"], "year_not_open", detail));
        }
        Some(page) => {
            if form.members.iter().any(|member| page.band_for(member, today).is_none()) {
                let detail = closed_text(policy, form.year, today);
                errors.push(FieldError::across(&["/year", "/members"], "year_not_open", detail));
            }
        }
    }
    if form.payer.id_number.age_on(today) < MAY_PAY {
        let detail = Text::fixed("缴费人应年满16周岁。", "The payer must be at least 16.");
        errors.push(FieldError::across(&["/payer/id_number"], "payer_too_young", detail));
    }
    for (index, member) in form.members.iter().enumerate() {
        payer_and_member(form, index, member, &mut errors);
        category(index, member, today, policy, page, &mut errors);
        aids(index, member, today, &mut errors);
        prior(form, index, member, today, page, &mut errors);
    }
    errors
}

fn payer_and_member(
    form: &MedicalInsuranceForm,
    index: usize,
    member: &MedicalMember,
    errors: &mut Vec<FieldError>,
) {
    let (relation, identity) = (at("members", index, "relation"), at("members", index, "identity"));
    let same = matches!(&member.identity, MedicalIdentity::IdNumber { id_number } if *id_number == form.payer.id_number);
    if same != (member.relation == Relation::Oneself) {
        errors.push(FieldError::across(
            &[&relation, &identity, "/payer/id_number"],
            "oneself_mismatch",
            Text::fixed(
                "“本人”应且仅应用于缴费人自己。",
                "“Oneself” is for the payer, and only for the payer.",
            ),
        ));
    }
    if same && member.name != form.payer.name {
        errors.push(FieldError::across(
            &[&at("members", index, "name"), &identity, "/payer/name", "/payer/id_number"],
            "name_mismatch",
            Text::fixed("证件号码与缴费人相同，姓名却不同。", "The payer's ID number, but another name."),
        ));
    }
}

fn category(
    index: usize,
    member: &MedicalMember,
    today: NaiveDate,
    policy: &MedicalInsurancePolicy,
    page: Option<&MedicalYear>,
    errors: &mut Vec<FieldError>,
) {
    let (insured_as, identity) = (at("members", index, "insured_as"), at("members", index, "identity"));
    let mut say = |code, zh: &'static str, en: &'static str| {
        errors.push(FieldError::across(&[&insured_as, &identity], code, Text::fixed(zh, en)));
    };
    let born = member.birth_date();
    let Some(age) = today.years_since(born) else {
        let detail = Text::fixed("出生日期不能晚于今天。", "Born in the future.");
        errors.push(FieldError::across(&[&identity], "in_future", detail));
        return;
    };
    if matches!(member.identity, MedicalIdentity::BirthCertificate { .. })
        && !matches!(member.insured_as, InsuredAs::Newborn {})
    {
        say(
            "id_number_needed",
            "只有新生儿可凭出生医学证明参保。",
            "Only a newborn is enrolled by a birth certificate.",
        );
    }
    match &member.insured_as {
        InsuredAs::Adult {} if age < OF_AGE => {
            say("category_age", "未满18周岁不能按成年人参保。", "Under 18: not an adult.")
        }
        InsuredAs::Child {} if age >= OF_AGE => {
            say("category_age", "已满18周岁，请选成年居民或学生。", "18 or older: not a child.")
        }
        InsuredAs::Student { .. } if !(policy.student_ages.from..=policy.student_ages.to).contains(&age) => {
            say("category_age", "年龄与在校学生不符，请核对。", "The age does not fit a student; check it.");
        }
        InsuredAs::MigrantChild { insured_parent } => {
            if age >= OF_AGE {
                say("category_age", "随迁子女应未满18周岁。", "A migrant's child is under 18.");
            }
            if insured_parent.birth_date() >= born {
                say(
                    "parent_too_young",
                    "参保的父或母应早于子女出生。",
                    "The parent must be older than the child.",
                );
            }
        }
        InsuredAs::Newborn {} if page.is_some_and(|page| today > page.newborn_until(born)) => {
            say(
                "newborn_grace_over",
                "已超过新生儿缴费期，请选儿童。",
                "Past the newborn period; choose “child”.",
            );
        }
        InsuredAs::ResidencePermitHolder { valid_until, .. } if *valid_until < today => {
            say(
                "permit_expired",
                "居住证已过有效期，请先签注。",
                "The residence permit has lapsed; have it endorsed first.",
            );
        }
        _ => {}
    }
}

fn aids(index: usize, member: &MedicalMember, today: NaiveDate, errors: &mut Vec<FieldError>) {
    let (categories, identity) =
        (at("members", index, "subsidy_categories"), at("members", index, "identity"));
    let mut say = |code, zh: &'static str, en: &'static str| {
        errors.push(FieldError::across(&[&categories, &identity], code, Text::fixed(zh, en)));
    };
    let list = &member.subsidy_categories;
    let age = today.years_since(member.birth_date()).unwrap_or(0);
    if (1..list.len()).any(|i| list[..i].contains(&list[i])) {
        say("duplicate_category", "同一资助类别只能选一次。", "Choose each aid once.");
    }
    if list.contains(&MedicalAidCategory::LowIncomeElderly) && age < ELDERLY {
        say("aid_age", "低收入老年人资助须年满60周岁。", "The aid for the elderly begins at 60.");
    }
    let student = matches!(member.insured_as, InsuredAs::Student { .. });
    if list.contains(&MedicalAidCategory::Orphan) && age >= OF_AGE && !student {
        say("aid_age", "孤儿资助限未成年人和在校学生。", "The aid for orphans is for minors and students.");
    }
}

fn prior(
    form: &MedicalInsuranceForm,
    index: usize,
    member: &MedicalMember,
    today: NaiveDate,
    page: Option<&MedicalYear>,
    errors: &mut Vec<FieldError>,
) {
    let prior = at("members", index, "prior");
    let mut say = |fields: &[&str], code, zh: String, en: String| {
        errors.push(FieldError::across(fields, code, Text::new(zh, en)));
    };
    match &member.prior {
        PriorCoverage::Interrupted { last_paid_year, .. } if *last_paid_year >= form.year - 1 => say(
            &[&prior, "/year"],
            "not_interrupted",
            "上一年度已缴费的属连续参保。".into(),
            "Whoever paid for the year before is continuously insured.".into(),
        ),
        PriorCoverage::Interrupted { last_paid_year, repaired_years } => {
            let repairable = page
                .and_then(|page| page.interruption)
                .map_or(0, |rule| rule.variable_months(rule.missed_years(*last_paid_year, form.year)));
            if u32::from(*repaired_years) > repairable {
                say(
                    &[&prior, "/year"],
                    "repair_too_long",
                    format!("可补缴修复的变动等待期最多{repairable}个月。"),
                    format!("At most {repairable} month(s) of waiting can be repaired."),
                );
            }
        }
        PriorCoverage::FromEmployee { ended_on } if *ended_on > today => say(
            &[&prior],
            "in_future",
            "职工医保停保日期不能晚于今天。".into(),
            "The employee insurance ended in the future.".into(),
        ),
        PriorCoverage::Continuous {} | PriorCoverage::FromEmployee { .. }
            if matches!(member.insured_as, InsuredAs::Newborn {}) =>
        {
            say(
                &[&prior, &at("members", index, "insured_as")],
                "newborn_first_time",
                "新生儿应为首次参保。".into(),
                "A newborn is insured for the first time.".into(),
            );
        }
        PriorCoverage::Continuous {} | PriorCoverage::FirstTime {} | PriorCoverage::FromEmployee { .. } => {}
    }
}
