//! Numbers handed out in blocks, so that a filing does not queue behind the number of the one before.

use diesel::prelude::*;

use super::StorageError;
use super::dialect::{Conn, on};
use super::schema::counters as k;

/// Reserves `size` numbers of a series; answers the first. Numbers of a lost block are never reused.
pub fn reserve(conn: &mut Conn, name: &str, size: i64) -> Result<i64, StorageError> {
    let end: i64 = on!(conn, c => {
        diesel::insert_into(k::table)
            .values((k::name.eq(name), k::value.eq(size)))
            .on_conflict(k::name)
            .do_update()
            .set(k::value.eq(k::value + size))
            .returning(k::value)
            .get_result(c)
    })?;
    Ok(end - size + 1)
}
