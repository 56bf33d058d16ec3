//! What waits for what: an offline operation for one of the same worker that has not come.

use diesel::prelude::*;
use uuid::Uuid;

use super::StorageError;
use super::dialect::{Conn, DbId, on};
use super::schema::operation_waits as w;
use super::steady::steady;

/// What a worker's operations wait for.
pub fn awaited(conn: &mut Conn, staff: Uuid) -> Result<Vec<Uuid>, StorageError> {
    let awaited = w::table.filter(w::staff.eq(DbId(staff))).select(w::predecessor).distinct();
    let ids: Vec<DbId> = on!(beside conn, c => steady!(awaited).load(c))?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// Lets one wait for another of the same worker.
pub fn wait(conn: &mut Conn, waiting: Uuid, staff: Uuid, predecessor: Uuid) -> Result<(), StorageError> {
    let row = (w::waiting.eq(DbId(waiting)), w::staff.eq(DbId(staff)), w::predecessor.eq(DbId(predecessor)));
    on!(conn, c => diesel::insert_into(w::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Whether one waits for another.
pub fn is_waiting(conn: &mut Conn, waiting: Uuid) -> Result<bool, StorageError> {
    let here = w::table.filter(w::waiting.eq(DbId(waiting)));
    let found: i64 = on!(conn, c => here.count().get_result(c))?;
    Ok(found > 0)
}

/// How many wait for one.
pub fn count(conn: &mut Conn, staff: Uuid, predecessor: Uuid) -> Result<i64, StorageError> {
    let here = w::table.filter(w::staff.eq(DbId(staff))).filter(w::predecessor.eq(DbId(predecessor)));
    Ok(on!(conn, c => here.count().get_result(c))?)
}

/// One waits for nothing any longer.
pub fn no_more(conn: &mut Conn, waiting: Uuid) -> Result<(), StorageError> {
    on!(conn, c => diesel::delete(w::table.filter(w::waiting.eq(DbId(waiting)))).execute(c))?;
    Ok(())
}
