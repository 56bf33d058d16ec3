//! What somebody may ask of us about themselves, and what goes by itself when its time is over.

use chrono::Duration;
use serde_json::{Value, json};
use yichuang::storage::{Conn, StorageError};

use crate::storage::counted;
use crate::story;
use crate::world::papers::{another_child, png};
use crate::world::{LINKOU, World};

const NUMBER: &str = "350582199412150025";

fn id(case: &Value) -> &str {
    case["id"].as_str().unwrap()
}

async fn rows(world: &World, table: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) AS value FROM {table}");
    world.office().db().read(move |conn: &mut Conn| Ok::<_, StorageError>(counted(conn, &sql))).await.unwrap()
}

fn files(world: &World) -> usize {
    let mut folders = vec![world.folder().join("materials")];
    let mut found = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found += 1 }
        }
    }
    found
}

story!(a_copy_of_everything_about_me, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let other = world.resident("jianguo", "吴建国", "350582199203070010", "13805950002").await;
    other.submits(&world.form("birth_registration")).await;
    let member = json!({
        "name": "吴建国", "id_number": "350582199203070010", "phone": "13805950002", "relation": "spouse",
    });
    resident.put("/v1/me/household", None, &json!({"members": [member]})).await.expect(204);
    let case = resident.submits(&world.form("birth_registration")).await;
    resident.uploads(&case, "id_cards", png(4)).await.expect(201);
    clerk.accepts(&case).await;
    world.office().keep_audit().await.unwrap();

    let answer = resident.get("/v1/me/export").await;
    let copy = answer.json();
    assert_eq!(copy["account"]["identity"]["id_number"], NUMBER, "in full: {}", answer.text);
    assert_eq!(
        (&copy["account"]["openid"], &copy["account"]["email"]),
        (&json!("xiuying"), &json!("xiuying@example.org"))
    );
    assert_eq!(copy["household"][0]["person"]["phone"], "13805950002");
    assert_eq!(copy["applications"].as_array().unwrap().len(), 1, "her own only");
    let whole = &copy["applications"][0];
    assert_eq!(whole["application"]["form"]["mother"]["id_number"], NUMBER);
    assert_eq!(whole["timeline"][1]["action"], "accept");
    assert_eq!(whole["materials"][0]["material"], "id_cards");
    assert_eq!(whole["accesses"][0]["name"], "窗口小李");
    assert!(
        copy["notices"].as_array().unwrap().iter().any(|n| n["title"].as_str().unwrap().starts_with("受理"))
    );
    assert_eq!(copy["verifications"][0]["method"], "counter");
    for _ in 0..4 {
        resident.get("/v1/me/export").await.expect(200);
    }
    resident.get("/v1/me/export").await.refused(429, "too_many_requests");
});

story!(an_account_is_closed_and_what_stays_is_named, world, {
    let resident = world.xiuying().await;
    let case = resident.submits(&world.form("birth_registration")).await;
    let draft = json!({"region": LINKOU, "form": world.form("pension_insurance")});
    let draft = resident.post("/v1/applications", &draft).await.expect(201);
    resident.uploads(&draft, "id_documents", png(5)).await.expect(201);
    let told = resident.post("/v1/me/deletion", &json!({})).await.refused(409, "applications_open");
    assert_eq!(told["receipt_nos"], json!([case["receipt_no"]]));
    resident.withdraws(&case, "不办了").await;
    assert!(rows(&world, "idempotency").await > 0);

    let gone = resident.post("/v1/me/deletion", &json!({})).await.expect(200);
    assert_eq!(gone["drafts"], 1);
    assert_eq!(gone["kept"][0]["receipt_no"], case["receipt_no"]);
    assert_eq!(gone["kept"][0]["until"], "2028-11-23");
    assert!(gone["kept"][0]["basis"].as_str().unwrap().contains("个人信息保护法 19"));
    resident.get("/v1/me").await.refused(401, "not_signed_in");
    for table in ["people", "verifications", "household_members", "idempotency", "notices"] {
        let left = rows(&world, table).await;
        let windows = if table == "notices" { 1 } else { 0 };
        assert!(left <= windows, "{table}: {left}");
    }
    assert_eq!((rows(&world, "applications").await, rows(&world, "materials").await), (1, 0));

    let back = resident.comes_back().await;
    let fresh = back.get("/v1/me").await.expect(200);
    assert_eq!((&fresh["assurance"], fresh.get("identity")), (&json!("none"), None));
    assert_eq!(back.get("/v1/applications").await.expect(200)["items"], json!([]));
    assert_eq!(world.office().verify_audit().await.unwrap(), Vec::<String>::new());
});

story!(what_was_kept_long_enough_goes_and_the_chains_still_hold, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let short = resident.submits(&world.form("birth_registration")).await;
    let long = resident.submits(&another_child(&world.form("birth_registration"), 1)).await;
    for (case, picture) in [(&short, 6), (&short, 7), (&long, 7)] {
        resident.uploads(case, "id_cards", png(picture)).await.expect(201);
    }
    resident.withdraws(&short, "填错了").await;
    clerk.accepts(&long).await;
    clerk.approves(&long).await;
    clerk.delivers_and_closes(&long).await;
    world.office().checkpoint().await.unwrap();
    assert_eq!(files(&world), 2);

    world.later(Duration::days(729));
    assert_eq!(world.office().erase_due().await.unwrap(), 0, "two years are not over");
    world.later(Duration::days(2));
    assert_eq!(world.office().erase_due().await.unwrap(), 1);
    assert_eq!(world.office().erase_due().await.unwrap(), 0, "once");
    let back = clerk.comes_back().await;
    back.get(&format!("/v1/applications/{}", id(&short))).await.refused(404, "not_found");
    assert_eq!(back.sees(id(&long)).await["status"], "closed", "ten years");
    assert_eq!(files(&world), 1, "what another case refers to stays");
    assert_eq!(world.office().verify_audit().await.unwrap(), Vec::<String>::new());
    assert_eq!(rows(&world, "erasures").await, 1);

    // Nobody erases one by hand and says it was time.
    let (gone, kept) = (id(&short).to_owned(), id(&long).to_owned());
    crate::vault::tampers(&world, &format!("DELETE FROM events WHERE {}", of(&world, "application", &kept)))
        .await;
    let findings = world.office().verify_audit().await.unwrap();
    assert!(findings.iter().any(|finding| finding.contains(&kept)), "{findings:?}");
    crate::vault::tampers(&world, "UPDATE erasures SET last_sequence = last_sequence + 1").await;
    let findings = world.office().verify_audit().await.unwrap();
    assert!(findings.iter().any(|finding| finding.contains(&gone)), "{findings:?}");

    world.later(Duration::days(8 * 366));
    crate::vault::tampers(&world, "UPDATE erasures SET last_sequence = last_sequence - 1").await;
    assert_eq!(world.office().erase_due().await.unwrap(), 1);
    assert_eq!((files(&world), rows(&world, "visits").await), (0, 0));
});

/// A condition on an id column, as each database writes it.
fn of(world: &World, column: &str, id: &str) -> String {
    if world.database_url().starts_with("sqlite") {
        format!("{column} = x'{}'", id.replace('-', ""))
    } else {
        format!("{column} = '{id}'")
    }
}
