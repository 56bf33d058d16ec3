//! What devices were given: the last pack of each, and the one before until the device has shown that the last
//! one came.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::packs as p;
use super::{StorageError, sealing};
use crate::domain::pack::Manifest;

/// What a device had when it was given this cursor; none, where it never was or has gone on since.
pub fn find(conn: &mut Conn, device: Uuid, cursor: Uuid) -> Result<Option<Manifest>, StorageError> {
    let given = p::table.filter(p::id.eq(DbId(cursor))).filter(p::device.eq(DbId(device)));
    let sealed: Option<Vec<u8>> = on!(conn, c => given.select(p::manifest).get_result(c).optional())?;
    let vault = conn.vault();
    let seals = sealing::of(&vault, "packs", cursor.as_bytes());
    sealed.map(|sealed| seals.open_doc("manifest", &sealed)).transpose()
}

/// Keeps what a device is given beside what it has shown to have, `had`; everything else is forgotten.
pub fn keep(
    conn: &mut Conn,
    (device, had): (Uuid, Option<Uuid>),
    cursor: Uuid,
    manifest: &Manifest,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let had = DbId(had.unwrap_or(cursor));
    let others = p::table.filter(p::device.eq(DbId(device))).filter(p::id.ne(had));
    on!(conn, c => diesel::delete(others).execute(c))?;
    let vault = conn.vault();
    let sealed = sealing::of(&vault, "packs", cursor.as_bytes()).doc("manifest", manifest)?;
    let row = (
        p::id.eq(DbId(cursor)),
        p::device.eq(DbId(device)),
        p::manifest.eq(sealed),
        p::made_at.eq(DbTime(at)),
    );
    on!(conn, c => diesel::insert_into(p::table).values(row).execute(c))?;
    Ok(())
}

/// A device that is out of use has nothing any more.
pub fn forget(conn: &mut Conn, device: Uuid) -> Result<(), StorageError> {
    on!(conn, c => diesel::delete(p::table.filter(p::device.eq(DbId(device)))).execute(c))?;
    Ok(())
}
