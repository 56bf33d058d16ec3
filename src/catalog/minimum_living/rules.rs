//! What the counter checks of a minimum-living form: the household is complete and consistent.

use chrono::NaiveDate;

use super::parts::{MinimumLivingHealth, MinimumLivingIncomeKind, MinimumLivingMember, MinimumLivingWork};
use super::policy::MinimumLivingPolicy;
use super::{MinimumLivingForm, MinimumLivingGround, MinimumLivingUnit};
use crate::catalog::family::{MaritalStatus, Relation, at, repeated};
use crate::domain::text::{FieldError, Text};

type Errors = Vec<FieldError>;

/// Full age (民法典 17): a child does not apply while the household has an adult.
const ADULT: u32 = 18;

/// 申请人: the member who applies for all.
pub fn applicant(form: &MinimumLivingForm) -> Option<&MinimumLivingMember> {
    form.members.iter().find(|member| member.relation == Relation::Oneself)
}

fn say(errors: &mut Errors, fields: &[&str], code: &'static str, zh: &'static str, en: &'static str) {
    errors.push(FieldError::across(fields, code, Text::fixed(zh, en)));
}

/// Every rule across fields.
pub fn rules(form: &MinimumLivingForm, today: NaiveDate, policy: &MinimumLivingPolicy) -> Errors {
    let mut errors = Vec::new();
    if policy.on(today).is_none() {
        say(
            &mut errors,
            &["/unit"],
            "no_policy",
            "现行低保标准尚未录入。",
            "The standard in force is not in the book.",
        );
    }
    household(form, today, &mut errors);
    for (index, member) in form.members.iter().enumerate() {
        person(member, index, today, &mut errors);
    }
    single(form, &mut errors);
    if !form.members.iter().any(|member| member.name == form.account.holder) {
        say(
            &mut errors,
            &["/account/holder", "/members"],
            "holder_not_member",
            "账户应为家庭成员本人的账户。",
            "The account must be that of a member of the household.",
        );
    }
    errors
}

fn household(form: &MinimumLivingForm, today: NaiveDate, errors: &mut Errors) {
    let count = |relation: Relation| form.members.iter().filter(|member| member.relation == relation).count();
    if count(Relation::Oneself) != 1 {
        say(
            errors,
            &["/members"],
            "one_applicant",
            "须有且只有一名成员为“本人”。",
            "Exactly one member applies (“oneself”).",
        );
    }
    if count(Relation::Spouse) > 1 {
        say(errors, &["/members"], "two_spouses", "配偶只能有一名。", "There can be one spouse only.");
    }
    let whole = matches!(form.unit, MinimumLivingUnit::Household {});
    let spouses = count(Relation::Spouse);
    // The spouse belongs to the household wherever they live (民发〔2021〕57号).
    if whole && form.marital_status == MaritalStatus::Married && spouses == 0 {
        say(
            errors,
            &["/members", "/marital_status"],
            "spouse_missing",
            "已婚的，配偶应列为共同生活的家庭成员。",
            "Married: the spouse belongs to the household.",
        );
    }
    if form.marital_status != MaritalStatus::Married && spouses > 0 {
        say(
            errors,
            &["/marital_status", "/members"],
            "spouse_unexpected",
            "婚姻状况与成员中的配偶不符。",
            "A spouse is listed, but the applicant is not married.",
        );
    }
    for index in repeated(&form.members, |member| member.id_number.clone()) {
        let field = at("members", index, "id_number");
        say(
            errors,
            &[&field, "/members"],
            "duplicate_member",
            "同一人只能填一次。",
            "List each person once.",
        );
    }
    for (index, supporter) in form.supporters.iter().enumerate() {
        if form.members.iter().any(|member| member.id_number == supporter.id_number) {
            let field = at("supporters", index, "id_number");
            say(
                errors,
                &[&field, "/members"],
                "supporter_in_household",
                "共同生活的成员不再列为义务人。",
                "Whoever lives in the household is no outside supporter.",
            );
        }
    }
    for index in repeated(&form.supporters, |supporter| supporter.id_number.clone()) {
        let field = at("supporters", index, "id_number");
        say(
            errors,
            &[&field, "/supporters"],
            "duplicate_supporter",
            "同一人只能填一次。",
            "List each person once.",
        );
    }
    let minor = |member: &MinimumLivingMember| member.id_number.age_on(today) < ADULT;
    if applicant(form).is_some_and(minor) && form.members.iter().any(|member| !minor(member)) {
        say(
            errors,
            &["/members"],
            "applicant_minor",
            "家庭有成年人的，应由成年成员申请。",
            "An adult member has to apply.",
        );
    }
}

fn person(member: &MinimumLivingMember, index: usize, today: NaiveDate, errors: &mut Errors) {
    let [id_number, incomes, work] =
        ["id_number", "incomes", "work"].map(|field| at("members", index, field));
    if member.id_number.born_after(today) {
        say(errors, &[&id_number], "in_future", "出生日期晚于今天。", "Born in the future.");
    }
    if !repeated(&member.incomes, |income| income.kind).is_empty() {
        say(
            errors,
            &[&incomes],
            "duplicate_income",
            "同一种收入请合并填写。",
            "Give each kind of income once.",
        );
    }
    let earns =
        |kinds: &[MinimumLivingIncomeKind]| member.incomes.iter().any(|income| kinds.contains(&income.kind));
    let expected: &[MinimumLivingIncomeKind] = match member.work {
        MinimumLivingWork::Employed => &[MinimumLivingIncomeKind::Wage],
        MinimumLivingWork::Flexible | MinimumLivingWork::Farming => {
            &[MinimumLivingIncomeKind::Wage, MinimumLivingIncomeKind::Business]
        }
        MinimumLivingWork::Retired => &[MinimumLivingIncomeKind::Pension],
        MinimumLivingWork::Jobless | MinimumLivingWork::Student | MinimumLivingWork::UnableToWork => return,
    };
    if !earns(expected) {
        say(
            errors,
            &[&incomes, &work],
            "income_missing",
            "就业或退休的成员须申报相应收入。",
            "Somebody at work or retired has an income to declare.",
        );
    }
}

fn single(form: &MinimumLivingForm, errors: &mut Errors) {
    let MinimumLivingUnit::SinglePerson { ground, .. } = &form.unit else { return };
    if form.members.len() != 1 {
        say(
            errors,
            &["/members", "/unit"],
            "single_person",
            "单独申请只填本人。",
            "Applying alone: list one person only.",
        );
    }
    let fits = |member: &MinimumLivingMember| match ground {
        MinimumLivingGround::SevereDisability => matches!(member.disability_grade, Some(1 | 2)),
        MinimumLivingGround::MentalGradeThree => member.disability_grade == Some(3),
        MinimumLivingGround::SeriousIllness => member.health == MinimumLivingHealth::SeriousIllness,
    };
    if !applicant(form).is_some_and(fits) {
        say(
            errors,
            &["/unit", "/members"],
            "ground_mismatch",
            "单独申请的情形与本人的残疾等级或健康状况不符。",
            "The ground does not fit the person's disability grade or health.",
        );
    }
}
