//! Many at once: of any number who want the same thing one gets it, and nothing is done twice or lost.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};
use yichuang::adapters::clock::new_id;
use yichuang::domain::actor::Scope;
use yichuang::domain::lifecycle::Role;
use yichuang::storage::applications::{self, Search};
use yichuang::usecases::Failure;

use crate::story;
use crate::world::papers::{another_child, id_number, name};
use crate::world::people::{Answer, Person, fresh_key};
use crate::world::{LINKOU, World, opening};

/// How many applications there are, whoever may see them.
pub async fn applications(world: &World) -> usize {
    let all = Search { limit: 10_000, ..Search::default() };
    let read = move |conn: &mut yichuang::storage::Conn| {
        applications::list(conn, &[Scope::Everything], &all).map_err(Failure::from)
    };
    world.office().db().read(read).await.unwrap().len()
}

async fn clerks(world: &World, count: usize) -> Vec<Person> {
    let names: Vec<String> = (0..count).map(|number| format!("clerk{number}")).collect();
    let mut clerks = Vec::new();
    // A few at a time: hashing passwords is work on purpose.
    for some in names.chunks(4) {
        clerks.extend(join_all(some.iter().map(|name| world.clerk(name, LINKOU))).await);
    }
    clerks
}

/// Cases that wait at the window; people of their own, so that none looks like a duplicate.
async fn waiting(world: &World, clerk: &Person, count: u32) -> Vec<Value> {
    let form = world.form("birth_registration");
    let applicants: Vec<Value> = (0..count)
        .map(|n| json!({"name": name(n), "id_number": id_number(n), "phone": "13805950001"}))
        .collect();
    let filed = applicants.iter().map(|applicant| clerk.submits_for(applicant, LINKOU, None, &form));
    join_all(filed).await.into_iter().map(|answer| answer.expect(201)).collect()
}

fn id(case: &Value) -> String {
    case["id"].as_str().unwrap().to_owned()
}

fn tally(answers: &[Answer]) -> BTreeMap<u16, usize> {
    let mut tally = BTreeMap::new();
    answers.iter().for_each(|answer| *tally.entry(answer.status).or_default() += 1);
    tally
}

async fn events(who: &Person, case: &Value) -> usize {
    let events = who.get(&format!("/v1/applications/{}/events", id(case))).await.expect(200);
    events.as_array().unwrap().len()
}

story!(sixty_four_clerks_claim_at_once, world, {
    let clerks = clerks(&world, 64).await;
    let cases = waiting(&world, &clerks[0], 80).await;
    let claims = |person: &Person| {
        let person = person.clone();
        async move { person.post("/v1/queue/claim", &json!({})).await.expect(200) }
    };
    let first: Vec<Value> = join_all(clerks.iter().map(claims)).await;
    let second: Vec<Value> = join_all(clerks.iter().map(claims)).await;
    assert!(first.iter().all(|claim| !claim.is_null()), "a clerk went away empty from a full queue");
    let mut holders: BTreeMap<String, usize> = BTreeMap::new();
    for claim in first.iter().chain(&second).filter(|claim| !claim.is_null()) {
        *holders.entry(id(claim)).or_default() += 1;
    }
    assert!(holders.values().all(|times| *times == 1), "shared: {holders:?}");
    assert_eq!(holders.len(), cases.len(), "skipped");
    assert_eq!(claims(&clerks[0]).await, Value::Null);
    // The queue says the same: every case has its one holder.
    let queue = clerks[0].get("/v1/queue?limit=100").await.expect(200);
    assert!(queue["items"].as_array().unwrap().iter().all(|line| line["holder"]["name"].is_string()));
});

story!(of_many_acts_on_one_version_one_happens, world, {
    let clerks = clerks(&world, 24).await;
    let case = waiting(&world, &clerks[0], 1).await.remove(0);
    let path = format!("/v1/applications/{}/actions", id(&case));
    let (version, told) = (case["version"].as_i64().unwrap(), events(&clerks[0], &case).await);
    let tag = format!("\"{version}\"");
    let keys: Vec<String> = clerks.iter().map(|_| fresh_key()).collect();
    let act = json!({"action": "accept"});
    let headers: Vec<_> =
        keys.iter().map(|key| [("if-match", tag.as_str()), ("idempotency-key", key)]).collect();
    let tries = clerks.iter().zip(&headers).map(|(clerk, headers)| clerk.post_with(&path, headers, &act));
    let answers = join_all(tries).await;
    let tally = tally(&answers);
    assert_eq!(tally.get(&200), Some(&1), "{tally:?}");
    assert!(tally.keys().all(|status| [200, 409, 412].contains(status)), "{tally:?}");
    for loser in answers.iter().filter(|answer| answer.status == 412) {
        let problem = loser.json();
        assert_eq!(problem["current_version"], version + 1, "{problem}");
        assert_eq!(
            (problem["status"].as_u64(), problem["change"].as_str()),
            (Some(412), Some("accept")),
            "{problem}"
        );
        assert_eq!(problem["application_status"], "accepted", "{problem}");
    }
    assert_eq!(clerks[0].sees(&id(&case)).await["version"], version + 1);
    assert_eq!(events(&clerks[0], &case).await, told + 1);
});

story!(of_many_who_save_one_draft_one_does, world, {
    let resident = world.xiuying().await;
    let clerks = clerks(&world, 12).await;
    let body = json!({"region": LINKOU, "form": world.form("birth_registration")});
    let draft = resident.post("/v1/applications", &body).await.expect(201);
    let path = format!("/v1/applications/{}", id(&draft));
    for round in 0..6_i64 {
        let version = clerks[0].sees(&id(&draft)).await["version"].as_i64().unwrap();
        let bodies: Vec<Value> = (0..clerks.len())
            .map(|number| {
                let mut form = world.form("birth_registration");
                form["mother"]["residence_address"] = format!("灵源街道第{round}轮{number}号").into();
                json!({"form": form})
            })
            .collect();
        let tries = clerks.iter().zip(&bodies).map(|(clerk, body)| clerk.put(&path, Some(version), body));
        let answers = join_all(tries).await;
        let tally = tally(&answers);
        assert_eq!(tally.get(&200), Some(&1), "{tally:?}");
        assert!(tally.keys().all(|status| [200, 409, 412].contains(status)), "{tally:?}");
        let winner = answers.iter().position(|answer| answer.status == 200).unwrap();
        let stored = resident.sees(&id(&draft)).await;
        assert_eq!(stored["version"], version + 1);
        let address = "/form/mother/residence_address";
        assert_eq!(stored.pointer(address), bodies[winner].pointer(address));
    }
});

async fn storm(resident: &Person, body: &Value) -> Vec<Answer> {
    let key = fresh_key();
    let headers = [("idempotency-key", key.as_str())];
    join_all((0..200).map(|_| resident.post_with("/v1/applications", &headers, body))).await
}

story!(two_hundred_identical_submissions_are_one, world, {
    let resident = world.xiuying().await;
    let form = world.form("birth_registration");
    let other = another_child(&form, 1);
    let with_id = json!({"id": new_id(opening()), "region": LINKOU, "submit": true, "form": other});
    for (count, body) in [json!({"region": LINKOU, "submit": true, "form": form}), with_id].iter().enumerate()
    {
        let answers = storm(&resident, body).await;
        for answer in &answers {
            assert_eq!((answer.status, &answer.text), (201, &answers[0].text));
        }
        let replayed =
            answers.iter().filter(|answer| answer.headers.contains_key("idempotency-replayed")).count();
        assert_eq!(replayed, 199);
        assert_eq!(applications(&world).await, count + 1);
        assert_eq!(events(&resident, &answers[0].json()).await, 1);
    }
});

story!(identical_acts_are_one, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let case = waiting(&world, &clerk, 1).await.remove(0);
    let (path, key) = (format!("/v1/applications/{}/actions", id(&case)), fresh_key());
    let tag = format!("\"{}\"", case["version"]);
    let headers = [("if-match", tag.as_str()), ("idempotency-key", key.as_str())];
    let act = json!({"action": "accept"});
    let answers = join_all((0..40).map(|_| clerk.post_with(&path, &headers, &act))).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (200, &answers[0].text));
    }
    assert_eq!(events(&clerk, &case).await, 2);
});

story!(a_key_is_for_one_request_of_one_person, world, {
    let (resident, key) = (world.xiuying().await, fresh_key());
    let neighbour = world.resident("linju", "林邻居", &id_number(8), "13805950088").await;
    let headers = [("idempotency-key", key.as_str())];
    let body = json!({"region": LINKOU, "submit": true, "form": world.form("birth_registration")});
    let first = resident.post_with("/v1/applications", &headers, &body).await.expect(201);
    let again = resident.post_with("/v1/applications", &headers, &body).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.expect(201), first);

    let mut other = body.clone();
    other["submit"] = false.into();
    let reused = resident.post_with("/v1/applications", &headers, &other).await;
    reused.refused(422, "idempotency_key_reused");
    let elsewhere = resident.post_with("/v1/applications/search", &headers, &json!({"text": "林"})).await;
    elsewhere.expect(200);
    let own = neighbour.post_with("/v1/applications", &headers, &body).await.expect(201);
    assert_ne!(own["id"], first["id"]);
    assert_eq!(applications(&world).await, 2);

    let too_long = "k".repeat(256);
    for bad in [&[][..], &[("idempotency-key", "")], &[("idempotency-key", &too_long)]] {
        let answer = resident.post_with("/v1/applications", bad, &body).await;
        answer.refused(400, "idempotency_key_required");
    }
    let twice = [("idempotency-key", "one"), ("idempotency-key", "two")];
    resident.post_with("/v1/applications", &twice, &body).await.refused(400, "idempotency_key_required");
    assert_eq!(applications(&world).await, 2);
    // A refused request leaves its key free: it is corrected and sent again.
    let key = fresh_key();
    let headers = [("idempotency-key", key.as_str())];
    let mut body = body;
    body["form"] = another_child(&body["form"], 1);
    let mut wrong = body.clone();
    wrong["form"]["child_order"] = 9.into();
    resident.post_with("/v1/applications", &headers, &wrong).await.refused(422, "fields_invalid");
    resident.post_with("/v1/applications", &headers, &body).await.expect(201);
});

/// Access tokens live a quarter of an hour; whoever stays longer renews them.
async fn again(person: &Person) -> Person {
    let body = json!({"kind": "refresh", "refresh_token": person.refresh_token});
    Person::sign_in(&person.world, &person.name, &body).await
}

story!(a_lease_runs_out_is_renewed_given_back_and_taken_over, world, {
    let li = world.clerk("li", LINKOU).await;
    let chen = world.staff("chen", "窗口小陈", Role::Clerk, LINKOU, None).await;
    let wang = world.supervisor("wang").await;
    let case = waiting(&world, &li, 1).await.remove(0);
    let path = format!("/v1/applications/{}/lease", id(&case));
    let claimed = li.post("/v1/queue/claim", &json!({})).await.expect(200);
    assert_eq!((&claimed["id"], &claimed["holder"]["name"]), (&case["id"], &json!("窗口小李")));

    // Held: the colleague is told by whom, since when, until when.
    let refused = chen.tries(&case, json!({"action": "accept"})).await.refused(409, "held_by_another");
    assert_eq!(refused["held_by"]["name"], "窗口小李");
    assert_eq!(refused["held_by"]["since"], "2026-11-23T09:00:00+08:00");
    assert_eq!(refused["held_by"]["until"], "2026-11-23T09:30:00+08:00");
    assert_eq!(chen.post("/v1/queue/claim", &json!({})).await.expect(200), Value::Null);
    for step in ["renew", "release"] {
        let refused = chen.post(&path, &json!({"step": step})).await.refused(409, "not_holder");
        assert_eq!(refused["held_by"]["name"], "窗口小李");
    }
    chen.post(&path, &json!({"step": "take_over"})).await.refused(403, "not_permitted");

    // Renewed it lasts longer, and ends at its time all the same.
    world.later(chrono::Duration::minutes(14));
    let renewed = li.post(&path, &json!({"step": "renew"})).await.expect(200);
    assert_eq!(renewed["holder"]["since"], "2026-11-23T09:00:00+08:00");
    assert_eq!(renewed["holder"]["until"], "2026-11-23T09:44:00+08:00");
    world.later(chrono::Duration::minutes(29));
    let (li, chen, wang) = (again(&li).await, again(&chen).await, again(&wang).await);
    assert_eq!(chen.post("/v1/queue/claim", &json!({})).await.expect(200), Value::Null);
    world.later(chrono::Duration::minutes(1));
    assert_eq!(li.sees(&id(&case)).await["holder"], Value::Null);
    let taken = chen.post("/v1/queue/claim", &json!({})).await.expect(200);
    assert_eq!(taken["holder"]["name"], "窗口小陈");
    li.post(&path, &json!({"step": "renew"})).await.refused(409, "not_holder");

    // Given back it is the next one's at once.
    let released = chen.post(&path, &json!({"step": "release"})).await.expect(200);
    assert_eq!(released["holder"], Value::Null);
    assert_eq!(li.post("/v1/queue/claim", &json!({})).await.expect(200)["id"], case["id"]);

    // Taken over, the former holder reads of it.
    let taken = wang.post(&path, &json!({"step": "take_over"})).await.expect(200);
    assert_eq!(taken["holder"]["name"], "督导老王");
    assert!(
        li.inbox().await.iter().any(|title| title.contains("督导 督导老王 接管")),
        "{:?}",
        li.inbox().await
    );
    assert!(!chen.inbox().await.iter().any(|title| title.contains("接管")));
    let refused = li.tries(&case, json!({"action": "accept"})).await.refused(409, "held_by_another");
    assert_eq!(refused["held_by"]["name"], "督导老王");
    wang.post(&path, &json!({"step": "release"})).await.expect(200);
    li.accepts(&case).await;
});
