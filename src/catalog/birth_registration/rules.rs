//! Rules across the fields of the birth registration, and against the day.

use chrono::Months;

use super::{BirthRegistrationForm, Pregnancy, RegistrationPlace};
use crate::catalog::family::{MaritalStatus, at};
use crate::catalog::household::Family;
use crate::catalog::item::Facts;
use crate::domain::id_number::Sex;
use crate::domain::text::{FieldError, Text};

/// Ages between which a pregnancy is plausible; outside it is a slip of the pen, not a refusal.
const PLAUSIBLE_MOTHER_YEARS: std::ops::RangeInclusive<u32> = 12..=60;

/// Whether it is the family that the applicant entered.
fn household(form: &BirthRegistrationForm, facts: &Facts<'_>) -> Vec<FieldError> {
    let theirs = |family: &&Family| {
        let own = &family.oneself().id_number;
        form.mother.id_number == *own || form.father.iter().any(|father| father.id_number == *own)
    };
    let Some(family) = facts.family.filter(theirs) else { return Vec::new() };
    let mut errors = family.agrees_with_children(&form.children);
    if form.marital_status == MaritalStatus::Married {
        let father = form.father.iter().map(|father| ("/father/id_number", father));
        let couple = father.chain([("/mother/id_number", &form.mother)]);
        errors.extend(couple.filter_map(|(at, one)| family.agrees_with_spouse(at, &one.id_number)));
    }
    errors
}

/// Every violation at once.
pub fn rules(form: &BirthRegistrationForm, facts: &Facts<'_>) -> Vec<FieldError> {
    let today = facts.today;
    let mut errors = Vec::new();
    let mut say = |pointers: &[&str], code, zh: &'static str, en: &'static str| {
        errors.push(FieldError::across(pointers, code, Text::fixed(zh, en)));
    };
    if form.mother.id_number.sex() != Sex::Female {
        say(
            &["/mother/id_number"],
            "not_female",
            "女方的证件号码性别位为男。",
            "The mother's ID number is a man's.",
        );
    }
    if form.father.as_ref().is_some_and(|father| father.id_number.sex() != Sex::Male) {
        say(
            &["/father/id_number"],
            "not_male",
            "男方的证件号码性别位为女。",
            "The father's ID number is a woman's.",
        );
    }
    if !PLAUSIBLE_MOTHER_YEARS.contains(&form.mother.id_number.age_on(today)) {
        say(
            &["/mother/id_number"],
            "age_implausible",
            "女方年龄不合常理，请核对。",
            "Check the mother's age.",
        );
    }
    if form.place == RegistrationPlace::FatherRegistered && form.father.is_none() {
        say(
            &["/place", "/father"],
            "father_missing",
            "在男方户籍地登记须填写男方。",
            "Registering at the father's place needs the father.",
        );
    }
    match (form.marital_status, form.married_on) {
        (MaritalStatus::Married, None) => {
            say(
                &["/married_on", "/marital_status"],
                "required",
                "已婚须填结婚登记日期。",
                "Married: give the date.",
            );
        }
        (MaritalStatus::Married, Some(day)) if day > today => {
            say(
                &["/married_on"],
                "in_future",
                "结婚登记日期不能晚于今天。",
                "The marriage lies in the future.",
            );
        }
        (MaritalStatus::Single, Some(_)) => {
            say(
                &["/married_on", "/marital_status"],
                "not_applicable",
                "未婚不填结婚日期。",
                "Single: no marriage date.",
            );
        }
        _ => {}
    }
    if form.marital_status == MaritalStatus::Married && form.father.is_none() {
        say(&["/father", "/marital_status"], "required", "已婚须填写男方。", "Married: give the father.");
    }
    let living_or_not = form.children.len();
    if usize::from(form.child_order) != living_or_not + 1 {
        say(
            &["/child_order", "/children"],
            "order_mismatch",
            "孩次应为现有子女数加一。",
            "The child's order is the number of existing children plus one.",
        );
    }
    for (index, child) in form.children.iter().enumerate() {
        if child.birth_date > today {
            say(
                &[&at("children", index, "birth_date")],
                "in_future",
                "出生日期不能晚于今天。",
                "Born in the future.",
            );
        } else if child.birth_date <= form.mother.id_number.birth_date() && !child.adopted {
            say(
                &[&at("children", index, "birth_date"), "/mother/id_number"],
                "before_mother",
                "子女不能早于母亲出生。",
                "Born before the mother.",
            );
        }
    }
    match &form.pregnancy {
        Pregnancy::Expecting { expected_on } if *expected_on > today + Months::new(10) => {
            say(
                &["/pregnancy/expected_on"],
                "too_late",
                "预产期最多在十个月以内。",
                "At most ten months ahead.",
            );
        }
        Pregnancy::Expecting { expected_on } if *expected_on + Months::new(2) < today => {
            say(&["/pregnancy/expected_on"], "past", "预产期已过，请填已生育。", "Past: choose “born”.");
        }
        Pregnancy::Born { born_on, .. } if *born_on > today => {
            say(&["/pregnancy/born_on"], "in_future", "出生日期不能晚于今天。", "Born in the future.");
        }
        Pregnancy::Planned {} | Pregnancy::Expecting { .. } | Pregnancy::Born { .. } => {}
    }
    errors.extend(household(form, facts));
    errors
}
