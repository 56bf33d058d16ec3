//! The half year, the yearly endorsement, the agent, and the reasons against the permit.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::ResidencePermit;
use super::policy::ResidenceEndorsement as E;
use crate::catalog::any_item::AnyItem;
use crate::catalog::item::ServiceItem;
use crate::catalog::trial::{Who, typed};

const WHO: Who = Who("罗文杰", "350582199003070016");

fn codes(form: &Value, today: &str) -> Vec<String> {
    WHO.codes(&ResidencePermit, form, today)
}

fn findings(form: &Value, today: &str) -> Vec<&'static str> {
    WHO.findings(&ResidencePermit, form, today)
}

fn materials(form: &Value) -> Vec<String> {
    WHO.on("2026-11-23", |facts| {
        ResidencePermit::materials(&typed::<ResidencePermit>(form), facts)
            .into_iter()
            .map(|line| line.code)
            .collect()
    })
}

fn endorse(until: &str) -> Value {
    let mut form = ResidencePermit.sample();
    form["purpose"] =
        json!({"kind": "endorse", "permit": {"number": "350582202500123", "endorsed_until": until}});
    form
}

#[test]
fn the_sample_passes() {
    for today in ["2026-09-01", "2026-11-23", "2026-12-31"] {
        assert_eq!(codes(&ResidencePermit.sample(), today), Vec::<String>::new());
        assert_eq!(findings(&ResidencePermit.sample(), today), Vec::<&str>::new());
    }
    assert_eq!(
        ResidencePermit::headline(&typed::<ResidencePermit>(&ResidencePermit.sample())),
        "居住证 · 罗*杰 · 首次申领"
    );
}

#[test]
fn half_a_year_and_the_yearly_endorsement() {
    assert_eq!(findings(&ResidencePermit.sample(), "2026-08-19"), ["not_half_a_year"]);
    assert_eq!(findings(&ResidencePermit.sample(), "2026-08-20"), Vec::<&str>::new());
    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    WHO.on("2026-11-23", |facts| {
        let policy = &facts.policies.residence_permit;
        assert_eq!(policy.half_year_on(day("2026-08-31")), day("2027-02-28"));
        #[rustfmt::skip]
        let cases = [
            ("2026-12-31", "2026-11-29", E::Early { from: day("2026-11-30") }),
            ("2026-12-31", "2026-11-30", E::InTime { until: day("2027-12-31") }),
            ("2026-12-31", "2026-12-31", E::InTime { until: day("2027-12-31") }),
            ("2026-12-31", "2027-01-01", E::Lapsed { until: day("2028-01-01") }),
            ("2024-02-29", "2024-02-29", E::InTime { until: day("2025-02-28") }),
        ];
        for (until, today, expected) in cases {
            assert_eq!(policy.endorsement(day(until), day(today)), expected, "{until} on {today}");
        }
    });
    assert_eq!(findings(&endorse("2026-12-24"), "2026-11-23"), ["endorsement_too_early"]);
    assert_eq!(findings(&endorse("2026-12-23"), "2026-11-23"), Vec::<&str>::new());
    // Lapsed, it can still be endorsed; but nothing else can be done with it.
    assert_eq!(findings(&endorse("2025-12-23"), "2026-11-23"), Vec::<&str>::new());
    let mut lapsed = endorse("2025-12-23");
    lapsed["purpose"]["kind"] = json!("replace");
    lapsed["purpose"]["reason"] = json!("lost");
    assert_eq!(findings(&lapsed, "2026-11-23"), ["endorsement_lapsed"]);
}

#[test]
fn materials_follow_the_answers() {
    let form = ResidencePermit.sample();
    assert_eq!(materials(&form), ["id_card", "lease", "residence_registration", "job_proof"]);
    let mut form = ResidencePermit.sample();
    form.as_object_mut().unwrap().remove("photo_receipt");
    form["residence"]["kind"] = json!("school_dormitory");
    form["ground"] = json!({"kind": "study", "school": "晋江市某某中学", "since": "2025-09-01"});
    form["agent"] = json!({
        "name": "罗大明", "id_number": "350582197010102064", "relation": "guardian", "reason": "hard_to_move",
        "phone": "13805950052"
    });
    let all = [
        "id_card",
        "photo",
        "dormitory_proof",
        "residence_registration",
        "study_proof",
        "agent_id",
        "relation_proof",
    ];
    assert_eq!(materials(&form), all);
    assert_eq!(materials(&endorse("2026-12-01")), ["id_card", "lease", "permit"]);
    let mut damaged = endorse("2026-12-31");
    damaged["purpose"]["kind"] = json!("replace");
    damaged["purpose"]["reason"] = json!("damaged");
    assert_eq!(materials(&damaged), ["id_card", "lease", "permit"]);
    damaged["purpose"]["reason"] = json!("lost");
    assert_eq!(materials(&damaged), ["id_card", "lease"]);
}

#[test]
fn every_reason_can_be_found() {
    let mut form = ResidencePermit.sample();
    form["holder"]["id_number"] = json!("830000199001010012");
    form["holder"]["registered_in_city"] = json!(true);
    form["residence"]["in_street"] = json!(false);
    form["residence"]["registered_on"] = json!("2026-05-24");
    form["residence"]["continuous"] = json!(false);
    form["ground"] = json!({"kind": "home", "lease_until": "2026-11-22"});
    let all = [
        "registered_here",
        "other_document",
        "other_station",
        "not_half_a_year",
        "not_continuous",
        "lease_ended",
    ];
    assert_eq!(findings(&form, "2026-11-23"), all);
}

#[test]
fn everything_wrong_comes_at_once() {
    let mut form = endorse("2026-12-01");
    form["purpose"] = json!({
        "kind": "change_address", "permit": {"number": "350582202500123", "endorsed_until": "2027-02-20"},
        "previous_address": "福建省晋江市灵源街道灵水社区工业路12号302室", "moved_on": "2027-01-01"
    });
    form["residence"]["registered_on"] = json!("2026-12-01");
    form["ground"] = json!({"kind": "home"});
    form["agent"] = json!({
        "name": "罗大明", "id_number": "350582201507100039", "relation": "near_relative", "reason": "elderly",
        "phone": "13805950052"
    });
    form["declared_true"] = json!(false);
    let said = codes(&form, "2026-11-23");
    for code in
        ["in_future", "address_unchanged", "required", "agent_reason_mismatch", "agent_minor", "not_declared"]
    {
        assert!(said.iter().any(|one| one == code), "{code} not in {said:?}");
    }
    assert_eq!(said.iter().filter(|code| *code == "in_future").count(), 2);
    // A small child needs its guardian.
    let mut form = ResidencePermit.sample();
    form["holder"]["id_number"] = json!("350582202506150039");
    assert_eq!(codes(&form, "2026-11-23"), ["guardian_needed"]);
    form["agent"] = json!({
        "name": "罗大明", "id_number": "350582199003070016", "relation": "guardian", "reason": "minor",
        "phone": "13805950052"
    });
    assert_eq!(codes(&form, "2026-11-23"), Vec::<String>::new());
    form["agent"]["id_number"] = form["holder"]["id_number"].clone();
    assert_eq!(codes(&form, "2026-11-23"), ["same_person"]);
}
