//! Needs noted at a door: which are still to be looked after, and by when. Their words stay in the visit's report.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::visit_needs as n;
use super::sealing::composite;
use super::{StorageError, sealing};
use crate::domain::visit::Visit;

/// Lets the needs of an ended visit be ticked off.
pub fn insert(conn: &mut Conn, visit: &Visit) -> Result<(), StorageError> {
    let needs = visit.report.as_ref().map(|report| report.needs.as_slice()).unwrap_or_default();
    for (position, need) in (0_i32..).zip(needs) {
        let row = (
            n::visit.eq(DbId(visit.id)),
            n::position.eq(position),
            n::staff.eq(DbId(visit.staff)),
            n::due.eq(need.by.map(|day| day.to_string())),
        );
        on!(conn, c => diesel::insert_into(n::table).values(row).execute(c))?;
    }
    Ok(())
}

/// 待办需求: a need somebody should come back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenNeed {
    /// The visit at which it was noted.
    pub visit: Uuid,
    /// Which of its needs.
    pub position: usize,
    /// Until when.
    pub due: NaiveDate,
}

/// A worker's needs with a date that are not ticked off, the soonest due first.
pub fn open(conn: &mut Conn, staff: Uuid, limit: i64) -> Result<Vec<OpenNeed>, StorageError> {
    let rows: Vec<(DbId, i32, Option<String>)> = on!(conn, c => {
        n::table
            .filter(n::staff.eq(DbId(staff)))
            .filter(n::done_at.is_null())
            .filter(n::due.is_not_null())
            .order((n::due.asc(), n::visit.asc(), n::position.asc()))
            .limit(limit)
            .select((n::visit, n::position, n::due))
            .load(c)
    })?;
    let read = |(visit, position, due): (DbId, i32, Option<String>)| {
        let corrupt = || StorageError::Corrupt(format!("needs of visit {}", visit.0));
        let due = due.and_then(|day| day.parse().ok()).ok_or_else(corrupt)?;
        Ok(OpenNeed { visit: visit.0, position: usize::try_from(position).map_err(|_| corrupt())?, due })
    };
    rows.into_iter().map(read).collect()
}

/// What is open of a worker's needs is another's.
pub fn hand_over(conn: &mut Conn, from: Uuid, to: Uuid) -> Result<(), StorageError> {
    let open = n::table.filter(n::staff.eq(DbId(from))).filter(n::done_at.is_null());
    on!(conn, c => diesel::update(open).set(n::staff.eq(DbId(to))).execute(c))?;
    Ok(())
}

/// Who looks after a need.
pub fn keeper(conn: &mut Conn, visit: Uuid, position: i32) -> Result<Option<Uuid>, StorageError> {
    let found: Option<DbId> =
        on!(conn, c => n::table.find((DbId(visit), position)).select(n::staff).get_result(c).optional())?;
    Ok(found.map(|id| id.0))
}

/// Ticks one off; false when it was before.
pub fn tick(
    conn: &mut Conn,
    visit: Uuid,
    position: i32,
    note: Option<&str>,
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let vault = conn.vault();
    let key = composite(visit, &position.to_string());
    let note = sealing::of(&vault, "visit_needs", &key).maybe("note", note)?;
    let done = (n::done_at.eq(Some(DbTime(at))), n::note.eq(note));
    let open = n::table.find((DbId(visit), position)).filter(n::done_at.is_null());
    Ok(on!(conn, c => diesel::update(open).set(done).execute(c))? == 1)
}
