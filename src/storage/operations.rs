//! Offline operations as they came, what became of each, and what waits for what.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde_json::Value;
use uuid::Uuid;

use super::dialect::{AT_ONCE, Conn, DbId, DbTime, on, one_at_a_time, put, so_many};
use super::schema::{operation_waits as w, operations as o};
use super::steady::{change, steady};
use super::{StorageError, sealing};
use crate::domain::operation::Verdict;
use crate::domain::region::Region;
use crate::vault::Vault;

/// 操作记录
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its own id here.
    pub id: Uuid,
    /// Who did it.
    pub staff: Uuid,
    /// The device's id for it.
    pub operation: Uuid,
    /// SHA-256 of what was sent, hex.
    pub fingerprint: String,
    /// On which device.
    pub device: Uuid,
    /// Which of the device's.
    pub sequence: i64,
    /// What kind of deed.
    pub kind: String,
    /// The visit or application it is about.
    pub record: Uuid,
    /// The grid, as far as it is known.
    pub region: String,
    /// When it was done, by our clock.
    pub done_at: DateTime<Utc>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// What became of it.
    pub verdict: Verdict,
    /// The version of the application that the device had seen.
    pub base: Option<i64>,
    /// The version of the application that it made.
    pub version: Option<i64>,
    /// As it was sent.
    pub body: String,
    /// What the device was told.
    pub answer: String,
    /// When a person settled what could not settle itself, and who.
    pub settled: Option<(DateTime<Utc>, Uuid)>,
}

impl Record {
    /// What was sent, to look into; nothing once it is no longer kept.
    pub fn sent(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = o, treat_none_as_default_value = false, treat_none_as_null = true)]
struct RecordRow {
    id: DbId,
    staff: DbId,
    operation: DbId,
    fingerprint: String,
    device: DbId,
    sequence: i64,
    kind: String,
    record: DbId,
    region: String,
    done_at: DbTime,
    received_at: DbTime,
    verdict: String,
    base: Option<i64>,
    version: Option<i64>,
    body: Vec<u8>,
    answer: Vec<u8>,
    settled_at: Option<DbTime>,
    settled_by: Option<DbId>,
}

fn row(vault: &Vault, record: &Record) -> Result<RecordRow, StorageError> {
    let seals = sealing::of(vault, "operations", record.id.as_bytes());
    Ok(RecordRow {
        id: DbId(record.id),
        staff: DbId(record.staff),
        operation: DbId(record.operation),
        fingerprint: record.fingerprint.clone(),
        device: DbId(record.device),
        sequence: record.sequence,
        kind: record.kind.clone(),
        record: DbId(record.record),
        region: record.region.clone(),
        done_at: DbTime(record.done_at),
        received_at: DbTime(record.received_at),
        verdict: record.verdict.name().to_owned(),
        base: record.base,
        version: record.version,
        body: seals.text("body", &record.body)?,
        answer: seals.text("answer", &record.answer)?,
        settled_at: record.settled.map(|(at, _)| DbTime(at)),
        settled_by: record.settled.map(|(_, by)| DbId(by)),
    })
}

impl RecordRow {
    fn into_record(self, vault: &Vault) -> Result<Record, StorageError> {
        let seals = sealing::of(vault, "operations", self.id.0.as_bytes());
        let corrupt = || StorageError::Corrupt(format!("operation {}: verdict", self.id.0));
        Ok(Record {
            id: self.id.0,
            staff: self.staff.0,
            operation: self.operation.0,
            device: self.device.0,
            sequence: self.sequence,
            record: self.record.0,
            done_at: self.done_at.0,
            received_at: self.received_at.0,
            verdict: Verdict::from_name(&self.verdict).ok_or_else(corrupt)?,
            base: self.base,
            version: self.version,
            body: seals.open("body", &self.body)?,
            answer: seals.open("answer", &self.answer)?,
            settled: self.settled_at.map(|at| at.0).zip(self.settled_by.map(|by| by.0)),
            fingerprint: self.fingerprint,
            kind: self.kind,
            region: self.region,
        })
    }
}

fn read(conn: &Conn, rows: Vec<RecordRow>) -> Result<Vec<Record>, StorageError> {
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_record(&vault)).collect()
}

/// A worker's batches are taken one after another.
pub fn in_turn(conn: &mut Conn, staff: Uuid) -> Result<(), StorageError> {
    one_at_a_time(conn, DbId(staff))
}

/// Keeps an operation with what became of it.
pub fn insert(conn: &mut Conn, record: &Record) -> Result<(), StorageError> {
    let row = row(&conn.vault(), record)?;
    put!(beside conn, o::table, row);
    note_version(conn, record);
    Ok(())
}

/// Keeps what has become of one.
pub fn save(conn: &mut Conn, record: &Record) -> Result<(), StorageError> {
    let row = row(&conn.vault(), record)?;
    on!(beside conn, c => steady!(change(o::table, o::id.eq(row.id), &row)).execute(c))?;
    note_version(conn, record);
    Ok(())
}

fn note_version(conn: &mut Conn, record: &Record) {
    if let Some(version) = record.version {
        conn.gathered.made(record.record, record.device, (record.base.unwrap_or(0), version));
    }
}

/// One by its id here.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Record>, StorageError> {
    let row: Option<RecordRow> =
        on!(conn, c => o::table.find(DbId(id)).select(RecordRow::as_select()).get_result(c).optional())?;
    row.map(|row| row.into_record(&conn.vault())).transpose()
}

/// A worker's operations of these ids, in the order in which they came: the first of each id counts.
pub fn of_ids(conn: &mut Conn, staff: Uuid, ids: &[Uuid]) -> Result<Vec<Record>, StorageError> {
    let ids: BTreeSet<Uuid> = ids.iter().copied().collect();
    let mut left: Vec<DbId> = ids.into_iter().map(DbId).collect();
    let of = |ids: Vec<DbId>| o::table.filter(o::staff.eq(DbId(staff))).filter(o::operation.eq_any(ids));
    let mut rows: Vec<RecordRow> = Vec::new();
    while !left.is_empty() {
        // One whose id is the empty one is found as well: it is theirs.
        let length = if left.len() > FEW { AT_ONCE } else { FEW };
        let some = left.split_off(left.len().saturating_sub(length));
        let some = so_many(conn, some, length, DbId(Uuid::nil()));
        rows.extend(match length {
            FEW => on!(beside conn, c => steady!(of(some).select(RecordRow::as_select())).load(c))?,
            _ => on!(beside conn, c => steady!(of(some).select(RecordRow::as_select())).load(c))?,
        });
    }
    rows.sort_by_key(|row| (row.received_at, row.id.0));
    read(conn, rows)
}

/// Ids looked for at once where it is only those of one operation.
const FEW: usize = 4;

/// What a device has made of an application: the version it had seen and the one it made, in order.
pub fn versions(conn: &mut Conn, record: Uuid, device: Uuid) -> Result<Vec<(i64, i64)>, StorageError> {
    if let Some(made) = conn.gathered.versions(record, device) {
        return Ok(made);
    }
    let made: Vec<(Option<i64>, Option<i64>)> = on!(beside conn, c => {
        let made = o::table
            .filter(o::record.eq(DbId(record)))
            .filter(o::device.eq(DbId(device)))
            .filter(o::version.is_not_null())
            .select((o::base, o::version))
            .order(o::version.asc());
        steady!(made).load(c)
    })?;
    Ok(made.into_iter().filter_map(|(base, version)| Some((base.unwrap_or(0), version?))).collect())
}

/// Whose operation made that version of an application.
pub fn made_by(conn: &mut Conn, record: Uuid, version: i64) -> Result<Option<Uuid>, StorageError> {
    let made = o::table.filter(o::record.eq(DbId(record))).filter(o::version.eq(version).assume_not_null());
    let by: Option<DbId> = on!(conn, c => made.select(o::staff).first(c).optional())?;
    Ok(by.map(|id| id.0))
}

/// The sequence numbers of a device that have come, in order, from that one on.
pub fn sequences(conn: &mut Conn, device: Uuid, from: i64) -> Result<Vec<i64>, StorageError> {
    let come = o::table.filter(o::device.eq(DbId(device))).filter(o::sequence.ge(from));
    Ok(on!(conn, c => come.select(o::sequence).order(o::sequence.asc()).distinct().load(c))?)
}

/// What of the unsettled somebody looks for: their own, and whatever lies within these places.
pub struct Unsettled<'a> {
    /// Whose own.
    pub staff: Uuid,
    /// Where all.
    pub regions: &'a [Region],
    /// What waits for another that has not come is theirs to look at if it came by then.
    pub late: DateTime<Utc>,
}

/// What a person has to look at, the longest waiting first.
pub fn unsettled(conn: &mut Conn, which: &Unsettled<'_>, limit: i64) -> Result<Vec<Record>, StorageError> {
    let rows: Vec<RecordRow> = on!(conn, c => {
        let waits = w::table.select(w::waiting);
        let held = o::verdict.eq("held").and(o::received_at.le(DbTime(which.late)).or(o::id.ne_all(waits)));
        let mut query = o::table.filter(o::staff.eq(DbId(which.staff))).into_boxed();
        for region in which.regions {
            query = query.or_filter(o::region.like(format!("{}%", region.as_str())));
        }
        query
            .filter(o::settled_at.is_null())
            // In the words of the index over what is open, or everything that ever came would be looked through.
            .filter(sql::<Bool>("operations.verdict IN ('held', 'conflict', 'quarantined')"))
            .filter(held.or(o::verdict.ne("held")))
            .order((o::received_at.asc(), o::device.asc(), o::sequence.asc(), o::id.asc()))
            .limit(limit)
            .select(RecordRow::as_select())
            .load(c)
    })?;
    read(conn, rows)
}

/// Nothing of that id is waited for any longer; answers which waited for nothing else, in the order in which they
/// were done.
pub fn release(conn: &mut Conn, staff: Uuid, predecessor: Uuid) -> Result<Vec<Record>, StorageError> {
    let here = w::table.filter(w::staff.eq(DbId(staff))).filter(w::predecessor.eq(DbId(predecessor)));
    let waiting: Vec<DbId> = on!(conn, c => here.select(w::waiting).load(c))?;
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    on!(conn, c => diesel::delete(here).execute(c))?;
    let still: Vec<DbId> = on!(conn, c => {
        w::table.filter(w::waiting.eq_any(waiting.clone())).select(w::waiting).distinct().load(c)
    })?;
    let free: Vec<DbId> = waiting.into_iter().filter(|id| !still.contains(id)).collect();
    let rows: Vec<RecordRow> = on!(conn, c => {
        o::table
            .filter(o::id.eq_any(free))
            .order((o::device.asc(), o::sequence.asc(), o::id.asc()))
            .select(RecordRow::as_select())
            .load(c)
    })?;
    read(conn, rows)
}
