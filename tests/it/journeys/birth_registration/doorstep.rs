//! 上门代办: a grid worker files at the door, on the resident's recorded mandate (民法典 165).

use chrono::Duration;
use serde_json::{Value, json};

use super::xiuying_herself;
use crate::story;
use crate::world::LINKOU;

const GRID: &str = "350582006001001";
const NEXT_GRID: &str = "350582006001002";

fn mandate() -> Value {
    json!({
        "principal_name": "林秀英",
        "principal_id_number": "350582199412150025",
        "matters": ["birth_registration"],
        "valid_until": "2026-11-30",
        "evidence": "signature",
    })
}

story!(filed_at_the_door_and_registered, world, {
    let (worker, clerk) = (world.grid_worker("chen", GRID).await, world.clerk("li", LINKOU).await);
    let visit = worker.visits(GRID, Some(&mandate())).await;
    let form = world.form("birth_registration");
    let case = worker.submits_for(&xiuying_herself(), GRID, Some(&visit), &form).await.expect(201);
    let submission = &case["submissions"][0];
    assert_eq!((&submission["channel"], &submission["role"]), (&json!("doorstep"), &json!("grid_worker")));
    assert_eq!((&submission["visit"], &case["region"]), (&json!(visit), &json!(GRID)));
    assert_eq!(case["applicant"]["name"], "林秀英", "the worker only holds the pen");
    clerk.accepts(&case).await;
    clerk.approves(&case).await;
    assert_eq!(clerk.delivers_and_closes(&case).await["status"], "closed");
});

story!(no_mandate_no_filing, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let form = world.form("birth_registration");
    let files = async |visit: Option<&str>| worker.submits_for(&xiuying_herself(), GRID, visit, &form).await;

    let missing = files(None).await.refused(422, "fields_invalid");
    assert_eq!(missing["errors"][0]["pointer"], "/visit");
    let bare = worker.visits(GRID, None).await;
    let refused = files(Some(&bare)).await.refused(409, "mandate_missing");
    assert_eq!(refused["basis"], "民法典 165");

    let with = |key: &str, value: Value| {
        let mut changed = mandate();
        changed[key] = value;
        changed
    };
    let wrong = [
        ("另一事项", "mandate_missing", with("matters", json!(["old_age_allowance"]))),
        ("他人", "mandate_missing", with("principal_id_number", json!("350582199003070016"))),
        ("过期", "mandate_ended", with("valid_until", json!("2026-11-22"))),
    ];
    for (why, code, mandate) in wrong {
        let visit = worker.visits(GRID, Some(&mandate)).await;
        let refused = files(Some(&visit)).await;
        assert_eq!(refused.status, 409, "{why}: {}", refused.text);
        refused.refused(409, code);
    }
    let unwitnessed = json!({
        "region": GRID, "address": "中区12号", "latitude": 24.7, "longitude": 118.5,
        "mandate": with("evidence", json!("fingerprint")),
    });
    let told = worker.post("/v1/visits", &unwitnessed).await.refused(422, "fields_invalid");
    assert_eq!(told["errors"][0]["pointer"], "/mandate/witness_name");
    let mut witnessed = with("evidence", json!("fingerprint"));
    witnessed["witness_name"] = "吴建国".into();
    let visit = worker.visits(GRID, Some(&witnessed)).await;
    files(Some(&visit)).await.expect(201);
    let listed = worker.get("/v1/applications").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "what was refused left nothing behind");
});

story!(a_mandate_runs_out_on_its_last_day_and_is_nobody_elses, world, {
    let (worker, colleague) = (world.grid_worker("chen", GRID).await, world.grid_worker("ma", GRID).await);
    let visit = worker.visits(GRID, Some(&mandate())).await;
    let form = world.form("birth_registration");
    let stolen = colleague.submits_for(&xiuying_herself(), GRID, Some(&visit), &form).await;
    assert_eq!(stolen.refused(422, "fields_invalid")["errors"][0]["pointer"], "/visit");

    world.later(Duration::days(7));
    let worker = worker.comes_back().await;
    worker.submits_for(&xiuying_herself(), GRID, Some(&visit), &form).await.expect(201);
    world.later(Duration::days(1));
    let worker = worker.comes_back().await;
    let late = worker.submits_for(&xiuying_herself(), GRID, Some(&visit), &form).await;
    assert_eq!(late.refused(409, "mandate_ended")["why"], "expired");
});

story!(a_visit_is_in_ones_own_grid_and_in_the_past, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let visit = |region: &str, at: &str| json!({"region": region, "address": "中区12号", "latitude": 24.7, "longitude": 118.5, "started_at": at});
    let now = "2026-11-23T09:00:00+08:00";
    worker.post("/v1/visits", &visit(NEXT_GRID, now)).await.refused(403, "not_permitted");
    worker
        .post("/v1/visits", &visit(GRID, "2026-11-23T10:00:00+08:00"))
        .await
        .refused(422, "visit_in_future");
    worker.post("/v1/visits", &visit(GRID, now)).await.expect(201);
    let mut nowhere = visit(GRID, now);
    nowhere["latitude"] = 124.7.into();
    worker.post("/v1/visits", &nowhere).await.refused(422, "fields_invalid");
    assert_eq!(worker.get("/v1/visits").await.expect(200).as_array().unwrap().len(), 1);
});

story!(what_the_resident_filed_a_grid_worker_takes_back_only_on_their_word, world, {
    let (resident, worker) = (world.xiuying().await, world.grid_worker("chen", GRID).await);
    let body = json!({"region": GRID, "submit": true, "form": world.form("birth_registration")});
    let case = resident.post("/v1/applications", &body).await.expect(201);
    let withdraw = json!({"action": "withdraw", "reason": "她说不办了"});
    worker.tries(&case, withdraw.clone()).await.refused(409, "mandate_missing");
    let clerk = world.clerk("li", LINKOU).await;
    clerk.asks_to_correct(&case, &[("household_books", "请上传户口簿")]).await;
    worker.tries(&case, json!({"action": "correct"})).await.refused(409, "mandate_missing");
    let visit = worker.visits(GRID, Some(&mandate())).await;
    let case = worker.does(&case, json!({"action": "correct"})).await;
    assert_eq!((&case["status"], &case["submissions"][1]["visit"]), (&json!("submitted"), &json!(visit)));
    assert_eq!(worker.does(&case, withdraw).await["status"], "withdrawn");
});
