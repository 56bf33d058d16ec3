//! What has happened stays as it was recorded, and everybody who looked has left a trace.

use serde_json::{Value, json};

use crate::story;
use crate::vault::tampers;
use crate::world::papers::{another_child, png};
use crate::world::people::Person;
use crate::world::{LINGSHUI, LINKOU, STREET, World};
use yichuang::domain::lifecycle::Role;

async fn auditor(world: &World) -> Person {
    world.staff("auditor", "审计员", Role::Auditor, STREET, None).await
}

async fn log(world: &World, auditor: &Person, query: &str) -> Vec<Value> {
    world.office().keep_audit().await.unwrap();
    auditor.get(&format!("/v1/audit?limit=100{query}")).await.expect(200).as_array().unwrap().clone()
}

/// A life with two applications of four events each.
async fn two_lives(world: &World) -> [String; 2] {
    let (clerk, resident) = (world.clerk("li", LINKOU).await, world.xiuying().await);
    let mut ids = Vec::new();
    for child in 0..2 {
        let case = resident.submits(&another_child(&world.form("birth_registration"), child)).await;
        let case = clerk.accepts(&case).await;
        let case = clerk.approves(&case).await;
        clerk.delivers_and_closes(&case).await;
        ids.push(case["id"].as_str().unwrap().to_owned());
    }
    world.office().keep_audit().await.unwrap();
    ids.try_into().unwrap()
}

story!(everybody_who_looked_or_tried_to_has_left_a_trace, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let stranger = world.clerk("chen", LINGSHUI).await;
    let case = resident.submits(&world.form("birth_registration")).await;
    let file = resident.uploads(&case, "id_cards", png(71)).await.expect(201);
    let id = case["id"].as_str().unwrap();
    let path = format!("/v1/applications/{id}");
    for _ in 0..3 {
        clerk.get(&path).await.expect(200);
    }
    clerk.get(&format!("/v1/materials/{}", file["id"].as_str().unwrap())).await.expect_ok();
    stranger.get(&path).await.refused(404, "not_found");

    let auditor = auditor(&world).await;
    let entries = log(&world, &auditor, &format!("&application={id}")).await;
    let of = |name: &str, operation: &str| {
        let found =
            entries.iter().find(|e| e["name"] == name && e["operation"] == operation && e["status"] == 200);
        found.map(|e| (e["status"].as_u64().unwrap(), e["count"].as_i64().unwrap(), e["origin"].clone()))
    };
    let here = json!("127.0.0.1");
    assert_eq!(of("窗口小李", "GET /v1/applications/{id}"), Some((200, 3, here.clone())), "{entries:#?}");
    assert_eq!(of("窗口小李", "GET /v1/materials/{id}"), Some((200, 1, here.clone())));
    let tried = entries.iter().find(|e| e["status"] == 404).unwrap();
    assert_eq!((&tried["roles"], &tried["origin"]), (&json!(["clerk"]), &here));
    // Who signed in and who could not, without what they typed.
    let body = json!({"kind": "staff", "username": "li", "password": "a-wrong-password-here"});
    world.client().post(format!("{}/v1/sessions", world.base())).json(&body).send().await.unwrap();
    let entries = log(&world, &auditor, "").await;
    let sign_ins: Vec<&Value> = entries.iter().filter(|e| e["operation"] == "POST /v1/sessions").collect();
    assert!(sign_ins.iter().any(|e| e["status"] == 401), "{sign_ins:#?}");
    assert!(sign_ins.iter().any(|e| e["status"] == 201 && e["actor"].is_string()), "{sign_ins:#?}");
    assert!(!format!("{entries:?}").contains("a-wrong-password-here"));

    // The resident sees who of the staff has looked, and neither herself nor whoever was refused.
    let seen = resident.get(&format!("{path}/accesses")).await.expect(200);
    let mut seen: Vec<(&str, i64)> = seen
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["name"].as_str().unwrap(), e["count"].as_i64().unwrap()))
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, [("窗口小李", 1), ("窗口小李", 3)]);
    clerk.get(&format!("{path}/accesses")).await.refused(403, "not_permitted");
    clerk.get("/v1/audit").await.refused(403, "not_permitted");
    stranger.get(&format!("{path}/accesses")).await.refused(404, "not_found");
    assert_eq!(world.office().verify_audit().await.unwrap(), Vec::<String>::new());
});

story!(any_change_behind_the_products_back_is_found_and_named, world, {
    let [one, other] = two_lives(&world).await;
    let office = world.office();
    office.checkpoint().await.unwrap();
    assert_eq!(office.verify_audit().await.unwrap(), Vec::<String>::new());
    for table in ["events", "applications", "audit"] {
        let sql: &'static str = format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}").leak();
        tampers(&world, sql).await;
    }
    let id = |id: &str| match office.db().kind() {
        "sqlite" => format!("x'{}'", id.replace('-', "")),
        _ => format!("'{id}'"),
    };
    let (first, second) = (id(&one), id(&other));
    let attacks: Vec<(String, String)> = vec![
        (format!("UPDATE events SET to_status = 'rejected' WHERE application = {first} AND sequence = 3"), format!("{one}: event 3")),
        (format!("UPDATE events SET actor_name = '别人' WHERE application = {first} AND sequence = 2"), format!("{one}: event 2")),
        (format!("DELETE FROM events WHERE application = {first} AND sequence = 2"), format!("{one}: event 3")),
        (format!("DELETE FROM events WHERE application = {first} AND sequence = 5"), format!("{one}: its last events")),
        (
            format!("UPDATE events SET detail = (SELECT detail FROM kept_events k WHERE k.application = {second} AND k.sequence = 2) WHERE application = {first} AND sequence = 2"),
            format!("{one}: an event cannot be opened"),
        ),
        // Reordering: two events change places.
        (
            format!("UPDATE events SET sequence = 5 - sequence + 100 WHERE application = {first} AND sequence IN (2, 3); \
                 UPDATE events SET sequence = sequence - 100 WHERE application = {first} AND sequence > 100"),
            one.clone(),
        ),
        (format!("UPDATE applications SET chain = (SELECT chain FROM kept_applications k WHERE k.id = {second}) WHERE id = {first}"), format!("{one}: its last events")),
        // The end cut off consistently: only the checkpoint knows.
        (
            format!("DELETE FROM events WHERE application = {first} AND sequence = 5; \
                 UPDATE applications SET chain = (SELECT link FROM kept_events k WHERE k.application = {first} AND k.sequence = 4) WHERE id = {first}"),
            format!("{one}: event 5 is not what it was at checkpoint 1"),
        ),
        ("UPDATE audit SET status = 404 WHERE number = 4".to_owned(), "audit entry 4:".to_owned()),
        ("UPDATE audit SET actor_name = '别人' WHERE number = 2".to_owned(), "audit entry 2:".to_owned()),
        ("DELETE FROM audit WHERE number = 3".to_owned(), "audit entry 3:".to_owned()),
        ("DELETE FROM audit WHERE number > 4".to_owned(), "audit entries 5 to".to_owned()),
        (
            "DELETE FROM audit WHERE number > 4; UPDATE counters SET value = 4 WHERE name = 'audit'".to_owned(),
            "is not what it was at checkpoint 1".to_owned(),
        ),
        (
            "UPDATE audit SET number = number + 1000 WHERE number IN (2, 3); UPDATE audit SET number = 1005 - number WHERE number > 1000".to_owned(),
            "audit entry 2:".to_owned(),
        ),
    ];
    let entries = world.office().db().read(yichuang::storage::audit::last).await.unwrap();
    for (attack, told) in attacks {
        let sql: &'static str = attack.clone().leak();
        tampers(&world, sql).await;
        let findings = office.verify_audit().await.unwrap();
        assert!(findings.iter().any(|finding| finding.contains(&told)), "{attack}: {findings:#?}");
        let restore: &'static str = format!(
            "DELETE FROM events; INSERT INTO events SELECT * FROM kept_events; \
             DELETE FROM audit; INSERT INTO audit SELECT * FROM kept_audit; \
             UPDATE applications SET chain = (SELECT chain FROM kept_applications k WHERE k.id = applications.id); \
             UPDATE counters SET value = {entries} WHERE name = 'audit'"
        )
        .leak();
        tampers(&world, restore).await;
        assert_eq!(office.verify_audit().await.unwrap(), Vec::<String>::new(), "restored after {attack}");
    }
    // A whole application gone without a trace in the database.
    tampers(
        &world,
        format!(
            "DELETE FROM notices; DELETE FROM events WHERE application = {first}; \
             DELETE FROM applications WHERE id = {first}"
        )
        .leak(),
    )
    .await;
    let findings = office.verify_audit().await.unwrap();
    assert!(findings.iter().any(|f| f.contains(&one) && f.contains("checkpoint 1")), "{findings:#?}");
});

story!(checkpoints_are_daily_signed_and_in_line, world, {
    two_lives(&world).await;
    let office = world.office();
    assert_eq!(office.checkpoint_daily().await.unwrap(), 1);
    assert_eq!(office.checkpoint_daily().await.unwrap(), 0);
    world.later(chrono::Duration::days(1));
    assert_eq!(office.checkpoint_daily().await.unwrap(), 1);
    world.later(chrono::Duration::days(1));
    assert_eq!(office.checkpoint_daily().await.unwrap(), 1);
    assert_eq!(office.verify_audit().await.unwrap(), Vec::<String>::new());
    let file = |number: u32| world.folder().join(format!("checkpoints/{number:06}.jsonl"));
    let kept = std::fs::read_to_string(file(2)).unwrap();
    std::fs::write(file(2), kept.replacen("\"audit\":[", "\"audit\":[1", 1)).unwrap();
    let findings = office.verify_audit().await.unwrap();
    assert!(findings.iter().any(|f| f.starts_with("checkpoint 2: was not signed")), "{findings:#?}");
    std::fs::remove_file(file(2)).unwrap();
    let findings = office.verify_audit().await.unwrap();
    assert!(findings.iter().any(|f| f.starts_with("checkpoint 3: the one before")), "{findings:#?}");
});
