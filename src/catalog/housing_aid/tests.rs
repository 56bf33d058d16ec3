//! The couple, the daughters and the house against the policy, and the notice before a grant.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::HousingAid;
use crate::catalog::any_item::AnyItem;
use crate::catalog::item::Facts;
use crate::catalog::trial::Who;
use crate::domain::lifecycle::ActionKind;
use crate::domain::review::PublicNotice;

const WHO: Who = Who("吴志明", "350582197806120313");

const TODAY: &str = "2026-11-23";

fn with<R>(today: &str, notice: Option<&PublicNotice>, then: impl FnOnce(&mut Facts<'_>) -> R) -> R {
    WHO.on(today, |facts| then(&mut Facts { notice, ..*facts }))
}

fn codes(form: &Value, today: &str) -> Vec<String> {
    WHO.codes(&HousingAid, form, today)
}

fn findings(form: &Value) -> Vec<&'static str> {
    WHO.findings(&HousingAid, form, TODAY)
}

#[test]
fn the_sample_passes() {
    for today in ["2026-09-01", TODAY, "2026-12-31"] {
        assert_eq!(codes(&HousingAid.sample(), today), Vec::<String>::new());
    }
    assert_eq!(findings(&HousingAid.sample()), Vec::<&str>::new());
}

#[test]
fn sons_and_other_numbers_belong_elsewhere() {
    let mut form = HousingAid.sample();
    form["children"][1]["sex"] = json!("male");
    assert_eq!(findings(&form), ["has_a_son"]);
    // A son who died does not count; the family is then one of one daughter and needs that certificate.
    form["children"][1]["alive"] = json!(false);
    assert_eq!(findings(&form), ["certificate_missing"]);
    form["certificates"]["only_child_certificate"] = json!(true);
    assert_eq!(findings(&form), Vec::<&str>::new());

    let mut form = HousingAid.sample();
    let third = json!({"name": "吴雅芳", "sex": "female", "birth_date": "2012-12-12", "adopted": true, "alive": true});
    form["children"].as_array_mut().unwrap().push(third);
    assert_eq!(findings(&form), ["number_of_daughters", "adopted_not_admitted"]);
}

#[test]
fn every_other_reason_can_be_found() {
    let mut form = HousingAid.sample();
    form["certificates"] = json!({"only_child_certificate": false, "two_daughters_certificate": false, "policy_violation": true});
    form["husband"]["registered_locally"] = json!(false);
    form["wife"]["rural"] = json!(false);
    form["difficulty"] = json!({"kind": "dangerous", "grade": "b", "report_no": "FJ-1"});
    form["earlier_grants"][0]["for_housing"] = json!(true);
    assert_eq!(codes(&form, TODAY), Vec::<String>::new());
    let all = [
        "certificate_missing",
        "policy_violation",
        "not_registered_here",
        "not_dangerous",
        "already_granted",
    ];
    assert_eq!(findings(&form), all);

    let mut form = HousingAid.sample();
    for (area, found) in [(7_199, 0), (7_200, 1)] {
        form["difficulty"] = json!({"kind": "crowded", "floor_area_dm2": area, "persons": 4});
        assert_eq!(findings(&form).len(), found, "{area}");
    }
    form["year"] = json!(2031);
    assert_eq!(findings(&form), ["no_policy"]);
}

#[test]
fn everything_wrong_comes_at_once() {
    let mut form = HousingAid.sample();
    form["year"] = json!(2025);
    form["husband"]["id_number"] = form["wife"]["id_number"].clone();
    form["children"][1] = form["children"][0].clone();
    form["certificates"]["only_child_certificate"] = json!(true);
    form["project"]["finish_on"] = json!("2027-02-01");
    form["project"]["kind"] = json!("purchase");
    form["project"]["building_receipt_no"] = json!("350582006-1");
    form["payee"]["holder"] = json!("吴雅婷");
    form["declared_true"] = json!(false);
    let said = codes(&form, TODAY);
    for code in [
        "window_closed",
        "wrong_sex",
        "duplicate_member",
        "certificate_mismatch",
        "dates_out_of_order",
        "not_applicable",
        "holder_not_of_couple",
        "not_declared",
    ] {
        assert!(said.iter().any(|one| one == code), "{code} not in {said:?}");
    }
    let mut form = HousingAid.sample();
    form.as_object_mut().unwrap().remove("husband");
    assert_eq!(codes(&form, TODAY), ["required"]);
    form["marital_status"] = json!("widowed");
    assert_eq!(codes(&form, TODAY), Vec::<String>::new());
}

#[test]
fn a_grant_needs_the_finished_notice_and_a_draft_the_open_window() {
    let at = "2026-11-20T00:00:00Z";
    let notice = |closed: bool, upheld: bool| -> PublicNotice {
        serde_json::from_value(json!({
            "text": "公示", "place": "公告栏", "from": at,
            "until": {"date": "2026-11-27", "at": "2026-11-27T16:00:00Z", "provisional": false, "paused": false},
            "objections": [{
                "objector": "邻居", "reason": "已有房", "at": at,
                "resolution": {"upheld": upheld, "explanation": "核实", "at": at}
            }],
            "closed_at": closed.then_some(at)
        }))
        .unwrap()
    };
    let refusal = |today: &str, notice: Option<&PublicNotice>, action| {
        with(today, notice, |facts| {
            HousingAid.guard(&HousingAid.sample(), action, facts).err().map(|refusal| refusal.code)
        })
    };
    assert_eq!(refusal(TODAY, None, ActionKind::Approve), Some("notice_not_over"));
    assert_eq!(refusal(TODAY, Some(&notice(false, false)), ActionKind::Approve), Some("notice_not_over"));
    assert_eq!(refusal(TODAY, Some(&notice(true, true)), ActionKind::Approve), Some("objection_upheld"));
    assert_eq!(refusal(TODAY, Some(&notice(true, false)), ActionKind::Approve), None);
    assert_eq!(refusal(TODAY, None, ActionKind::Submit), None);
    assert_eq!(refusal("2027-01-02", None, ActionKind::Submit), Some("window_closed"));
    // Filed in time, accepted after the window.
    assert_eq!(refusal("2027-01-02", None, ActionKind::Accept), None);
}
