//! The certificate number, the amounts, and the reasons against them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::DisabilitySubsidy;
use crate::catalog::any_item::AnyItem;
use crate::catalog::item::ServiceItem;
use crate::catalog::trial::{Who, typed};

const WHO: Who = Who("庄大勇", "350582198804171015");

fn codes(form: &Value) -> Vec<String> {
    WHO.codes(&DisabilitySubsidy, form, "2026-11-23")
}

fn findings(form: &Value, today: &str) -> Vec<&'static str> {
    WHO.findings(&DisabilitySubsidy, form, today)
}

fn promise(form: &Value, today: &str) -> String {
    WHO.on(today, |facts| {
        DisabilitySubsidy::materials(&typed::<DisabilitySubsidy>(form), facts)
            .pop()
            .unwrap()
            .standard
            .zh
            .into_owned()
    })
}

#[test]
fn the_sample_passes_and_adds_both_amounts() {
    let mut form = DisabilitySubsidy.sample();
    assert_eq!(codes(&form), Vec::<String>::new());
    for today in ["2024-06-01", "2026-09-01", "2026-12-31", "2027-12-31"] {
        assert_eq!(findings(&form, today), Vec::<&str>::new());
    }
    assert!(promise(&form, "2026-11-23").contains("合计200.00元"));
    assert!(promise(&form, "2025-11-23").contains("合计190.00元"));
    assert_eq!(
        DisabilitySubsidy::headline(&typed::<DisabilitySubsidy>(&form)),
        "残疾人补贴 · 庄*勇 · 两项补贴"
    );
    form["subsidies"] = json!(["care"]);
    assert!(promise(&form, "2026-11-23").contains("合计95.00元"));
    assert_eq!(
        DisabilitySubsidy::headline(&typed::<DisabilitySubsidy>(&form)),
        "残疾人补贴 · 庄*勇 · 护理补贴"
    );
}

#[test]
fn the_number_tells_person_category_and_grade() {
    let with_number = |number: &str| {
        let mut form = DisabilitySubsidy.sample();
        form["certificate"]["number"] = json!(number);
        codes(&form)
    };
    assert_eq!(with_number("35058219880417101542B1"), Vec::<String>::new());
    for wrong in
        ["35058219880417101549", "35058219880417101582", "35058219880417101642", "35058219880417101542C1"]
    {
        assert_eq!(with_number(wrong), ["disability_certificate_number"], "{wrong}");
    }
    assert_eq!(with_number("3505821988041710154"), ["disability_certificate_number", "too_short"][1..]);
    assert_eq!(with_number("35058219880417101561"), ["category_mismatch", "grade_mismatch"]);
    assert_eq!(with_number("35058219900307001642"), ["certificate_of_another"]);
}

#[test]
fn every_reason_can_be_found() {
    let mut form = DisabilitySubsidy.sample();
    form["person"]["registered_in_street"] = json!(false);
    form["certificate"]["grade"] = json!(3);
    form["household"] = json!("other");
    form["needs_lasting_care"] = json!(false);
    form["serving_sentence"] = json!(true);
    form["other_benefits"] = json!(["work_injury_care", "welfare_care_allowance"]);
    let all = [
        "not_registered_here",
        "certificate_expired",
        "serving_sentence",
        "household_not_poor",
        "grade_too_low",
        "no_lasting_care",
        "excluded_by_benefit",
        "choose_the_higher",
    ];
    form["certificate"]["valid_until"] = json!("2026-11-22");
    assert_eq!(findings(&form, "2026-11-23"), all);
    let mut form = DisabilitySubsidy.sample();
    form["household"] = json!("destitute");
    assert_eq!(findings(&form, "2026-11-23"), ["destitute_support"]);
    // An orphan keeps the care subsidy; grade 3 counts for some categories and from 2026 on.
    let mut form = DisabilitySubsidy.sample();
    form["other_benefits"] = json!(["orphan_support"]);
    assert_eq!(findings(&form, "2026-11-23"), ["excluded_by_benefit"]);
    form["subsidies"] = json!(["care"]);
    assert_eq!(findings(&form, "2026-11-23"), Vec::<&str>::new());
    form["certificate"]["grade"] = json!(3);
    form["certificate"]["category"] = json!("mental");
    assert_eq!(findings(&form, "2026-11-23"), Vec::<&str>::new());
    assert_eq!(findings(&form, "2025-11-23"), ["grade_too_low"]);
}

#[test]
fn everything_wrong_comes_at_once() {
    let mut form = DisabilitySubsidy.sample();
    form["subsidies"] = json!(["care", "care"]);
    form["filing"] =
        json!({"kind": "forwarded", "window": "厦门市思明区政务服务中心", "forwarded_on": "2027-01-01"});
    form["certificate"]["valid_until"] = json!("2021-03-15");
    form["other_benefits"] = json!(["orphan_support", "orphan_support"]);
    form["agent"] = json!({
        "name": "庄小勇", "id_number": "350582201507100039", "relation": "oneself", "guardian": true,
        "phone": "13805950041"
    });
    form["account"]["holder"] = json!("陌生人");
    form["declared_true"] = json!(false);
    let said = codes(&form);
    for code in [
        "duplicate_subsidy",
        "in_future",
        "dates_reversed",
        "duplicate_benefit",
        "oneself",
        "guardian_minor",
        "holder_not_entitled",
        "not_declared",
    ] {
        assert!(said.iter().any(|one| one == code), "{code} not in {said:?}");
    }
    // A minor's guardian acts and may hold the account.
    let mut form = DisabilitySubsidy.sample();
    form["person"]["id_number"] = json!("350582201507100039");
    form["certificate"]["number"] = json!("35058220150710003942");
    form.as_object_mut().unwrap().remove("agent");
    assert_eq!(codes(&form), ["guardian_needed"]);
    form["agent"] = json!({
        "name": "庄大山", "id_number": "350582198804171015", "relation": "parent", "guardian": true,
        "phone": "13805950041"
    });
    form["account"]["holder"] = json!("庄大山");
    assert_eq!(codes(&form), Vec::<String>::new());
}
