//! Operations whose record is gone: what they said goes with it, that they came stays, so that a device which sends one
//! again months later brings nothing back.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::{attachments as a, operation_waits as w, operations as o};
use super::{StorageError, sealing};

/// Operations emptied in one go.
const STEP: i64 = 500;

type Row = (DbId, Vec<u8>);

fn empty(conn: &mut Conn, rows: Vec<Row>, at: DateTime<Utc>) -> Result<usize, StorageError> {
    let vault = conn.vault();
    let count = rows.len();
    for (id, answer) in rows {
        let seals = sealing::of(&vault, "operations", id.0.as_bytes());
        let told: Value = seals.open_doc("answer", &answer)?;
        let rest = json!({"verdict": told["verdict"], "clock": told["clock"]});
        let husk = (
            o::body.eq(seals.doc("body", &Value::Null)?),
            o::answer.eq(seals.doc("answer", &rest)?),
            o::emptied_at.eq(DbTime(at)),
            o::settled_at.eq(DbTime(at)),
        );
        on!(conn, c => diesel::delete(w::table.filter(w::waiting.eq(id))).execute(c))?;
        on!(conn, c => diesel::update(o::table.find(id)).set(husk).execute(c))?;
    }
    Ok(count)
}

/// Everything said about a record, with the attachments announced for it.
pub fn of_record(conn: &mut Conn, record: Uuid, at: DateTime<Utc>) -> Result<(), StorageError> {
    let here = o::table.filter(o::record.eq(DbId(record))).filter(o::emptied_at.is_null());
    let rows: Vec<Row> = on!(conn, c => here.select((o::id, o::answer)).load(c))?;
    empty(conn, rows, at)?;
    on!(conn, c => diesel::delete(a::table.filter(a::application.eq(DbId(record)))).execute(c))?;
    Ok(())
}

/// What was said before then, at most five hundred at a time; answers how many.
pub fn before(conn: &mut Conn, before: DateTime<Utc>, at: DateTime<Utc>) -> Result<usize, StorageError> {
    let old = o::table.filter(o::received_at.lt(DbTime(before))).filter(o::emptied_at.is_null());
    let rows: Vec<Row> = on!(conn, c => old.limit(STEP).select((o::id, o::answer)).load(c))?;
    empty(conn, rows, at)
}
