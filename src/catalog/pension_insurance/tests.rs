//! Tiers, top-ups, made-up years and the reasons against paying.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::PensionInsurance;
use crate::catalog::any_item::AnyItem;
use crate::catalog::trial::Who;
use crate::domain::lifecycle::ActionKind;
use crate::domain::payment::Quote;

const WHO: Who = Who("许文斌", "350582197512120414");

fn codes(form: &Value, today: &str) -> Vec<String> {
    WHO.codes(&PensionInsurance, form, today)
}

fn quote(form: &Value, today: &str) -> Quote {
    assert_eq!(codes(form, today), Vec::<String>::new());
    WHO.on(today, |facts| PensionInsurance.quote(form, facts).unwrap().unwrap())
}

fn findings(form: &Value, today: &str) -> Vec<&'static str> {
    WHO.findings(&PensionInsurance, form, today)
}

#[test]
fn the_aid_pays_the_lowest_tier() {
    for today in ["2026-09-01", "2026-11-23", "2026-12-31"] {
        let quote = quote(&PensionInsurance.sample(), today);
        assert_eq!((quote.lines[0].aid_fen.0, quote.total_fen.0), (20_000, 80_000));
        assert_eq!(quote.valid_until.to_string(), "2026-12-31");
        assert_eq!(quote.lines[0].covered_from.to_string(), "2036-01-01");
        assert!(quote.lines[0].explanation.contains("120.00"));
        assert_eq!(findings(&PensionInsurance.sample(), today), Vec::<&str>::new());
    }
    let mut form = PensionInsurance.sample();
    form["aid_categories"] = json!(["monitored", "minimum_living"]);
    form["purpose"]["tier_fen"] = json!(20_000);
    assert_eq!(quote(&form, "2026-11-23").total_fen.0, 0);
}

#[test]
fn the_tier_can_be_raised_within_the_year() {
    let mut form = PensionInsurance.sample();
    form["paid_years"] = json!([{"year": 2026, "tier_fen": 50_000}]);
    assert_eq!(codes(&form, "2026-11-23"), ["already_paid"]);
    form["purpose"] = json!({"kind": "change_tier", "paid_tier_fen": 50_000, "tier_fen": 100_000});
    assert_eq!(quote(&form, "2026-11-23").total_fen.0, 50_000);
    form["purpose"]["tier_fen"] = json!(40_000);
    assert_eq!(codes(&form, "2026-11-23"), ["not_higher"]);
    form["paid_years"][0]["tier_fen"] = json!(i64::MIN);
    assert!(codes(&form, "2026-11-23").contains(&"tier_implausible".to_owned()));
    form["paid_years"][0]["tier_fen"] = json!(50_000);
    form["purpose"] = json!({"kind": "change_tier", "paid_tier_fen": 60_000, "tier_fen": 100_000});
    assert_eq!(codes(&form, "2026-11-23"), ["not_paid_so"]);
}

#[test]
fn missed_years_earn_no_subsidy_and_from_sixty_on_only_they_are_paid() {
    let mut form = PensionInsurance.sample();
    form["purpose"] = json!({"kind": "make_up", "years": [{"year": 2019, "tier_fen": 20_000}, {"year": 2020, "tier_fen": 30_000}]});
    let both = quote(&form, "2026-11-23");
    assert_eq!((both.total_fen.0, both.lines.len(), both.lines[0].aid_fen.0), (50_000, 2, 0));

    // 1965-04-01: sixty since April 2025.
    form["insured"]["id_number"] = json!("35058219650401043X");
    form["payer"]["id_number"] = json!("35058219650401043X");
    assert_eq!(quote(&form, "2026-11-23").lines[0].covered_from.to_string(), "2026-12-01");
    assert_eq!(findings(&form, "2026-11-23"), Vec::<&str>::new());
    form["paid_years"] =
        json!((2006..2020).map(|year| json!({"year": year + 3, "tier_fen": 20_000})).collect::<Vec<_>>());
    let said = codes(&form, "2026-11-23");
    assert!(
        said.contains(&"more_than_required".to_owned()) && said.contains(&"already_paid".to_owned()),
        "{said:?}"
    );
    form["purpose"] = json!({"kind": "contribute", "tier_fen": 20_000});
    assert_eq!(findings(&form, "2026-11-23"), ["pension_age_reached"]);
    WHO.on("2026-11-23", |facts| {
        assert_eq!(
            PensionInsurance.guard(&form, ActionKind::Accept, facts).unwrap_err().code,
            "not_entitled"
        );
    });
    // Somebody who turns sixty in the year pays until the eve of the birthday.
    let eve = form.clone();
    WHO.on("2025-03-01", |facts| {
        let mut form = eve;
        form["year"] = json!(2025);
        let quote = PensionInsurance.quote(&form, facts).unwrap().unwrap();
        assert_eq!(quote.valid_until.to_string(), "2025-03-31");
    });
}

#[test]
fn everything_wrong_comes_at_once() {
    let mut form = PensionInsurance.sample();
    form["year"] = json!(2024);
    form["purpose"]["tier_fen"] = json!(12_300);
    form["payer"]["relation"] = json!("child");
    form["account"]["holder"] = json!("许小明");
    form["paid_years"] = json!([{"year": 2024, "tier_fen": 20_000}, {"year": 2024, "tier_fen": 20_000}]);
    form["declared_true"] = json!(false);
    let said = codes(&form, "2026-11-23");
    for code in [
        "year_not_open",
        "tier_unknown",
        "oneself_mismatch",
        "holder_not_insured",
        "duplicate_year",
        "not_declared",
        "already_paid",
    ] {
        assert!(said.iter().any(|one| one == code), "{code} not in {said:?}");
    }
    form["purpose"] = json!({"kind": "make_up", "years": [
        {"year": 2026, "tier_fen": 20_000}, {"year": 2011, "tier_fen": 20_000}, {"year": 2011, "tier_fen": 20_000}
    ]});
    let said = codes(&form, "2026-11-23");
    assert_eq!(said.iter().filter(|code| *code == "cannot_be_made_up").count(), 3);
}

#[test]
fn every_reason_can_be_found() {
    let mut form = PensionInsurance.sample();
    form["insured"]["student"] = json!(true);
    form["insured"]["other_scheme"] = json!("employee");
    form["insured"]["registered_locally"] = json!(false);
    form["insured"]["drawing_pension"] = json!(true);
    form["insured"]["id_number"] = json!("350582201806010041");
    let all = ["too_young", "student", "other_scheme", "not_registered_here", "drawing_pension"];
    assert_eq!(findings(&form, "2026-11-23"), all);
}
