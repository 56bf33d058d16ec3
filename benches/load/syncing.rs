//! 同步: a day at the doors, 200 operations, sent in one request and one by one as a device without an outbox would,
//! in turn on the same database. Each day is a new worker's, so that none carries the work of the others.

use std::time::{Duration, Instant};

use chrono::{Datelike, Days, NaiveDate, Utc};
use serde_json::{Value, json};
use uuid::Uuid;
use yichuang::domain::id_number::IdNumber;
use yichuang::domain::lifecycle::Role;
use yichuang::domain::region::Region;
use yichuang::field_client::{Deed, Outbox};
use yichuang::usecases::staff::NewStaff;

use crate::center::{CHILD, COMMUNITY, Center, HOUSE, Person, form, sign_in};
use crate::client::Connection;
use crate::report::{self, Ratio};
use crate::{Options, Outcome};

/// What a day has: begun, drafted, edited, filed and ended at each of forty doors.
const OPERATIONS: usize = 200;
const DOORS: u16 = 40;
/// Days at least, of each kind.
const DAYS: usize = 31;
const NAME: &str = "sync 200 operations";
/// How much faster one request is to be.
const TARGET: f64 = 10.0;

/// Measures both, unless something else is asked for.
pub async fn syncing(options: &Options, center: &Center, database: &str) -> Outcome<Option<Ratio>> {
    if !NAME.starts_with(&options.request) {
        return Ok(None);
    }
    let (mut together, mut singly) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while together.len() < DAYS || start.elapsed() < Duration::from_secs_f64(options.seconds) {
        let number = together.len() as u16;
        // Whichever comes second finds warmer caches: turn about.
        for first in [number.is_multiple_of(2), !number.is_multiple_of(2)] {
            let (took, into) = if first { (OPERATIONS, &mut together) } else { (1, &mut singly) };
            into.push(a_day(center, number, took).await?);
        }
    }
    let (together, singly) = (middle(together), middle(singly));
    for (name, took) in [("sync 200, one request", together), ("sync 200, one by one", singly)] {
        let per_second = OPERATIONS as f64 / took.as_secs_f64();
        report::whole(name, 1, per_second, took);
    }
    let ratio = singly.as_secs_f64() / together.as_secs_f64();
    let what = format!("{database} sync of 200 one by one / in one request");
    Ok(Some(Ratio::at_least(&what, ratio, TARGET)))
}

/// The median.
pub fn middle(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// How long it takes to send a day's work, so many operations in a request.
async fn a_day(center: &Center, number: u16, at_once: usize) -> Outcome<Duration> {
    let mut connection = Connection::open(center.address).await?;
    let worker = hired(center, &mut connection, &format!("worker-{number}-{at_once}")).await?;
    let outbox = work(&worker, &mut connection, number * 2 + u16::from(at_once == 1)).await?;
    let operations: Vec<&Value> = outbox.all().iter().map(|one| &one.operation).collect();
    let now = Utc::now().to_rfc3339();
    let body = |some: &[&Value]| json!({"device": outbox.device(), "sent_at": now, "operations": some});
    let bodies: Vec<String> = operations.chunks(at_once).map(|some| body(some).to_string()).collect();
    let mut replies = Vec::with_capacity(bodies.len());
    let start = Instant::now();
    for body in &bodies {
        let reply = connection.ask("POST /v1/sync", &worker.header, body).await?;
        replies.push((reply.status, reply.body.to_vec()));
    }
    let took = start.elapsed();
    for (status, told) in replies {
        let told = String::from_utf8_lossy(&told);
        if status != 200 || told.matches(r#""verdict":"applied""#).count() != at_once {
            let beginning: String = told.chars().take(2_000).collect();
            return Err(format!("sync: {status} {beginning}").into());
        }
    }
    Ok(took)
}

async fn hired(center: &Center, connection: &mut Connection, username: &str) -> Outcome<Person> {
    let (name, password) = ("网格员小陈".to_owned(), "a-long-password".to_owned());
    let body = json!({"kind": "staff", "username": username, "password": password});
    let (role, region, username) = (Role::GridWorker, Region::parse(&grid())?, username.to_owned());
    let worker = NewStaff { username, name, password, role, region, department: None, email: None };
    center.office.add_staff(worker).await?;
    sign_in(connection, &body).await
}

fn grid() -> String {
    format!("{COMMUNITY}001")
}

/// A name that no other number has, and that sounds like no other's.
fn name(number: i32) -> String {
    let letters: Vec<char> = "安白蔡丁恩方高海江康林明南欧彭".chars().collect();
    let digit = |place: u32| letters.get((number / 15_i32.pow(place) % 15) as usize).copied();
    (0..4).filter_map(digit).collect()
}

/// What was done in a day, on a device of its own.
async fn work(worker: &Person, connection: &mut Connection, day: u16) -> Outcome<Outbox> {
    let device = Uuid::now_v7();
    let headers = format!("{}idempotency-key: {device}\r\n", worker.header);
    let body = json!({"id": device, "name": "小陈的手机"}).to_string();
    if connection.ask("POST /v1/devices", &headers, &body).await?.status != 201 {
        return Err("the device was not taken".into());
    }
    let mut outbox = Outbox::in_memory(device);
    for door in 0..DOORS {
        let (visit, application) = (Uuid::now_v7(), Uuid::now_v7());
        // Nobody is like anybody else: what looks like another's is looked at first.
        let day = "1984-01-01".parse::<NaiveDate>()? + Days::new(u64::from(day * DOORS + door));
        let principal = IdNumber::synthesize("350582", day, 2)?;
        let (name, phone) = (name(day.num_days_from_ce()), format!("138{:08}", day.num_days_from_ce()));
        let address = format!("福建省晋江市灵源街道林口社区中区{}号", day.num_days_from_ce());
        let mut form: Value = serde_json::from_str(
            &form()?.to_string().replace(CHILD, "2026-06-01").replace(HOUSE, &format!("西区{name}号")),
        )?;
        form["father"]["id_number"] = IdNumber::synthesize("350582", day, 1)?.as_str().into();
        let service = form.as_object_mut().and_then(|form| form.remove("service"));
        form["mother"]["id_number"] = principal.as_str().into();
        let was = form["mother"]["residence_address"].clone();
        for deed in [
            json!({"kind": "start_visit", "visit": visit, "region": grid(), "address": format!("中区{door}号"),
            "latitude": 24.7, "longitude": 118.5, "mandate": {
                "principal_name": name, "principal_id_number": principal.as_str(), "evidence": "signature",
                "matters": [service], "valid_until": Utc::now().date_naive() + Days::new(30),
            }}),
            json!({"kind": "create_draft", "application": application, "region": grid(), "service": service,
                "visit": visit, "form": form,
                "applicant": {"name": name, "id_number": principal.as_str(), "phone": phone}}),
            json!({"kind": "edit_draft", "application": application,
                "changes": [{"pointer": "/mother/residence_address", "was": was, "now": address}]}),
            json!({"kind": "submit", "application": application}),
            json!({"kind": "end_visit", "visit": visit, "outcome": "home"}),
        ] {
            outbox.record(Deed { at: Utc::now(), deed, base: None, resolves: None })?;
        }
    }
    Ok(outbox)
}
