//! Bands by the civil day, and the reasons against the allowance.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::OldAgeAllowance;
use super::policy::turns;
use crate::catalog::any_item::AnyItem;
use crate::catalog::item::ServiceItem;
use crate::catalog::trial::{Who, typed};
use crate::domain::id_number::IdNumber;

const WHO: Who = Who("吴福来", "350582194512080017");

fn codes(form: &Value, today: &str) -> Vec<String> {
    WHO.codes(&OldAgeAllowance, form, today)
}

fn findings(form: &Value, today: &str) -> Vec<&'static str> {
    WHO.findings(&OldAgeAllowance, form, today)
}

fn born(day: &str) -> Value {
    let mut form = OldAgeAllowance.sample();
    form["elder"]["id_number"] =
        json!(IdNumber::synthesize("350582", day.parse().unwrap(), 1).unwrap().as_str());
    form
}

#[test]
fn the_sample_passes() {
    for today in ["2026-09-01", "2026-11-23", "2026-12-31"] {
        assert_eq!(codes(&OldAgeAllowance.sample(), today), Vec::<String>::new());
        assert_eq!(findings(&OldAgeAllowance.sample(), today), Vec::<&str>::new());
    }
    assert_eq!(
        OldAgeAllowance::headline(&typed::<OldAgeAllowance>(&OldAgeAllowance.sample())),
        "高龄津贴 · 吴*来 · 首次申请"
    );
    WHO.on("2026-11-23", |facts| {
        let list = OldAgeAllowance::materials(&typed::<OldAgeAllowance>(&OldAgeAllowance.sample()), facts);
        let codes: Vec<&str> = list.iter().map(|line| line.code.as_str()).collect();
        assert_eq!(
            codes,
            ["id_documents", "alive_check_picture", "agent_id", "authorisation", "account_proof"]
        );
        assert!(list.last().unwrap().standard.zh.contains("每月50.00元"));
    });
}

#[test]
fn bands_by_the_civil_day() {
    #[rustfmt::skip]
    let cases = [
        // Born, today, the age of the band that may be applied for.
        ("1946-12-24", "2026-11-23", None), ("1946-12-23", "2026-11-23", Some(80)),
        ("1946-11-23", "2026-11-23", Some(80)), ("1936-12-24", "2026-11-23", Some(80)),
        ("1936-12-23", "2026-11-23", Some(90)), ("1926-12-23", "2026-11-23", Some(100)),
        // A month before the last of March is the last of February.
        ("1947-03-31", "2027-02-27", None), ("1947-03-31", "2027-02-28", Some(80)),
        // Born on the leap day: eighty is a leap year too, ninety is not.
        ("1944-02-29", "2024-01-29", Some(80)), ("1936-02-29", "2026-01-31", Some(80)),
        ("1936-02-29", "2026-02-01", Some(90)), ("1900-01-01", "2023-12-31", None),
    ];
    for (born, today, age) in cases {
        WHO.on(today, |facts| {
            let band = facts.policies.old_age_allowance.band_on(born.parse().unwrap(), facts.today);
            assert_eq!(band.map(|band| band.from_age), age, "{born} on {today}");
        });
    }
    assert_eq!(turns("1936-02-29".parse().unwrap(), 90).to_string(), "2026-03-01");
}

#[test]
fn every_reason_can_be_found() {
    let mut form = born("1946-12-24");
    form["elder"]["registered_in_street"] = json!(false);
    form["receiving"] = json!("elsewhere");
    form["alive_check"]["checked_on"] = json!("2025-11-22");
    let all = ["too_young", "not_registered_here", "receiving_elsewhere", "alive_check_stale"];
    assert_eq!(findings(&form, "2026-11-23"), all);
    WHO.on("2026-11-23", |facts| {
        let first = OldAgeAllowance.eligibility(&form, facts).unwrap().remove(0);
        assert!(first.alternative.unwrap().zh.contains("2026-11-24"));
    });
    let mut form = born("1936-12-23");
    form["receiving"] = json!("here");
    assert_eq!(findings(&form, "2026-11-23"), ["already_receiving"]);
    form["purpose"] = json!({"kind": "band_change", "present_age_band": 80});
    assert_eq!(findings(&form, "2026-11-23"), Vec::<&str>::new());
    assert_eq!(findings(&form, "2026-11-22"), ["band_unchanged"]);
    form["purpose"]["present_age_band"] = json!(90);
    assert_eq!(findings(&form, "2026-11-23"), ["band_unchanged"]);
}

#[test]
fn everything_wrong_comes_at_once() {
    let mut form = OldAgeAllowance.sample();
    form["purpose"] = json!({"kind": "band_change", "present_age_band": 85});
    form["agent"]["id_number"] = form["elder"]["id_number"].clone();
    form["agent"]["relation"] = json!("oneself");
    form["alive_check"] = json!({"method": "video", "checked_on": "2027-01-01", "checked_by": "吴建国"});
    form["account"]["holder"] = json!("吴建国");
    form["declared_true"] = json!(false);
    let said = codes(&form, "2026-11-23");
    for code in [
        "band_unknown",
        "not_receiving",
        "same_person",
        "oneself",
        "checked_by_agent",
        "in_future",
        "holder_not_entitled",
        "not_declared",
    ] {
        assert!(said.iter().any(|one| one == code), "{code} not in {said:?}");
    }
    // A guardian may hold the account.
    let mut form = OldAgeAllowance.sample();
    form["account"]["holder"] = json!("吴建国");
    form["agent"]["guardian"] = json!(true);
    assert_eq!(codes(&form, "2026-11-23"), Vec::<String>::new());
    assert_eq!(codes(&form, "2023-11-23"), ["in_future", "no_policy"]);
}
