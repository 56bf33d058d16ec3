//! The audit log: appended in one chain, never changed, apart from what it tells of.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::audit as l;
use super::{StorageError, counters, staff};
use crate::domain::audit::{AuditEntry, Audited};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = l, treat_none_as_default_value = false)]
struct AuditRow {
    number: i64,
    at: DbTime,
    until: DbTime,
    count: i64,
    actor: Option<DbId>,
    actor_name: String,
    roles: String,
    operation: String,
    application: Option<DbId>,
    subject: String,
    fields: String,
    purpose: String,
    origin: String,
    status: i32,
    link: Vec<u8>,
}

/// Name of the chain, and of the counter that numbers it.
const CHAIN: &str = "audit";

/// What a link covers.
#[derive(Serialize)]
struct Covered<'a>(
    (i64, i64, i64, i64),
    (Option<Uuid>, &'a str, &'a str),
    (&'a str, Option<Uuid>, &'a str, &'a str, &'a str, &'a str, u16),
);

impl Covered<'_> {
    fn of(audited: &Audited) -> Result<Vec<u8>, StorageError> {
        let Audited { number, entry, at, until, count } = audited;
        let when = (*number, at.timestamp_micros(), until.timestamp_micros(), *count);
        let who = (entry.actor, entry.actor_name.as_str(), entry.roles.as_str());
        let AuditEntry { operation, application, subject, fields, purpose, origin, status, .. } = entry;
        let what = (operation.as_str(), *application, subject.as_str(), fields.as_str());
        let covered = Covered(when, who, (what.0, what.1, what.2, what.3, purpose, origin, *status));
        serde_json::to_vec(&covered).map_err(|error| StorageError::Failed(error.to_string()))
    }
}

/// Appends entries; whoever else wants to append waits for this transaction.
pub fn append(
    conn: &mut Conn,
    entries: Vec<(AuditEntry, DateTime<Utc>, DateTime<Utc>, i64)>,
) -> Result<(), StorageError> {
    let Ok(size) = i64::try_from(entries.len()) else { return Ok(()) };
    if size == 0 {
        return Ok(());
    }
    let first = counters::reserve(conn, CHAIN, size)?;
    let mut link = link_of(conn, first - 1)?.unwrap_or_default();
    let vault = conn.vault();
    let mut rows = Vec::with_capacity(entries.len());
    for (number, (entry, at, until, count)) in (first..).zip(entries) {
        let audited = Audited { number, entry, at: to_micros(at), until: to_micros(until), count };
        link = vault.link(CHAIN, &link, &Covered::of(&audited)?);
        rows.push(row(audited, link.clone()));
    }
    // One statement has room for so many values.
    for some in rows.chunks(500) {
        on!(conn, c => diesel::insert_into(l::table).values(some).execute(c))?;
    }
    Ok(())
}

/// The databases keep microseconds.
fn to_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

fn row(audited: Audited, link: Vec<u8>) -> AuditRow {
    let Audited { number, entry, at, until, count } = audited;
    AuditRow {
        number,
        at: DbTime(at),
        until: DbTime(until),
        count,
        actor: entry.actor.map(DbId),
        actor_name: entry.actor_name,
        roles: entry.roles,
        operation: entry.operation,
        application: entry.application.map(DbId),
        subject: entry.subject,
        fields: entry.fields,
        purpose: entry.purpose,
        origin: entry.origin,
        status: i32::from(entry.status),
        link,
    }
}

impl From<AuditRow> for Audited {
    fn from(row: AuditRow) -> Self {
        let entry = AuditEntry {
            actor: row.actor.map(|id| id.0),
            actor_name: row.actor_name,
            roles: row.roles,
            operation: row.operation,
            application: row.application.map(|id| id.0),
            subject: row.subject,
            fields: row.fields,
            purpose: row.purpose,
            origin: row.origin,
            status: u16::try_from(row.status).unwrap_or_default(),
        };
        Self { number: row.number, entry, at: row.at.0, until: row.until.0, count: row.count }
    }
}

/// The link of an entry.
pub fn link_of(conn: &mut Conn, number: i64) -> Result<Option<Vec<u8>>, StorageError> {
    Ok(on!(conn, c => l::table.find(number).select(l::link).get_result(c).optional())?)
}

/// How many there are, by their numbers.
pub fn last(conn: &mut Conn) -> Result<i64, StorageError> {
    counters::value(conn, CHAIN)
}

/// What narrows a look at the log.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// About this application.
    pub application: Option<Uuid>,
    /// By this account.
    pub actor: Option<Uuid>,
    /// By anybody of this agency.
    pub agency: Option<String>,
    /// Below this number.
    pub before: Option<i64>,
    /// How many at the most.
    pub limit: i64,
}

/// A page of the log, the newest first.
pub fn list(conn: &mut Conn, filter: &AuditFilter) -> Result<Vec<Audited>, StorageError> {
    let people = match &filter.agency {
        Some(agency) => Some(staff::of_agency(conn, agency)?.into_iter().map(|member| DbId(member.actor.id))),
        None => None,
    };
    let people: Option<Vec<DbId>> = people.map(Iterator::collect);
    let rows: Vec<AuditRow> = on!(conn, c => {
        let mut query = l::table.into_boxed();
        if let Some(people) = &people {
            query = query.filter(l::actor.eq_any(people).assume_not_null());
        }
        if let Some(application) = filter.application {
            query = query.filter(l::application.eq(DbId(application)).assume_not_null());
        }
        if let Some(actor) = filter.actor {
            query = query.filter(l::actor.eq(DbId(actor)).assume_not_null());
        }
        if let Some(before) = filter.before {
            query = query.filter(l::number.lt(before));
        }
        query.order(l::number.desc()).limit(filter.limit).select(AuditRow::as_select()).load(c)
    })?;
    Ok(rows.into_iter().map(Audited::from).collect())
}

/// One step of a check of the chain: up to `limit` entries after number `after`, whose link is `link`.
/// Answers where it stands then, and the numbers at which something is wrong.
pub fn check(
    conn: &mut Conn,
    after: i64,
    mut link: Vec<u8>,
    limit: i64,
) -> Result<(i64, Vec<u8>, Vec<i64>), StorageError> {
    let rows: Vec<AuditRow> = on!(conn, c => {
        l::table.filter(l::number.gt(after)).order(l::number.asc()).limit(limit).select(AuditRow::as_select()).load(c)
    })?;
    let vault = conn.vault();
    let (mut at, mut wrong) = (after, Vec::new());
    for row in rows {
        let (number, kept) = (row.number, row.link.clone());
        wrong.extend(at + 1..number);
        if vault.link(CHAIN, &link, &Covered::of(&Audited::from(row))?) != kept {
            wrong.push(number);
        }
        (at, link) = (number, kept);
    }
    Ok((at, link, wrong))
}
