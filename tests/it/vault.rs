//! What is personal is ciphertext on the disk, opens only where it was sealed, and outlives its keys.

mod keys;

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Binary, Text};
use serde_json::json;
use yichuang::storage::resealing::SEALED;
use yichuang::storage::{Conn, Db, Kind, StorageError};
use yichuang::vault::MARK;

use crate::story;
use crate::world::papers::{id_number, png};
use crate::world::{LINKOU, World};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    value: String,
}

#[derive(QueryableByName)]
struct Bytes {
    #[diesel(sql_type = Binary)]
    value: Vec<u8>,
}

/// Runs a query on either database.
macro_rules! asked {
    ($conn:expr, $sql:expr) => {
        match &mut $conn.kind {
            Kind::Sqlite(c) => sql_query($sql).load(c.here().unwrap()),
            Kind::Pg(c) => sql_query($sql).load(c.ready().unwrap()),
        }
        .unwrap_or_else(|error| panic!("{}: {error}", $sql))
    };
}

/// Changes the database behind the product's back.
pub async fn tampers(world: &World, sql: &str) {
    let sql = sql.to_owned();
    let tamper = move |conn: &mut Conn| conn.execute(&sql);
    world.office().db().write(tamper).await.unwrap();
}

/// Every sealed value there is, with its table and column.
pub async fn sealed_values(db: &Db) -> Vec<(String, Vec<u8>)> {
    let read = |conn: &mut Conn| {
        let mut found = Vec::new();
        for table in &SEALED {
            for (column, _) in table.columns {
                let bytes = match conn.kind {
                    Kind::Sqlite(_) => format!("CAST({column} AS BLOB)"),
                    Kind::Pg(_) => (*column).to_owned(),
                };
                let name = table.table;
                let sql = format!("SELECT {bytes} AS value FROM {name} WHERE {column} IS NOT NULL");
                let rows: Vec<Bytes> = asked!(conn, &sql);
                found.extend(rows.into_iter().map(|row| (format!("{name}.{column}"), row.value)));
            }
        }
        Ok::<_, StorageError>(found)
    };
    db.read(read).await.unwrap()
}

/// Everything the database says as text; what it holds as bytes in hexadecimal.
pub async fn said_by_the_tables(db: &Db) -> String {
    let read = |conn: &mut Conn| {
        let tables: Vec<Line> = match conn.kind {
            Kind::Sqlite(_) => asked!(conn, "SELECT name AS value FROM sqlite_master WHERE type = 'table'"),
            Kind::Pg(_) => asked!(
                conn,
                "SELECT CAST(tablename AS TEXT) AS value FROM pg_tables WHERE schemaname = 'public'"
            ),
        };
        let mut all = String::new();
        for table in tables {
            let name = table.value;
            let rows: Vec<Line> = match conn.kind {
                Kind::Sqlite(_) => {
                    let columns =
                        format!("SELECT 'quote(' || name || ')' AS value FROM pragma_table_info('{name}')");
                    let columns: Vec<Line> = asked!(conn, &columns);
                    let columns: Vec<String> = columns.into_iter().map(|column| column.value).collect();
                    let sql = format!("SELECT {} AS value FROM {name}", columns.join(" || ' ' || "));
                    asked!(conn, &sql)
                }
                Kind::Pg(_) => {
                    let sql = format!("SELECT CAST(row_to_json(t) AS TEXT) AS value FROM {name} t");
                    asked!(conn, &sql)
                }
            };
            rows.into_iter().for_each(|row| all.push_str(&row.value));
        }
        Ok::<_, StorageError>(all)
    };
    db.read(read).await.unwrap()
}

/// Everything on the disk below the world's folder but the keys, as bytes.
fn on_disk(folder: &std::path::Path, all: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            on_disk(&path, all);
        } else if !path.display().to_string().contains("/mail/") {
            all.extend(std::fs::read(path).unwrap());
        }
    }
}

fn contains(all: &[u8], part: &str) -> bool {
    all.windows(part.len()).any(|window| window == part.as_bytes())
}

const ADDRESS: &str = "灵源街道林口社区金丝雀巷7号";

/// A resident whose every secret is looked for on the disk.
async fn lives_openly(world: &World) -> Vec<String> {
    let own = id_number(501);
    let relative = id_number(502);
    let resident = world.resident("canary-openid-77", "金丝雀", &own, "13805957701").await;
    let member =
        json!({"name": "金小雀", "id_number": relative, "phone": "13805957702", "relation": "child"});
    resident.put("/v1/me/household", None, &json!({"members": [member]})).await.expect(204);
    let clerk = world.clerk("li", LINKOU).await;
    let mut form = world.form("birth_registration");
    form["mother"]["registered_address"] = json!(ADDRESS);
    form["mother"]["phone"] = json!("13805957703");
    let case = resident.submits(&form).await;
    resident.uploads(&case, "id_cards", png(41)).await.expect(201);
    let case = clerk.accepts(&case).await;
    clerk.does(&case, json!({"action": "reject", "reason": "材料写明住金丝雀巷7号", "basis": "依据"})).await;
    let worker = world.grid_worker("chen", "350582006001001").await;
    let visit = json!({
        "region": "350582006001001", "address": ADDRESS, "latitude": 24.712_345, "longitude": 118.598_765,
        "mandate": {"principal_name": "金丝雀", "principal_id_number": own, "matters": ["birth_registration"],
            "valid_until": "2030-12-31", "evidence": "signature"},
    });
    worker.post("/v1/visits", &visit).await.expect(201);
    let code = case["query_code"].as_str().unwrap().to_owned();
    [
        &own,
        &relative,
        "13805957701",
        "13805957702",
        "13805957703",
        ADDRESS,
        "金丝雀巷",
        "canary-openid-77",
        &code,
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(["24.712345".to_owned(), "118.598765".to_owned(), "canary@example.org".to_owned()])
    .collect()
}

story!(nothing_personal_lies_readable_on_the_disk, world, {
    let secrets = lives_openly(&world).await;
    let mut all = said_by_the_tables(world.office().db()).await.into_bytes();
    on_disk(world.folder(), &mut all);
    assert!(all.len() > 10_000 && contains(&all, "金丝雀"), "the search itself finds what is there: a name");
    for secret in &secrets {
        assert!(!contains(&all, secret), "{secret} lies readable");
    }
    let values = sealed_values(world.office().db()).await;
    let columns: BTreeSet<&str> = values.iter().map(|(column, _)| column.as_str()).collect();
    assert!(columns.len() >= 14, "{columns:?}");
    for (column, value) in &values {
        assert_eq!(value.first(), Some(&MARK), "{column}");
    }
    // A nonce never comes twice.
    let nonces: BTreeSet<&[u8]> = values.iter().map(|(_, value)| &value[6..18]).collect();
    assert_eq!(nonces.len(), values.len());
});

story!(what_was_moved_or_changed_on_the_disk_is_refused, world, {
    let (one, other) =
        (world.xiuying().await, world.resident("b", "吴建国", "350582199203070010", "13805950002").await);
    let own = one.submits(&world.form("birth_registration")).await;
    let id = own["id"].as_str().unwrap().to_owned();
    other.submits(&world.form("birth_registration")).await;
    let path = format!("/v1/applications/{id}");
    one.get(&path).await.expect(200);
    let swaps: [(&'static str, &'static str); 4] = [
        // The other row's, in the same column.
        (
            "UPDATE applications SET applicant_phone = (SELECT b.applicant_phone FROM applications b WHERE b.id <> applications.id)",
            "row",
        ),
        // The same row's, in another column.
        ("UPDATE applications SET applicant_phone = applicant_id_number", "column"),
        ("UPDATE applications SET form = dossier", "document"),
        ("UPDATE applications SET query_code = headline", "text"),
    ];
    for (swap, name) in swaps {
        tampers(&world, "CREATE TABLE kept AS SELECT * FROM applications").await;
        tampers(&world, swap).await;
        let told = one.get(&path).await;
        assert_eq!(told.status, 500, "{name}: {}", told.text);
        assert!(!told.text.contains("1380595"), "{name}: {}", told.text);
        tampers(
            &world,
            "UPDATE applications SET (applicant_phone, form, query_code) = \
             (SELECT applicant_phone, form, query_code FROM kept WHERE kept.id = applications.id)",
        )
        .await;
        tampers(&world, "DROP TABLE kept").await;
        one.get(&path).await.expect(200);
    }
    // What was never sealed is no better than what was changed.
    let plain = match world.office().db().kind() {
        "sqlite" => "UPDATE applications SET applicant_phone = CAST('13900000000' AS BLOB)",
        _ => "UPDATE applications SET applicant_phone = convert_to('13900000000', 'UTF8')",
    };
    tampers(&world, plain).await;
    let told = one.get(&path).await;
    assert_eq!(told.status, 500, "{}", told.text);
});

story!(files_are_sealed_and_bound_to_their_name, world, {
    let resident = world.xiuying().await;
    let case = resident.submits(&world.form("birth_registration")).await;
    let one = resident.uploads(&case, "id_cards", png(51)).await.expect(201);
    let two = resident.uploads(&case, "id_cards", png(52)).await.expect(201);
    let place = |file: &serde_json::Value| {
        let name = file["sha256"].as_str().unwrap();
        world.folder().join("materials").join(&name[..2]).join(&name[2..4]).join(name)
    };
    assert!(!contains(&std::fs::read(place(&one)).unwrap(), "PNG"));
    let path = format!("/v1/materials/{}", one["id"].as_str().unwrap());
    resident.get(&path).await.expect_ok();
    std::fs::copy(place(&two), place(&one)).unwrap();
    assert_eq!(resident.get(&path).await.status, 500);
});
