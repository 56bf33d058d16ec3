//! What the embedded database itself can do on this machine: the same rows as a submission in one
//! transaction each with `synchronous=FULL`, and the select by id, both on one connection with prepared
//! statements and nothing around them.

use std::error::Error;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use uuid::Uuid;

diesel::table! {
    applications (id) {
        id -> Binary,
        version -> BigInt,
        service -> Text,
        street -> Text,
        community -> Text,
        region -> Text,
        status -> Text,
        owner -> Nullable<Binary>,
        filed_by -> Nullable<Binary>,
        applicant_name -> Text,
        applicant_id_number -> Binary,
        applicant_phone -> Binary,
        receipt_no -> Nullable<Text>,
        query_code -> Binary,
        headline -> Binary,
        form -> Binary,
        dossier -> Binary,
        mover -> Nullable<Text>,
        due_at -> Nullable<BigInt>,
        wake_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        applicant_id_index -> Binary,
    }
}

diesel::table! {
    events (application, sequence) {
        application -> Binary,
        sequence -> BigInt,
        action -> Text,
        from_status -> Text,
        to_status -> Text,
        role -> Text,
        actor -> Binary,
        actor_name -> Text,
        channel -> Text,
        at -> BigInt,
        detail -> Binary,
        public -> Bool,
    }
}

diesel::table! {
    notices (id) {
        id -> Binary,
        recipient -> Text,
        application -> Nullable<Binary>,
        title -> Text,
        body -> Text,
        created_at -> BigInt,
        read_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    idempotency (account, idempotency_key) {
        account -> Binary,
        idempotency_key -> Text,
        fingerprint -> Text,
        status -> Integer,
        body -> Binary,
        created_at -> BigInt,
    }
}

macro_rules! row {
    ($name:ident of $table:ident { $($column:ident: $kind:ty,)* }) => {
        #[derive(Clone, Queryable, Insertable)]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        struct $name { $($column: $kind,)* }
    };
}

row!(Application of applications {
    id: Vec<u8>, version: i64, service: String, street: String, community: String, region: String, status: String,
    owner: Option<Vec<u8>>, filed_by: Option<Vec<u8>>, applicant_name: String, applicant_id_number: Vec<u8>,
    applicant_phone: Vec<u8>, receipt_no: Option<String>, query_code: Vec<u8>, headline: Vec<u8>, form: Vec<u8>,
    dossier: Vec<u8>, mover: Option<String>, due_at: Option<i64>, wake_at: Option<i64>, created_at: i64, updated_at: i64,
    applicant_id_index: Vec<u8>,
});
row!(Event of events {
    application: Vec<u8>, sequence: i64, action: String, from_status: String, to_status: String, role: String,
    actor: Vec<u8>, actor_name: String, channel: String, at: i64, detail: Vec<u8>, public: bool,
});
row!(Notice of notices {
    id: Vec<u8>, recipient: String, application: Option<Vec<u8>>, title: String, body: String, created_at: i64,
    read_at: Option<i64>,
});
row!(Remembered of idempotency {
    account: Vec<u8>, idempotency_key: String, fingerprint: String, status: i32, body: Vec<u8>, created_at: i64,
});

/// A connection with the product's settings.
pub fn open(path: &str) -> Result<SqliteConnection, Box<dyn Error>> {
    let mut conn = SqliteConnection::establish(path)?;
    conn.batch_execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000; \
         PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=4000;",
    )?;
    Ok(conn)
}

/// Submissions per second; the rows are copies of the newest submission.
pub fn submissions(path: &str, seconds: f64) -> Result<f64, Box<dyn Error>> {
    let mut conn = open(path)?;
    let newest: Application = applications::table
        .filter(applications::status.eq("submitted"))
        .order(applications::created_at.desc())
        .first(&mut conn)?;
    let event: Event = events::table.filter(events::application.eq(&newest.id)).first(&mut conn)?;
    let notices: Vec<Notice> = notices::table.filter(notices::application.eq(&newest.id)).load(&mut conn)?;
    let answer: Remembered = idempotency::table
        .filter(idempotency::status.eq(201))
        .order(idempotency::created_at.desc())
        .first(&mut conn)?;
    let (mut count, start) = (0_u64, Instant::now());
    while start.elapsed() < Duration::from_secs_f64(seconds) {
        let id = Uuid::now_v7().as_bytes().to_vec();
        let receipt_no = Some(format!("bare-{}", Uuid::now_v7()));
        let application = Application { id: id.clone(), receipt_no, ..newest.clone() };
        let event = Event { application: id.clone(), ..event.clone() };
        let answer = Remembered { idempotency_key: format!("bare-{count}"), ..answer.clone() };
        conn.immediate_transaction(|conn| {
            diesel::insert_into(applications::table).values(&application).execute(conn)?;
            diesel::insert_into(events::table).values(&event).execute(conn)?;
            for notice in &notices {
                let own = Uuid::now_v7().as_bytes().to_vec();
                let notice = Notice { id: own, application: Some(id.clone()), ..notice.clone() };
                diesel::insert_into(notices::table).values(&notice).execute(conn)?;
            }
            diesel::insert_into(idempotency::table).values(&answer).execute(conn)
        })?;
        count += 1;
    }
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

/// Selects by id per second, over ids that are there.
pub fn selects(path: &str, ids: &[Uuid], seconds: f64) -> Result<f64, Box<dyn Error>> {
    let mut conn = open(path)?;
    let (mut count, start) = (0_u64, Instant::now());
    while start.elapsed() < Duration::from_secs_f64(seconds) {
        for id in ids {
            let _: Application = applications::table.find(id.as_bytes().as_slice()).get_result(&mut conn)?;
        }
        count += ids.len() as u64;
    }
    Ok(count as f64 / start.elapsed().as_secs_f64())
}
