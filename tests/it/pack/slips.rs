//! Receipt numbers given away at the door: the slip a resident keeps is the real one.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::Satchel;
use crate::story;
use crate::sync::{GRID, XIUYING};
use crate::world::World;
use crate::world::papers::another_child;
use crate::world::people::send;

async fn progress(world: &World, slip: &Value) -> crate::world::people::Answer {
    let body = json!({"receipt_no": slip["receipt_no"], "query_code": slip["query_code"]});
    send(world, reqwest::Method::POST, "/v1/progress", None, &[], Some(&body)).await
}

fn files(satchel: &mut Satchel, world: &World, slip: &Value) -> uuid::Uuid {
    // Of another child each time.
    static CHILDREN: AtomicU32 = AtomicU32::new(0);
    let number = CHILDREN.fetch_add(1, Ordering::Relaxed);
    let form = another_child(&world.form("birth_registration"), number);
    let visit = satchel.phone.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = satchel.phone.drafts(visit, XIUYING, &form);
    satchel.phone.does(json!({"kind": "submit", "application": draft, "receipt_no": slip["receipt_no"]}))
}

story!(the_number_on_the_slip_is_the_number_of_the_application, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let mut satchel = Satchel::new(&worker).await;
    let path = format!("/v1/devices/{}/numbers", satchel.phone.outbox.device());
    let reserved = worker.post(&path, &json!({"region": GRID, "count": 2})).await.expect(201);
    assert_eq!(reserved.as_array().unwrap().len(), 2);
    satchel.fetches("").await;
    let slip = satchel.pack.number(&satchel.phone.outbox).unwrap().clone();
    progress(&world, &slip).await.refused(404, "not_found");
    let filed = files(&mut satchel, &world, &slip);
    assert_ne!(satchel.pack.number(&satchel.phone.outbox), Some(&slip), "it was given away");
    satchel.phone.syncs().await;
    let outcome = satchel.phone.verdict(filed)["outcome"].clone();
    assert_eq!(outcome["receipt_no"], slip["receipt_no"], "{outcome}");
    assert_eq!(outcome["query_code"], slip["query_code"]);
    assert!(outcome.get("replaces").is_none());
    let told = progress(&world, &slip).await.expect(200);
    assert_eq!(told["status"], "submitted");
    satchel.fetches("").await;
    assert_eq!(satchel.pack.of_kind("number").count(), 1);
});

story!(a_number_that_cannot_be_used_never_stops_a_filing, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let mut satchel = Satchel::new(&worker).await;
    let path = format!("/v1/devices/{}/numbers", satchel.phone.outbox.device());
    let reserved = worker.post(&path, &json!({"region": GRID, "count": 1})).await.expect(201);
    let own = reserved[0].clone();
    let mut other = Satchel::new(&worker).await;
    let mut seen = std::collections::BTreeSet::new();
    let strange =
        [own.clone(), json!({"receipt_no": "350582006001-20261123-00001-0"}), json!({"receipt_no": "乱写"})];
    for slip in &strange {
        // Another device's number, one with a wrong check digit, one that is none.
        let filed = files(&mut other, &world, slip);
        other.phone.syncs().await;
        let verdict = other.phone.verdict(filed);
        assert_eq!(verdict["verdict"], "applied", "{verdict}");
        assert!(verdict["outcome"]["replaces"].is_string(), "{verdict}");
        assert_ne!(verdict["outcome"]["receipt_no"], slip["receipt_no"]);
        assert!(seen.insert(verdict["outcome"]["receipt_no"].as_str().unwrap().to_owned()));
    }
    // Its own, twice: the second filing gets another.
    let (first, second) = (files(&mut satchel, &world, &own), files(&mut satchel, &world, &own));
    satchel.phone.syncs().await;
    assert_eq!(satchel.phone.verdict(first)["outcome"]["receipt_no"], own["receipt_no"]);
    assert_eq!(satchel.phone.verdict(second)["outcome"]["replaces"], own["receipt_no"]);
});

story!(numbers_of_a_lost_telephone_are_void, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let supervisor = world.supervisor("wang").await;
    let mut satchel = Satchel::new(&worker).await;
    let device = satchel.phone.outbox.device();
    let path = format!("/v1/devices/{device}/numbers");
    let slip = worker.post(&path, &json!({"region": GRID, "count": 1})).await.expect(201)[0].clone();
    let filed = files(&mut satchel, &world, &slip);
    worker.post(&format!("/v1/devices/{device}/ending"), &json!({"why": "lost"})).await.expect(200);
    worker.post(&path, &json!({"region": GRID, "count": 1})).await.refused(409, "device_revoked");
    satchel.phone.syncs().await;
    assert_eq!(satchel.phone.verdict(filed)["verdict"], "quarantined");
    // A supervisor lets in what was on it: under another number, whoever has found the slips.
    let mut receipt = Value::Null;
    for entry in supervisor.get("/v1/field/box").await.expect(200).as_array().unwrap() {
        let path = format!("/v1/field/box/{}/decision", entry["id"].as_str().unwrap());
        let decided =
            supervisor.post(&path, &json!({"decision": "accept", "reason": "已核实"})).await.expect(200);
        assert_eq!(decided["verdict"]["verdict"], "applied", "{decided}");
        receipt = decided["verdict"]["outcome"].clone();
    }
    assert_eq!(receipt["replaces"], slip["receipt_no"], "{receipt}");
    progress(&world, &slip).await.refused(404, "not_found");
});

story!(a_device_has_so_many_numbers_and_of_its_own_grids_only, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let satchel = Satchel::new(&worker).await;
    let path = format!("/v1/devices/{}/numbers", satchel.phone.outbox.device());
    worker.post(&path, &json!({"region": GRID, "count": 50})).await.expect(201);
    let told = worker.post(&path, &json!({"region": GRID, "count": 1})).await.refused(409, "numbers_enough");
    assert_eq!(told["free"], 50);
    for body in [
        json!({"region": "350582006007001", "count": 1}),
        json!({"region": GRID, "count": 0}),
        json!({"region": GRID, "count": 101}),
        json!({"region": "350582006", "count": 1}),
        json!({"count": 1}),
        json!({"region": GRID, "count": "x"}),
    ] {
        worker.post(&path, &body).await.refused(422, "fields_invalid");
    }
    // The answer got lost: the same numbers again.
    let other = Satchel::new(&worker).await;
    let path = format!("/v1/devices/{}/numbers", other.phone.outbox.device());
    let key = [("idempotency-key", "numbers-1")];
    let first = worker.post_with(&path, &key, &json!({"region": GRID, "count": 3})).await.expect(201);
    assert_eq!(worker.post_with(&path, &key, &json!({"region": GRID, "count": 3})).await.expect(201), first);
});
