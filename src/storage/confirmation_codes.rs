//! Codes by which a resident confirms a mandate over the telephone: one per visit, for a while, for few tries. Once
//! used it stays as evidence of the number it went to.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::confirmation_codes as k;
use super::{StorageError, sealing};
use crate::domain::contact::PhoneNumber;

/// So often may somebody be wrong about one code.
const TRIES: i32 = 5;

/// Keeps a code; the one before is no longer good.
pub fn put(
    conn: &mut Conn,
    visit: Uuid,
    hash: &str,
    phone: &PhoneNumber,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), StorageError> {
    let phone =
        sealing::of(&conn.vault(), "confirmation_codes", visit.as_bytes()).text("phone", phone.as_str())?;
    let row = (
        k::visit.eq(DbId(visit)),
        k::hash.eq(hash),
        k::phone.eq(phone),
        k::tries.eq(0),
        k::created_at.eq(DbTime(now)),
        k::expires_at.eq(DbTime(until)),
    );
    on!(conn, c => diesel::delete(k::table.find(DbId(visit))).execute(c))?;
    on!(conn, c => diesel::insert_into(k::table).values(row).execute(c))?;
    Ok(())
}

/// 核对结果: what a try came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the code.
    Right,
    /// It is not; so many tries are left.
    Wrong(i32),
    /// There were too many tries.
    Spent,
    /// It came too late.
    Late,
    /// No code was sent, or it was used.
    Missing,
}

/// Counts a try before anything is compared, so that rivals share the few there are.
pub fn attempt(
    conn: &mut Conn,
    visit: Uuid,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Verdict, StorageError> {
    let unused = k::table.find(DbId(visit)).filter(k::used_at.is_null());
    let counted = on!(conn, c => {
        diesel::update(unused.filter(k::tries.lt(TRIES)).filter(k::expires_at.gt(DbTime(now))))
            .set(k::tries.eq(k::tries + 1))
            .execute(c)
    })?;
    let found: Option<(String, i32, DbTime)> =
        on!(conn, c => unused.select((k::hash, k::tries, k::expires_at)).get_result(c).optional())?;
    Ok(match found {
        None => Verdict::Missing,
        Some((_, _, until)) if until.0 <= now => Verdict::Late,
        Some(_) if counted == 0 => Verdict::Spent,
        Some((kept, ..)) if kept == hash => Verdict::Right,
        Some((_, tries, _)) => Verdict::Wrong(TRIES - tries),
    })
}

/// Uses a code up; [`StorageError::Stale`] when a rival has, or another has taken its place.
pub fn use_up(conn: &mut Conn, visit: Uuid, hash: &str, now: DateTime<Utc>) -> Result<(), StorageError> {
    let this = k::table.find(DbId(visit)).filter(k::hash.eq(hash)).filter(k::used_at.is_null());
    let changed = on!(conn, c => diesel::update(this).set(k::used_at.eq(Some(DbTime(now)))).execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StorageError::Stale) }
}
