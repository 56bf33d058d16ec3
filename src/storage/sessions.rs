//! Sessions: one per sign-in. The refresh token is kept as a hash and changes at every use.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::StorageError;
use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::sessions as s;
use crate::domain::client::Client;

/// 会话
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Id, also in every access token made from it.
    pub id: Uuid,
    /// The account signed in.
    pub account: Uuid,
    /// For which kind of client.
    pub client: Client,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last refreshed, or began.
    pub used_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// When it was ended before its time.
    pub revoked_at: Option<DateTime<Utc>>,
    /// What it is refreshed with next.
    pub refresh: Refresh,
}

/// 续期令牌, as hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refresh {
    /// SHA-256 of the token that is good now.
    pub current: String,
    /// SHA-256 of the one before: its answer may have been lost.
    pub previous: Option<String>,
    /// From this and the one before the present one was made.
    pub salt: Option<String>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = s, treat_none_as_default_value = false)]
struct SessionRow {
    id: DbId,
    account: DbId,
    kind: String,
    refresh_hash: String,
    created_at: DbTime,
    expires_at: DbTime,
    revoked_at: Option<DbTime>,
    used_at: Option<DbTime>,
    previous_hash: Option<String>,
    salt: Option<String>,
}

impl SessionRow {
    fn into_session(self) -> Result<Session, StorageError> {
        let corrupt = || StorageError::Corrupt(format!("session {}", self.id.0));
        Ok(Session {
            id: self.id.0,
            account: self.account.0,
            client: Client::from_name(&self.kind).ok_or_else(corrupt)?,
            created_at: self.created_at.0,
            used_at: self.used_at.unwrap_or(self.created_at).0,
            expires_at: self.expires_at.0,
            revoked_at: self.revoked_at.map(|at| at.0),
            refresh: Refresh { current: self.refresh_hash, previous: self.previous_hash, salt: self.salt },
        })
    }
}

/// Stores a new session.
pub fn insert(conn: &mut Conn, session: &Session) -> Result<(), StorageError> {
    let row = SessionRow {
        id: DbId(session.id),
        account: DbId(session.account),
        kind: session.client.name().to_owned(),
        refresh_hash: session.refresh.current.clone(),
        created_at: DbTime(session.created_at),
        expires_at: DbTime(session.expires_at),
        revoked_at: session.revoked_at.map(DbTime),
        used_at: Some(DbTime(session.used_at)),
        previous_hash: session.refresh.previous.clone(),
        salt: session.refresh.salt.clone(),
    };
    on!(conn, c => diesel::insert_into(s::table).values(&row).execute(c))?;
    Ok(())
}

/// A session by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Session>, StorageError> {
    let row: Option<SessionRow> = on!(conn, c => {
        s::table.find(DbId(id)).select(SessionRow::as_select()).get_result(c).optional()
    })?;
    row.map(SessionRow::into_session).transpose()
}

/// An account's sessions that were not ended, the newest first.
pub fn of_account(conn: &mut Conn, account: Uuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
    let rows: Vec<SessionRow> = on!(conn, c => {
        s::table
            .filter(s::account.eq(DbId(account)))
            .filter(s::revoked_at.is_null())
            .filter(s::expires_at.gt(DbTime(now)))
            .order((s::created_at.desc(), s::id.desc()))
            .limit(200)
            .select(SessionRow::as_select())
            .load(c)
    })?;
    rows.into_iter().map(SessionRow::into_session).collect()
}

/// Puts the next refresh token in the place of `before`; a rival that was quicker makes this
/// [`StorageError::Stale`].
pub fn refresh(
    conn: &mut Conn,
    id: Uuid,
    before: &Refresh,
    next: &Refresh,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let changed = on!(conn, c => {
        diesel::update(s::table.find(DbId(id)).filter(s::refresh_hash.eq(&before.current)))
            .set((
                s::refresh_hash.eq(&next.current),
                s::previous_hash.eq(&next.previous),
                s::salt.eq(&next.salt),
                s::used_at.eq(Some(DbTime(now))),
            ))
            .execute(c)
    })?;
    if changed == 1 { Ok(()) } else { Err(StorageError::Stale) }
}

/// Ends every session of an account; answers which.
pub fn revoke_all(
    conn: &mut Conn,
    account: Uuid,
    but: Option<Uuid>,
    at: DateTime<Utc>,
) -> Result<Vec<Uuid>, StorageError> {
    // No session has the nil id.
    let others = s::id.ne(DbId(but.unwrap_or_default()));
    let open = s::table.filter(s::account.eq(DbId(account))).filter(s::revoked_at.is_null()).filter(others);
    let ids: Vec<DbId> = on!(conn, c => open.select(s::id).load(c))?;
    on!(conn, c => diesel::update(open).set(s::revoked_at.eq(DbTime(at))).execute(c))?;
    Ok(ids.into_iter().map(|id| id.0).collect())
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
