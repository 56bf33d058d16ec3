//! What the counter checks of a childcare form, and every reason against the money.

use chrono::{Datelike, NaiveDate};

use super::policy::{ChildcareSubsidyPolicy, entitlement};
use super::{ChildcareClaimant, ChildcareRelation, ChildcareSubsidyForm};
use crate::catalog::item::Finding;
use crate::domain::id_number::Sex;
use crate::domain::payment::Fen;
use crate::domain::text::{FieldError, Text};

/// Every rule across fields.
pub fn rules(
    form: &ChildcareSubsidyForm,
    today: NaiveDate,
    policy: &ChildcareSubsidyPolicy,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut say = |fields: &[&str], code, zh: &'static str, en: &'static str| {
        errors.push(FieldError::across(fields, code, Text::fixed(zh, en)));
    };
    let first_year = policy.starts_on.year();
    if form.year > today.year() {
        say(&["/year"], "year_not_open", "该年度尚未开始申领。", "That year cannot be claimed yet.");
    }
    if form.year < first_year {
        say(&["/year"], "before_start", "该年度尚无育儿补贴。", "There was no subsidy in that year.");
    }
    if form.child.id_number.born_after(today) {
        say(&["/child/id_number"], "in_future", "出生日期晚于今天。", "Born in the future.");
    }
    if form.received_years.iter().any(|year| *year > today.year() || *year < first_year) {
        say(
            &["/received_years"],
            "year_impossible",
            "已领取年度不可能在此年份。",
            "No subsidy was paid in that year.",
        );
    }
    match &form.claimant {
        ChildcareClaimant::Guardian { id_number, relation, name, .. } => {
            let expected = match relation {
                ChildcareRelation::Father => Some(Sex::Male),
                ChildcareRelation::Mother => Some(Sex::Female),
                ChildcareRelation::OtherGuardian => None,
            };
            if expected.is_some_and(|sex| sex != id_number.sex()) {
                say(
                    &["/claimant/relation", "/claimant/id_number"],
                    "sex_mismatch",
                    "关系与证件号码的性别不符。",
                    "The relation does not fit the sex in the ID number.",
                );
            }
            if *id_number == form.child.id_number {
                say(
                    &["/claimant/id_number", "/child/id_number"],
                    "same_person",
                    "申领人与婴幼儿不能是同一人。",
                    "The claimant cannot be the child.",
                );
            } else if id_number.birth_date() >= form.born_on() {
                say(
                    &["/claimant/id_number", "/child/id_number"],
                    "younger_than_child",
                    "申领人不能比婴幼儿年幼。",
                    "The claimant cannot be younger than the child.",
                );
            }
            if form.account.holder != *name && form.account.holder != form.child.name {
                say(
                    &["/account/holder", "/claimant/name", "/child/name"],
                    "holder_not_entitled",
                    "账户应为申领人或婴幼儿本人的账户。",
                    "The account must be the claimant's or the child's.",
                );
            }
        }
        ChildcareClaimant::Institution { name, .. } => {
            let holder = form.account.holder.as_str();
            if holder != name.trim() && holder != form.child.name.as_str() {
                say(
                    &["/account/holder", "/claimant/name", "/child/name"],
                    "holder_not_entitled",
                    "账户应为福利机构或婴幼儿本人的账户。",
                    "The account must be the institution's or the child's.",
                );
            }
        }
    }
    errors
}

/// Every reason why this year's subsidy cannot be paid.
pub fn eligibility(
    form: &ChildcareSubsidyForm,
    today: NaiveDate,
    policy: &ChildcareSubsidyPolicy,
) -> Vec<Finding> {
    let (rule, mut findings) = ("育儿补贴制度实施方案；育儿补贴管理规范（试行）", Vec::new());
    let mut find = |code, reason: Text, alternative: Text| {
        findings.push(Finding::new(code, rule, reason).instead(alternative));
    };
    let (born, year) = (form.born_on(), form.year);
    if !form.child.registered_in_street {
        find(
            "not_registered_here",
            Text::fixed("婴幼儿户籍不在本街道。", "The child is not registered in this sub-district."),
            Text::fixed(
                "通过育儿补贴线上入口申领，或到婴幼儿户籍地街道办理。",
                "Claim online, or at the sub-district where the child is registered.",
            ),
        );
    }
    if entitlement(form, policy, year) == Fen(0) {
        if year < born.year() {
            find(
                "not_born_then",
                Text::new(
                    format!("{year}年度婴幼儿尚未出生。"),
                    format!("The child was not born in {year}."),
                ),
                Text::fixed("请申领出生当年及以后的年度。", "Claim the year of birth and later ones."),
            );
        } else {
            find(
                "past_three",
                Text::new(
                    format!("{year}年度已超过三周岁以下的补贴期。"),
                    format!("In {year} the child is past the age of the subsidy."),
                ),
                Text::fixed(
                    "可咨询托育补助、学前教育资助、3岁以下婴幼儿照护个税专项附加扣除。",
                    "Ask about nursery aid, kindergarten aid and the tax deduction for children.",
                ),
            );
        }
    }
    if form.received_years.contains(&year) {
        find(
            "already_received",
            Text::new(format!("{year}年度已领取过。"), format!("{year} was paid already.")),
            match policy.months_in(born, year + 1) {
                0 => Text::fixed("本孩的补贴已领完。", "Nothing further is due for this child."),
                _ => Text::new(
                    format!("可于{}年申领下一年度。", year + 1),
                    format!("Claim again in {}.", year + 1),
                ),
            },
        );
    }
    if year < today.year() - policy.back_claim_years {
        find(
            "claimed_too_late",
            Text::fixed("已超过可补申领的年度。", "That year can no longer be claimed."),
            Text::fixed("请申领仍在期限内的年度。", "Claim the years still open."),
        );
    }
    findings
}
