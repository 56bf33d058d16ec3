//! What the use cases lean on: group commit, readers that never wait, durable settings, and migrations
//! that go both ways over a full database.

mod looked_ahead;
mod migrations;
mod stock;
mod taken_back;

use std::sync::mpsc;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use uuid::Uuid;
use yichuang::storage::notices::{self, Notice};
use yichuang::storage::{Conn, Db, Kind, StorageError, StorageSettings, counters};

use crate::story;
use crate::world::{Database, World};

/// One text, whichever database answers.
#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = Text)]
    value: String,
}

/// One number, whichever database answers.
#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

pub fn said(conn: &mut Conn, sql: &str) -> Vec<String> {
    let rows: Vec<Said> = match &mut conn.kind {
        Kind::Sqlite(c) => diesel::sql_query(sql).load(c.here().unwrap()),
        Kind::Pg(c) => diesel::sql_query(sql).load(c.ready().unwrap()),
    }
    .unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.into_iter().map(|row| row.value).collect()
}

pub fn counted(conn: &mut Conn, sql: &str) -> i64 {
    let rows: Vec<Counted> = match &mut conn.kind {
        Kind::Sqlite(c) => diesel::sql_query(sql).load(c.here().unwrap()),
        Kind::Pg(c) => diesel::sql_query(sql).load(c.ready().unwrap()),
    }
    .unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows[0].value
}

/// The value of a counter, over a connection of one's own: only what is committed.
async fn value(db: &Db, name: &'static str) -> Option<i64> {
    let sql = format!("SELECT CAST(value AS TEXT) AS value FROM counters WHERE name = '{name}'");
    let read = move |conn: &mut Conn| Ok::<_, StorageError>(said(conn, &sql).pop());
    db.read(read).await.unwrap().map(|text| text.parse().unwrap())
}

type Outcome = Result<i64, StorageError>;

/// A job that counts up and then does something.
fn job(
    name: &'static str,
    then: impl FnOnce(&mut Conn) -> Outcome + Send + 'static,
) -> impl FnOnce(&mut Conn) -> Outcome + Send {
    move |conn| {
        counters::reserve(conn, name, 1)?;
        then(conn)
    }
}

story!(neighbours_in_a_batch_do_not_disturb_each_other, world, {
    let db = world.office().db().clone();
    // The first job holds the writer until the others stand in line, so that on SQLite they share a batch.
    let (go, wait) = mpsc::channel::<()>();
    let (began, begun) = tokio::sync::oneshot::channel();
    let first = job("first", move |_| {
        began.send(()).unwrap();
        wait.recv_timeout(Duration::from_secs(10)).unwrap();
        Ok(1)
    });
    let spawn = |work| {
        tokio::spawn({
            let db = db.clone();
            async move { db.write::<i64, StorageError>(work).await }
        })
    };
    let first = spawn(Box::new(first) as Box<dyn FnOnce(&mut Conn) -> Outcome + Send>);
    begun.await.unwrap();
    let failing = spawn(Box::new(job("failing", |_| Err(StorageError::Stale))));
    let panicking = spawn(Box::new(job("panicking", |_| panic!("on purpose"))));
    let broken = spawn(Box::new(job("broken", |conn| {
        let sql = "INSERT INTO counters (name, value) VALUES ('broken', NULL)";
        match &mut conn.kind {
            Kind::Sqlite(c) => diesel::sql_query(sql).execute(c.here()?)?,
            Kind::Pg(c) => diesel::sql_query(sql).execute(c.ready()?)?,
        };
        Ok(0)
    })));
    let good = spawn(Box::new(job("good", |_| Ok(4))));
    tokio::time::sleep(Duration::from_millis(200)).await;
    let shared = db.kind() == "sqlite";
    assert_eq!(good.is_finished(), !shared, "answered before the shared commit");
    assert_eq!(value(&db, "good").await.is_none(), shared);
    go.send(()).unwrap();

    assert_eq!(first.await.unwrap(), Ok(1));
    assert_eq!(failing.await.unwrap(), Err(StorageError::Stale));
    assert_eq!(panicking.await.unwrap(), Err(StorageError::Panicked));
    assert!(matches!(broken.await.unwrap(), Err(StorageError::Failed(_))));
    assert_eq!(good.await.unwrap(), Ok(4));
    assert_eq!((value(&db, "first").await, value(&db, "good").await), (Some(1), Some(1)));
    for name in ["failing", "panicking", "broken"] {
        assert_eq!(value(&db, name).await, None, "{name}");
    }
    // The writer lives on.
    assert_eq!(db.write(|conn| counters::reserve(conn, "good", 1)).await, Ok(2));
});

story!(a_caller_that_leaves_does_not_undo_its_work, world, {
    let db = world.office().db().clone();
    let going = db.write::<i64, StorageError>(|conn| counters::reserve(conn, "left", 1));
    // Polled once, then dropped: the job stands in line already.
    let _ = tokio::time::timeout(Duration::ZERO, going).await;
    db.write::<_, StorageError>(|_| Ok(())).await.unwrap();
    for _ in 0..100 {
        if value(&db, "left").await.is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the work is gone");
});

story!(readers_do_not_wait_for_the_writer, world, {
    let resident = world.xiuying().await;
    let case = resident.submits(&world.form("birth_registration")).await;
    let path = format!("/v1/applications/{}", case["id"].as_str().unwrap());
    let db = world.office().db().clone();
    let (go, wait) = mpsc::channel::<()>();
    let (began, begun) = tokio::sync::oneshot::channel();
    let writing = tokio::spawn(async move {
        let work = move |conn: &mut Conn| -> Outcome {
            let number = counters::reserve(conn, "slow", 1)?;
            began.send(()).unwrap();
            wait.recv_timeout(Duration::from_secs(20)).unwrap();
            Ok(number)
        };
        db.write(work).await
    });
    begun.await.unwrap();
    let started = Instant::now();
    for _ in 0..20 {
        resident.get(&path).await.expect(200);
        resident.get("/v1/applications").await.expect(200);
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert!(!writing.is_finished());
    go.send(()).unwrap();
    writing.await.unwrap().unwrap();
});

story!(a_reader_cannot_write_on_sqlite, world, {
    if world.office().db().kind() == "sqlite" {
        let written = world.office().db().read(|conn| counters::reserve(conn, "sly", 1)).await;
        assert!(matches!(written, Err(StorageError::Failed(_))), "{written:?}");
    }
});

story!(acknowledged_writes_are_durable, world, {
    let db = world.office().db().clone();
    let checks: &[(&str, &str)] = if db.kind() == "sqlite" {
        &[
            ("SELECT journal_mode AS value FROM pragma_journal_mode", "wal"),
            ("SELECT CAST(synchronous AS TEXT) AS value FROM pragma_synchronous", "2"),
            ("SELECT CAST(foreign_keys AS TEXT) AS value FROM pragma_foreign_keys", "1"),
        ]
    } else {
        &[
            ("SELECT current_setting('synchronous_commit') AS value", "on"),
            ("SELECT current_setting('TimeZone') AS value", "UTC"),
            ("SELECT current_setting('statement_timeout') AS value", "5s"),
        ]
    };
    for (sql, wanted) in checks.iter().copied() {
        let written = db.write(move |conn| Ok::<_, StorageError>(said(conn, sql))).await.unwrap();
        let read = db.read(move |conn| Ok::<_, StorageError>(said(conn, sql))).await.unwrap();
        assert_eq!((written, read), (vec![wanted.to_owned()], vec![wanted.to_owned()]), "{sql}");
    }
    // And a child without its parent is refused on both.
    let orphan = db.write(|conn| {
        let sql = match &mut conn.kind {
            Kind::Sqlite(_) => "INSERT INTO application_departments VALUES (x'00', 'housing', 1)",
            Kind::Pg(_) => "INSERT INTO application_departments VALUES (gen_random_uuid(), 'housing', true)",
        };
        match &mut conn.kind {
            Kind::Sqlite(c) => diesel::sql_query(sql).execute(c.here()?)?,
            Kind::Pg(c) => diesel::sql_query(sql).execute(c.ready()?)?,
        };
        Ok::<_, StorageError>(())
    });
    assert!(matches!(orphan.await, Err(StorageError::Failed(_))));
});

story!(rows_held_back_are_there_for_the_next_statement_and_gone_with_the_transaction, world, {
    let db = world.office().db().clone();
    let now = world.office().now();
    let notice = |n: u128| Notice {
        id: Uuid::from_u128(n),
        recipient: "window:nowhere".to_owned(),
        application: None,
        title: format!("{n}"),
        body: String::new(),
        created_at: now,
        read_at: None,
    };
    // More than travel in one statement.
    let many: Vec<Notice> = (1..=40).map(notice).collect();
    let box_of = || ["window:nowhere".to_owned()];
    let given_up = {
        let many = many.clone();
        db.write(move |conn| {
            notices::insert(conn, &many)?;
            assert_eq!(notices::of(conn, &box_of(), None, 100)?.len(), 40);
            notices::insert(conn, &many[..1]).and_then(|()| notices::of(conn, &box_of(), None, 1).map(|_| ()))
        })
    };
    assert!(matches!(given_up.await, Err(StorageError::Duplicate(_))));
    let left = db.read(move |conn| notices::of(conn, &box_of(), None, 100)).await.unwrap();
    assert!(left.is_empty(), "{} rows of a transaction given up", left.len());
    // A transaction of nothing else: all of it, or nothing with the first row's reason.
    let (twice, first) = ([many[1].clone(), many[1].clone()], many[0].clone());
    let refused = db.write(move |conn| notices::insert(conn, &twice)).await;
    assert!(matches!(refused, Err(StorageError::Duplicate(_))), "{refused:?}");
    db.write(move |conn| notices::insert(conn, &[first])).await.unwrap();
    let kept = db.read(move |conn| notices::of(conn, &box_of(), None, 100)).await.unwrap();
    assert_eq!(kept.len(), 1);
});

story!(a_full_queue_says_so_instead_of_growing, world, {
    let db = world.office().db().clone();
    let (go, wait) = mpsc::channel::<()>();
    let (began, begun) = tokio::sync::oneshot::channel();
    let blocked = tokio::spawn({
        let db = db.clone();
        async move {
            let work = move |_: &mut Conn| -> Outcome {
                began.send(()).unwrap();
                wait.recv_timeout(Duration::from_secs(30)).unwrap();
                Ok(0)
            };
            db.write(work).await
        }
    });
    begun.await.unwrap();
    if db.kind() == "sqlite" {
        let crowd = (0..3000).map(|_| db.write(|conn| counters::reserve(conn, "crowd", 1)));
        let release = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            go.send(()).unwrap();
        };
        let (answers, ()) = tokio::join!(futures_util::future::join_all(crowd), release);
        let done = answers.iter().filter(|answer| answer.is_ok()).count();
        let told = answers.iter().filter(|answer| **answer == Err(StorageError::Overloaded)).count();
        assert_eq!((done + told, done >= 2048), (3000, true), "{done} done, {told} told to come back");
        assert_eq!(value(&db, "crowd").await, i64::try_from(done).ok());
    } else {
        go.send(()).unwrap();
    }
    blocked.await.unwrap().unwrap();
});

#[tokio::test]
async fn a_database_that_is_not_there_is_a_clear_no() {
    let world = World::open(Database::Sqlite).await.unwrap();
    let vault = world.office().db().vault();
    for url in ["sqlite:///nowhere/at/all.db", "postgres://nobody@127.0.0.1:1/nothing"] {
        let settings = StorageSettings { url: url.to_owned(), pool: 2, pool_wait_seconds: 1 };
        assert!(matches!(Db::open(&settings, vault.clone()), Err(StorageError::Unavailable(_))), "{url}");
    }
    assert_eq!(world.office().readiness().await.unwrap(), ("sqlite", "local"));
}
