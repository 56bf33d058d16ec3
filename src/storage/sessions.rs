//! Sessions: one per sign-in. The refresh token is kept as a hash and changes at every use.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::StorageError;
use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::sessions as s;

/// 会话
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Id, also in every access token made from it.
    pub id: Uuid,
    /// The account signed in.
    pub account: Uuid,
    /// `resident` or `staff`.
    pub kind: String,
    /// SHA-256 of the current refresh token.
    pub refresh_hash: String,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// When it was ended before its time.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Stores a new session.
pub fn insert(conn: &mut Conn, session: &Session, now: DateTime<Utc>) -> Result<(), StorageError> {
    let row = (
        s::id.eq(DbId(session.id)),
        s::account.eq(DbId(session.account)),
        s::kind.eq(&session.kind),
        s::refresh_hash.eq(&session.refresh_hash),
        s::created_at.eq(DbTime(now)),
        s::expires_at.eq(DbTime(session.expires_at)),
    );
    on!(conn, c => diesel::insert_into(s::table).values(row).execute(c))?;
    Ok(())
}

/// A session by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Session>, StorageError> {
    type Columns = (DbId, DbId, String, String, DbTime, Option<DbTime>);
    let row: Option<Columns> = on!(conn, c => {
        s::table
            .find(DbId(id))
            .select((s::id, s::account, s::kind, s::refresh_hash, s::expires_at, s::revoked_at))
            .get_result(c)
            .optional()
    })?;
    Ok(row.map(|(id, account, kind, refresh_hash, expires_at, revoked_at)| Session {
        id: id.0,
        account: account.0,
        kind,
        refresh_hash,
        expires_at: expires_at.0,
        revoked_at: revoked_at.map(|at| at.0),
    }))
}

/// Replaces the refresh token if it is still the one that was shown; false when it was used before.
pub fn rotate(conn: &mut Conn, id: Uuid, shown: &str, next: &str) -> Result<bool, StorageError> {
    let changed = on!(conn, c => {
        diesel::update(s::table.find(DbId(id)).filter(s::refresh_hash.eq(shown)))
            .set(s::refresh_hash.eq(next))
            .execute(c)
    })?;
    Ok(changed == 1)
}

/// Ends a session.
pub fn revoke(conn: &mut Conn, id: Uuid, now: DateTime<Utc>) -> Result<(), StorageError> {
    on!(conn, c => {
        diesel::update(s::table.find(DbId(id)).filter(s::revoked_at.is_null()))
            .set(s::revoked_at.eq(Some(DbTime(now))))
            .execute(c)
    })?;
    Ok(())
}
