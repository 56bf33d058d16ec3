//! What the counter checks of a housing aid form: the window of the year, husband and wife, the children's
//! dates, the project, and that the money goes to one of the couple.

use chrono::{Datelike, Months, NaiveDate};

use super::HousingAidForm;
use super::parts::AidProjectKind;
use super::policy::HousingAidPolicy;
use crate::catalog::family::{MaritalStatus, at, repeated};
use crate::catalog::household::Family;
use crate::catalog::item::Facts;
use crate::domain::id_number::Sex;
use crate::domain::payment::Fen;
use crate::domain::text::{FieldError, Text};

const OF_AGE: u32 = 18;

type Errors = Vec<FieldError>;

fn say(errors: &mut Errors, fields: &[&str], code: &'static str, zh: &'static str, en: &'static str) {
    errors.push(FieldError::across(fields, code, Text::fixed(zh, en)));
}

/// Whether it is the family that the applicant entered.
pub fn household(form: &HousingAidForm, facts: &Facts<'_>) -> Vec<FieldError> {
    let theirs = |family: &&Family| form.spouses().any(|one| one.id_number == family.oneself().id_number);
    let Some(family) = facts.family.filter(theirs) else { return Vec::new() };
    let mut errors = family.agrees_with_children(&form.children);
    if form.marital_status == MaritalStatus::Married {
        let couple = [("/husband/id_number", &form.husband), ("/wife/id_number", &form.wife)];
        let told = couple.into_iter().filter_map(|(pointer, one)| Some((pointer, one.as_ref()?)));
        errors.extend(told.filter_map(|(pointer, one)| family.agrees_with_spouse(pointer, &one.id_number)));
    }
    errors
}

/// Every rule across fields.
pub fn rules(form: &HousingAidForm, today: NaiveDate, policy: &HousingAidPolicy) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !policy.is_open(form.year, today) {
        errors.push(FieldError::across(&["/year"], "window_closed", policy.closed(form.year, today)));
    }
    couple(form, today, &mut errors);
    children(form, today, &mut errors);
    project(form, policy, &mut errors);
    if !form.spouses().any(|spouse| spouse.name == form.payee.holder) {
        say(
            &mut errors,
            &["/payee/holder", "/husband/name", "/wife/name"],
            "holder_not_of_couple",
            "收款账户户名应为丈夫或妻子本人。",
            "The account must be the husband's or the wife's.",
        );
    }
    for (index, grant) in form.earlier_grants.iter().enumerate() {
        if grant.year > today.year() {
            let field = at("earlier_grants", index, "year");
            say(&mut errors, &[&field], "in_future", "年份不能晚于今年。", "The year lies in the future.");
        }
        if grant.amount_fen < Fen(0) {
            let field = at("earlier_grants", index, "amount_fen");
            say(&mut errors, &[&field], "too_small", "金额不能为负。", "The amount cannot be negative.");
        }
    }
    errors
}

fn couple(form: &HousingAidForm, today: NaiveDate, errors: &mut Errors) {
    let sides = [
        (
            "/husband/id_number",
            &form.husband,
            Sex::Male,
            "丈夫的证件号码性别位为女。",
            "The husband's ID number is a woman's.",
        ),
        (
            "/wife/id_number",
            &form.wife,
            Sex::Female,
            "妻子的证件号码性别位为男。",
            "The wife's ID number is a man's.",
        ),
    ];
    for (field, spouse, sex, zh, en) in sides {
        let Some(spouse) = spouse else { continue };
        if spouse.id_number.sex() != sex {
            say(errors, &[field], "wrong_sex", zh, en);
        }
        if spouse.id_number.age_on(today) < OF_AGE {
            say(errors, &[field], "not_of_age", "申请人应已成年。", "Applicants must be of age.");
        }
    }
    let couple_fields = ["/marital_status", "/husband", "/wife"];
    match (form.marital_status, &form.husband, &form.wife) {
        (MaritalStatus::Single, _, _) => {
            let (zh, en) = ("本事项面向已婚、离异或丧偶的父母。", "For parents who are or were married.");
            say(errors, &["/marital_status"], "not_applicable", zh, en);
        }
        (_, None, None) => {
            say(
                errors,
                &["/husband", "/wife"],
                "required",
                "夫妻至少填一方。",
                "Give at least one of the couple.",
            );
        }
        (MaritalStatus::Married, None, _) | (MaritalStatus::Married, _, None) => {
            say(
                errors,
                &couple_fields,
                "required",
                "已婚须填写夫妻双方。",
                "Married: give both husband and wife.",
            );
        }
        (MaritalStatus::Divorced | MaritalStatus::Widowed, Some(_), Some(_)) => {
            let (zh, en) = ("离异或丧偶只填本人一方。", "Divorced or widowed: give only yourself.");
            say(errors, &couple_fields, "one_spouse_only", zh, en);
        }
        _ => {}
    }
    if form.married_on > today {
        say(
            errors,
            &["/married_on"],
            "in_future",
            "结婚登记日期不能晚于今天。",
            "The marriage lies in the future.",
        );
    }
}

fn children(form: &HousingAidForm, today: NaiveDate, errors: &mut Errors) {
    for (index, child) in form.children.iter().enumerate() {
        let field = at("children", index, "birth_date");
        if child.birth_date > today {
            say(errors, &[&field], "in_future", "出生日期不能晚于今天。", "Born in the future.");
        }
        let mother = form.wife.as_ref().map(|wife| wife.id_number.birth_date());
        if !child.adopted && mother.is_some_and(|mother| child.birth_date <= mother) {
            let fields = [field.as_str(), "/wife/id_number"];
            say(errors, &fields, "before_mother", "子女不能早于母亲出生。", "Born before the mother.");
        }
    }
    for index in repeated(&form.children, |child| (child.name.clone(), child.birth_date)) {
        let field = at("children", index, "name");
        say(
            errors,
            &[&field, "/children"],
            "duplicate_member",
            "同一子女只能填写一次。",
            "List each child once.",
        );
    }
    let living = form.children.iter().filter(|child| child.alive).count();
    if form.certificates.only_child_certificate && living > 1 {
        say(
            errors,
            &["/certificates/only_child_certificate", "/children"],
            "certificate_mismatch",
            "独生子女父母光荣证与两个以上子女不符。",
            "A certificate of an only child, but several children.",
        );
    }
}

fn project(form: &HousingAidForm, policy: &HousingAidPolicy, errors: &mut Errors) {
    let project = &form.project;
    if project.cost_fen <= Fen(0) {
        say(errors, &["/project/cost_fen"], "too_small", "造价应大于零。", "The cost must be above zero.");
    }
    if project.finish_on <= project.start_on {
        let fields = ["/project/finish_on", "/project/start_on"];
        say(errors, &fields, "dates_out_of_order", "竣工应晚于开工。", "It is finished after it began.");
    }
    let latest =
        policy.of_year(form.year).map(|page| project.start_on + Months::new(page.finish_within_months));
    if latest.is_some_and(|latest| project.finish_on > latest) {
        let fields = ["/project/finish_on", "/project/start_on", "/year"];
        say(
            errors,
            &fields,
            "builds_too_long",
            "工期超过规定期限。",
            "The time of building is longer than allowed.",
        );
    }
    if project.kind == AidProjectKind::Purchase && project.building_receipt_no.is_some() {
        let fields = ["/project/building_receipt_no", "/project/kind"];
        say(
            errors,
            &fields,
            "not_applicable",
            "购房不填建房审批编号。",
            "A purchase has no building application.",
        );
    }
}
