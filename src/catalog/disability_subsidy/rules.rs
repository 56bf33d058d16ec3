//! What the counter checks of a disability-subsidy form, the monthly amounts, and every reason against them.

use chrono::NaiveDate;

use super::parts::{DisabilityHousehold, DisabilitySubsidyKind};
use super::policy::{DisabilityExclusion, DisabilitySubsidyPolicy};
use super::{DisabilityFiling, DisabilitySubsidyForm};
use crate::catalog::family::{Relation, repeated};
use crate::catalog::item::Finding;
use crate::domain::payment::Fen;
use crate::domain::text::{FieldError, Text};

/// Full age (民法典 17).
const ADULT: u32 = 18;
const RULE: &str = "国发〔2015〕52号";

/// Every rule across fields.
pub fn rules(form: &DisabilitySubsidyForm, today: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut say = |fields: &[&str], code, zh: &'static str, en: &'static str| {
        errors.push(FieldError::across(fields, code, Text::fixed(zh, en)));
    };
    let (person, certificate) = (&form.person, &form.certificate);
    if person.id_number.born_after(today) {
        say(&["/person/id_number"], "in_future", "出生日期晚于今天。", "Born in the future.");
    }
    if let Some(number) = certificate.parts() {
        if number.id_number != person.id_number.as_str() {
            say(
                &["/certificate/number", "/person/id_number"],
                "certificate_of_another",
                "残疾人证号前18位与身份证号码不一致。",
                "The certificate number does not begin with the ID number.",
            );
        }
        if number.category != certificate.category.digit() {
            say(
                &["/certificate/category", "/certificate/number"],
                "category_mismatch",
                "所选类别与残疾人证号第19位不一致。",
                "The category does not fit the 19th digit of the number.",
            );
        }
        if number.grade != b'0' + certificate.grade {
            say(
                &["/certificate/grade", "/certificate/number"],
                "grade_mismatch",
                "所填等级与残疾人证号第20位不一致。",
                "The grade does not fit the 20th digit of the number.",
            );
        }
    }
    if certificate.issued_on > today {
        say(&["/certificate/issued_on"], "in_future", "发证日期不能晚于今天。", "Issued in the future.");
    }
    if certificate.valid_until <= certificate.issued_on {
        say(
            &["/certificate/valid_until", "/certificate/issued_on"],
            "dates_reversed",
            "有效期应晚于发证日期。",
            "It has to be valid beyond its day of issue.",
        );
    }
    if let DisabilityFiling::Forwarded { forwarded_on, .. } = &form.filing
        && *forwarded_on > today
    {
        say(&["/filing/forwarded_on"], "in_future", "转来日期不能晚于今天。", "Forwarded in the future.");
    }
    if !repeated(&form.other_benefits, |benefit| *benefit).is_empty() {
        say(&["/other_benefits"], "duplicate_benefit", "同一待遇只能选一次。", "Choose each benefit once.");
    }
    let guardian = form.agent.as_ref().filter(|agent| agent.guardian);
    if person.id_number.age_on(today) < ADULT && guardian.is_none() {
        say(
            &["/agent", "/person/id_number"],
            "guardian_needed",
            "未成年人须由监护人办理。",
            "A guardian has to act for a minor.",
        );
    }
    if let Some(agent) = &form.agent {
        if agent.id_number == person.id_number {
            say(
                &["/agent/id_number", "/person/id_number"],
                "same_person",
                "本人办理的不填代办人。",
                "Leave the agent out when the person acts alone.",
            );
        }
        if agent.relation == Relation::Oneself {
            say(&["/agent/relation"], "oneself", "代办人不能选“本人”。", "An agent is not “oneself”.");
        }
        if agent.guardian && agent.id_number.age_on(today) < ADULT {
            say(&["/agent/id_number"], "guardian_minor", "监护人须已成年。", "A guardian is of full age.");
        }
    }
    if form.account.holder != person.name && guardian.is_none_or(|agent| form.account.holder != agent.name) {
        say(
            &["/account/holder", "/person/name", "/agent"],
            "holder_not_entitled",
            "账户应为残疾人本人或其监护人的账户。",
            "The account must be the person's own or their guardian's.",
        );
    }
    errors
}

/// 每月补贴额 of one subsidy, before exclusions.
pub fn monthly(
    form: &DisabilitySubsidyForm,
    kind: DisabilitySubsidyKind,
    today: NaiveDate,
    policy: &DisabilitySubsidyPolicy,
) -> Option<Fen> {
    let edition = policy.on(today)?;
    match kind {
        DisabilitySubsidyKind::Living => edition.living(form.household),
        DisabilitySubsidyKind::Care => edition.care(form.certificate.category, form.certificate.grade),
    }
}

/// What would be paid, for the person at the counter.
pub fn forecast(form: &DisabilitySubsidyForm, today: NaiveDate, policy: &DisabilitySubsidyPolicy) -> Text {
    let sums = form.subsidies.iter().filter_map(|kind| monthly(form, *kind, today, policy));
    let sum: Fen = sums.sum();
    Text::new(
        format!("核对户名与账号；按现行标准每月合计{sum}元，自递交申请当月计发。"),
        format!(
            "Holder and number; {sum} yuan a month in all at the present rate, from the month of filing."
        ),
    )
}

/// Every reason why a subsidy asked for cannot be granted.
pub fn eligibility(
    form: &DisabilitySubsidyForm,
    today: NaiveDate,
    policy: &DisabilitySubsidyPolicy,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |code, zh: &'static str, en: &'static str, alternative: Text| {
        findings.push(Finding::new(code, RULE, Text::fixed(zh, en)).instead(alternative));
    };
    if !form.person.registered_in_street {
        find(
            "not_registered_here",
            "户籍不在本街道，由户籍地审核发放。",
            "Not registered in this sub-district; the place of registration decides.",
            Text::fixed(
                "可在本窗口按“跨省通办”代收转递，或线上向户籍地申请。",
                "This window can take it in and forward it (跨省通办), or apply online to the place of registration.",
            ),
        );
    }
    if form.certificate.valid_until < today {
        find(
            "certificate_expired",
            "残疾人证已过期。",
            "The disability certificate has expired.",
            Text::fixed(
                "先办理残疾人证换领，可同时申请。",
                "Renew the certificate first; both can be filed together.",
            ),
        );
    }
    if form.household == DisabilityHousehold::Destitute {
        find(
            "destitute_support",
            "已纳入特困人员供养，不享受残疾人两项补贴。",
            "Supported as destitute: neither subsidy is paid.",
            Text::fixed(
                "照料护理由特困供养安排，可申请调整照护等级。",
                "Care comes with that support; ask for a higher care level.",
            ),
        );
    }
    if form.serving_sentence {
        find(
            "serving_sentence",
            "服刑期间停发。",
            "Not paid while a sentence is served.",
            Text::fixed("服刑期满后申请。", "Apply after the sentence."),
        );
    }
    let destitute = form.household == DisabilityHousehold::Destitute;
    let pays = |kind| monthly(form, kind, today, policy).is_some();
    if form.asks(DisabilitySubsidyKind::Living) && !destitute && !pays(DisabilitySubsidyKind::Living) {
        find(
            "household_not_poor",
            "生活补贴只发给低保、低保边缘等困难家庭的残疾人。",
            "The living subsidy is for the disabled in poor households.",
            Text::fixed(
                "可先申请低保或低保边缘家庭认定；重度残疾人可单独申请低保。",
                "Apply for 低保 first; the severely disabled may apply alone.",
            ),
        );
    }
    if form.asks(DisabilitySubsidyKind::Care) && !pays(DisabilitySubsidyKind::Care) {
        find(
            "grade_too_low",
            "残疾等级不在护理补贴范围内。",
            "The grade does not carry the care subsidy.",
            Text::fixed(
                "残疾加重的可申请重新评定等级；符合条件的可申请生活补贴。",
                "If it has worsened ask for a new grading; or apply for the living subsidy.",
            ),
        );
    }
    if form.asks(DisabilitySubsidyKind::Care) && !form.needs_lasting_care {
        find(
            "no_lasting_care",
            "护理补贴须需要长期照护（六个月以上）。",
            "The care subsidy needs lasting care (six months and more).",
            Text::fixed(
                "确需长期照护的请更正；符合条件的可申请生活补贴。",
                "Correct the entry, or apply for the living subsidy.",
            ),
        );
    }
    let meets = |exclusion: &&DisabilityExclusion| {
        form.other_benefits.contains(&exclusion.benefit)
            && exclusion.subsidies.iter().any(|kind| form.asks(*kind))
    };
    for exclusion in policy.exclusions.iter().filter(meets) {
        if exclusion.choice {
            find(
                "choose_the_higher",
                "与已享受的福利性津贴只能择高领取一项。",
                "Only the higher of this and the allowance already paid.",
                Text::fixed(
                    "补贴较高的，先停领原津贴再申请；否则保留原津贴。",
                    "If the subsidy is higher, end the other first; otherwise keep it.",
                ),
            );
        } else {
            find(
                "excluded_by_benefit",
                "已享受的待遇与所申请补贴不能同时享受。",
                "The benefit already paid rules this subsidy out.",
                Text::fixed(
                    "取消不能同享的补贴，只申请另一项；均不能享受的保留原待遇。",
                    "Leave that subsidy out, or keep the benefit.",
                ),
            );
        }
    }
    findings
}
