//! A whole run of the real program by people whose data is found nowhere else: then everything that was written
//! down on the way is searched for that data, in whatever form.

mod along;
mod canaries;
mod life;
mod line;
mod lines;
mod mistakes;
mod offices;
mod papers;
mod people;
mod places;
mod served;
mod slips;
mod trouble;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use yichuang::adapters::clock::SystemClock;
use yichuang::assemble;
use yichuang::config::Settings;
use yichuang::storage::Db;

use crate::world::Database;
use canaries::Hit;
use line::Line;
use places::Place;
use served::Run;

/// What may be readable where, and why. Whatever is not needed any more fails too.
const ALLOWED: [(&str, &str, &str); 22] = [
    ("tables", "name", "applicants are searched for by the beginning of their name"),
    ("database files", "name", "the same"),
    ("backup", "name", "the same"),
    ("tables", "mail address of staff", "an office address, on no list of sealed columns"),
    ("database files", "mail address of staff", "the same"),
    ("backup", "mail address of staff", "the same"),
    ("mail", "mail address", "a letter says to whom it goes"),
    ("texts", "phone", "a text says to whom it goes"),
    ("texts", "confirmation code", "that is what it is for"),
    ("good answers", "name", "whoever may see it asked for it"),
    ("good answers", "name in a form", "the same"),
    ("good answers", "ID number", "the same: one's own household, or the case on one's desk"),
    ("good answers", "phone", "the same"),
    ("good answers", "address", "the same"),
    ("good answers", "bank account", "the same"),
    ("good answers", "words", "the same"),
    ("good answers", "file name", "the same"),
    ("good answers", "place", "the same: the visits of the worker who made them"),
    ("good answers", "query code", "printed on the slip"),
    ("good answers", "remark", "what a visitor should know, for who keeps the register"),
    ("good answers", "photograph", "a clerk looks at what was handed in"),
    ("what commands print", "set-up code", "that is what the command is for"),
];

/// Secrets that an answer hands over, once, to whom they belong.
const HANDED_OVER: [&str; 6] =
    ["access token", "refresh token", "set-up code", "second factor", "binding code", "ticket"];

const KINDS: [&str; 28] = [
    "ID number",
    "phone",
    "name",
    "name in a form",
    "address",
    "place",
    "mail address",
    "mail address of staff",
    "openid",
    "password",
    "access token",
    "refresh token",
    "set-up code",
    "second factor",
    "signing key",
    "data key",
    "bank account",
    "query code",
    "binding code",
    "confirmation code",
    "ticket",
    "WeChat code",
    "WeChat secret",
    "WeChat token",
    "photograph",
    "WeChat session key",
    "words",
    "file name",
];

/// Whoever may act on a case is told who was faster.
fn overtaken(around: &str) -> bool {
    around.contains("\"changed_by\":") && around.contains("\"stale_version\"")
}

fn may(place: &str, kind: &str) -> Option<(&'static str, &'static str)> {
    let line = ALLOWED.iter().find(|(at, what, _)| (*at, *what) == (place, kind));
    line.map(|(at, what, _)| (*at, *what))
}

/// Waits for what the program does on its own.
async fn until(what: &str, mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what} does not come");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn open(run: &Run) -> Db {
    let settings = Settings::load(None, run.settings().into_iter()).unwrap();
    Db::open(&settings.storage, assemble::vault(&settings, &SystemClock).unwrap()).unwrap()
}

/// Everything in the order of a day; what lies everywhere at its end.
async fn happens(run: &mut Run) -> Vec<Place> {
    run.hide("WeChat secret", run.weixin.settings()[3].1);
    run.hide("photograph", life::PHOTO);
    let first = offices::first(run);
    run.serves();
    let staff = offices::opens(run, &first).await;
    let cases = life::lives(run, &staff).await;
    offices::leaves(run, &staff).await;
    offices::watch(run, &staff, &cases[0]).await;
    let mail = run.data().join("mail");
    until("mail", || mail.exists() && served::files(&mail).len() > 5).await;
    places::hides_keys(run);
    for command in [&["audit", "checkpoint"][..], &["audit", "verify"], &["keys"]] {
        run.commands(command);
    }
    assert!(places::hides_keys(run) >= 6, "two keys of each kind, the index and the checkpoints'");
    let form = papers::birth(
        run,
        &people::yingying(),
        ("云雀登高", &people::id_number((1989, 7, 23), 613), "雀小啼鸣"),
    );
    mistakes::makes(run, &staff, &cases, &form).await;
    trouble::forgers(run, &staff).await;
    trouble::wechat(run).await;
    let db = open(run).await;
    trouble::storage(run, &db, &staff, &cases, &people::yingying()).await;
    // The database may have hung up on us too.
    let db = open(run).await;
    let figures = Line { run, token: None }.get("/metrics").await.text;
    let running = places::while_it_runs(run);
    run.ends();
    places::all(run, &db, running, figures).await
}

/// Looks everywhere for everything.
fn searched(run: &Run, places: &[Place]) {
    let canaries = run.canaries.lock().unwrap();
    let missing: Vec<&str> = KINDS.into_iter().filter(|kind| !canaries.kinds().contains(kind)).collect();
    assert!(missing.is_empty(), "nothing was hidden of {missing:?}");
    let search = canaries.search();
    eprintln!(
        "{} canaries in {} forms, {} answers",
        canaries.known.len(),
        search.forms,
        run.exchanges.lock().unwrap().len()
    );
    let mut leaks: BTreeMap<(&str, &str, &str), Vec<String>> = BTreeMap::new();
    let mut needed = BTreeSet::new();
    for Place { name, bytes, holds } in places {
        eprintln!("{name}: {} bytes", bytes.len());
        for sign in *holds {
            let there = bytes.windows(sign.len()).any(|part| part == sign.as_bytes());
            assert!(there, "{name} was not read: no {sign:?} in {} bytes", bytes.len());
        }
        assert!(!bytes.is_empty(), "nothing of {name} was read");
        for Hit { kind, form, around } in search.hits(bytes) {
            if let Some(line) = may(name, kind) {
                needed.insert(line);
            } else if !(*name == "good answers" && (HANDED_OVER.contains(&kind) || form == "masked"))
                && !(*name == "refusals" && kind == "name" && overtaken(&around))
            {
                leaks.entry((name, kind, form)).or_default().push(around);
            }
        }
    }
    let told: Vec<String> = leaks
        .iter()
        .map(|((place, kind, form), found)| {
            format!("{place}: {kind}, {form}, {} times: {:?}", found.len(), &found[..found.len().min(3)])
        })
        .collect();
    assert!(told.is_empty(), "{} leaks\n{}", told.len(), told.join("\n"));
    let known = places.iter().map(|place| place.name).collect::<BTreeSet<_>>();
    let lines = ALLOWED.iter().filter(|(place, ..)| known.contains(place));
    let idle: Vec<_> = lines.filter(|(place, kind, _)| !needed.contains(&(*place, *kind))).collect();
    assert!(idle.is_empty(), "allowed for nothing: {idle:?}");
}

async fn nothing_leaks(database: Database) {
    let Some(mut run) = Run::prepare(database).await else { return };
    let places = happens(&mut run).await;
    let log = &places.iter().find(|place| place.name == "log").unwrap().bytes;
    lines::one_each(&run, log);
    tokio::task::spawn_blocking(move || searched(&run, &places)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_personal_and_no_secret_is_written_down_on_sqlite() {
    nothing_leaks(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_personal_and_no_secret_is_written_down_on_postgres() {
    nothing_leaks(Database::Postgres).await;
}
