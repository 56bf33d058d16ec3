//! Numbers handed out in blocks, so that a filing does not queue behind the number of the one before; and
//! counts that never pass their limit.

use diesel::prelude::*;

use super::StorageError;
use super::dialect::{Conn, on, put};
use super::schema::counters as k;
use super::steady::steady;

/// Reserves `size` numbers of a series; answers the first. Numbers of a lost block are never reused.
pub fn reserve(conn: &mut Conn, name: &str, size: i64) -> Result<i64, StorageError> {
    if let Some(end) = conn.gathered.count(name, size) {
        return Ok(end - size + 1);
    }
    let end: i64 = on!(apart conn, c => {
        let counted = diesel::insert_into(k::table)
            .values((k::name.eq(name), k::value.eq(size)))
            .on_conflict(k::name)
            .do_update()
            .set(k::value.eq(k::value + size))
            .returning(k::value);
        steady!(counted).get_result(c)
    })?;
    conn.gathered.locked(name, end);
    Ok(end - size + 1)
}

/// Stores how far a series has come that this transaction has locked.
pub fn keep(conn: &mut Conn, name: String, end: i64) -> Result<(), StorageError> {
    let counted = diesel::insert_into(k::table).values((k::name.eq(name), k::value.eq(end)));
    put!(beside conn, all counted.on_conflict(k::name).do_update().set(k::value.eq(end)));
    Ok(())
}

/// How far a series has come.
pub fn value(conn: &mut Conn, name: &str) -> Result<i64, StorageError> {
    let value: Option<i64> = on!(conn, c => k::table.find(name).select(k::value).get_result(c).optional())?;
    Ok(value.unwrap_or(0))
}

/// Counts one more unless the limit is reached; of two at once, one sees the other's.
pub fn take(conn: &mut Conn, name: &str, limit: i64) -> Result<bool, StorageError> {
    on!(conn, c => {
        diesel::insert_into(k::table)
            .values((k::name.eq(name), k::value.eq(0)))
            .on_conflict_do_nothing()
            .execute(c)
    })?;
    let below = k::table.find(name).filter(k::value.lt(limit));
    let counted = on!(conn, c => diesel::update(below).set(k::value.eq(k::value + 1)).execute(c))?;
    Ok(counted == 1)
}
