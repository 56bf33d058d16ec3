//! A grid changes hands, a telephone is lost, somebody leaves, something never comes: a person looks at it, and the work
//! stays the work of who did it.

use chrono::Duration;
use serde_json::{Value, json};
use uuid::Uuid;
use yichuang::domain::lifecycle::Role;

use super::{GRID, Phone, XIUYING};
use crate::story;
use crate::world::people::Person;
use crate::world::{STREET, World};

async fn id_of(worker: &Person) -> String {
    worker.get("/v1/me").await.expect(200)["id"].as_str().unwrap().to_owned()
}

async fn security(world: &World) -> Person {
    world.staff("security", "安全员", Role::SecurityAdministrator, STREET, None).await
}

/// Offline: a visit with a mandate, and a filing.
fn morning(world: &World, phone: &mut Phone) -> (Uuid, Uuid, Uuid) {
    let visit = phone.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = phone.drafts(visit, XIUYING, &world.form("birth_registration"));
    (visit, draft, phone.submits(draft))
}

async fn looks(person: &Person) -> Vec<Value> {
    person.get("/v1/field/box").await.expect(200).as_array().unwrap().clone()
}

async fn decides(person: &Person, entry: &Value, decision: &str) -> crate::world::people::Answer {
    let path = format!("/v1/field/box/{}/decision", entry["id"].as_str().unwrap());
    person.post(&path, &json!({"decision": decision, "reason": "已核实"})).await
}

story!(what_comes_late_from_a_grid_handed_over_is_the_successors_to_let_in, world, {
    let (chen, wang) =
        (world.grid_worker("chen", GRID).await, world.grid_worker("wang", "350582006001003").await);
    let (mut phone, security) = (Phone::new(&chen).await, security(&world).await);
    let (visit, draft, submit) = morning(&world, &mut phone);
    let moves = async |who: &Person, grid: &str| {
        let duties = json!({"duties": [{"role": "grid_worker", "region": grid}]});
        security.put(&format!("/v1/staff/{}/duties", id_of(who).await), None, &duties).await.expect(200);
        who.comes_back().await
    };
    phone.worker = moves(&chen, "350582006001002").await;
    let wang = moves(&wang, GRID).await;
    phone.syncs().await;
    assert_eq!(phone.verdict(submit)["verdict"], "held");
    let other = world.grid_worker("zhao", "350582006001004").await;
    assert_eq!(looks(&other).await, Vec::<Value>::new());
    // He sees that it waits, and cannot let it in himself.
    let own = looks(&phone.worker).await;
    assert_eq!((own.len(), &own[0]["acceptable"]), (1, &json!(false)), "{own:#?}");
    decides(&phone.worker, &own[0], "accept").await.refused(409, "not_acceptable");
    decides(&other, &own[0], "accept").await.refused(404, "not_found");

    let seen = looks(&wang).await;
    assert_eq!((seen.len(), &seen[0]["acceptable"], &seen[0]["waiting"]), (1, &json!(true), &json!(1)));
    assert_eq!((&seen[0]["worker"], &seen[0]["deed"]["kind"]), (&own[0]["worker"], &json!("start_visit")));
    assert_eq!(seen[0]["deed"]["mandate"]["principal_id_number"], "350582********0025");
    assert_eq!(wang.get("/v1/field/today").await.expect(200)["unsettled"], 1);
    let told = decides(&wang, &seen[0], "accept").await.expect(200);
    assert_eq!(told["verdict"]["verdict"], "applied", "{told}");
    let released: Vec<&str> =
        told["released"].as_array().unwrap().iter().map(|v| v["verdict"].as_str().unwrap()).collect();
    assert_eq!(released, ["applied", "applied"], "{told}");
    assert_eq!(told["released"][1]["outcome"]["status"], "submitted");
    decides(&wang, &seen[0], "dismiss").await.refused(409, "already_decided");
    assert_eq!(looks(&wang).await, Vec::<Value>::new());
    // Once, and his.
    let case = wang.sees(&draft.to_string()).await;
    assert_eq!(case["status"], "submitted");
    let steps = wang.timeline(&case).await;
    assert_eq!(steps, ["submit"]);
    assert_eq!(phone.worker.get("/v1/field/today").await.expect(200)["progress"]["visits"], 1);
    assert_eq!(wang.get("/v1/field/today").await.expect(200)["progress"]["visits"], 0);
    let visits = phone.worker.get("/v1/visits").await.expect(200);
    assert_eq!(visits[0]["id"], json!(visit));
    // His telephone hears of it, and sends nothing again.
    phone.syncs().await;
    assert_eq!(phone.verdict(submit)["first"], "applied", "{}", phone.verdict(submit));
    assert!(phone.outbox.batch(world.office().now(), 100).is_none());
});

story!(what_waits_in_vain_is_looked_at_after_its_time, world, {
    let chen = world.grid_worker("chen", GRID).await;
    let supervisor = world.supervisor("zhou").await;
    let mut phone = Phone::new(&chen).await;
    let (visit, _, submit) = morning(&world, &mut phone);
    phone.syncs().await;
    // An operation before this one went down with another telephone.
    let lost = phone.new_id();
    let end = json!({"id": phone.new_id(), "sequence": 9, "at": world.office().now().to_rfc3339(), "after": [lost],
        "deed": {"kind": "end_visit", "visit": visit, "outcome": "home"}});
    let batch = json!({"device": phone.outbox.device(), "sent_at": world.office().now().to_rfc3339(), "operations": [end]});
    let told = phone.sends(&batch).await.expect(200);
    assert_eq!(told["verdicts"][0]["waits_for"], json!([lost]));
    assert_eq!(looks(&supervisor).await, Vec::<Value>::new(), "it may still come");
    world.later(Duration::hours(73));
    let (supervisor, chen) = (supervisor.comes_back().await, chen.comes_back().await);
    let late = looks(&supervisor).await;
    assert_eq!((late.len(), &late[0]["deed"]["kind"]), (1, &json!("end_visit")));
    let told = decides(&supervisor, &late[0], "accept").await.expect(200);
    assert_eq!(told["verdict"]["verdict"], "applied", "{told}");
    let visits = chen.get("/v1/visits").await.expect(200);
    assert_eq!(visits[0]["report"]["outcome"], "home");
    // What cannot be is put aside by name, and the telephone is told.
    let nowhere = json!({"id": phone.new_id(), "sequence": 10, "at": world.office().now().to_rfc3339(),
        "deed": {"kind": "submit", "application": phone.new_id()}});
    let batch = json!({"device": phone.outbox.device(), "sent_at": world.office().now().to_rfc3339(), "operations": [nowhere]});
    phone.worker = chen;
    assert_eq!(phone.sends(&batch).await.expect(200)["verdicts"][0]["verdict"], "quarantined");
    let open = looks(&supervisor).await;
    decides(&supervisor, &open[0], "accept").await.refused(409, "not_acceptable");
    let told = decides(&supervisor, &open[0], "dismiss").await.expect(200);
    assert_eq!(told["verdict"]["obstacle"]["code"], "dismissed");
    let again = phone.sends(&batch).await.expect(200);
    assert!(again["verdicts"][0]["obstacle"]["detail"]["zh"].as_str().unwrap().contains("已核实"), "{again}");
    assert_eq!(looks(&phone.worker).await, Vec::<Value>::new());
    assert_eq!(phone.verdict(submit)["verdict"], "applied");
});

story!(what_is_waited_for_may_still_come, world, {
    let chen = world.grid_worker("chen", GRID).await;
    let mut phone = Phone::new(&chen).await;
    let (_, _, submit) = morning(&world, &mut phone);
    let batch = phone.outbox.batch(world.office().now(), 100).unwrap();
    let mut last = batch.clone();
    last["operations"] = json!([batch["operations"][2]]);
    phone.sends(&last).await.expect(200);
    assert_eq!(looks(&chen).await, Vec::<Value>::new());
    phone.syncs().await;
    assert_eq!(phone.verdict(submit)["outcome"]["status"], "submitted");
});

story!(a_lost_telephone_that_was_found_again_takes_a_supervisor, world, {
    let chen = world.grid_worker("chen", GRID).await;
    let supervisor = world.supervisor("zhou").await;
    let mut phone = Phone::new(&chen).await;
    let (_, draft, submit) = morning(&world, &mut phone);
    let device = phone.outbox.device();
    supervisor.post(&format!("/v1/devices/{device}/ending"), &json!({"why": "lost"})).await.expect(200);
    phone.syncs().await;
    assert_eq!(phone.verdict(phone.outbox.all()[0].id)["obstacle"]["code"], "device_revoked");
    let own = looks(&chen).await;
    assert_eq!((own.len(), &own[0]["acceptable"]), (3, &json!(false)));
    chen.get(&format!("/v1/applications/{draft}")).await.refused(404, "not_found");
    for _ in 0..3 {
        let open = looks(&supervisor).await;
        decides(&supervisor, &open[0], "accept").await.expect(200);
    }
    assert_eq!(chen.sees(&draft.to_string()).await["status"], "submitted");
    phone.syncs().await;
    let _ = submit;
});

story!(what_somebody_who_left_has_on_the_telephone_is_not_lost, world, {
    let (chen, wang) = (world.grid_worker("chen", GRID).await, world.grid_worker("wang", GRID).await);
    let (mut phone, security) = (Phone::new(&chen).await, security(&world).await);
    let (_, draft, _) = morning(&world, &mut phone);
    let batch = phone.outbox.batch(world.office().now(), 100).unwrap();
    wang.post_with("/v1/sync", &[], &batch).await.refused(422, "fields_invalid");
    let path = format!("/v1/staff/{}/leave", id_of(&chen).await);
    world.later(Duration::minutes(10));
    security.post_with(&path, &[], &json!({})).await.expect(200);
    let strange = world.grid_worker("zhao", "350582006001004").await;
    strange.post_with("/v1/sync", &[], &batch).await.refused(422, "fields_invalid");
    let told = wang.post_with("/v1/sync", &[], &batch).await.expect(200);
    assert_eq!(told["verdicts"][0]["obstacle"]["code"], "handed_over", "{told}");
    let seen = looks(&wang).await;
    let told = decides(&wang, &seen[0], "accept").await.expect(200);
    assert_eq!(told["released"].as_array().unwrap().len(), 2, "{told}");
    let events =
        wang.get(&format!("/v1/applications/{draft}/events")).await.expect(200).as_array().unwrap().clone();
    assert_eq!((events.len(), &events[0]["action"]), (1, &json!("submit")));
    assert_eq!(events[0]["actor"], seen[0]["worker"], "his work");
    assert_eq!(looks(&wang).await, Vec::<Value>::new());
});
