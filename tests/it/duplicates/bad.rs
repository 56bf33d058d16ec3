//! What is asked wrongly, twice, or about things that have nothing to do with each other.

use serde_json::json;

use super::{GRID, NAMESAKE, XIUYING, applicant, draft_of, id, judges, namesakes_form};
use crate::story;
use crate::world::LINKOU;
use crate::world::people::fresh_key;

story!(nonsense_is_told_apart, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let clerk = world.clerk("li", LINKOU).await;
    let form = world.form("birth_registration");
    let filed = clerk.submits_for(&applicant(XIUYING), GRID, None, &form).await.expect(201);
    let insured = clerk.submits_for(&applicant(XIUYING), GRID, None, &world.form("medical_insurance")).await;
    let insured = insured.expect(201);
    let draft = draft_of(&worker, XIUYING, &form).await;
    let path = |one: &str, other: &str| format!("/v1/applications/{one}/duplicates/{other}");
    let both = path(id(&draft), id(&filed));
    let ask = |verdict: &str, reason: &str| json!({"verdict": verdict, "reason": reason});
    for (body, code) in [
        (ask("perhaps", "看着像"), "fields_invalid"),
        (ask("same", ""), "fields_invalid"),
        (json!({"verdict": "same"}), "fields_invalid"),
        (json!({"verdict": "same", "reason": "看着像", "force": true}), "fields_invalid"),
    ] {
        worker.post(&both, &body).await.refused(422, code);
    }
    worker.post_with(&both, &[], &ask("same", "看着像")).await.refused(400, "idempotency_key_required");
    let same = path(id(&draft), id(&draft));
    worker.post(&same, &ask("same", "看着像")).await.refused(422, "same_application");
    let unrelated = path(id(&draft), id(&insured));
    worker.post(&unrelated, &ask("same", "看着像")).await.refused(409, "not_duplicates");
    for nowhere in ["x", "0190c6e0-0000-7000-8000-000000000000"] {
        worker.post(&path(id(&draft), nowhere), &ask("same", "看着像")).await.refused(404, "not_found");
        worker.post(&path(nowhere, id(&filed)), &ask("same", "看着像")).await.refused(404, "not_found");
    }
    // In favour of a draft nothing is taken back.
    worker.post(&path(id(&filed), id(&draft)), &ask("same", "看着像")).await.refused(409, "not_duplicates");
    assert_eq!(worker.sees(id(&filed)).await["status"], "submitted");
    // The same key is the same answer, and nothing happens twice.
    let key = fresh_key();
    let headers = [("idempotency-key", key.as_str())];
    let first = worker.post_with(&both, &headers, &ask("same", "看着像")).await.expect(200);
    assert_eq!(worker.post_with(&both, &headers, &ask("same", "看着像")).await.expect(200), first);
    assert_eq!(worker.timeline(&draft).await, ["withdraw"]);
    let again = worker.post(&both, &ask("different", "改主意了")).await.refused(409, "already_judged");
    assert_eq!((&again["verdict"]["verdict"], &again["verdict"]["by"]), (&json!("same"), &json!("网格小陈")));
});

story!(what_is_examined_is_not_taken_back_by_a_judgement, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let form = namesakes_form(&world);
    let filed = clerk.submits_for(&applicant(NAMESAKE), LINKOU, None, &form).await.expect(201);
    let body = json!({"region": LINKOU, "submit": true, "form": world.form("birth_registration")});
    let second = resident.post("/v1/applications", &body).await.expect(201);
    clerk.accepts(&second).await;
    let refused = judges(&clerk, &second, &filed, "same").await.refused(409, "duplicate_examined");
    assert_eq!(refused["application_status"], "accepted");
    // The other way round it goes: that one nobody has examined.
    judges(&clerk, &filed, &second, "same").await.expect(200);
    assert_eq!(clerk.sees(id(&filed)).await["status"], "withdrawn");
    assert_eq!(clerk.sees(id(&second)).await["status"], "accepted");
});
