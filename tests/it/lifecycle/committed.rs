//! 承诺件 on the pure domain: what the departments do to an application between acceptance and decision,
//! with the exact days.

use serde_json::json;
use yichuang::domain::action::Action;
use yichuang::domain::application::Track;
use yichuang::domain::deadline::Light;
use yichuang::domain::lifecycle::{ActionKind, Status};

use super::desk::{HOUSING, LAND, Matter, clerk, clock, official, resident};
use serde_json::Value;

fn agree() -> Value {
    json!({"action": "endorse", "opinion": "agree"})
}

fn approve() -> Value {
    json!({"action": "approve"})
}

#[test]
fn all_departments_must_decide_before_the_decision() {
    let mut matter = Matter::in_review(&[LAND, HOUSING]);
    let (land, housing) = (official(4, LAND), official(5, HOUSING));
    matter.does(&land, agree());
    matter.refuses(&land, agree(), "opinion_already_given");
    let waiting = matter.refuses(&land, approve(), "departments_pending");
    assert!(waiting.context.contains(&("departments", json!([HOUSING]))), "{waiting:?}");
    matter.refuses(&clerk(), approve(), "wrong_status");
    matter.refuses(&housing, json!({"action": "endorse", "opinion": "disagree"}), "reason_required");
    matter.does(&housing, agree());
    matter.does(&land, approve());
    assert_eq!(matter.application.status, Status::Approved);
    let decision = matter.application.dossier.decision.as_ref().unwrap();
    assert!(decision.granted && decision.decided_by == land.actor.name);
}

#[test]
fn whoever_was_not_asked_has_no_say() {
    let mut matter = Matter::in_review(&[LAND]);
    matter.refuses(&official(5, HOUSING), agree(), "not_permitted");
    matter.refuses(
        &official(4, LAND),
        json!({"action": "transfer", "departments": [LAND]}),
        "already_transferred",
    );
    matter.does(&official(4, LAND), json!({"action": "transfer", "departments": [LAND, HOUSING, HOUSING]}));
    assert_eq!(matter.application.departments(), [LAND, HOUSING]);
    matter.does(&official(5, HOUSING), agree());
}

#[test]
fn one_sends_it_back_and_the_same_reviewer_gets_it_again() {
    let mut matter = Matter::in_review(&[LAND, HOUSING]);
    let (land, housing) = (official(4, LAND), official(5, HOUSING));
    matter.does(&housing, agree());
    matter.does(&land, json!({"action": "send_back", "reason": "四至与图纸不符"}));
    assert_eq!(matter.application.status, Status::Returned);
    matter.refuses(&housing, approve(), "wrong_status");
    matter.does(&clerk(), json!({"action": "resubmit", "note": "图纸已更正"}));
    let reviews = &matter.application.dossier.reviews;
    assert_eq!(
        (reviews[0].returns, reviews[0].reviewer),
        (1, Some(land.actor.id)),
        "flagged, and still theirs"
    );
    assert_eq!(reviews[1].returns, 0);
    assert!(reviews[1].opinion.is_some(), "the other department's opinion stands");
    let taken = matter.refuses(&official(40, LAND), agree(), "another_reviewer");
    assert!(taken.context.contains(&("held_by", land.actor.name.clone().into())), "{taken:?}");
    matter.refuses(&official(40, LAND), json!({"action": "send_back", "reason": "再看"}), "another_reviewer");
    matter.does(&land, agree());
    matter.does(&land, approve());
}

/// Accepted on Monday 2026-11-23: ten working days promised, twenty by law. Stopped from Wednesday to the
/// next Wednesday, five working days do not count (行政许可法 45).
#[test]
fn a_suspension_stops_the_clock_and_gives_its_working_days_back() {
    let mut matter = Matter::in_review(&[LAND]);
    let land = official(4, LAND);
    assert_eq!(matter.decided_by(), ("2026-12-07".to_owned(), "2026-12-21".to_owned()));
    matter.days_later(2);
    let ground =
        json!({"action": "suspend", "ground": "appraisal", "reason": "委托房屋安全鉴定", "working_days": 30});
    matter.does(&land, ground);
    assert!(matter.application.clocks(matter.desk()).statutory_by.unwrap().paused);
    for refused in
        [agree(), approve(), json!({"action": "extend", "reason": "案情复杂", "approved_by": "张主任"})]
    {
        matter.refuses(&land, refused, "wrong_status");
    }
    matter.days_later(7);
    matter.does(&land, json!({"action": "resume"}));
    assert_eq!(matter.decided_by(), ("2026-12-14".to_owned(), "2026-12-28".to_owned()));
    matter.days_later(30);
    assert!(!matter.application.clocks(matter.desk()).statutory_by.unwrap().paused);
    assert_eq!(matter.decided_by().1, "2026-12-28", "and stays there");
}

#[test]
fn the_end_told_to_the_applicant_ends_the_suspension() {
    let mut matter = Matter::in_review(&[LAND]);
    let ground =
        json!({"action": "suspend", "ground": "hearing", "reason": "邻里申请听证", "working_days": 3});
    matter.does(&official(4, LAND), ground);
    // Thursday is the third working day and still belongs to the hearing.
    matter.days_later(3);
    assert!(matter.clock_strikes().is_empty());
    matter.days_later(1);
    let events: Vec<ActionKind> = matter.clock_strikes().iter().map(|event| event.action).collect();
    assert_eq!((events, matter.application.status), (vec![ActionKind::Resume], Status::InReview));
    assert!(matter.application.dossier.pauses.iter().all(|pause| pause.to.is_some()));
}

#[test]
fn a_suspended_matter_withdrawn_leaves_no_clock_standing() {
    let mut matter = Matter::in_review(&[LAND]);
    let ground =
        json!({"action": "suspend", "ground": "hearing", "reason": "邻里申请听证", "working_days": 3});
    matter.does(&official(4, LAND), ground);
    matter.does(&resident(), json!({"action": "withdraw", "reason": "不建了"}));
    assert!(matter.application.dossier.pauses.iter().all(|pause| pause.to.is_some()));
    let then = matter.decided_by();
    matter.days_later(30);
    assert_eq!(matter.decided_by(), then, "the deadline of an ended matter does not move");
}

#[test]
fn it_is_extended_once_by_ten_working_days() {
    let mut matter = Matter::in_review(&[LAND]);
    let extend = json!({"action": "extend", "reason": "案情复杂", "approved_by": "张主任"});
    matter.does(&official(4, LAND), extend.clone());
    assert_eq!(matter.decided_by(), ("2026-12-21".to_owned(), "2027-01-04".to_owned()));
    assert!(
        matter.application.clocks(matter.desk()).statutory_by.unwrap().provisional,
        "2027 is not announced"
    );
    matter.refuses(&official(4, LAND), extend, "already_extended");
}

#[test]
fn the_notice_hangs_its_seven_days_and_an_objection_keeps_it_open() {
    let mut matter = Matter::in_review(&[LAND]);
    let land = official(4, LAND);
    let publish = |text: &str| json!({"action": "publish_notice", "text": text, "place": "林口社区公告栏"});
    matter.refuses(&land, publish("申请人证件 350582199412150025 拟翻建"), "notice_reveals_personal_data");
    matter.refuses(
        &land,
        publish("林口社区林某，二级残疾，拟翻建危房，公示七天。"),
        "notice_reveals_personal_data",
    );
    matter.does(&land, publish("林口社区林某危房翻建公示，如有异议请提出。"));
    matter.refuses(&land, approve(), "wrong_status");
    matter.refuses(&land, json!({"action": "close_notice"}), "deadline_not_reached");
    matter.days_later(2);
    matter.does(&clerk(), json!({"action": "object", "objector": "陈大文", "reason": "占用公共通道"}));
    // Monday and seven days: to the end of Monday the 30th.
    matter.days_later(5);
    assert!(matter.clock_strikes().is_empty(), "the last day still belongs to the notice");
    matter.days_later(1);
    let struck: Vec<ActionKind> = matter.clock_strikes().iter().map(|event| event.action).collect();
    assert_eq!(struck, [ActionKind::Remind], "an open objection is reminded of once, the notice stays");
    matter.refuses(&land, json!({"action": "close_notice"}), "objections_open");
    let found = |index: u32| json!({"action": "resolve_objection", "index": index, "upheld": false, "explanation": "经实地测量未占通道"});
    matter.refuses(&land, found(1), "no_open_objection");
    matter.does(&land, found(0));
    matter.refuses(&land, found(0), "no_open_objection");
    let struck: Vec<ActionKind> = matter.clock_strikes().iter().map(|event| event.action).collect();
    assert_eq!((struck, matter.application.status), (vec![ActionKind::CloseNotice], Status::InReview));
}

#[test]
fn a_refusal_has_reasons_its_rule_and_the_remedies() {
    let mut matter = Matter::in_review(&[LAND]);
    let land = official(4, LAND);
    matter.does(&land, json!({"action": "endorse", "opinion": "disagree", "reason": "一户已有两处宅基地"}));
    matter.refuses(&land, approve(), "department_disagrees");
    matter.does(&land, json!({"action": "reject", "reason": "一户已有两处宅基地", "basis": "土地管理法 62"}));
    let decision = matter.application.dossier.decision.clone().unwrap();
    assert!(!decision.granted);
    assert_eq!((decision.reason.as_str(), decision.basis.as_str()), ("一户已有两处宅基地", "土地管理法 62"));
    for remedy in ["六十日", "行政复议", "六个月", "行政诉讼"] {
        assert!(decision.remedies.contains(remedy), "{}", decision.remedies);
    }
    matter.does(&clerk(), json!({"action": "deliver", "method": "doorstep", "receiver": "林秀英"}));
    matter.does(&clerk(), json!({"action": "close"}));
    assert!(matter.application.status.is_terminal());
}

#[test]
fn a_promised_material_may_follow_but_nothing_is_granted_before_it() {
    let mut matter = Matter::draft(Track::Committed);
    matter.does(&resident(), json!({"action": "submit"}));
    let promise = |materials: &[&str]| json!({"action": "accept_with_promise", "materials": materials, "within_working_days": 5});
    matter.refuses(&clerk(), promise(&["appraisal"]), "material_not_deferrable");
    matter.refuses(&clerk(), promise(&["horoscope"]), "material_not_on_checklist");
    let missing = json!([{"material": "appraisal", "verdict": "missing"}, {"material": "drawings", "verdict": "missing"}]);
    matter.does(&clerk(), json!({"action": "check_materials", "verdicts": missing}));
    matter.refuses(&clerk(), json!({"action": "accept"}), "materials_lacking");
    matter.refuses(&clerk(), promise(&["drawings"]), "materials_lacking");
    let there = json!([{"material": "appraisal", "verdict": "qualified"}]);
    matter.does(&clerk(), json!({"action": "check_materials", "verdicts": there}));
    matter.does(&clerk(), promise(&["drawings"]));
    assert_eq!(matter.application.dossier.promises[0].due.date.to_string(), "2026-11-30");
    matter.does(&clerk(), json!({"action": "transfer", "departments": [LAND]}));
    matter.does(&official(4, LAND), agree());
    let open = matter.refuses(&official(4, LAND), approve(), "promise_open");
    assert!(open.context.contains(&("materials", json!(["drawings"]))), "{open:?}");
    matter.refuses(&clerk(), json!({"action": "fulfil_promise", "material": "appraisal"}), "no_such_promise");
    matter.does(&clerk(), json!({"action": "fulfil_promise", "material": "drawings"}));
    matter.refuses(&clerk(), json!({"action": "fulfil_promise", "material": "drawings"}), "no_such_promise");
    matter.does(&official(4, LAND), approve());
}

/// Green, yellow in the last fifth, red past the promise, black past the law; one reminder at each end.
#[test]
fn the_lights_change_and_the_clock_reminds_twice() {
    let mut matter = Matter::in_review(&[LAND]);
    let mut seen = Vec::new();
    for _ in 0..36 {
        matter.days_later(1);
        let struck = matter.clock_strikes().len();
        let light = matter.application.clocks(matter.desk()).light.unwrap();
        if seen.last().is_none_or(|(_, last, _)| *last != light) || struck > 0 {
            let day = matter.now.date_naive().to_string();
            seen.push((day, light, struck));
        }
    }
    let seen: Vec<(&str, Light, usize)> =
        seen.iter().map(|(day, light, n)| (day.as_str(), *light, *n)).collect();
    let expected = [
        ("2026-11-24", Light::Green, 0),
        ("2026-12-03", Light::Yellow, 0),
        ("2026-12-08", Light::Red, 1),
        ("2026-12-22", Light::Black, 1),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn an_instant_matter_is_decided_at_the_window_and_a_committed_one_is_not() {
    let mut committed = Matter::draft(Track::Committed);
    let mut instant = Matter::draft(Track::Instant);
    for matter in [&mut committed, &mut instant] {
        matter.does(&resident(), json!({"action": "submit"}));
        matter.does(&clerk(), json!({"action": "accept"}));
    }
    committed.refuses(&clerk(), approve(), "committed_track");
    instant.refuses(&clerk(), json!({"action": "transfer", "departments": [LAND]}), "instant_track");
    instant.does(&clerk(), approve());
    assert!(instant.act(&clock(), &Action::Remind {}).is_ok());
}
