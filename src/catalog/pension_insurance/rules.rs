//! What the counter checks of a pension form: the year and the tier against the policy book, one payment
//! per person and year, and what can be made up.

use chrono::{Datelike, NaiveDate};

use super::policy::{PensionEdition, PensionInsurancePolicy};
use super::{PensionInsuranceForm, PensionPurpose, PensionYear};
use crate::catalog::family::{Relation, at, repeated};
use crate::domain::payment::Fen;
use crate::domain::text::{FieldError, Text};

/// Amounts a past year can have cost; tiers of old editions are not on today's list.
const PLAUSIBLE_PAID: std::ops::RangeInclusive<Fen> = Fen::yuan(10)..=Fen::yuan(100_000);

type Errors = Vec<FieldError>;

fn say(
    errors: &mut Errors,
    fields: &[&str],
    code: &'static str,
    zh: impl Into<String>,
    en: impl Into<String>,
) {
    errors.push(FieldError::across(fields, code, Text::new(zh, en)));
}

/// Every rule across fields.
pub fn rules(
    form: &PensionInsuranceForm,
    today: NaiveDate,
    policy: &PensionInsurancePolicy,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    persons(form, today, &mut errors);
    history(form, today, &mut errors);
    if form.year != today.year() {
        let open = today.year();
        say(
            &mut errors,
            &["/year"],
            "year_not_open",
            format!("现在只能办理{open}年度；以前年度请选“补缴”。"),
            format!("Only {open} is open now; for earlier years choose “make up”."),
        );
    }
    match policy.of_year(today.year()) {
        Some(edition) => purpose(form, today, edition, &mut errors),
        None => say(
            &mut errors,
            &["/year"],
            "no_policy",
            "该年度标准尚未公布。",
            "The figures of that year are not out yet.",
        ),
    }
    errors
}

fn persons(form: &PensionInsuranceForm, today: NaiveDate, errors: &mut Errors) {
    if form.insured.id_number.born_after(today) {
        say(errors, &["/insured/id_number"], "in_future", "出生日期晚于今天。", "Born in the future.");
    }
    let same = form.payer.id_number == form.insured.id_number;
    if same != (form.payer.relation == Relation::Oneself) {
        say(
            errors,
            &["/payer/relation", "/payer/id_number", "/insured/id_number"],
            "oneself_mismatch",
            "“本人”应且仅应用于参保人自己缴费。",
            "“Oneself” is for somebody who pays for themselves, and only then.",
        );
    }
    if same && form.payer.name != form.insured.name {
        say(
            errors,
            &["/payer/name", "/insured/name", "/payer/id_number", "/insured/id_number"],
            "name_mismatch",
            "证件号码相同，姓名却不同。",
            "The same ID number, but another name.",
        );
    }
    if form.account.as_ref().is_some_and(|account| account.holder != form.insured.name) {
        say(
            errors,
            &["/account/holder", "/insured/name"],
            "holder_not_insured",
            "账户应为参保人本人的社会保障卡账户。",
            "The account must be the insured person's own.",
        );
    }
    let list = &form.aid_categories;
    if !repeated(list, |category| *category).is_empty() {
        say(
            errors,
            &["/aid_categories"],
            "duplicate_category",
            "同一类别只能选一次。",
            "Choose each group once.",
        );
    }
}

fn history(form: &PensionInsuranceForm, today: NaiveDate, errors: &mut Errors) {
    for (index, paid) in form.paid_years.iter().enumerate() {
        if paid.year > today.year() {
            let field = at("paid_years", index, "year");
            say(
                errors,
                &[&field],
                "in_future",
                "已缴年度不能晚于今年。",
                "A year in the future cannot be paid already.",
            );
        }
        if !PLAUSIBLE_PAID.contains(&paid.tier_fen) {
            let field = at("paid_years", index, "tier_fen");
            say(
                errors,
                &[&field],
                "tier_implausible",
                "已缴金额不合常理，请核对（单位：分）。",
                "Check the amount paid (in fen).",
            );
        }
    }
}

fn tier(edition: &PensionEdition, field: &str, chosen: Fen, errors: &mut Errors) {
    if edition.tier(chosen).is_none() {
        let known: Vec<String> =
            edition.tiers.iter().map(|tier| (tier.tier_fen.0 / 100).to_string()).collect();
        let zh = format!("没有这一档，可选（元）：{}。", known.join("、"));
        say(errors, &[field], "tier_unknown", zh, format!("No such tier; in yuan: {}.", known.join(", ")));
    }
}

fn purpose(form: &PensionInsuranceForm, today: NaiveDate, edition: &PensionEdition, errors: &mut Errors) {
    let paid = form.paid_years.iter().find(|paid| paid.year == form.year);
    match &form.purpose {
        PensionPurpose::Contribute { tier_fen } => {
            tier(edition, "/purpose/tier_fen", *tier_fen, errors);
            if paid.is_some() {
                say(
                    errors,
                    &["/purpose", "/year", "/paid_years"],
                    "already_paid",
                    "该年度已缴费，一人一年一次；要提高档次请选“变更档次”。",
                    "That year is paid already; to raise the tier choose “change tier”.",
                );
            }
        }
        PensionPurpose::ChangeTier { paid_tier_fen, tier_fen } => {
            tier(edition, "/purpose/tier_fen", *tier_fen, errors);
            if paid.is_none_or(|paid| paid.tier_fen != *paid_tier_fen) {
                say(
                    errors,
                    &["/purpose/paid_tier_fen", "/year", "/paid_years"],
                    "not_paid_so",
                    "已缴档次与该年度缴费记录不符。",
                    "The record shows no such payment for that year.",
                );
            }
            if tier_fen <= paid_tier_fen {
                say(
                    errors,
                    &["/purpose/tier_fen", "/purpose/paid_tier_fen"],
                    "not_higher",
                    "缴费后只能提高档次。",
                    "After paying, the tier can only be raised.",
                );
            }
        }
        PensionPurpose::MakeUp { years } => make_up(form, years, today, edition, errors),
    }
}

fn make_up(
    form: &PensionInsuranceForm,
    years: &[PensionYear],
    today: NaiveDate,
    edition: &PensionEdition,
    errors: &mut Errors,
) {
    let born = form.insured.id_number.birth_date();
    let last = (today.year() - 1).min(edition.turns_pension_age(born).year());
    let least_age = i32::try_from(edition.least_age).unwrap_or(0);
    let first = edition.make_up_from_year.max(born.year() + least_age);
    for index in repeated(years, |missed| missed.year) {
        let field = format!("/purpose/years/{index}/year");
        say(errors, &[&field], "duplicate_year", "同一年度只能填一次。", "List each year once.");
    }
    for (index, missed) in years.iter().enumerate() {
        let field = format!("/purpose/years/{index}/year");
        tier(edition, &format!("/purpose/years/{index}/tier_fen"), missed.tier_fen, errors);
        if !(first..=last).contains(&missed.year) {
            say(
                errors,
                &[&field, "/insured/id_number"],
                "cannot_be_made_up",
                format!("可补缴{first}至{last}年度。"),
                format!("The years {first} to {last} can be made up."),
            );
        }
        if form.paid_years.iter().any(|paid| paid.year == missed.year) {
            say(
                errors,
                &[&field, "/paid_years"],
                "already_paid",
                "该年度已缴费。",
                "That year is paid already.",
            );
        }
    }
    let total = form.paid_years.len() + years.len();
    let required = usize::try_from(edition.required_years).unwrap_or(0);
    if form.insured.id_number.age_on(today) >= edition.pension_age && total > required {
        say(
            errors,
            &["/purpose/years", "/paid_years", "/insured/id_number"],
            "more_than_required",
            format!("年满60周岁的，补缴后累计不超过{required}年。"),
            format!("From pension age on, years are made up to {required} in all."),
        );
    }
}
