//! Means against the standard, the reasons against a grant, and the steps before it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::{MinimumLiving, MinimumLivingForm};
use crate::catalog::any_item::AnyItem;
use crate::catalog::item::{Facts, ServiceItem};
use crate::catalog::trial::{Who, typed};
use crate::domain::lifecycle::ActionKind;
use crate::domain::review::{PublicNotice, SiteVisit};

const WHO: Who = Who("施美玲", "350582198011050029");

fn with<R>(visits: &[SiteVisit], notice: Option<&PublicNotice>, then: impl FnOnce(&Facts<'_>) -> R) -> R {
    WHO.on("2026-11-23", |facts| then(&Facts { site_visits: visits, notice, ..*facts }))
}

fn codes(form: &Value, today: &str) -> Vec<String> {
    WHO.codes(&MinimumLiving, form, today)
}

fn findings(form: &Value) -> Vec<&'static str> {
    WHO.findings(&MinimumLiving, form, "2026-11-23")
}

fn alternative(form: &Value) -> String {
    with(&[], None, |facts| {
        MinimumLiving.eligibility(form, facts).unwrap()[0].alternative.clone().unwrap().zh.into_owned()
    })
}

#[test]
fn the_sample_passes_and_is_short_of_the_standard() {
    let sample = MinimumLiving.sample();
    for today in ["2026-09-01", "2026-11-23", "2026-12-31", "2024-06-01", "2027-06-01"] {
        assert_eq!(codes(&sample, today), Vec::<String>::new(), "{today}");
    }
    assert_eq!(findings(&sample), Vec::<&str>::new());
    let form: MinimumLivingForm = serde_json::from_value(sample.clone()).unwrap();
    with(&[], None, |facts| {
        let means = facts.policies.minimum_living.on(facts.today).unwrap().means(&form);
        // 1,800 of wages less 600 of medicine; the disability subsidy does not count.
        assert_eq!(
            (means.income_fen.0, means.deducted_fen.0, means.per_head_fen.0),
            (180_000, 60_000, 40_000)
        );
        assert_eq!(means.grant_fen.0, 3 * 90_000 - 120_000);
        let list = MinimumLiving::materials(&typed::<MinimumLiving>(&sample), facts);
        let income = list.iter().find(|line| line.code == "income_proof").unwrap();
        assert!(income.standard.zh.contains("月差额1500.00元"), "{}", income.standard.zh);
    });
    assert_eq!(MinimumLiving::headline(&typed::<MinimumLiving>(&sample)), "低保 · 施*玲 · 3人户");
}

#[test]
fn income_at_the_standard_is_not_below_it() {
    let mut form = MinimumLiving.sample();
    let mut wage = |fen: i64| {
        form["members"][1]["incomes"][0]["monthly_fen"] = json!(fen);
        form.clone()
    };
    assert_eq!(findings(&wage(329_999)), Vec::<&str>::new());
    assert_eq!(findings(&wage(330_000)), ["income_too_high"]);
    assert!(alternative(&wage(330_000)).contains("低保边缘家庭"));
    assert!(alternative(&wage(464_999)).contains("低保边缘家庭"));
    assert!(alternative(&wage(465_000)).contains("刚性支出"));
    form["outlays"] = json!([]);
    assert!(alternative(&form).contains("临时救助"));
    // Support from outside counts.
    let mut form = MinimumLiving.sample();
    form["supporters"] = json!([{
        "name": "施美华", "id_number": "350582198509200119", "relation": "sibling", "monthly_fen": 150_000
    }]);
    assert_eq!(findings(&form), ["income_too_high"]);
}

#[test]
fn property_has_its_limits() {
    let mut form = MinimumLiving.sample();
    form["property"] = json!({
        "deposits_fen": 6_480_000, "securities_fen": 0, "claims_fen": 0,
        "vehicles": [{"kind": "farm_machine"}],
        "houses": [
            {"address": "灵源街道林口社区东区31号", "area_dm2": 9_600, "used": "lived_in"},
            {"address": "灵源街道林口社区东区30号", "area_dm2": 5_000, "used": "uninhabitable"}
        ],
        "enterprises": [{"name": "晋江市某某鞋材店", "share_percent": 100, "operating": false}]
    });
    assert_eq!(findings(&form), Vec::<&str>::new());
    form["property"]["claims_fen"] = json!(1);
    form["property"]["vehicles"][0]["kind"] = json!("car");
    form["property"]["houses"][1]["used"] = json!("vacant");
    form["property"]["enterprises"][0]["operating"] = json!(true);
    form["members"][0]["destitute_support"] = json!(true);
    for index in 0..3 {
        form["members"][index]["registered_in_street"] = json!(false);
    }
    assert_eq!(
        findings(&form),
        [
            "not_registered_here",
            "destitute_support",
            "money_too_much",
            "vehicle",
            "houses_too_many",
            "enterprise"
        ]
    );
}

#[test]
fn one_person_may_apply_alone() {
    let mut form = MinimumLiving.sample();
    form["members"] = json!([form["members"][0].clone()]);
    form["supporters"] = json!([]);
    form["members"][0]["relation"] = json!("oneself");
    form["account"]["holder"] = json!("张志强");
    form["unit"] = json!({"kind": "single_person", "ground": "serious_illness", "marginal_household": true});
    assert_eq!(codes(&form, "2026-11-23"), Vec::<String>::new());
    assert_eq!(findings(&form), Vec::<&str>::new());
    form["unit"] =
        json!({"kind": "single_person", "ground": "severe_disability", "marginal_household": false});
    form["members"][0]["disability_grade"] = json!(3);
    assert_eq!(codes(&form, "2026-11-23"), ["ground_mismatch"]);
    assert_eq!(findings(&form), ["household_not_marginal"]);
    form["members"][0]["disability_grade"] = json!(2);
    assert_eq!(codes(&form, "2026-11-23"), Vec::<String>::new());
}

#[test]
fn everything_wrong_comes_at_once() {
    let mut form = MinimumLiving.sample();
    form["members"][0]["id_number"] = form["members"][2]["id_number"].clone();
    form["members"][0]["data_check_authorised"] = json!(false);
    form["members"][1]["incomes"] = json!([
        {"kind": "pension", "monthly_fen": 1, "source": "甲"}, {"kind": "pension", "monthly_fen": 1, "source": "乙"}
    ]);
    form["members"][1]["id_number"] = json!("350582201209180034");
    form["members"][0]["relation"] = json!("oneself");
    form["supporters"] = json!([{
        "name": "张小语", "id_number": "350582201209180034", "relation": "child", "monthly_fen": 0
    }]);
    form["account"]["holder"] = json!("陌生人");
    form["declared_true"] = json!(false);
    let said = codes(&form, "2026-11-23");
    for code in [
        "duplicate_member",
        "not_authorised",
        "duplicate_income",
        "income_missing",
        "one_applicant",
        "spouse_missing",
        "supporter_in_household",
        "holder_not_member",
        "not_declared",
    ] {
        assert!(said.iter().any(|one| one == code), "{code} not in {said:?}");
    }
    let mut form = MinimumLiving.sample();
    form["members"][1]["relation"] = json!("parent");
    form["members"][2]["relation"] = json!("oneself");
    form["marital_status"] = json!("single");
    form["property"]["deposits_fen"] = json!(-1);
    let said = codes(&form, "2026-11-23");
    for code in ["applicant_minor", "spouse_unexpected", "too_small"] {
        assert!(said.iter().any(|one| one == code), "{code} not in {said:?}");
    }
}

#[test]
fn nobody_decides_before_the_visit_and_the_notice() {
    let visit = |passed: bool| SiteVisit {
        stage: "home_visit".to_owned(),
        date: "2026-11-10".parse().unwrap(),
        officers: vec!["许主任".to_owned(), "林社工".to_owned()],
        findings: "与申报一致".to_owned(),
        passed,
    };
    let notice = |closed: bool, resolution: Value| -> PublicNotice {
        let at = "2026-11-20T02:00:00Z";
        serde_json::from_value(json!({
            "text": "公示", "place": "林口社区公示栏", "from": "2026-11-12T02:00:00Z",
            "until": {"date": "2026-11-19", "at": "2026-11-19T16:00:00Z", "provisional": false, "paused": false},
            "objections": [{"objector": "群众", "reason": "有车", "at": at, "resolution": resolution}],
            "closed_at": if closed { json!(at) } else { Value::Null }
        }))
        .unwrap()
    };
    let answered =
        |upheld: bool| json!({"upheld": upheld, "explanation": "已查", "at": "2026-11-20T02:00:00Z"});
    let ask = |visits: &[SiteVisit], notice: Option<&PublicNotice>, action| {
        with(visits, notice, |facts| {
            MinimumLiving.guard(&MinimumLiving.sample(), action, facts).map_err(|no| no.code)
        })
    };
    let fine = notice(true, answered(false));
    assert_eq!(ask(&[visit(true)], Some(&fine), ActionKind::Approve), Ok(()));
    assert_eq!(ask(&[visit(true)], None, ActionKind::PublishNotice), Ok(()));
    assert_eq!(ask(&[], None, ActionKind::Reject), Ok(()));
    let no = Err("steps_missing");
    assert_eq!(ask(&[], None, ActionKind::PublishNotice), no);
    assert_eq!(ask(&[visit(true), visit(false)], Some(&fine), ActionKind::Approve), no);
    assert_eq!(ask(&[visit(true)], None, ActionKind::Approve), no);
    assert_eq!(ask(&[visit(true)], Some(&notice(false, answered(false))), ActionKind::Approve), no);
    assert_eq!(ask(&[visit(true)], Some(&notice(true, answered(true))), ActionKind::Approve), no);
    assert_eq!(ask(&[visit(true)], Some(&notice(true, Value::Null)), ActionKind::Approve), no);
}
