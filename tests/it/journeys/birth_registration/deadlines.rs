//! What the clock does when somebody is late, to the second. The stories begin on Monday 2026-11-23 at
//! nine in the morning; no holiday falls into them.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::story;
use crate::world::{LINKOU, opening};

/// The first instant of that day in China.
fn midnight(day: &str) -> DateTime<Utc> {
    format!("{day}T00:00:00+08:00").parse::<DateTime<Utc>>().unwrap()
}

story!(a_window_that_says_nothing_has_accepted, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let supervisor = world.supervisor("wang").await;
    let case = resident.submits(&world.form("birth_registration")).await;
    assert_eq!(
        case["clocks"]["must_be_noticed_by"]["date"], "2026-11-30",
        "the day of filing does not count"
    );

    world.at(midnight("2026-12-01") - Duration::seconds(1));
    assert_eq!(world.clock_strikes().await, 0, "the fifth working day belongs to the window to its end");
    world.at(midnight("2026-12-01"));
    assert_eq!(world.clock_strikes().await, 2);
    let (resident, clerk, supervisor) =
        (resident.comes_back().await, clerk.comes_back().await, supervisor.comes_back().await);
    let case = resident.sees(case["id"].as_str().unwrap()).await;
    assert_eq!((&case["status"], &case["clocks"]["deemed"]), (&json!("accepted"), &json!(true)));
    let accepted: DateTime<Utc> = case["clocks"]["accepted_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(accepted, opening(), "from the day it was received");
    for inbox in [resident.inbox().await, supervisor.inbox().await] {
        assert!(inbox.iter().any(|title| title.starts_with("视为受理")), "{inbox:?}");
    }
    // It counts as received on the first day, so the day promised for the decision is already over.
    assert_eq!(clerk.timeline(&case).await, ["submit", "deem_accept", "remind"]);
    clerk.tries(&case, json!({"action": "decline", "reason": "材料不齐", "basis": "行政许可法 32", "right_office": "青阳街道"}))
        .await
        .refused(409, "wrong_status");
    assert_eq!(clerk.approves(&case).await["status"], "approved");
});

story!(a_correction_starts_the_windows_five_days_anew, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    clerk.asks_to_correct(&case, &[("household_books", "请上传户口簿")]).await;
    world.later(Duration::days(3));
    let resident = resident.comes_back().await;
    let case = resident.corrects(&case, None).await;
    assert_eq!(case["clocks"]["must_be_noticed_by"]["date"], "2026-12-03");
});

story!(an_unanswered_correction_is_warned_about_and_then_ended, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    let case = clerk.asks_to_correct(&case, &[("household_books", "请上传户口簿")]).await;
    assert_eq!(case["correction"]["reply_by"]["date"], "2026-12-14");
    let told = resident.inbox().await.len();

    // The warning comes on the morning of the third last working day: Thursday the 10th.
    world.at(midnight("2026-12-10") - Duration::seconds(1));
    assert_eq!(world.clock_strikes().await, 0);
    world.at(midnight("2026-12-10"));
    assert_eq!(world.clock_strikes().await, 1);
    let resident = resident.comes_back().await;
    let inbox = resident.inbox().await;
    assert_eq!(inbox.len(), told + 1);
    assert!(inbox[0].starts_with("提醒"), "{inbox:?}");
    let case = resident.sees(case["id"].as_str().unwrap()).await;
    assert_eq!(case["status"], "correcting");
    assert_ne!(case["correction"]["warned_at"], Value::Null);

    world.at(midnight("2026-12-15") - Duration::seconds(1));
    assert_eq!(world.clock_strikes().await, 0, "the last day belongs to the applicant to its end");
    world.at(midnight("2026-12-15"));
    assert_eq!(world.clock_strikes().await, 1);
    let resident = resident.comes_back().await;
    let case = resident.sees(case["id"].as_str().unwrap()).await;
    assert_eq!((&case["status"], &case["available_actions"]), (&json!("terminated"), &json!([])));
    assert!(case["ending"].as_str().unwrap().contains("催告"), "{}", case["ending"]);
    resident.tries(&case, json!({"action": "correct"})).await.refused(409, "wrong_status");
});

story!(a_clock_that_slept_too_long_still_warns_before_it_ends, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    clerk.asks_to_correct(&case, &[("household_books", "请上传户口簿")]).await;
    world.at(midnight("2026-12-20"));
    world.clock_strikes().await;
    let resident = resident.comes_back().await;
    let actions =
        resident.get(&format!("/v1/applications/{}/events", case["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(actions.as_array().unwrap().last().unwrap()["action"], "terminate");
    assert!(resident.inbox().await.iter().any(|title| title.starts_with("提醒")), "warned first");
});

story!(a_draft_nobody_touches_lapses, world, {
    let resident = world.xiuying().await;
    let body = json!({"region": LINKOU, "submit": false, "form": world.form("birth_registration")});
    let draft = resident.post("/v1/applications", &body).await.expect(201);
    // Ninety natural days from 11-23 end on 02-21, a Sunday, and so on Monday.
    assert_eq!(draft["clocks"]["step_by"]["date"], "2027-02-22");
    assert_eq!(draft["clocks"]["step_by"]["provisional"], true, "2027 is not announced yet");
    world.at(midnight("2027-02-22"));
    assert_eq!(world.clock_strikes().await, 0);
    world.at(midnight("2027-02-23"));
    assert_eq!(world.clock_strikes().await, 1);
    let resident = resident.comes_back().await;
    assert_eq!(resident.sees(draft["id"].as_str().unwrap()).await["status"], "terminated");
});
