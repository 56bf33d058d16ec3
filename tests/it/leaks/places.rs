//! Where things are written: log, figures, answers, database, files, backup, cache. Each is read as bytes.

use std::path::Path;
use std::process::Command;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use super::served::{Run, files};
use crate::vault::{said_by_the_tables, sealed_values};
use crate::world::postgres;
use yichuang::storage::Db;

/// A place with everything that lies there.
pub struct Place {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// What has to be there, or the place was not read.
    pub holds: &'static [&'static str],
}

fn read(paths: &[std::path::PathBuf]) -> Vec<u8> {
    // Their names are read too: a name can tell as much as what is in it.
    let one = |path: &std::path::PathBuf| {
        [path.display().to_string().as_bytes(), b"\n", &std::fs::read(path).unwrap_or_default(), b"\n"]
            .concat()
    };
    paths.iter().flat_map(one).collect()
}

fn is_database(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("it.db"))
}

/// Which folder of the data a file lies in.
fn part(run: &Run, path: &Path) -> String {
    let below = path.strip_prefix(run.data()).unwrap();
    below.components().next().unwrap().as_os_str().to_string_lossy().into_owned()
}

/// The files of the database as they are while it is written, its log ahead included.
pub fn while_it_runs(run: &Run) -> Vec<u8> {
    let found: Vec<_> = files(&run.data()).into_iter().filter(|path| is_database(path)).collect();
    if !found.is_empty() {
        let wal = std::fs::metadata(run.data().join("it.db-wal")).unwrap();
        assert!(wal.len() > 0, "nothing is in the log ahead");
    }
    read(&found)
}

/// The folder of the data without the database, and without the keys themselves.
fn folders(run: &Run) -> [Vec<u8>; 4] {
    let (mut mail, mut texts, mut materials, mut rest) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for path in files(&run.data()).into_iter().filter(|path| !is_database(path)) {
        match part(run, &path).as_str() {
            "mail" => mail.push(path),
            "sms" => texts.push(path),
            "materials" => materials.push(path),
            "token-keys" | "data-keys" => {}
            _ => rest.push(path),
        }
    }
    [mail, texts, materials, rest].map(|paths| read(&paths))
}

/// Hides every key file: whole, and the secret within its wrapping.
pub fn hides_keys(run: &Run) -> usize {
    let keys = files(&run.data()).into_iter().filter(|path| part(run, path).ends_with("-keys"));
    let mut found = 0;
    for path in keys {
        let bytes = std::fs::read(&path).unwrap();
        let kind = if part(run, &path) == "token-keys" { "signing key" } else { "data key" };
        // PKCS#8 around an Ed25519 seed is sixteen bytes that every such key begins with.
        run.hide(kind, if bytes.len() >= 48 { &bytes[16..48] } else { &bytes });
        run.hide(kind, bytes);
        found += 1;
    }
    found
}

/// A copy as an operator makes it.
fn backup(run: &Run, db: &Db) -> Vec<u8> {
    if db.kind() == "sqlite" {
        let copy = run.folder.join("backup.db");
        let sql = format!("VACUUM INTO '{}'", copy.display());
        let mut conn = SqliteConnection::establish(run.url.trim_start_matches("sqlite://")).unwrap();
        conn.batch_execute(&sql).unwrap();
        return std::fs::read(copy).unwrap();
    }
    let tool = postgres::binaries().unwrap().join("pg_dump");
    let done = Command::new(tool).arg(&run.url).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

/// Names and values of everything the cache holds.
async fn cache(url: &str) -> Vec<u8> {
    let client = redis::Client::open(url).unwrap();
    let mut conn = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut conn).await.unwrap();
    let mut all = Vec::new();
    for key in keys {
        all.extend(key.as_bytes());
        let value: redis::Value = redis::cmd("DUMP").arg(&key).query_async(&mut conn).await.unwrap();
        let plain: Result<Vec<u8>, _> = redis::cmd("GET").arg(&key).query_async(&mut conn).await;
        all.extend(format!(" {value:?} ").bytes());
        all.extend(plain.unwrap_or_default());
    }
    all
}

/// Everything there is, once the program has ended.
pub async fn all(run: &Run, db: &Db, running: Vec<u8>, figures: String) -> Vec<Place> {
    let place = |name, bytes, holds| Place { name, bytes, holds };
    let (mut refusals, mut good, mut heads) = (String::new(), String::new(), String::new());
    for exchange in run.exchanges.lock().unwrap().iter() {
        let told = format!("{} {}\n", exchange.status, exchange.text);
        if exchange.status >= 400 {
            refusals.push_str(&told)
        } else {
            good.push_str(&told)
        }
        heads.push_str(&exchange.headers);
        heads.push('\n');
    }
    let [mail, texts, materials, rest] = folders(run);
    let sealed =
        sealed_values(db).await.into_iter().flat_map(|(name, value)| [name.as_bytes(), &value].concat());
    let mut places = vec![
        place(
            "log",
            read(&files(&run.log())),
            &["\"message\":\"request\"", "storage failed", "outside world failed"],
        ),
        place("figures", figures.into_bytes(), &["yichuang_http_requests_total", "/v1/applications/{id}"]),
        place(
            "refusals",
            refusals.into_bytes(),
            &["fields_invalid", "wrong_credentials", "internal_error", "stale_version"],
        ),
        place("good answers", good.into_bytes(), &["receipt_no", "金雀莺莺"]),
        place("heads of answers", heads.into_bytes(), &["x-request-id", "etag"]),
        place(
            "tables",
            said_by_the_tables(db).await.into_bytes(),
            &["金雀莺莺", "birth_registration", "POS-CANARY-1"],
        ),
        place(
            "sealed columns",
            sealed.collect(),
            &["applications.form", "outbox.address", "idempotency.body"],
        ),
        place("mail", mail, &["Message-ID", "Subject"]),
        place("texts", texts, &["message_id", "10 分钟内有效"]),
        place("materials", materials, &["materials/"]),
        place("other files", rest, &["checkpoints/000001.jsonl", "amount_fen"]),
        place("backup", backup(run, db), &["金雀莺莺", "birth_registration"]),
        place(
            "what commands print",
            run.printed.lock().unwrap().clone().into_bytes(),
            &["secured", "as it was recorded"],
        ),
    ];
    if db.kind() == "sqlite" {
        let after = files(&run.data()).into_iter().filter(|path| is_database(path)).collect::<Vec<_>>();
        places.push(place(
            "database files",
            [running, read(&after)].concat(),
            &["SQLite format 3", "it.db-wal", "金雀莺莺"],
        ));
    } else {
        places.push(place(
            "log of the database",
            std::fs::read(postgres::log()).unwrap(),
            &["database system is ready"],
        ));
    }
    if let Some(url) = &run.redis {
        places.push(place("cache", cache(url).await, &["sign-in:", "ended:"]));
    }
    places
}
