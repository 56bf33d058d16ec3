//! What is refused in the middle of a batch leaves nothing of itself behind, and takes nothing else with it.

use serde_json::{Value, json};

use super::{GRID, Phone, XIUYING};
use crate::story;

story!(a_refusal_within_a_batch_leaves_nothing_behind, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let plan = json!({"region": GRID, "address": "中区1号", "purpose": "care", "on": "2026-11-23"});
    let plan = worker.post("/v1/visit-plans", &plan).await.expect(201)["id"].clone();
    let kept =
        json!({"region": GRID, "address": "中区1号", "latitude": 24.7, "longitude": 118.5, "plan": plan});
    let kept = worker.post("/v1/visits", &kept).await.expect(201)["id"].clone();

    let mut phone = Phone::new(&worker).await;
    let first = phone.visits("中区2号", XIUYING, &["birth_registration"]);
    let draft = phone.drafts(first, XIUYING, &world.form("birth_registration"));
    let (at, device) = ("2026-11-23T09:00:00+08:00", phone.outbox.device());
    // It is begun before it turns out that the plan was kept at another.
    let again = phone.new_id();
    let again = json!({"id": phone.new_id(), "sequence": 9, "at": at, "deed": {
        "kind": "start_visit", "visit": again, "region": GRID, "address": "中区1号",
        "latitude": 24.7, "longitude": 118.5, "plan": plan,
    }});
    let mut operations: Vec<Value> = phone.outbox.all().iter().map(|one| one.operation.clone()).collect();
    operations.insert(1, again);
    let batch = json!({"device": device, "sent_at": at, "operations": operations});
    for verdicts in [["applied", "quarantined", "applied"], ["duplicate"; 3]] {
        let told = phone.sends(&batch).await.expect(200);
        let told = told["verdicts"].as_array().unwrap();
        assert!(told.iter().map(|one| &one["verdict"]).eq(verdicts.iter()), "{told:#?}");
        let visits = worker.get("/v1/visits").await.expect(200);
        let mut there: Vec<&Value> = visits.as_array().unwrap().iter().map(|visit| &visit["id"]).collect();
        there.sort_by_key(|id| **id == kept);
        assert_eq!(there, [&json!(first), &kept], "nothing halfway");
        assert_eq!(worker.sees(&draft.to_string()).await["status"], "draft");
    }
});
