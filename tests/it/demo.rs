//! The demo world: whole, the same at every start, and still whole in years to come.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeZone, Utc};
use yichuang::adapters::clock::SteppedClock;
use yichuang::config::Settings;
use yichuang::domain::actor::{Actor, Grant, Scope};
use yichuang::domain::lifecycle::{Role, Status};
use yichuang::storage::{applications, staff};
use yichuang::usecases::{Office, Search};
use yichuang::{assemble, demo};

use crate::world::{Database, opening, postgres, settings, temp_folder};

fn place(database: Database) -> Option<Settings> {
    let folder = temp_folder();
    let url = match database {
        Database::Sqlite => format!("sqlite://{}", folder.join("demo.db").display()),
        Database::Postgres => postgres::fresh_database()?,
    };
    Some(settings(&folder, &url, &[]))
}

fn office(settings: &Settings, now: DateTime<Utc>) -> Office {
    assemble::office(settings, Arc::new(SteppedClock::at(now))).unwrap()
}

struct Register {
    versions: BTreeMap<String, i64>,
    statuses: BTreeMap<&'static str, usize>,
    services: BTreeSet<String>,
    doors: BTreeSet<&'static str>,
    latest: DateTime<Utc>,
    staff: Vec<String>,
}

async fn register(office: &Office) -> Register {
    let all = Search { service: None, status: None, words: None, after: None, limit: 1000 };
    let everything = Actor {
        id: uuid::Uuid::nil(),
        name: "测试".into(),
        grants: vec![Grant { role: Role::Clock, scope: Scope::Everything }],
        assurance: Default::default(),
    };
    let scopes: Vec<Scope> = everything.scopes().into_iter().cloned().collect();
    let (found, people) = office
        .db()
        .read(move |conn| {
            Ok::<_, yichuang::storage::StorageError>((
                applications::list(conn, &scopes, &all)?
                    .into_iter()
                    .map(|line| applications::find(conn, line.id).map(Option::unwrap))
                    .collect::<Result<Vec<_>, _>>()?,
                staff::all(conn)?,
            ))
        })
        .await
        .unwrap();
    let mut statuses = BTreeMap::new();
    for status in Status::ALL {
        statuses.insert(status.name(), found.iter().filter(|case| case.status == status).count());
    }
    Register {
        versions: found.iter().map(|case| (case.id.to_string(), case.version)).collect(),
        statuses,
        services: found.iter().map(|case| case.service.clone()).collect(),
        doors: found.iter().flat_map(|case| &case.dossier.submissions).map(|s| s.channel.name()).collect(),
        latest: found.iter().map(|case| case.updated_at).max().unwrap(),
        staff: people.into_iter().map(|member| member.username).collect(),
    }
}

async fn is_whole_and_stays(database: Database) {
    let Some(settings) = place(database) else { return };
    let now = opening();
    demo::fill_at(&settings, now).await.unwrap();
    let filled = register(&office(&settings, now)).await;
    assert!(filled.statuses.values().all(|count| *count > 0), "{:?}", filled.statuses);
    let items: BTreeSet<String> =
        yichuang::catalog::all().iter().map(|entry| entry.guide().code.to_owned()).collect();
    assert_eq!(filled.services, items);
    assert_eq!(filled.doors, BTreeSet::from(["counter", "doorstep", "mini_program"]));
    assert!(filled.latest <= now, "nothing happens in the future");
    for (beginning, count) in [("clerk-", 4), ("lead-", 4), ("grid-", 10), ("official-", 10), ("admin", 1)] {
        let found = filled.staff.iter().filter(|name| name.starts_with(beginning)).count();
        assert_eq!(found, count, "{beginning}");
    }
    assert_eq!(office(&settings, now).tick().await.unwrap(), 0, "the clock has nothing left to do");

    demo::fill_at(&settings, now + chrono::Duration::days(1)).await.unwrap();
    let again = register(&office(&settings, now)).await;
    assert_eq!(
        (filled.versions, filled.staff),
        (again.versions, again.staff),
        "a second start keeps the data"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn is_whole_and_stays_sqlite() {
    is_whole_and_stays(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn is_whole_and_stays_postgres() {
    is_whole_and_stays(Database::Postgres).await;
}

/// A holiday, a Sunday, and a day on which the samples' own dates have long passed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reaches_every_status_on_any_day() {
    for (year, month, day) in [(2026, 10, 3), (2026, 12, 27), (2028, 3, 1)] {
        let settings = place(Database::Sqlite).unwrap();
        let now = Utc.with_ymd_and_hms(year, month, day, 13, 0, 0).unwrap();
        demo::fill_at(&settings, now).await.unwrap();
        let filled = register(&office(&settings, now)).await;
        assert!(filled.statuses.values().all(|count| *count > 0), "{now}: {:?}", filled.statuses);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn does_not_mix_with_somebodys_own_data() {
    let settings = place(Database::Sqlite).unwrap();
    let own = yichuang::usecases::staff::NewStaff {
        username: "li".into(),
        name: "李".into(),
        password: "a-long-password".into(),
        role: Role::Clerk,
        region: yichuang::domain::region::Region::parse(crate::world::LINKOU).unwrap(),
        department: None,
        email: None,
    };
    office(&settings, opening()).add_staff(own).await.unwrap();
    let refused = demo::fill_at(&settings, opening()).await.unwrap_err().to_string();
    assert!(refused.contains("choose another storage.url"), "{refused}");
    assert_eq!(register_staff(&office(&settings, opening())).await, ["li"]);
}

async fn register_staff(office: &Office) -> Vec<String> {
    office.usernames().await.unwrap()
}
