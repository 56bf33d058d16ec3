//! A whole day in one batch: written while it is still being read, with what it looks for looked up at once, and all the
//! same as if each had come alone.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::oneshot;
use uuid::Uuid;
use yichuang::storage::{StorageError, applications};

use super::{GRID, Phone, XIUYING};
use crate::duplicates::{NAMESAKE, namesakes_form};
use crate::storage::counted;
use crate::story;
use crate::world::papers::somebody;
use crate::world::people::Person;
use crate::world::{LINKOU, World};

/// Doors of a day: more operations than are read at a time.
const DOORS: u32 = 14;

struct Door {
    visit: Uuid,
    draft: Uuid,
    submit: Uuid,
    address: String,
}

/// Begun, drafted, edited, filed and ended.
fn calls(phone: &mut Phone, who: (&str, &str), form: &Value, house: u32) -> Door {
    let visit = phone.visits("中区1号", who, &["birth_registration"]);
    let draft = phone.drafts(visit, who, form);
    let (was, address) = (&form["mother"]["residence_address"], format!("灵源街道林口社区中区{house}号"));
    let changes = json!([{"pointer": "/mother/residence_address", "was": was, "now": address}]);
    phone.does(json!({"kind": "edit_draft", "application": draft, "changes": changes}));
    let submit = phone.submits(draft);
    phone.does(json!({"kind": "end_visit", "visit": visit, "outcome": "home"}));
    Door { visit, draft, submit, address }
}

/// A day on which nobody is like anybody else, but for those at the last doors.
fn a_day(phone: &mut Phone, world: &World, first: u32, last: &[((&str, &str), Value)]) -> Vec<Door> {
    let mut doors = Vec::new();
    for number in first..first + DOORS - u32::try_from(last.len()).unwrap() {
        let (name, id_number) = somebody(number);
        doors.push(calls(phone, (&name, &id_number), &world.form("birth_registration"), number));
    }
    for (who, form) in last {
        doors.push(calls(phone, *who, form, 999));
    }
    doors
}

fn number(phone: &Phone, door: &Door) -> String {
    phone.verdict(door.submit)["outcome"]["receipt_no"].as_str().unwrap().to_owned()
}

async fn is_filed(worker: &Person, door: &Door) {
    let there = worker.sees(&door.draft.to_string()).await;
    assert_eq!((&there["status"], &there["id"]), (&json!("submitted"), &json!(door.draft)), "{there}");
    let (db, id) = (worker.world.office().db(), door.draft);
    let kept = db.read(move |conn| applications::find(conn, id)).await.unwrap().unwrap();
    assert_eq!(kept.form["mother"]["residence_address"], json!(door.address));
}

story!(a_day_in_one_batch_is_there_as_it_was_done, world, {
    let (resident, worker) = (world.xiuying().await, world.grid_worker("chen", GRID).await);
    let clerk = world.clerk("wang", LINKOU).await;
    let mut phone = Phone::new(&worker).await;
    let hers = (XIUYING, world.form("birth_registration"));
    let doors = a_day(&mut phone, &world, 0, std::slice::from_ref(&hers));
    let batch = phone.outbox.batch(world.office().now(), 100).unwrap();
    let told = phone.sends(&batch).await.expect(200);
    phone.outbox.learn(&told).unwrap();
    for one in phone.outbox.all() {
        assert_eq!(one.verdict.as_ref().unwrap()["verdict"], "applied", "{one:?}");
    }
    let mut numbers = Vec::new();
    for door in &doors {
        is_filed(&worker, door).await;
        numbers.push(number(&phone, door));
    }
    assert!(numbers.is_sorted(), "one after the other: {numbers:?}");
    let visits = worker.get("/v1/visits").await.expect(200);
    let over = |visit: &&Value| visit["report"]["outcome"] == "home" && visit["mandate"].is_object();
    assert_eq!(visits.as_array().unwrap().iter().filter(over).count(), doors.len());
    assert!(doors.iter().all(|door| visits.to_string().contains(&door.visit.to_string())));
    // Of all of them only hers is hers.
    let list = resident.get("/v1/applications").await.expect(200);
    let own: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|line| &line["id"]).collect();
    assert_eq!(own, [&json!(doors.last().unwrap().draft)]);

    // The series goes on behind it, on whichever door.
    let series = "SELECT value FROM counters WHERE name LIKE 'receipt:%'";
    let come = world.office().db().read(|conn| Ok::<_, StorageError>(counted(conn, series)));
    assert_eq!(come.await.unwrap(), i64::from(DOORS));
    let (name, id_number) = somebody(800);
    let applicant = json!({"name": name, "id_number": id_number, "phone": "13805950001"});
    let filed = clerk.submits_for(&applicant, LINKOU, None, &world.form("birth_registration")).await;
    numbers.push(filed.expect(201)["receipt_no"].as_str().unwrap().to_owned());
    let next_day = a_day(&mut phone, &world, 100, &[]);
    phone.syncs().await;
    numbers.extend(next_day.iter().map(|door| number(&phone, door)));
    let all = numbers.len();
    numbers.sort();
    numbers.dedup();
    assert_eq!((numbers.len(), all), (2 * DOORS as usize + 1, 2 * DOORS as usize + 1), "none twice");

    let again = phone.sends(&batch).await.expect(200);
    for verdict in again["verdicts"].as_array().unwrap() {
        assert_eq!((&verdict["verdict"], &verdict["first"]), (&json!("duplicate"), &json!("applied")));
    }
});

story!(who_looks_like_another_of_the_same_batch_is_found, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let mut phone = Phone::new(&worker).await;
    let alike = [(XIUYING, world.form("birth_registration")), (NAMESAKE, namesakes_form(&world))];
    let doors = a_day(&mut phone, &world, 0, &alike);
    let batch = phone.outbox.batch(world.office().now(), 100).unwrap();
    let told = phone.sends(&batch).await.expect(200);
    phone.outbox.learn(&told).unwrap();
    let (last, others) = doors.split_last().unwrap();
    for door in others {
        is_filed(&worker, door).await;
    }
    let suspected = phone.verdict(last.submit);
    assert_eq!(suspected["verdict"], "conflict", "{suspected}");
    assert_eq!(suspected["obstacle"]["code"], "duplicate_suspected", "{suspected}");
    let first = &others.last().unwrap().draft;
    assert_eq!(suspected["obstacle"]["context"]["duplicates"][0]["application"], json!(first));
    assert_eq!(worker.sees(&last.draft.to_string()).await["status"], "draft");
    let mut numbers: Vec<String> = others.iter().map(|door| number(&phone, door)).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), others.len());
});

story!(who_is_verified_while_a_batch_is_written_sees_what_it_files, world, {
    let db = world.office().db().clone();
    if db.kind() == "sqlite" {
        // Nobody can be: there is one who writes.
        return;
    }
    let worker = world.grid_worker("chen", GRID).await;
    let mut phone = Phone::new(&worker).await;
    let hers = (XIUYING, world.form("birth_registration"));
    let doors = a_day(&mut phone, &world, 0, std::slice::from_ref(&hers));
    let batch = phone.outbox.batch(world.office().now(), 100).unwrap();
    // Holds up what the batch stores, so that it has looked for her before she is there.
    let (stands, is_there) = oneshot::channel();
    let (waits, is_held_up) = oneshot::channel();
    let (verified, is_verified) = oneshot::channel();
    let obstacle = tokio::spawn(async move {
        db.write(move |conn| {
            conn.execute("LOCK TABLE visits IN SHARE MODE")?;
            stands.send(()).unwrap();
            let waiting = "SELECT count(*) AS value FROM pg_locks WHERE NOT granted \
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
                AND relation = 'visits'::regclass";
            let patience = Instant::now() + Duration::from_secs(30);
            while counted(conn, waiting) == 0 {
                assert!(Instant::now() < patience, "the batch stores nothing");
                std::thread::sleep(Duration::from_millis(5));
            }
            waits.send(()).unwrap();
            is_verified.blocking_recv().unwrap();
            Ok::<_, StorageError>(())
        })
        .await
    });
    is_there.await.unwrap();
    let comes = async {
        is_held_up.await.unwrap();
        let resident = world.xiuying().await;
        verified.send(()).unwrap();
        resident
    };
    let (told, resident) = tokio::join!(phone.sends(&batch), comes);
    obstacle.await.unwrap().unwrap();
    phone.outbox.learn(&told.expect(200)).unwrap();
    for one in phone.outbox.all() {
        assert_eq!(one.verdict.as_ref().unwrap()["verdict"], "applied", "{one:?}");
    }
    let draft = doors.last().unwrap().draft;
    assert_eq!(resident.sees(&draft.to_string()).await["status"], "submitted");
});
