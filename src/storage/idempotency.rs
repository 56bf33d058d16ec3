//! Results of requests by their idempotency key, stored in the transaction of the effect.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on, put};
use super::schema::idempotency as i;
use super::{StorageError, sealing};

/// 幂等记录: what was asked under a key, and what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Hash of method, path and body.
    pub fingerprint: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Body of the answer.
    pub body: String,
}

/// What stands under a caller's key.
pub fn find(conn: &mut Conn, account: Uuid, key: &str) -> Result<Option<Remembered>, StorageError> {
    let row: Option<(String, i32, Vec<u8>)> = on!(conn, c => {
        i::table
            .find((DbId(account), key))
            .select((i::fingerprint, i::status, i::body))
            .get_result(c)
            .optional()
    })?;
    row.map(|(fingerprint, status, body)| {
        let row = sealing::composite(account, key);
        let body = sealing::of(&conn.vault(), "idempotency", &row).open("body", &body)?;
        Ok(Remembered { fingerprint, status: u16::try_from(status).unwrap_or(500), body })
    })
    .transpose()
}

/// Remembers an answer. A rival that got there first makes this a [`StorageError::Duplicate`], and the
/// transaction with the second effect is rolled back.
pub fn remember(
    conn: &mut Conn,
    account: Uuid,
    key: &str,
    answer: &Remembered,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let vault = conn.vault();
    let bound = sealing::composite(account, key);
    let row = (
        i::account.eq(DbId(account)),
        i::idempotency_key.eq(key.to_owned()),
        i::fingerprint.eq(answer.fingerprint.clone()),
        i::status.eq(i32::from(answer.status)),
        i::body.eq(sealing::of(&vault, "idempotency", &bound).text("body", &answer.body)?),
        i::created_at.eq(DbTime(now)),
    );
    put!(conn, i::table, row);
    Ok(())
}
