//! What is due per calendar year, and the reasons against it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::policy::entitlement;
use super::{ChildcareSubsidy, ChildcareSubsidyForm};
use crate::catalog::any_item::AnyItem;
use crate::catalog::item::ServiceItem;
use crate::catalog::trial::{Who, typed};
use crate::domain::id_number::IdNumber;

const WHO: Who = Who("蔡晓燕", "350582199508083023");

fn codes(form: &Value, today: &str) -> Vec<String> {
    WHO.codes(&ChildcareSubsidy, form, today)
}

fn findings(form: &Value, today: &str) -> Vec<&'static str> {
    WHO.findings(&ChildcareSubsidy, form, today)
}

fn material_codes(form: &Value) -> Vec<String> {
    WHO.on("2026-11-23", |facts| {
        ChildcareSubsidy::materials(&typed::<ChildcareSubsidy>(form), facts)
            .into_iter()
            .map(|one| one.code)
            .collect()
    })
}

fn born(day: &str) -> Value {
    let mut form = ChildcareSubsidy.sample();
    form["child"]["id_number"] =
        json!(IdNumber::synthesize("350582", day.parse().unwrap(), 3).unwrap().as_str());
    form["received_years"] = json!([]);
    form
}

#[test]
fn the_sample_passes_and_owes_a_whole_year() {
    for today in ["2026-09-01", "2026-11-23", "2026-12-31"] {
        let sample = ChildcareSubsidy.sample();
        assert_eq!(codes(&sample, today), Vec::<String>::new());
        assert_eq!(findings(&sample, today), Vec::<&str>::new());
    }
    assert_eq!(
        ChildcareSubsidy::headline(&typed::<ChildcareSubsidy>(&ChildcareSubsidy.sample())),
        "育儿补贴 · 吴*安 · 2026年度"
    );
    WHO.on("2026-11-23", |facts| {
        let list = ChildcareSubsidy::materials(&typed::<ChildcareSubsidy>(&ChildcareSubsidy.sample()), facts);
        assert!(list.last().unwrap().standard.zh.contains("3600.00元"));
    });
}

#[test]
fn whole_years_and_remaining_months() {
    #[rustfmt::skip]
    let cases: [(&str, [i64; 5]); 9] = [
        // Born, and the yuan due in 2024, 2025, 2026, 2027 and 2028.
        ("2021-12-31", [0, 0, 0, 0, 0]),
        ("2022-01-01", [0, 300, 0, 0, 0]),
        ("2022-06-30", [0, 1_800, 0, 0, 0]),
        ("2022-12-31", [0, 3_600, 0, 0, 0]),
        ("2023-01-31", [0, 3_600, 300, 0, 0]),
        ("2024-02-29", [0, 3_600, 3_600, 600, 0]),
        ("2024-12-31", [0, 3_600, 3_600, 3_600, 0]),
        ("2025-01-01", [0, 3_600, 3_600, 3_600, 0]),
        ("2026-12-31", [0, 0, 3_600, 3_600, 3_600]),
    ];
    WHO.on("2026-11-23", |facts| {
        for (day, due) in cases {
            let form: ChildcareSubsidyForm = serde_json::from_value(born(day)).unwrap();
            let found =
                (2024..=2028).map(|year| entitlement(&form, &facts.policies.childcare_subsidy, year).0 / 100);
            assert_eq!(found.collect::<Vec<_>>(), due, "{day}");
        }
        let mut policy = facts.policies.childcare_subsidy.clone();
        policy.birthday_month_counts = false;
        let form: ChildcareSubsidyForm = serde_json::from_value(born("2024-02-29")).unwrap();
        assert_eq!(entitlement(&form, &policy, 2027).0, 30_000);
    });
}

#[test]
fn every_reason_can_be_found() {
    let mut form = ChildcareSubsidy.sample();
    form["child"]["registered_in_street"] = json!(false);
    form["received_years"] = json!([2025, 2026]);
    assert_eq!(findings(&form, "2026-11-23"), ["not_registered_here", "already_received"]);
    assert_eq!(findings(&born("2021-12-31"), "2026-11-23"), ["past_three"]);
    let mut early = born("2026-05-01");
    early["year"] = json!(2025);
    assert_eq!(findings(&early, "2026-11-23"), ["not_born_then"]);
    let mut late = born("2025-05-01");
    late["year"] = json!(2025);
    assert_eq!(findings(&late, "2028-01-02"), ["claimed_too_late"]);
    assert_eq!(findings(&late, "2027-12-31"), Vec::<&str>::new());
}

#[test]
fn everything_wrong_comes_at_once() {
    let mut form = ChildcareSubsidy.sample();
    form["year"] = json!(2027);
    form["claimant"]["relation"] = json!("father");
    form["child"]["id_number"] = form["claimant"]["id_number"].clone();
    form["child"]["birth_certificate_number"] = json!("3501234567");
    form["received_years"] = json!([2030, 2030]);
    form["account"]["holder"] = json!("陌生人");
    form["declared_true"] = json!(false);
    let said = codes(&form, "2026-11-23");
    for code in [
        "year_not_open",
        "sex_mismatch",
        "same_person",
        "birth_certificate_number",
        "year_impossible",
        "duplicate_year",
        "holder_not_entitled",
        "not_declared",
    ] {
        assert!(said.iter().any(|one| one == code), "{code} not in {said:?}");
    }
    let mut unborn = born("2026-12-30");
    unborn["claimant"]["id_number"] = json!("350582202502290010");
    assert!(codes(&unborn, "2026-11-23").contains(&"in_future".to_owned()));
    assert!(
        codes(&unborn, "2026-11-23").contains(&"id_number_date".to_owned()),
        "{:?}",
        codes(&unborn, "2026-11-23")
    );
}

#[test]
fn an_institution_and_a_guardian_bring_proof() {
    let mut form = ChildcareSubsidy.sample();
    form["claimant"]["relation"] = json!("other_guardian");
    form["child"]["adopted"] = json!(true);
    form["child"].as_object_mut().unwrap().remove("birth_certificate_number");
    let list = material_codes(&form);
    for code in ["guardianship_proof", "adoption_certificate", "foreign_birth_certificate"] {
        assert!(list.iter().any(|one| one == code), "{code} not in {list:?}");
    }
    form["claimant"] = json!({
        "kind": "institution", "name": "晋江市社会福利中心", "credit_code": "51350582MJ0000018G",
        "handler_name": "林秀英", "handler_id_number": "350582199003070016", "phone": "13805950001"
    });
    assert_eq!(codes(&form, "2026-11-23"), ["holder_not_entitled"]);
    form["account"]["holder"] = json!("晋江市社会福利中心");
    assert_eq!(codes(&form, "2026-11-23"), Vec::<String>::new());
    assert!(material_codes(&form).contains(&"institution_proof".to_owned()));
}
