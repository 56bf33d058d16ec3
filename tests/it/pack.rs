//! The field pack: a grid worker takes the grid along, gets what has changed, loses what is no longer theirs to
//! see; and nobody but their device opens it.

mod register;
mod satchel;
mod sizes;
mod slips;

use chrono::Duration;
use serde_json::{Value, json};
use uuid::Uuid;
use yichuang::adapters::clock::new_id;
use yichuang::domain::lifecycle::Role;
use yichuang::field_client::{Pack, PackError};

use crate::story;
use crate::sync::{GRID, Phone, XIUYING};
use crate::world::papers::id_number;
use crate::world::people::Person;
use crate::world::{LINKOU, STREET, World};
pub use satchel::Satchel;

const NEXT_GRID: &str = "350582006001002";

/// A household of one to four people, each with a number of their own.
pub fn household(region: &str, serial: u32) -> Value {
    let relations = ["head", "spouse", "son", "daughter"];
    let residents: Vec<Value> = relations
        .iter()
        .enumerate()
        .map(|(at, relation)| {
            let number = id_number((serial * 4 + u32::try_from(at).unwrap()) % 900);
            json!({"name": "林小明", "id_number": number, "phone": "13805950077", "relation": relation})
        })
        .collect();
    json!({"region": region, "address": format!("林口社区中区{serial}号"), "latitude": 24.73, "longitude": 118.55,
        "residents": residents, "note": null})
}

pub async fn registers(keeper: &Person, region: &str, serial: u32) -> Uuid {
    keeper.world.later(Duration::milliseconds(1));
    let id = new_id(keeper.world.office().now());
    keeper.put(&format!("/v1/households/{id}"), None, &household(region, serial)).await.expect(200);
    id
}

async fn is_assigned(world: &World, worker: &Person, grid: &str) {
    let id = worker.get("/v1/me").await.expect(200)["id"].as_str().unwrap().to_owned();
    let security = world.staff("security", "安全员", Role::SecurityAdministrator, STREET, None).await;
    let duties = json!({"duties": [{"role": "grid_worker", "region": grid}]});
    security.put(&format!("/v1/staff/{id}/duties"), None, &duties).await.expect(200);
}

story!(a_worker_takes_the_grid_along_and_gets_what_has_changed, world, {
    let (clerk, worker) = (world.clerk("li", LINKOU).await, world.grid_worker("chen", GRID).await);
    let (here, other) = (registers(&clerk, GRID, 1).await, registers(&clerk, GRID, 2).await);
    let elsewhere = registers(&clerk, NEXT_GRID, 3).await;
    let mut satchel = Satchel::new(&worker).await;
    let visit = satchel.phone.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = satchel.phone.drafts(visit, XIUYING, &world.form("birth_registration"));
    satchel.phone.syncs().await;
    satchel.fetches("").await;
    assert_eq!(satchel.ids("household"), [here.to_string(), other.to_string()], "not {elsewhere}");
    assert_eq!(satchel.ids("application"), [draft.to_string()]);
    assert_eq!(satchel.ids("mandate"), [visit.to_string()]);
    assert_eq!(satchel.pack.of_kind("service").count(), yichuang::catalog::all().len());
    assert!(satchel.pack.of_kind("service").all(|guide| guide["form_schema"].is_object()));
    let pages = world.office().knowledge().policies.pages.len();
    assert_eq!(satchel.pack.of_kind("policy").count(), pages);
    let golden_week = satchel.pack.of_kind("calendar").find(|year| year["year"] == "2026").unwrap();
    assert!(golden_week["off"].as_array().unwrap().contains(&json!("2026-10-01")));
    // What a worker sees online, and no more: numbers masked.
    let at_home = satchel.pack.of_kind("household").next().unwrap().clone();
    assert_eq!(at_home["address"], "林口社区中区1号");
    assert!(at_home["residents"][0]["id_number"].as_str().unwrap().contains("****"), "{at_home}");
    let online = worker.sees(&draft.to_string()).await;
    let along = satchel.pack.of_kind("application").next().unwrap();
    for field in ["version", "form", "applicant", "status", "checklist"] {
        assert_eq!(along[field], online[field], "{field}");
    }
    // Nothing has changed: nothing comes, under the same cursor.
    let cursor = satchel.pack.cursor().unwrap().to_owned();
    let (bytes, _) = satchel.fetches("").await;
    assert!(bytes < 400, "{bytes}");
    assert_eq!(satchel.pack.cursor(), Some(cursor.as_str()));
    // One household moves, another changes, a third is new, and the draft is filed.
    let struck = reqwest::Method::DELETE;
    let path = format!("/v1/households/{here}");
    let gone =
        crate::world::people::send(&world, struck, &path, Some(&clerk.token), &[("if-match", "\"1\"")], None);
    gone.await.expect(204);
    let mut changed = household(GRID, 2);
    changed["note"] = "有犬".into();
    clerk.put(&format!("/v1/households/{other}"), Some(1), &changed).await.expect(200);
    let new = registers(&clerk, GRID, 4).await;
    satchel.phone.submits(draft);
    satchel.phone.syncs().await;
    satchel.fetches("").await;
    assert_eq!(satchel.ids("household"), [other.to_string(), new.to_string()]);
    assert_eq!(satchel.pack.of_kind("household").next().unwrap()["note"], "有犬");
    let filed = satchel.pack.of_kind("application").next().unwrap();
    assert_eq!(filed["status"], "submitted");
    assert!(filed["receipt_no"].is_string() && filed["query_code"].is_string());
    // The telephone starts again: everything is there, from what lies on it.
    let (device, now) = (satchel.phone.outbox.device(), world.office().now());
    let mut again = Pack::at(&satchel.folder, device).unwrap();
    again.open(&satchel.key, now).unwrap();
    assert_eq!((again.len(), again.cursor()), (satchel.pack.len(), satchel.pack.cursor()));
});

story!(a_download_goes_on_where_it_broke_off, world, {
    let (clerk, worker) = (world.clerk("li", LINKOU).await, world.grid_worker("chen", GRID).await);
    for serial in 0..60 {
        registers(&clerk, GRID, serial).await;
    }
    let mut satchel = Satchel::new(&worker).await;
    let (_, pages) = satchel.fetches("bytes=16384").await;
    assert!(pages > 2, "{pages}");
    let whole = satchel.pack.len();
    // Another telephone loses every second answer, and its battery between two pages.
    let mut other = Satchel::new(&worker).await;
    let mut round = 0;
    loop {
        let page = other.page("bytes=16384").await;
        assert!(page.len() <= 16_384 + 28, "{}", page.len());
        round += 1;
        if round % 2 == 1 {
            continue;
        }
        if !other.pack.take(&page, world.office().now()).unwrap() {
            break;
        }
        other.pack = Pack::at(&other.folder, other.phone.outbox.device()).unwrap();
        other.pack.open(&other.key, world.office().now()).unwrap();
    }
    assert_eq!(other.pack.len(), whole);
    let entries = |satchel: &Satchel| satchel.pack.of_kind("household").cloned().collect::<Vec<_>>();
    assert_eq!(entries(&satchel), entries(&other));
    // A page that was written in part when the telephone died never came.
    registers(&clerk, GRID, 61).await;
    let cursor = other.pack.cursor().unwrap().to_owned();
    other.fetches("").await;
    let file = other.folder.join("pages");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() - 5]).unwrap();
    other.pack = Pack::at(&other.folder, other.phone.outbox.device()).unwrap();
    other.pack.open(&other.key, world.office().now()).unwrap();
    assert_eq!(other.pack.cursor(), Some(cursor.as_str()));
    other.fetches("").await;
    assert_eq!(other.ids("household").len(), 61);
    // A cursor the server no longer knows: from the beginning, and what was there before is gone first.
    satchel.fetches("").await;
    let strange = new_id(world.office().now());
    let device = satchel.phone.outbox.device();
    let asked = world.client().get(format!("{}/v1/devices/{device}/pack?cursor={strange}", world.base()));
    let page = asked.bearer_auth(&worker.token).send().await.unwrap().bytes().await.unwrap();
    satchel.pack.take(&page, world.office().now()).unwrap();
    satchel.fetches("").await;
    assert_eq!(entries(&satchel), entries(&other));
});

story!(a_grid_that_changes_hands_is_taken_back_at_the_next_contact, world, {
    let (clerk, worker) = (world.clerk("li", LINKOU).await, world.grid_worker("chen", GRID).await);
    let here = registers(&clerk, GRID, 1).await;
    let there = registers(&clerk, NEXT_GRID, 2).await;
    let mut satchel = Satchel::new(&worker).await;
    let visit = satchel.phone.visits("中区1号", XIUYING, &["birth_registration"]);
    satchel.phone.syncs().await;
    satchel.fetches("").await;
    assert_eq!(satchel.ids("household"), [here.to_string()]);
    is_assigned(&world, &worker, NEXT_GRID).await;
    satchel.phone.worker = worker.comes_back().await;
    satchel.fetches("").await;
    assert_eq!(satchel.ids("household"), [there.to_string()]);
    assert!(satchel.ids("mandate").is_empty(), "{visit} lies in the grid handed over");
});

story!(a_pack_is_for_one_device_and_for_a_while, world, {
    let (clerk, worker) = (world.clerk("li", LINKOU).await, world.grid_worker("chen", GRID).await);
    registers(&clerk, GRID, 1).await;
    let mut satchel = Satchel::new(&worker).await;
    satchel.fetches("").await;
    let now = || world.office().now();
    let on_disk = std::fs::read(satchel.folder.join("pages")).unwrap();
    assert!(!String::from_utf8_lossy(&on_disk).contains("林口社区"), "readable on the disk");
    let device = satchel.phone.outbox.device();
    // Another telephone's key opens nothing of it.
    let other = Satchel::new(&worker).await;
    let mut stolen = Pack::at(&satchel.folder, device).unwrap();
    assert!(matches!(stolen.open(&other.key, now()), Err(PackError::Locked)));
    satchel.unlocks().await;
    // A longer time written into the answer opens nothing either.
    let mut answer = worker.get(&format!("/v1/devices/{device}/pack-key")).await.expect(200);
    answer["expires_at"] = json!("2030-01-01T00:00:00+08:00");
    assert!(matches!(satchel.pack.unlock(&satchel.key, &answer, now()), Err(PackError::Locked)));
    satchel.unlocks().await;
    let page = other.page("").await;
    assert!(matches!(satchel.pack.take(&page, now()), Err(PackError::Forged)), "another device's page");
    // Three days later it is closed, until the worker is in the network again.
    world.later(Duration::hours(73));
    satchel.phone.worker = worker.comes_back().await;
    let mut again = Pack::at(&satchel.folder, device).unwrap();
    assert!(matches!(again.open(&satchel.key, now()), Err(PackError::Locked)));
    satchel.pack = again;
    satchel.unlocks().await;
    assert_eq!(satchel.ids("household").len(), 1, "without a new download");
    // Lost: no key any more, for nobody; at its next contact it is told to erase everything.
    let supervisor = world.supervisor("wang").await;
    supervisor.post(&format!("/v1/devices/{device}/ending"), &json!({"why": "lost"})).await.expect(200);
    for path in ["pack", "pack-key"] {
        let path = format!("/v1/devices/{device}/{path}");
        satchel.phone.worker.get(&path).await.refused(409, "device_revoked");
    }
    let visit = satchel.phone.new_id();
    satchel.phone.does(json!({"kind": "end_visit", "visit": visit, "outcome": "absent"}));
    let batch = satchel.phone.outbox.batch(now(), 10).unwrap();
    assert_eq!(satchel.phone.sends(&batch).await.expect(200)["erase"], true);
    satchel.pack.erase().unwrap();
    assert!(!satchel.folder.join("pages").exists());
});

story!(bad_questions_for_a_pack_are_refused, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let satchel = Satchel::new(&worker).await;
    let device = satchel.phone.outbox.device();
    for query in ["bytes=1", "bytes=99999999", "cursor=x", "cursor=", "colour=red", "bytes=-5", "bytes=1e9"] {
        let answer = worker.get(&format!("/v1/devices/{device}/pack?{query}")).await;
        assert_eq!(answer.status, 422, "{query}: {}", answer.text);
    }
    let bare = Phone::new(&worker).await.outbox.device();
    for path in ["pack", "pack-key"] {
        worker.get(&format!("/v1/devices/{bare}/{path}")).await.refused(409, "device_without_key");
        worker.get(&format!("/v1/devices/nonsense/{path}")).await.refused(404, "not_found");
        let colleague = world.grid_worker(&format!("wang{path}"), GRID).await;
        colleague.get(&format!("/v1/devices/{device}/{path}")).await.refused(404, "not_found");
    }
    for key in ["", "zz", &"0".repeat(64), &"A".repeat(64)] {
        let body = json!({"id": new_id(world.office().now()), "name": "手机", "public_key": key});
        let told = worker.post("/v1/devices", &body).await.refused(422, "fields_invalid");
        assert_eq!(told["errors"][0]["pointer"], "/public_key", "{told}");
    }
});
