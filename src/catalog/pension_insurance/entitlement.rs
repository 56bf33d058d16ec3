//! Who may pay into the resident pension: every reason against it, told before anybody is asked for money.
//! 国发〔2014〕8号 三; 社会保险法 20.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use super::person::PensionOtherScheme;
use super::policy::PensionInsurancePolicy;
use super::{PensionInsuranceForm, PensionPurpose};
use crate::catalog::item::Finding;
use crate::domain::refusal::Refusal;
use crate::domain::text::Text;

/// Everything against paying, before anybody is asked for money.
pub fn payable(
    form: &PensionInsuranceForm,
    today: NaiveDate,
    policy: &PensionInsurancePolicy,
) -> Result<(), Refusal> {
    if form.year != today.year() || policy.of_year(today.year()).is_none() {
        let open = today.year();
        let zh = format!("现在只能办理{open}年度，请改后再缴。");
        return Err(Refusal::conflict(
            "period_not_open",
            zh,
            format!("Only {open} is open now; change the year first."),
        )
        .on("国发〔2014〕8号")
        .with("open_years", Value::from(vec![open])));
    }
    let findings = eligibility(form, today, policy);
    let Some(first) = findings.first() else { return Ok(()) };
    let reasons: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
    Err(Refusal::conflict("not_entitled", first.reason.zh.clone(), first.reason.en.clone())
        .on(first.rule)
        .with("reasons", Value::from(reasons)))
}

/// Every reason why this person cannot pay into the scheme.
pub fn eligibility(
    form: &PensionInsuranceForm,
    today: NaiveDate,
    policy: &PensionInsurancePolicy,
) -> Vec<Finding> {
    let insured = &form.insured;
    let (rule, mut findings) = ("国发〔2014〕8号 三", Vec::new());
    let mut find = |code, reason: Text, alternative: Text| {
        findings.push(Finding::new(code, rule, reason).instead(alternative));
    };
    let age = insured.id_number.age_on(today);
    if let Some(edition) = policy.of_year(today.year()) {
        if age < edition.least_age {
            find(
                "too_young",
                Text::new(
                    format!("未满{}周岁。", edition.least_age),
                    format!("Under {}.", edition.least_age),
                ),
                Text::fixed("年满16周岁且不在校后办理。", "Apply at 16, once out of school."),
            );
        }
        if age >= edition.pension_age && !matches!(form.purpose, PensionPurpose::MakeUp { .. }) {
            find(
                "pension_age_reached",
                Text::new(
                    format!("已满{}周岁，不再缴纳当年保费。", edition.pension_age),
                    format!("{} or older: the current year is no longer paid.", edition.pension_age),
                ),
                Text::fixed(
                    "累计满15年的申领待遇；不足15年的可补缴。",
                    "Claim the pension after 15 years; otherwise make up the missing years.",
                ),
            );
        }
    }
    if insured.student {
        find(
            "student",
            Text::fixed("在校学生不参加居民养老保险。", "Pupils and students are not insured here."),
            Text::fixed("毕业离校后办理。", "Apply after leaving school."),
        );
    }
    if insured.other_scheme != PensionOtherScheme::None {
        find(
            "other_scheme",
            Text::fixed(
                "正参加职工或机关事业单位养老保险，不能重复参保。",
                "Already in the employee or civil-service pension.",
            ),
            Text::fixed(
                "停保后办理，两种制度可以衔接转移。",
                "Apply after leaving it; the two schemes can be joined.",
            ),
        );
    }
    if !insured.registered_locally {
        find(
            "not_registered_here",
            Text::fixed(
                "户籍不在本市，应在户籍地参保。",
                "Not registered here: the scheme is joined where one is registered.",
            ),
            Text::fixed(
                "到户籍地参保，或户籍迁入后转移。",
                "Apply at the place of registration, or transfer after moving it.",
            ),
        );
    }
    if insured.drawing_pension {
        find(
            "drawing_pension",
            Text::fixed("已领取养老待遇，不再缴费。", "Already drawing the pension."),
            Text::fixed("如需核对待遇，请办理待遇查询。", "Ask for a check of the pension instead."),
        );
    }
    findings
}
