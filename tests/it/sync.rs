//! Done without a network, sent when there is one: in whatever order, however often, the same result, and a
//! verdict for each in words a person understands.

mod a_day;
mod agreeing;
mod bad;
mod counterparts;
mod files;
mod hand_over;
mod histories;
mod killed;
mod model;
mod permutations;
mod refused;
mod settling;
mod steps;
mod working;

use chrono::Duration;
use serde_json::{Value, json};
use uuid::Uuid;
use yichuang::adapters::clock::new_id;
use yichuang::field_client::{Deed, Outbox};

use crate::story;
use crate::world::World;
use crate::world::people::{Answer, Person, answer};

pub const GRID: &str = "350582006001001";

/// A worker's telephone.
pub struct Phone {
    pub worker: Person,
    pub outbox: Outbox,
}

impl Phone {
    pub async fn new(worker: &Person) -> Self {
        let device = new_id(worker.world.office().now());
        worker.post("/v1/devices", &json!({"id": device, "name": "小陈的手机"})).await.expect(201);
        Self { worker: worker.clone(), outbox: Outbox::in_memory(device) }
    }

    pub fn new_id(&self) -> Uuid {
        new_id(self.worker.world.office().now())
    }

    pub fn does(&mut self, deed: Value) -> Uuid {
        self.does_on(None, None, deed)
    }

    pub fn does_on(&mut self, base: Option<i64>, resolves: Option<Uuid>, deed: Value) -> Uuid {
        let at = self.worker.world.office().now();
        self.outbox.record(Deed { at, deed, base, resolves }).unwrap()
    }

    /// Begins a visit with a mandate for these matters; the visit's id.
    pub fn visits(&mut self, address: &str, who: (&str, &str), matters: &[&str]) -> Uuid {
        let visit = self.new_id();
        self.does(json!({
            "kind": "start_visit", "visit": visit, "region": GRID, "address": address, "latitude": 24.7,
            "longitude": 118.5, "mandate": {
                "principal_name": who.0, "principal_id_number": who.1, "evidence": "signature", "matters": matters,
                "valid_until": "2026-12-31",
            },
        }));
        visit
    }

    pub fn drafts(&mut self, visit: Uuid, who: (&str, &str), form: &Value) -> Uuid {
        let application = self.new_id();
        let mut form = form.clone();
        let service = form.as_object_mut().unwrap().remove("service").unwrap();
        self.does(json!({
            "kind": "create_draft", "application": application, "region": GRID, "service": service, "visit": visit,
            "applicant": {"name": who.0, "id_number": who.1, "phone": "13805950001"}, "form": form,
        }));
        application
    }

    pub fn submits(&mut self, application: Uuid) -> Uuid {
        self.does(json!({"kind": "submit", "application": application}))
    }

    pub async fn sends(&self, batch: &Value) -> Answer {
        self.worker.post_with("/v1/sync", &[], batch).await
    }

    /// Sends what may be anything.
    pub async fn sends_text(&self, text: &str) -> Answer {
        let asked = self.worker.world.client().post(format!("{}/v1/sync", self.worker.world.base()));
        let asked = asked.bearer_auth(&self.worker.token).header("content-type", "application/json");
        answer(asked.body(text.to_owned()).send().await.unwrap()).await
    }

    /// Sends a piece of a file.
    pub async fn sends_piece(&self, sha256: &str, index: u32, size: usize, bytes: Vec<u8>) -> Answer {
        let base = self.worker.world.base();
        let asked =
            self.worker.world.client().put(format!("{base}/v1/uploads/{sha256}/pieces/{index}?size={size}"));
        let asked = asked.bearer_auth(&self.worker.token).header("content-type", "application/octet-stream");
        answer(asked.body(bytes).send().await.unwrap()).await
    }

    /// Comes into the network: everything is sent until nothing moves any more.
    pub async fn syncs(&mut self) {
        for _ in 0..3 {
            let now = self.worker.world.office().now();
            let Some(batch) = self.outbox.batch(now, 100) else { return };
            let answer = self.sends(&batch).await.expect(200);
            self.outbox.learn(&answer).unwrap();
        }
    }

    /// What became of an operation.
    pub fn verdict(&self, operation: Uuid) -> Value {
        self.outbox.all().iter().find(|one| one.id == operation).unwrap().verdict.clone().unwrap()
    }
}

pub const XIUYING: (&str, &str) = ("林秀英", "350582199412150025");

async fn case(world: &World, phone: &Phone, id: Uuid) -> Value {
    let _ = world;
    phone.worker.sees(&id.to_string()).await
}

story!(whatever_the_order_and_however_often, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let mut phone = Phone::new(&worker).await;
    let visit = phone.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = phone.drafts(visit, XIUYING, &world.form("birth_registration"));
    let submit = phone.submits(draft);
    phone.does(json!({"kind": "end_visit", "visit": visit, "outcome": "home"}));
    let batch = phone.outbox.batch(world.office().now(), 100).unwrap();
    // Backwards, one at a time: each waits for what it builds on.
    let mut last = Value::Null;
    for operation in batch["operations"].as_array().unwrap().iter().rev() {
        let mut one = batch.clone();
        one["operations"] = json!([operation]);
        last = phone.sends(&one).await.expect(200);
    }
    assert_eq!(last["verdicts"][0]["verdict"], "applied", "{last}");
    assert_eq!(last["released"].as_array().unwrap().len(), 3, "{last}");
    phone.outbox.learn(&last).unwrap();
    let filed = phone.verdict(submit);
    assert_eq!((&filed["verdict"], &filed["outcome"]["status"]), (&json!("applied"), &json!("submitted")));
    assert!(filed["outcome"]["receipt_no"].as_str().unwrap().starts_with("350582006001-20261123-"));
    // Again and again: the same, and nothing twice.
    let before = case(&world, &phone, draft).await;
    for _ in 0..3 {
        let again = phone.sends(&batch).await.expect(200);
        for verdict in again["verdicts"].as_array().unwrap() {
            assert_eq!((&verdict["verdict"], &verdict["first"]), (&json!("duplicate"), &json!("applied")));
        }
        assert_eq!(again["verdicts"][2]["outcome"], filed["outcome"]);
    }
    assert_eq!(case(&world, &phone, draft).await, before);
    let visits = worker.get("/v1/visits").await.expect(200);
    assert_eq!(visits.as_array().unwrap().len(), 1);
    assert_eq!(visits[0]["report"]["outcome"], "home");
});

story!(fifty_copies_of_a_batch_at_once_have_one_effect, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let mut phone = Phone::new(&worker).await;
    let visit = phone.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = phone.drafts(visit, XIUYING, &world.form("birth_registration"));
    phone.submits(draft);
    let batch = phone.outbox.batch(world.office().now(), 100).unwrap();
    let answers = futures_util::future::join_all((0..50).map(|_| phone.sends(&batch))).await;
    let mut firsts = 0;
    for answer in answers {
        let told = answer.expect(200);
        let words: Vec<&str> =
            told["verdicts"].as_array().unwrap().iter().map(|v| v["verdict"].as_str().unwrap()).collect();
        firsts += usize::from(words == ["applied", "applied", "applied"]);
        assert!(words.iter().all(|word| ["applied", "duplicate"].contains(word)), "{told}");
    }
    assert_eq!(firsts, 1);
    assert_eq!(worker.get("/v1/visits").await.expect(200).as_array().unwrap().len(), 1);
    let list = worker.get("/v1/applications").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let timeline = worker.timeline(&json!({"id": draft})).await;
    assert_eq!(timeline, ["submit"]);
});

story!(other_fields_are_merged_and_the_same_field_is_a_conflict, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let (mut one, mut two) = (Phone::new(&worker).await, Phone::new(&worker).await);
    let visit = one.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = one.drafts(visit, XIUYING, &world.form("birth_registration"));
    one.syncs().await;
    let edit = |pointer: &str, was: Value, now: Value| json!({"kind": "edit_draft", "application": draft, "changes": [{"pointer": pointer, "was": was, "now": now}]});
    let form = case(&world, &one, draft).await["form"].clone();
    let name = form["mother"]["name"].clone();
    let address = form["mother"]["residence_address"].clone();
    let first = one.does(edit("/mother/name", name.clone(), json!("林秀瑛")));
    let other = two.does_on(
        Some(0),
        None,
        edit("/mother/residence_address", address, json!("福建省晋江市灵源街道林口社区西区2号")),
    );
    let same = two.does_on(Some(0), None, edit("/mother/name", name, json!("林绣英")));
    let filed = two.submits(draft);
    one.syncs().await;
    two.syncs().await;
    assert_eq!(one.verdict(first)["verdict"], "applied");
    assert_eq!(two.verdict(other)["verdict"], "merged", "{}", two.verdict(other));
    let conflict = two.verdict(same);
    assert_eq!(conflict["verdict"], "conflict", "{conflict}");
    assert_eq!(conflict["clashes"][0]["mine"], "林绣英");
    assert_eq!(conflict["clashes"][0]["theirs"], "林秀瑛");
    assert!(!conflict["obstacle"]["context"]["changed_by"].as_str().unwrap().is_empty());
    assert!(conflict["remedy"]["zh"].as_str().unwrap().contains("双方"));
    let held = two.verdict(filed);
    assert_eq!((&held["verdict"], &held["waits_for"]), (&json!("held"), &json!([same])));
    // Looked at and settled: what waited goes on.
    let base = case(&world, &two, draft).await["version"].as_i64().unwrap();
    two.does_on(Some(base), Some(same), edit("/mother/name", json!("林秀瑛"), json!("林秀英")));
    two.syncs().await;
    assert_eq!(two.verdict(filed)["outcome"]["status"], "submitted", "{}", two.verdict(filed));
    assert_eq!(case(&world, &two, draft).await["form"]["mother"]["name"], "林秀英");
    // The other telephone files what it has not seen as it is now.
    let late = one.submits(draft);
    one.syncs().await;
    assert_eq!(one.verdict(late)["verdict"], "conflict");
});

story!(a_draft_that_somebody_else_changed_is_not_filed_unseen, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let (mut one, mut two) = (Phone::new(&worker).await, Phone::new(&worker).await);
    let visit = one.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = one.drafts(visit, XIUYING, &world.form("birth_registration"));
    one.syncs().await;
    let change = json!({"pointer": "/mother/name", "was": "林秀英", "now": "林秀瑛"});
    two.does_on(Some(0), None, json!({"kind": "edit_draft", "application": draft, "changes": [change]}));
    two.syncs().await;
    let unseen = one.submits(draft);
    one.syncs().await;
    assert_eq!(one.verdict(unseen)["obstacle"]["code"], "changed_since_seen");
    let seen = one.does_on(Some(1), Some(unseen), json!({"kind": "submit", "application": draft}));
    one.syncs().await;
    assert_eq!(one.verdict(seen)["verdict"], "applied", "{}", one.verdict(seen));
    // Filed on one telephone, filed again on the other as it was seen: once.
    let again = two.does_on(Some(1), None, json!({"kind": "submit", "application": draft}));
    two.syncs().await;
    assert_eq!(two.verdict(again)["verdict"], "duplicate");
    world.later(Duration::seconds(1));
});
