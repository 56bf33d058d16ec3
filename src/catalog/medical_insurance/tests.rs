//! Bands, waits, aids and the errors of a medical insurance form.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::MedicalInsurance;
use crate::catalog::any_item::AnyItem;
use crate::catalog::item::ServiceItem;
use crate::catalog::trial::{Who, typed};
use crate::domain::lifecycle::ActionKind;
use crate::domain::payment::{Fen, Quote};

const WHO: Who = Who("吴建国", "350582199003070016");

fn errors(form: &Value, today: &str) -> Vec<(String, String)> {
    WHO.errors(&MedicalInsurance, form, today)
}

fn codes(form: &Value, today: &str) -> Vec<String> {
    WHO.codes(&MedicalInsurance, form, today)
}

fn quote(form: &Value, today: &str) -> Quote {
    WHO.on(today, |facts| MedicalInsurance.quote(form, facts).unwrap().unwrap())
}

/// One adult, continuously insured.
fn single(year: i32) -> Value {
    let mut form = MedicalInsurance.sample();
    form["year"] = json!(year);
    form["members"].as_array_mut().unwrap().truncate(1);
    form
}

fn line(form: &Value, today: &str) -> (i64, i64, String, String) {
    assert_eq!(codes(form, today), Vec::<String>::new());
    let quote = quote(form, today);
    let line = &quote.lines[0];
    (line.payable_fen.0, line.aid_fen.0, line.covered_from.to_string(), quote.valid_until.to_string())
}

fn owes(fen: i64, aid: i64, from: &str, until: &str) -> (i64, i64, String, String) {
    (fen, aid, from.to_owned(), until.to_owned())
}

#[test]
fn the_sample_passes_on_every_day_of_the_period() {
    for today in ["2026-09-01", "2026-11-23", "2026-12-31"] {
        assert_eq!(errors(&MedicalInsurance.sample(), today), Vec::new(), "{today}");
    }
    let quote = quote(&MedicalInsurance.sample(), "2026-11-23");
    assert_eq!(quote.total_fen, Fen::yuan(800));
    assert_eq!(quote.valid_until.to_string(), "2026-12-31");
    assert_eq!(quote.lines[2].aid.as_deref(), Some("重度残疾人资助"));
}

#[test]
fn the_bands_of_2024() {
    let form = single(2024);
    assert_eq!(line(&form, "2023-10-01"), owes(39000, 0, "2024-01-01", "2023-12-31"));
    assert_eq!(line(&form, "2024-02-29"), owes(39000, 0, "2024-02-29", "2024-02-29"));
    assert_eq!(line(&form, "2024-03-01"), owes(39000, 0, "2024-04-30", "2024-06-30"));
    assert_eq!(line(&form, "2024-07-01"), owes(103_000, 0, "2024-08-30", "2024-12-31"));
    assert_eq!(codes(&form, "2025-01-01"), ["year_not_open"]);
}

#[test]
fn late_and_broken_from_2025_on() {
    let mut form = single(2026);
    assert_eq!(line(&form, "2026-04-10"), owes(40000, 0, "2026-07-10", "2026-06-30"));
    assert_eq!(line(&form, "2026-11-23"), owes(110_000, 0, "2027-02-23", "2026-12-31"));
    assert!(quote(&form, "2026-11-23").lines[0].explanation.contains("超过本年度"));
    form["members"][0]["prior"] =
        json!({"state": "interrupted", "last_paid_year": 2022, "repaired_years": 0});
    assert_eq!(line(&form, "2025-12-01"), owes(40000, 0, "2026-04-01", "2025-12-31"));

    // 2025 and 2026 missed: three months and one more, which one extra year repairs.
    let mut form = single(2027);
    form["members"][0]["prior"] =
        json!({"state": "interrupted", "last_paid_year": 2024, "repaired_years": 0});
    assert_eq!(line(&form, "2026-11-23"), owes(40000, 0, "2027-05-01", "2026-12-31"));
    form["members"][0]["prior"]["repaired_years"] = json!(1);
    assert_eq!(line(&form, "2026-11-23"), owes(80000, 0, "2027-04-01", "2026-12-31"));
    form["members"][0]["prior"]["repaired_years"] = json!(2);
    assert_eq!(codes(&form, "2026-11-23"), ["repair_too_long"]);
}

#[test]
fn aids_and_exemptions() {
    let mut form = single(2026);
    form["members"][0]["subsidy_categories"] = json!(["monitored", "preferential"]);
    assert_eq!(line(&form, "2026-07-01"), owes(20000, 20000, "2026-07-01", "2026-12-31"));
    form["members"][0]["subsidy_categories"] = json!(["monitored", "minimum_living"]);
    assert_eq!(line(&form, "2026-11-23"), owes(0, 40000, "2026-11-23", "2026-12-31"));

    let mut form = single(2026);
    form["members"][0]["prior"] = json!({"state": "from_employee", "ended_on": "2026-09-30"});
    assert_eq!(line(&form, "2026-11-23"), owes(40000, 0, "2026-11-23", "2026-12-30"));
    form["members"][0]["prior"]["ended_on"] = json!("2026-08-01");
    assert_eq!(line(&form, "2026-11-23"), owes(110_000, 0, "2027-02-23", "2026-12-31"));
}

fn newborn(year: i32, born: &str) -> Value {
    let mut form = single(year);
    form["members"][0] = json!({
        "name": "吴念安",
        "identity": {
            "document": "birth_certificate", "certificate_no": "X350000001", "birth_date": born, "sex": "female"
        },
        "relation": "child",
        "insured_as": {"category": "newborn"},
        "subsidy_categories": [],
        "prior": {"state": "first_time"},
        "in_employee_insurance": false
    });
    form
}

#[test]
fn newborns_are_covered_from_birth() {
    let form = newborn(2026, "2026-12-20");
    assert_eq!(line(&form, "2026-12-28"), owes(40000, 0, "2026-12-20", "2027-03-20"));
    // Born shortly before the turn of the year: the year of birth stays open until the grace is over.
    assert_eq!(line(&form, "2027-03-20"), owes(40000, 0, "2026-12-20", "2027-03-20"));
    assert_eq!(codes(&form, "2027-03-21"), ["newborn_grace_over", "year_not_open"]);
    assert_eq!(line(&newborn(2027, "2026-11-20"), "2026-11-23"), owes(40000, 0, "2027-01-01", "2026-12-31"));
    WHO.on("2026-12-28", |facts| {
        let list = MedicalInsurance::materials(&typed::<MedicalInsurance>(&form), facts);
        assert!(list.iter().any(|material| material.code == "birth_certificate"));
    });
}

#[test]
fn everything_wrong_comes_at_once() {
    let mut form = MedicalInsurance.sample();
    form["year"] = json!(2031);
    form["declared_true"] = json!(false);
    form["members"][0]["relation"] = json!("spouse");
    form["members"][0]["subsidy_categories"] = json!(["low_income_elderly", "low_income_elderly"]);
    form["members"][1]["insured_as"] = json!({"category": "adult"});
    form["members"][2] = form["members"][1].clone();
    form["members"][2]["prior"] =
        json!({"state": "interrupted", "last_paid_year": 2031, "repaired_years": 0});
    let codes = codes(&form, "2026-11-23");
    for code in [
        "year_not_open",
        "not_declared",
        "oneself_mismatch",
        "duplicate_category",
        "aid_age",
        "category_age",
        "duplicate_member",
        "not_interrupted",
    ] {
        assert!(codes.iter().any(|said| said == code), "{code} not in {codes:?}");
    }
    WHO.on("2026-11-23", |facts| {
        let refusal = MedicalInsurance.guard(&form, ActionKind::Submit, facts).unwrap_err();
        assert_eq!(refusal.code, "period_not_open");
        assert_eq!(refusal.context, [("open_years", json!([2026, 2027]))]);
    });
}

#[test]
fn nobody_is_insured_twice() {
    let mut form = MedicalInsurance.sample();
    form["members"][0]["in_employee_insurance"] = json!(true);
    WHO.on("2026-11-23", |facts| {
        let findings = MedicalInsurance.eligibility(&form, facts).unwrap();
        assert_eq!(
            findings.iter().map(|finding| finding.code).collect::<Vec<_>>(),
            ["in_employee_insurance"]
        );
    });
}
