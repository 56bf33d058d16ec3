//! Migrations: the same names for both databases, up and down, over a database in which every table has
//! something.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;
use yichuang::storage::{Conn, Db, Kind, StorageError, StorageSettings};

use super::{counted, said};
use crate::duplicates::judges;
use crate::pack::Satchel;
use crate::story;
use crate::sync::{Phone, XIUYING};
use crate::world::papers::png;
use crate::world::people::Person;
use crate::world::{LINKOU, World};

fn folders(database: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        for file in ["up.sql", "down.sql"] {
            let text = std::fs::read_to_string(entry.path().join(file)).unwrap();
            assert!(!text.trim().is_empty(), "{:?}/{file} is empty", entry.path());
        }
        names.insert(entry.file_name().into_string().unwrap());
    }
    names
}

#[test]
fn both_databases_have_the_same_migrations() {
    assert_eq!(folders("sqlite"), folders("postgres"));
    let names = folders("sqlite");
    for (number, name) in (1..).zip(&names) {
        assert!(name.starts_with(&format!("{number:04}_")), "{names:?}");
    }
}

const HISTORY: &str = "__diesel_schema_migrations";

fn tables(conn: &mut Conn) -> BTreeSet<String> {
    let sql = match &mut conn.kind {
        Kind::Sqlite(_) => {
            "SELECT name AS value FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        }
        Kind::Pg(_) => "SELECT CAST(tablename AS TEXT) AS value FROM pg_tables WHERE schemaname = 'public'",
    };
    said(conn, sql).into_iter().filter(|name| name != HISTORY).collect()
}

fn columns(conn: &mut Conn, table: &str) -> Vec<String> {
    let sql = match &mut conn.kind {
        Kind::Sqlite(_) => format!("SELECT name AS value FROM pragma_table_info('{table}') ORDER BY name"),
        Kind::Pg(_) => format!(
            "SELECT CAST(column_name AS TEXT) AS value FROM information_schema.columns \
             WHERE table_name = '{table}' ORDER BY CAST(column_name AS TEXT) COLLATE \"C\""
        ),
    };
    said(conn, &sql)
}

/// Something in every table, through the doors people use.
async fn live_a_little(world: &World) {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let worker = world.grid_worker("chen", "350582006001001").await;
    let member = json!({
        "name": "吴建国", "id_number": "350582199203070010", "phone": "13805950002", "relation": "spouse",
    });
    resident.put("/v1/me/household", None, &json!({"members": [member]})).await.expect(204);
    let mandate = json!({
        "principal_name": "吴建国", "principal_id_number": "350582199203070010", "evidence": "signature",
        "matters": ["medical_insurance"], "valid_until": "2026-12-31",
    });
    let visit = worker.visits("350582006001001", Some(&mandate)).await;
    let code = json!({
        "phone": "13805950002", "principal_name": "吴建国", "principal_id_number": "350582199203070010",
        "matters": ["medical_insurance"],
    });
    worker.post(&format!("/v1/visits/{visit}/confirmation-codes"), &code).await.expect(201);
    let report = json!({"outcome": "home", "needs": [{"about": "需要轮椅", "by": "2026-11-30"}]});
    worker.post(&format!("/v1/visits/{visit}/outcome"), &report).await.expect(200);
    let plan =
        json!({"region": "350582006001001", "address": "中区12号", "purpose": "care", "on": "2026-11-30"});
    worker.post("/v1/visit-plans", &plan).await.expect(201);
    offline(&worker).await;
    let mut satchel = Satchel::new(&worker).await;
    let household = crate::pack::registers(&clerk, "350582006001001", 1).await;
    let numbers = format!("/v1/devices/{}/numbers", satchel.phone.outbox.device());
    worker.post(&numbers, &json!({"region": "350582006001001", "count": 1})).await.expect(201);
    satchel.fetches("").await;
    assert_eq!(satchel.ids("household"), [household.to_string()]);
    let change = json!({
        "region": LINKOU, "kind": "corrected_number", "name": "吴建国", "id_number": "350582199003070016",
        "former_id_number": "350582199203070010", "document": "police_certificate", "document_no": "晋公更 2026-1",
        "reason": "重号更正",
    });
    clerk.post("/v1/identity-changes", &change).await.expect(201);

    let insured = resident.submits(&world.form("medical_insurance")).await;
    resident.uploads(&insured, "id_documents", png(1)).await.expect(201);
    clerk.accepts(&insured).await;
    let id = insured["id"].as_str().unwrap();
    let orders = clerk.get(&format!("/v1/applications/{id}/payment-orders")).await.expect(200);
    let collected = json!({
        "amount_fen": orders[0]["quote"]["total_fen"], "method": "cash", "voucher_no": "T-0001", "payer": "吴建国",
        "paid_at": "2026-11-23T08:30:00+08:00",
    });
    let order = orders[0]["id"].as_str().unwrap();
    clerk.post(&format!("/v1/payment-orders/{order}/postings"), &collected).await.expect(201);

    let applicant = json!({"name": XIUYING.0, "id_number": XIUYING.1, "phone": "13805950001"});
    let form = world.form("birth_registration");
    let filed = clerk.submits_for(&applicant, LINKOU, None, &form).await.expect(201);
    let body = json!({"region": LINKOU, "form": form, "applicant": applicant});
    let draft = clerk.post("/v1/applications", &body).await.expect(201);
    judges(&clerk, &draft, &filed, "different").await.expect(200);

    let rebuilt = resident.submits(&world.form("house_rebuild")).await;
    resident.uploads(&rebuilt, "appraisal_report", png(2)).await.expect(201);
    clerk.accepts(&rebuilt).await;
    clerk.transfers(&rebuilt, &["housing"]).await;
    let gone = world.newcomer("gone", "陈大文", "350582199003070016", "13805950009").await;
    let draft = json!({"region": LINKOU, "form": world.form("pension_insurance")});
    gone.post("/v1/applications", &draft).await.expect(201);
    gone.post("/v1/me/deletion", &json!({})).await.expect(200);
    world.office().keep_audit().await.unwrap();
}

/// What was done offline, with an edit whose draft never comes.
async fn offline(worker: &Person) {
    let mut phone = Phone::new(worker).await;
    let visit = phone.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = phone.drafts(visit, XIUYING, &worker.world.form("birth_registration"));
    phone.does(json!({
        "kind": "attach", "attachment": phone.new_id(), "application": draft, "material": "household_books",
        "file_name": "户口簿.jpg", "sha256": "0".repeat(64), "size": 1000,
    }));
    phone.syncs().await;
    phone.sends_piece(&"0".repeat(64), 0, 300_000, vec![0; 262_144]).await.expect(200);
    let missing = phone.new_id();
    let waits = json!({
        "id": phone.new_id(), "sequence": 9, "at": "2026-11-23T09:00:00+08:00", "after": [missing],
        "deed": {"kind": "submit", "application": draft},
    });
    let device = phone.outbox.device();
    let batch = json!({"device": device, "sent_at": "2026-11-23T09:00:00+08:00", "operations": [waits]});
    phone.sends(&batch).await.expect(200);
}

async fn everything(db: &Db) -> BTreeSet<String> {
    db.read(|conn| Ok::<_, StorageError>(tables(conn))).await.unwrap()
}

story!(down_and_up_again_over_a_full_database, world, {
    live_a_little(&world).await;
    let db = world.office().db().clone();
    let names = everything(&db).await;
    assert!(names.len() >= 16, "{names:?}");
    for name in names.clone() {
        let sql = format!("SELECT COUNT(*) AS value FROM {name}");
        let rows = db.read(move |conn| Ok::<_, StorageError>(counted(conn, &sql))).await.unwrap();
        assert!(rows > 0, "{name} is empty: the migration test has to fill every table");
    }

    let settings = StorageSettings { url: world.database_url().to_owned(), pool: 2, pool_wait_seconds: 2 };
    let vault = db.vault().clone();
    // Opening what is up to date changes nothing.
    let again = Db::open(&settings, vault.clone()).unwrap();
    assert_eq!(everything(&again).await, names);
    drop(again);
    Db::revert(&settings, vault.clone(), usize::MAX).unwrap();
    assert_eq!(everything(&db).await, BTreeSet::new());
    let fresh = Db::open(&settings, vault).unwrap();
    assert_eq!(everything(&fresh).await, names);
    for name in names {
        let sql = format!("SELECT COUNT(*) AS value FROM {name}");
        assert_eq!(fresh.read(move |conn| Ok::<_, StorageError>(counted(conn, &sql))).await, Ok(0));
    }
});

/// What the tables are like, to compare the two databases.
async fn anatomy(world: &World) -> Vec<(String, Vec<String>)> {
    let read = |conn: &mut Conn| {
        let names = tables(conn);
        Ok::<_, StorageError>(names.into_iter().map(|name| (name.clone(), columns(conn, &name))).collect())
    };
    world.office().db().read(read).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_databases_have_the_same_tables() {
    let sqlite = World::open(crate::world::Database::Sqlite).await.unwrap();
    if let Some(postgres) = World::open(crate::world::Database::Postgres).await {
        assert_eq!(anatomy(&sqlite).await, anatomy(&postgres).await);
    }
}
