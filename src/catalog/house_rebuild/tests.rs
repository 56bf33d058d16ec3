//! The household and its plan against the limits, and the steps before approval and close.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::HouseRebuild;
use crate::catalog::any_item::AnyItem;
use crate::catalog::item::{Facts, ServiceItem};
use crate::catalog::trial::{Who, typed};
use crate::domain::lifecycle::ActionKind;
use crate::domain::review::{PublicNotice, SiteVisit};

const WHO: Who = Who("许志强", "350582197204190111");

const TODAY: &str = "2026-11-23";

/// What happened so far in a case.
#[derive(Default)]
struct Case {
    visits: Vec<SiteVisit>,
    notice: Option<PublicNotice>,
    supplied: Vec<String>,
}

impl Case {
    fn visited(mut self, stage: &str, passed: bool) -> Self {
        self.visits.push(SiteVisit {
            stage: stage.to_owned(),
            date: TODAY.parse().unwrap(),
            officers: vec!["甲".to_owned(), "乙".to_owned()],
            findings: "现场核对。".to_owned(),
            passed,
        });
        self
    }

    fn noticed(mut self, closed: bool, upheld: Option<bool>) -> Self {
        let at = "2026-11-20T00:00:00Z";
        let resolution = upheld.map(|upheld| json!({"upheld": upheld, "explanation": "核实", "at": at}));
        let objections: Vec<Value> = upheld
            .iter()
            .map(|_| json!({"objector": "邻居", "reason": "采光", "at": at, "resolution": resolution}))
            .collect();
        self.notice = serde_json::from_value(json!({
            "text": "公示", "place": "公告栏", "from": at,
            "until": {"date": "2026-11-27", "at": "2026-11-27T16:00:00Z", "provisional": false, "paused": false},
            "objections": objections,
            "closed_at": closed.then_some("2026-11-28T00:00:00Z")
        }))
        .ok();
        assert!(self.notice.is_some());
        self
    }

    fn with<R>(&self, today: &str, then: impl FnOnce(&Facts<'_>) -> R) -> R {
        WHO.on(today, |facts| {
            then(&Facts {
                site_visits: &self.visits,
                notice: self.notice.as_ref(),
                supplied: &self.supplied,
                ..*facts
            })
        })
    }

    fn refusal(&self, action: ActionKind) -> Option<&'static str> {
        self.with(TODAY, |facts| {
            HouseRebuild.guard(&HouseRebuild.sample(), action, facts).err().map(|refusal| refusal.code)
        })
    }
}

fn codes(form: &Value, today: &str) -> Vec<String> {
    WHO.codes(&HouseRebuild, form, today)
}

fn findings(form: &Value) -> Vec<&'static str> {
    WHO.findings(&HouseRebuild, form, TODAY)
}

#[test]
fn the_sample_passes() {
    for today in ["2026-09-01", TODAY, "2026-12-31"] {
        assert_eq!(codes(&HouseRebuild.sample(), today), Vec::<String>::new());
    }
    assert_eq!(findings(&HouseRebuild.sample()), Vec::<&str>::new());
}

#[test]
fn land_goes_by_persons_and_kind_of_land() {
    let mut form = HouseRebuild.sample();
    form["plan"]["land_area_dm2"] = json!(12_001);
    assert_eq!(findings(&form), ["land_above_limit"]);
    // Three persons: 80 m², and 30 m² more on idle land.
    form["members"].as_array_mut().unwrap().truncate(2);
    for (area, land, found) in [
        (8_000, "construction_land", 0),
        (8_001, "construction_land", 1),
        (11_000, "unused", 0),
        (11_001, "unused", 1),
    ] {
        form["plan"]["land_area_dm2"] = json!(area);
        form["plan"]["land"] = json!({"kind": land});
        assert_eq!(findings(&form).len(), found, "{area} {land}");
    }
    // Somebody registered elsewhere does not count.
    let mut form = HouseRebuild.sample();
    form["members"][2]["registered_here"] = json!(false);
    assert_eq!(findings(&form), ["land_above_limit"]);
}

#[test]
fn every_reason_can_be_found() {
    let mut form = HouseRebuild.sample();
    form["head"]["collective_member"] = json!(false);
    let mut sold = form["homesteads"][0].clone();
    sold["to_be_rebuilt"] = json!(false);
    let mut kept = sold.clone();
    sold["used"] = json!("sold");
    kept["used"] = json!("vacant");
    form["homesteads"].as_array_mut().unwrap().extend([sold, kept]);
    form["kind"] = json!("new_site");
    form["collective"]["agreed"] = json!(false);
    form["collective"]["notice_to"] = json!("2026-07-24");
    form["co_owners"] = json!([{"name": "许志明", "id_number": "35058219700101023X", "consents": false}]);
    form["plan"]["land"] = json!({"kind": "farmland"});
    form["appraisal"]["grade"] = json!("b");
    form["appraisal"]["reported_on"] = json!("2025-11-22");
    form["plan"]["land_area_dm2"] = json!(15_000);
    form["plan"]["floor_area_dm2"] = json!(36_001);
    form["plan"]["storeys"] = json!(4);
    form["plan"]["height_cm"] = json!(1_201);
    assert_eq!(codes(&form, TODAY), Vec::<String>::new());
    assert_eq!(
        findings(&form),
        [
            "not_a_member",
            "parted_with_a_homestead",
            "more_than_one_homestead",
            "old_homestead_kept",
            "collective_disagrees",
            "co_owner_refuses",
            "farmland_not_converted",
            "not_dangerous",
            "appraisal_outdated",
            "village_notice_short",
            "land_above_limit",
            "floor_area_above_limit",
            "too_many_storeys",
            "too_high",
        ]
    );
}

#[test]
fn everything_wrong_comes_at_once() {
    let mut form = HouseRebuild.sample();
    form["homesteads"][0]["to_be_rebuilt"] = json!(false);
    form["members"][0]["id_number"] = form["head"]["id_number"].clone();
    form["members"][1]["relation"] = json!("oneself");
    form["site"]["neighbours"][0]["side"] = json!("west");
    form["site"]["neighbours"][1].as_object_mut().unwrap().remove("name");
    form["site"]["neighbours"][2]["opinion"] = json!({"answer": "disagree", "reason": "遮挡采光"});
    form["plan"]["footprint_dm2"] = json!(40_000);
    form["plan"]["height_cm"] = json!(300);
    form["plan"]["start_on"] = json!("2026-11-23");
    form["plan"]["finish_on"] = json!("2026-11-20");
    form["collective"]["notice_to"] = json!("2026-07-01");
    form["declared_true"] = json!(false);
    let said = codes(&form, TODAY);
    for code in [
        "one_house_to_rebuild",
        "duplicate_member",
        "oneself_mismatch",
        "four_sides",
        "footprint_too_large",
        "floor_area_too_small",
        "height_implausible",
        "before_approval",
        "dates_out_of_order",
        "clearance_too_late",
        "not_declared",
        "name_and_opinion",
    ] {
        assert!(said.iter().any(|one| one == code), "{code} not in {said:?}");
    }
    form["site"]["neighbours"].as_array_mut().unwrap().pop();
    assert!(codes(&form, TODAY).contains(&"too_few".to_owned()));
}

#[test]
fn acceptance_needs_the_report_and_approval_the_visit_and_the_notice() {
    let report = || Case { supplied: vec!["appraisal_report".to_owned()], ..Case::default() };
    assert_eq!(Case::default().refusal(ActionKind::Accept), Some("appraisal_missing"));
    assert_eq!(Case::default().refusal(ActionKind::AcceptWithPromise), Some("appraisal_missing"));
    assert_eq!(report().refusal(ActionKind::Accept), None);

    assert_eq!(report().refusal(ActionKind::Approve), Some("steps_missing"));
    assert_eq!(report().visited("site_selection", true).refusal(ActionKind::Approve), Some("steps_missing"));
    let ready = || report().visited("site_selection", false).visited("site_selection", true);
    assert_eq!(ready().noticed(false, None).refusal(ActionKind::Approve), Some("steps_missing"));
    assert_eq!(ready().noticed(true, Some(true)).refusal(ActionKind::Approve), Some("steps_missing"));
    assert_eq!(ready().noticed(true, Some(false)).refusal(ActionKind::Approve), None);
    assert_eq!(
        ready().visited("site_selection", false).noticed(true, None).refusal(ActionKind::Approve),
        Some("steps_missing")
    );
}

#[test]
fn a_house_begun_is_closed_only_after_completion() {
    let granted = || Case::default().visited("site_selection", true);
    assert_eq!(granted().refusal(ActionKind::Close), None);
    let begun = || granted().visited("setting_out", true);
    assert_eq!(begun().refusal(ActionKind::Close), Some("steps_missing"));
    assert_eq!(
        begun().visited("foundation", true).visited("completion", false).refusal(ActionKind::Close),
        Some("steps_missing")
    );
    assert_eq!(
        begun().visited("foundation", true).visited("completion", true).refusal(ActionKind::Close),
        None
    );
}

#[test]
fn the_checklist_follows_the_answers() {
    let list = |form: &Value| {
        Case::default().with(TODAY, |facts| {
            HouseRebuild::materials(&typed::<HouseRebuild>(form), facts)
                .into_iter()
                .map(|material| material.code)
                .collect::<Vec<_>>()
        })
    };
    let mut form = HouseRebuild.sample();
    assert!(
        list(&form).contains(&"contact_record".to_owned())
            && !list(&form).contains(&"return_agreement".to_owned())
    );
    form["kind"] = json!("new_site");
    form["site"]["neighbours"][2]["opinion"] = json!({"answer": "disagree", "reason": "遮挡采光"});
    let longer = list(&form);
    assert!(
        longer.contains(&"return_agreement".to_owned()) && longer.contains(&"mediation_record".to_owned())
    );
}
