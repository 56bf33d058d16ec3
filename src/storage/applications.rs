//! Applications: load, save against the expected version, list by keyset.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on, put};
use super::gathered::Due;
use super::row::{ActedRow, ApplicationRow, id_index};
use super::schema::{application_departments as departments, applications as a};
use super::scope::within;
use super::steady::{change, steady};
use super::summary::SummaryRow;
use super::{StorageError, events};
use crate::domain::actor::Scope;
use crate::domain::application::{Application, Desk};
use crate::domain::event::Event;
use crate::domain::lifecycle::{Role, Status};
use crate::domain::review::DepartmentReview;
use crate::domain::summary::Summary;

/// Stores a new application.
pub fn insert(conn: &mut Conn, application: &Application, desk: Desk<'_>) -> Result<(), StorageError> {
    let due = Due::of(application, desk);
    if conn.gathered.take_new(application, due) {
        return Ok(());
    }
    let row = ApplicationRow::due_then(&conn.vault(), application, due)?;
    put!(first conn, a::table, row);
    save_departments(conn, application)
}

/// Stores what an act has made of an application, and the act itself; `seen` is the version it was loaded
/// with, `None` for a new one.
pub fn record(
    conn: &mut Conn,
    application: &mut Application,
    seen: Option<i64>,
    event: &Event,
    desk: Desk<'_>,
) -> Result<(), StorageError> {
    application.chain = events::link(&conn.vault(), &application.chain, event)?;
    match seen {
        Some(seen) => save(conn, application, seen, desk)?,
        None => insert(conn, application, desk)?,
    }
    events::append(conn, event, &application.chain)
}

/// Stores a changed application if it still has the version it was loaded with.
pub fn save(
    conn: &mut Conn,
    application: &Application,
    loaded_version: i64,
    desk: Desk<'_>,
) -> Result<(), StorageError> {
    let due = Due::of(application, desk);
    if let Some(done) = conn.gathered.change(application, loaded_version, due) {
        return done;
    }
    let row = ApplicationRow::due_then(&conn.vault(), application, due)?;
    let changed = on!(conn, c => {
        let there = a::id.eq(row.id).and(a::version.eq(loaded_version));
        steady!(change(a::table, there, ActedRow::from(row))).execute(c)
    })?;
    if changed == 0 {
        return Err(StorageError::Stale);
    }
    save_departments(conn, application)
}

fn save_departments(conn: &mut Conn, application: &Application) -> Result<(), StorageError> {
    for DepartmentReview { department, opinion, .. } in &application.dossier.reviews {
        let pending = opinion.is_none();
        let row = (
            departments::application.eq(DbId(application.id)),
            departments::department.eq(department),
            departments::pending.eq(pending),
        );
        on!(conn, c => {
            diesel::insert_into(departments::table)
                .values(row)
                .on_conflict((departments::application, departments::department))
                .do_update()
                .set(departments::pending.eq(pending))
                .execute(c)
        })?;
    }
    Ok(())
}

/// One application by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Application>, StorageError> {
    if let Some(new) = conn.gathered.application(id) {
        return Ok(Some(new.clone()));
    }
    if conn.gathered.is_absent(id) {
        return Ok(None);
    }
    let row = on!(beside conn, c => {
        steady!(a::table.filter(a::id.eq(DbId(id))).select(ApplicationRow::as_select())).get_result(c).optional()
    })?;
    row.map(|row| row.into_application(&conn.vault())).transpose()
}

/// One application by receipt number.
pub fn find_by_receipt(conn: &mut Conn, receipt_no: &str) -> Result<Option<Application>, StorageError> {
    let row = on!(conn, c => {
        a::table.filter(a::receipt_no.eq(receipt_no)).select(ApplicationRow::as_select()).get_result(c).optional()
    })?;
    row.map(|row| row.into_application(&conn.vault())).transpose()
}

/// Applications on public notice in a community, the longest hanging first.
pub fn in_notice(conn: &mut Conn, community: &str, limit: i64) -> Result<Vec<Application>, StorageError> {
    let rows: Vec<ApplicationRow> = on!(conn, c => {
        a::table
            .filter(a::community.eq(community))
            .filter(a::mover.eq(Role::Official.name()))
            .filter(a::status.eq(Status::PublicNotice.name()))
            .order((a::due_at.asc(), a::id.asc()))
            .limit(limit)
            .select(ApplicationRow::as_select())
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_application(&vault)).collect()
}

/// Applications whose clock has something to do, the longest due first.
pub fn due(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<Uuid>, StorageError> {
    let rows: Vec<DbId> = on!(conn, c => {
        a::table
            .filter(a::wake_at.le(DbTime(now)))
            .order(a::wake_at.asc())
            .select(a::id)
            .limit(limit)
            .load(c)
    })?;
    Ok(rows.into_iter().map(|id| id.0).collect())
}

/// 查询条件: what a list is narrowed to, within the caller's reach.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Only this item.
    pub service: Option<String>,
    /// Only this status.
    pub status: Option<Status>,
    /// Whose; a list by name is in the order of names.
    pub words: Option<Words>,
    /// Below this position of the keyset: created_at and id of the last one seen.
    pub after: Option<(DateTime<Utc>, Uuid)>,
    /// How many at the most.
    pub limit: i64,
}

/// 查询词
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// 申办流水号
    Receipt(String),
    /// 证件号码
    IdNumber(String),
    /// The beginning of the applicant's name.
    Name(String),
}

/// A page of applications: by name in the order of names, otherwise newest first.
pub fn list(conn: &mut Conn, scopes: &[Scope], search: &Search) -> Result<Vec<Summary>, StorageError> {
    let vault = conn.vault();
    let rows: Vec<SummaryRow> = on!(conn, c => {
        let mut query = within!(a::table.into_boxed(), scopes);
        if let Some(service) = &search.service {
            query = query.filter(a::service.eq(service));
        }
        if let Some(status) = search.status {
            query = query.filter(a::status.eq(status.name()));
        }
        let by_name = matches!(search.words, Some(Words::Name(_)));
        match &search.words {
            Some(Words::Receipt(number)) => query = query.filter(a::receipt_no.eq(number).assume_not_null()),
            Some(Words::IdNumber(number)) => {
                query = query.filter(a::applicant_id_index.eq(id_index(&vault, number)));
            }
            Some(Words::Name(name)) => {
                // A range instead of LIKE: both databases answer it from the index, whatever their collation.
                let end = format!("{name}\u{10FFFF}");
                query = query.filter(a::applicant_name.ge(name)).filter(a::applicant_name.lt(end));
            }
            None => {}
        }
        if let Some((at, id)) = search.after {
            let (at, id) = (DbTime(at), DbId(id));
            let older = a::created_at.le(at).and(a::created_at.lt(at).or(a::id.lt(id)));
            if by_name {
                // The position names no person; the row it points at does.
                let last: Option<String> =
                    a::table.find(id).select(a::applicant_name).get_result(c).optional()?;
                let Some(last) = last else { return Ok(Vec::new()) };
                query = query
                    .filter(a::applicant_name.ge(last.clone()))
                    .filter(a::applicant_name.gt(last).or(older));
            } else {
                query = query.filter(older);
            }
        }
        if by_name {
            query = query.order((a::applicant_name.asc(), a::created_at.desc(), a::id.desc()));
        } else {
            query = query.order((a::created_at.desc(), a::id.desc()));
        }
        query
            .limit(search.limit)
            .select(SummaryRow::as_select())
            .load(c)
    })?;
    rows.into_iter().map(|row| row.into_summary(&vault)).collect()
}

/// What an account filed and nobody has decided yet, the newest first.
pub fn filed_by(conn: &mut Conn, account: Uuid, limit: i64) -> Result<Vec<Summary>, StorageError> {
    let open = Status::ALL.iter().filter(|status| {
        status.is_being_decided() || matches!(status, Status::Submitted | Status::Correcting)
    });
    let open: Vec<&str> = open.map(|status| status.name()).collect();
    let rows: Vec<SummaryRow> = on!(conn, c => {
        a::table
            .filter(a::filed_by.eq(DbId(account)).assume_not_null())
            .filter(a::status.eq_any(open))
            .order((a::created_at.desc(), a::id.desc()))
            .limit(limit)
            .select(SummaryRow::as_select())
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_summary(&vault)).collect()
}

/// Applications of an item in a street that were accepted and not yet decided.
pub fn undecided(conn: &mut Conn, service: &str, street: &str) -> Result<Vec<Application>, StorageError> {
    let open: Vec<&str> =
        Status::ALL.iter().filter(|status| status.is_being_decided()).map(|s| s.name()).collect();
    let rows: Vec<ApplicationRow> = on!(conn, c => {
        a::table
            .filter(a::service.eq(service))
            .filter(a::street.eq(street))
            .filter(a::status.eq_any(open))
            .select(ApplicationRow::as_select())
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_application(&vault)).collect()
}
