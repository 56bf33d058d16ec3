//! The house plan as a test: which room may import which, no file that imports another back, who may say
//! diesel, Sqlite, actix or what time it is, and how long a file may be.

mod imports;
mod sources;

use std::collections::BTreeMap;
use std::path::Path;

use sources::{Source, tree};

/// From each room, the rooms it may import.
const ALLOWED: [(&str, &[&str]); 14] = [
    ("domain", &[]),
    ("catalog", &["domain"]),
    ("vault", &[]),
    ("storage", &["domain", "vault"]),
    ("adapters", &["domain", "vault"]),
    ("usecases", &["domain", "catalog", "storage", "adapters"]),
    ("http", &["domain", "catalog", "usecases"]),
    ("jobs", &["domain", "usecases"]),
    // The Settings of everything it composes, and the knowledge it loads.
    ("config", &["domain", "catalog", "adapters", "storage", "usecases", "http"]),
    ("assemble", &["config", "adapters", "storage", "usecases", "vault"]),
    ("demo", &["domain", "catalog", "adapters", "usecases", "config", "assemble"]),
    // The other side of the wire: shares nothing with the server.
    ("field_client", &[]),
    // Shares nothing with what it tries out.
    ("wechat_sim", &[]),
    (
        "main",
        &[
            "domain",
            "adapters",
            "storage",
            "usecases",
            "http",
            "jobs",
            "config",
            "assemble",
            "demo",
            "wechat_sim",
        ],
    ),
];

/// Words, the only places where they may stand, and why.
const WORDS: [(&str, &[&str], &str); 8] = [
    ("diesel", &["src/storage/"], "the only room that knows a database"),
    (
        "Sqlite",
        // Opening a connection and running the migrations is what differs most, and none of it is a query.
        &[
            "src/storage/dialect.rs",
            "src/storage/mod.rs",
            "src/storage/migrate.rs",
            "src/storage/transaction.rs",
        ],
        "queries are written once for both databases",
    ),
    (
        "Pg",
        &[
            "src/storage/dialect.rs",
            "src/storage/transaction.rs",
            "src/storage/mod.rs",
            "src/storage/migrate.rs",
            "src/storage/pool.rs",
            "src/storage/postgres.rs",
            "src/storage/sheaves.rs",
        ],
        "queries are written once for both databases",
    ),
    ("actix_web", &["src/http/", "src/main.rs", "src/wechat_sim/"], "use cases know no HTTP"),
    ("actix_multipart", &["src/http/"], "use cases know no HTTP"),
    ("Utc::now", &["src/adapters/clock.rs"], "time comes through the injected clock"),
    (
        "SystemTime::now",
        &["src/adapters/clock.rs", "src/wechat_sim/state.rs"],
        "time comes through the injected clock",
    ),
    ("Uuid::now_v7", &["src/adapters/clock.rs"], "ids come from the injected instant"),
];

const FORBIDDEN_NAMES: [&str; 7] = ["utils", "helpers", "common", "misc", "types", "constants", "models"];

const LONGEST: usize = 300;
const MEDIAN: usize = 150;

fn product() -> Vec<Source> {
    tree(Path::new(env!("CARGO_MANIFEST_DIR")), "src")
}

fn none(found: &[String]) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn rooms_import_only_what_the_plan_allows() {
    let mut found = Vec::new();
    let files = product();
    for file in &files {
        let room = file.module.split("::").next().unwrap();
        if room == "lib" {
            continue;
        }
        let allowed = ALLOWED.iter().find(|(name, _)| *name == room).map(|(_, rooms)| *rooms);
        let Some(allowed) = allowed else {
            found.push(format!("{}: the plan has no room “{room}”", file.path));
            continue;
        };
        for path in imports::paths(file, &files) {
            let to = path.first().map(String::as_str).unwrap_or_default();
            let known = ALLOWED.iter().any(|(name, _)| *name == to);
            if known && to != room && !allowed.contains(&to) {
                found.push(format!("{}: {room} may not import {to} ({})", file.path, path.join("::")));
            }
        }
    }
    none(&found);
}

#[test]
fn no_file_imports_another_that_imports_it_back() {
    let files = product();
    let knots = imports::knots(&files);
    let told: Vec<String> = knots.iter().map(|knot| format!("a knot: {}", knot.join(" ⇄ "))).collect();
    none(&told);
}

#[test]
fn words_stay_in_their_rooms() {
    let mut found = Vec::new();
    for file in product() {
        for (word, places, why) in WORDS {
            if places.iter().any(|place| file.path.starts_with(place)) {
                continue;
            }
            for (line, text) in file.code.lines().enumerate() {
                if sources::has_word(text, word) {
                    found.push(format!("{}:{}: “{word}” ({why})", file.path, line + 1));
                }
            }
        }
    }
    none(&found);
}

#[test]
fn files_are_short_named_for_what_they_are_and_say_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut lengths: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for room in ["src", "tests", "benches"] {
        for file in tree(root, room) {
            let length = file.text.lines().count();
            lengths.entry(room).or_default().push(length);
            if length > LONGEST {
                found.push(format!("{}: {length} lines", file.path));
            }
            let opening = file.text.lines().take_while(|line| line.starts_with("//!")).count();
            if !(1..=5).contains(&opening) {
                found.push(format!("{}: opens with {opening} lines of what it is and why", file.path));
            }
            let names = file.path.split(['/', '.']);
            if let Some(name) = names.into_iter().find(|part| FORBIDDEN_NAMES.contains(part)) {
                found.push(format!("{}: “{name}” says nothing", file.path));
            }
        }
    }
    for (room, mut lengths) in lengths {
        lengths.sort_unstable();
        let median = lengths.get(lengths.len() / 2).copied().unwrap_or(0);
        if median >= MEDIAN {
            found.push(format!("{room}: the median file has {median} lines"));
        }
    }
    none(&found);
}
