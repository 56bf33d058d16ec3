//! Random walks over the table: whatever people and the clock try in whatever order, an application is
//! always somebody's, and a refusal leaves no trace.

use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::{Value, json};
use yichuang::domain::action::Action;
use yichuang::domain::application::{Application, Dossier, Track};
use yichuang::domain::lifecycle::{ActionKind, Role, Status, TABLE, transition};

use super::desk::{
    HOUSING, LAND, Matter, Somebody, clerk, clock, grid_worker, official, resident, supervisor,
};
use crate::chance;

#[rustfmt::skip]
pub const KINDS: [ActionKind; 28] = [
    ActionKind::Submit, ActionKind::CheckMaterials, ActionKind::AskToCorrect, ActionKind::Correct,
    ActionKind::Accept, ActionKind::AcceptWithPromise, ActionKind::DeemAccept, ActionKind::Decline,
    ActionKind::FulfilPromise, ActionKind::Transfer, ActionKind::Endorse, ActionKind::SendBack,
    ActionKind::Resubmit, ActionKind::RecordSiteVisit, ActionKind::Suspend, ActionKind::Resume,
    ActionKind::Extend, ActionKind::PublishNotice, ActionKind::Object, ActionKind::ResolveObjection,
    ActionKind::CloseNotice, ActionKind::Approve, ActionKind::Reject, ActionKind::Deliver,
    ActionKind::Close, ActionKind::Withdraw, ActionKind::Terminate, ActionKind::Remind,
];

fn body(kind: ActionKind, whim: u8) -> Value {
    let pick = |choices: &[&str]| choices[usize::from(whim) % choices.len()].to_owned();
    let material = pick(&["drawings", "appraisal", "photographs", "horoscope"]);
    match kind {
        ActionKind::CheckMaterials => {
            let verdict = pick(&["qualified", "missing", "waived", "qualified", "unqualified"]);
            json!({"verdicts": [{"material": material, "verdict": verdict}]})
        }
        ActionKind::AskToCorrect => {
            json!({"gaps": [{"about": pick(&["/storeys", "drawings"]), "how": "请补正"}]})
        }
        ActionKind::Correct if whim.is_multiple_of(2) => json!({"form": {"storeys": whim}}),
        ActionKind::AcceptWithPromise => {
            json!({"materials": [material], "within_working_days": 1 + whim % 20})
        }
        ActionKind::Decline => {
            json!({"reason": "不属本街道", "basis": "行政许可法 32(2)", "right_office": "青阳街道"})
        }
        ActionKind::FulfilPromise => json!({"material": material}),
        ActionKind::Transfer => {
            json!({"departments": if whim.is_multiple_of(2) { vec![LAND] } else { vec![LAND, HOUSING] }})
        }
        ActionKind::Endorse => match whim % 4 {
            0 => json!({"opinion": "disagree", "reason": "不符合规划"}),
            1 => json!({"opinion": "disagree"}),
            _ => json!({"opinion": "agree"}),
        },
        ActionKind::SendBack => json!({"reason": "请核对四至"}),
        ActionKind::Resubmit => json!({"note": "已核对"}),
        ActionKind::RecordSiteVisit => {
            let (day, second) = (pick(&["2026-11-23", "2030-01-01"]), pick(&["李工", "李工", "王工"]));
            let officers = json!(["王工", second]);
            json!({"visit": {"stage": "completion", "date": day, "officers": officers, "findings": "相符", "passed": true}})
        }
        ActionKind::Suspend => json!({"ground": "hearing", "reason": "听证", "working_days": 1 + whim % 15}),
        ActionKind::Extend => json!({"reason": "案情复杂", "approved_by": "张主任"}),
        ActionKind::PublishNotice => {
            json!({"text": pick(&["林某危房翻建公示", "林某 13805950001 翻建公示"]), "place": "公告栏"})
        }
        ActionKind::Object => json!({"objector": "陈大文", "reason": "占用通道"}),
        ActionKind::ResolveObjection => {
            json!({"index": whim % 2, "upheld": false, "explanation": "查无此事"})
        }
        ActionKind::Reject => json!({"reason": "不符合规划", "basis": "城乡规划法 41"}),
        ActionKind::Deliver => json!({"method": "counter", "receiver": "林秀英"}),
        ActionKind::Submit
        | ActionKind::Correct
        | ActionKind::Accept
        | ActionKind::DeemAccept
        | ActionKind::Resume
        | ActionKind::CloseNotice
        | ActionKind::Approve
        | ActionKind::Close
        | ActionKind::Withdraw
        | ActionKind::Terminate
        | ActionKind::Remind => json!({}),
    }
}

/// An action of that kind; the whim fills its blanks, well or badly.
pub fn say(kind: ActionKind, whim: u8) -> Action {
    let mut body = body(kind, whim);
    body["action"] = kind.name().into();
    serde_json::from_value(body).unwrap()
}

#[derive(Debug, Clone)]
struct Step {
    who: usize,
    /// Any action at all, or one that the table offers.
    any: bool,
    choice: usize,
    whim: u8,
    hours: i64,
}

fn steps() -> impl Strategy<Value = (bool, Vec<Step>)> {
    let hours = prop_oneof![5 => 0..30_i64, 1 => 0..600_i64];
    let step = (0..9_usize, prop::bool::weighted(0.3), 0..280_usize, any::<u8>(), hours)
        .prop_map(|(who, any, choice, whim, hours)| Step { who, any, choice, whim, hours });
    (prop::bool::weighted(0.25), prop::collection::vec(step, 1..60))
}

fn everybody() -> [Somebody; 9] {
    [
        resident(),
        clerk(),
        grid_worker(),
        official(4, LAND),
        official(5, HOUSING),
        official(40, LAND),
        supervisor(),
        clock(),
        clerk(),
    ]
}

impl Step {
    fn choose(&self, matter: &Matter, who: &Somebody) -> Option<Action> {
        if who.role == Role::Clock && !self.any {
            return matter.application.due_action(matter.desk());
        }
        let offered = |kind: &&ActionKind| transition(matter.application.status, who.role, **kind).is_some();
        // Giving up ends the walk, so it is seldom.
        let seldom = |kind: &&ActionKind| self.whim > 230 || **kind != ActionKind::Withdraw;
        let kinds: Vec<&ActionKind> =
            KINDS.iter().filter(|kind| self.any || offered(kind)).filter(seldom).collect();
        (!kinds.is_empty()).then(|| say(*kinds[self.choice % kinds.len()], self.whim))
    }
}

/// What has to be true of every application at every instant.
fn is_sound(matter: &Matter) {
    let application: &Application = &matter.application;
    let (status, dossier) = (application.status, &application.dossier);
    let clocks = application.clocks(matter.desk());
    assert!(application.owner.is_some(), "nobody's");
    assert_eq!(clocks.mover.is_none(), status.is_terminal());
    match clocks.mover {
        Some(mover) => {
            assert!(
                TABLE.iter().any(|row| row.from == status && row.roles.contains(&mover)),
                "no move for {mover:?}"
            );
            assert!(clocks.step_by.is_some(), "{status:?} has no deadline");
        }
        None => {
            assert!(application.wake_at(matter.desk()).is_none() && clocks.step_by.is_none());
            assert!(application.due_action(matter.desk()).is_none());
        }
    }
    let standing = dossier.pauses.iter().filter(|pause| pause.to.is_none()).count();
    let stops = matches!(status, Status::Correcting | Status::Suspended);
    assert_eq!(standing, usize::from(stops), "{status:?}: clocks that stand");
    assert!(dossier.pauses.iter().all(|pause| pause.to.is_none_or(|to| pause.from <= to)));
    assert_eq!(dossier.suspension.is_some(), status == Status::Suspended);
    let filed = !(status == Status::Draft || status.is_terminal() && dossier.submissions.is_empty());
    assert_eq!(filed, !dossier.submissions.is_empty());
    let decided = matches!(status, Status::Approved | Status::Rejected | Status::Delivered | Status::Closed);
    assert_eq!(decided, dossier.decision.is_some(), "{status:?}");
    if let Some(decision) = &dossier.decision {
        assert_eq!(
            decision.granted,
            status == Status::Approved || (status != Status::Rejected && decision.granted)
        );
        assert!(dossier.promises.iter().all(|promise| promise.fulfilled_at.is_some()) || !decision.granted);
        assert!(
            dossier.reviews.iter().all(|review| review.opinion.is_some()),
            "decided over a department's head"
        );
        assert!(dossier.accepted_at.is_some());
    }
    let early = matches!(status, Status::Draft | Status::Submitted | Status::Correcting | Status::Declined);
    assert!(!early || dossier.accepted_at.is_none(), "{status:?} and yet accepted");
    if clocks.deemed_accepted_at.is_some() {
        assert_eq!(status, Status::Submitted, "only what waits for the window can be accepted by law");
    }
}

fn takes(matter: &mut Matter, who: &Somebody, action: &Action) {
    let before = matter.application.clone();
    match matter.act(who, action) {
        Err(refusal) => {
            assert_eq!(matter.application, before, "{} changed something", refusal.code);
            assert!(
                !refusal.code.is_empty() && !refusal.detail.zh.is_empty() && !refusal.detail.en.is_empty()
            );
        }
        Ok(event) => {
            let row = transition(before.status, who.role, action.kind());
            let row = row.unwrap_or_else(|| panic!("{:?} did {action:?} in {:?}", who.role, before.status));
            let after = &matter.application;
            assert_eq!((event.from, event.to, after.status), (before.status, row.to, row.to));
            assert_eq!((after.version, event.sequence), (before.version + 1, before.version + 1));
            assert_eq!((after.updated_at, event.at, event.actor), (matter.now, matter.now, who.actor.id));
            assert_eq!((&after.owner, &after.applicant), (&before.owner, &before.applicant));
            assert_eq!((after.id, &after.receipt_no), (before.id, &before.receipt_no));
            assert_eq!(after.dossier.checklist, before.dossier.checklist, "the checklist told stands");
            let first =
                |application: &Application| application.dossier.correction.clone().map(|notice| notice.gaps);
            assert!(first(&before).is_none() || first(&before) == first(after), "the first notice stands");
            assert_eq!(event.application, after.id);
        }
    }
}

/// It is stored as one document; nothing may be lost on the way.
fn is_stored_whole(application: &Application) {
    let stored = serde_json::to_value(&application.dossier).unwrap();
    assert_eq!(serde_json::from_value::<Dossier>(stored).unwrap(), application.dossier);
}

/// Left alone, the clock speaks a few times and comes to rest, however late it looks.
fn comes_to_rest(mut matter: Matter) {
    for _ in 0..12 {
        let Some(wake) = matter.application.wake_at(matter.desk()) else { return };
        matter.now = matter.now.max(wake);
        let action = matter.application.due_action(matter.desk());
        takes(&mut matter, &clock(), &action.expect("it wakes to act"));
        is_sound(&matter);
    }
    panic!("the clock finds no rest in {:?}", matter.application.status);
}

#[test]
fn no_sequence_of_acts_leaves_an_application_without_an_owner_a_mover_or_a_clock() {
    let mut reached = std::collections::BTreeMap::<Status, u32>::new();
    let mut runner = chance::runner("lifecycle", 2000);
    let seen = std::cell::RefCell::new(&mut reached);
    runner
        .run(&steps(), |(instant, steps)| {
            let mut matter = Matter::draft(if instant { Track::Instant } else { Track::Committed });
            let people = everybody();
            for step in steps {
                matter.now += TimeDelta::hours(step.hours);
                let who = &people[step.who];
                if let Some(action) = step.choose(&matter, who) {
                    takes(&mut matter, who, &action);
                }
                is_sound(&matter);
                *seen.borrow_mut().entry(matter.application.status).or_default() += 1;
            }
            is_stored_whole(&matter.application);
            comes_to_rest(matter);
            Ok(())
        })
        .unwrap();
    for status in Status::ALL {
        assert!(reached.contains_key(&status), "the walks never came to {status:?}: {reached:?}");
    }
}
