//! The outbox: mails written in the transaction of the act they tell of, delivered later at least once.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on, put};
use super::schema::outbox as o;
use super::{StorageError, sealing};
use crate::domain::sensitive::Sensitive;

/// 待发邮件
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMail {
    /// Id; also the Message-ID, the same at every attempt.
    pub id: Uuid,
    /// Mail address.
    pub address: Sensitive<String>,
    /// Subject line.
    pub subject: String,
    /// Text.
    pub body: String,
    /// Attempts so far.
    pub attempts: i32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// Writes mails; they are delivered only if the transaction commits.
pub fn insert(conn: &mut Conn, mails: &[OutboxMail]) -> Result<(), StorageError> {
    let vault = conn.vault();
    for mail in mails {
        let seals = sealing::of(&vault, "outbox", mail.id.as_bytes());
        let row = (
            o::id.eq(DbId(mail.id)),
            o::address.eq(seals.text("address", mail.address.reveal())?),
            o::subject.eq(mail.subject.clone()),
            o::body.eq(mail.body.clone()),
            o::state.eq("pending"),
            o::attempts.eq(0),
            o::next_at.eq(DbTime(mail.created_at)),
            o::created_at.eq(DbTime(mail.created_at)),
        );
        put!(conn, o::table, row);
    }
    Ok(())
}

/// Takes mails that are due, moving each out of other deliverers' sight until `retry_at`; a deliverer
/// that dies leaves them to the next.
pub fn take(
    conn: &mut Conn,
    now: DateTime<Utc>,
    retry_at: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<OutboxMail>, StorageError> {
    type Columns = (DbId, Vec<u8>, String, String, i32, DbTime);
    let rows: Vec<Columns> = on!(conn, c => {
        o::table
            .filter(o::state.eq("pending"))
            .filter(o::next_at.le(DbTime(now)))
            .order(o::next_at.asc())
            .limit(limit)
            .select((o::id, o::address, o::subject, o::body, o::attempts, o::created_at))
            .load(c)
    })?;
    let vault = conn.vault();
    let mut taken = Vec::new();
    for (id, address, subject, body, attempts, created_at) in rows {
        // A rival deliverer may have taken it between the two statements.
        let mine = on!(conn, c => {
            diesel::update(o::table.find(id).filter(o::attempts.eq(attempts)).filter(o::next_at.le(DbTime(now))))
                .set((o::attempts.eq(attempts + 1), o::next_at.eq(DbTime(retry_at))))
                .execute(c)
        })?;
        if mine == 1 {
            let address = sealing::of(&vault, "outbox", id.0.as_bytes()).open("address", &address)?;
            let address = Sensitive::new(address);
            let created_at = created_at.0;
            taken.push(OutboxMail { id: id.0, address, subject, body, attempts: attempts + 1, created_at });
        }
    }
    Ok(taken)
}

/// How a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Handed over.
    Sent,
    /// To be tried again at that instant.
    Later(DateTime<Utc>, String),
    /// Given up; stays visible.
    Dead(String),
}

/// Records how a delivery ended.
pub fn settle(conn: &mut Conn, id: Uuid, outcome: &Outcome) -> Result<(), StorageError> {
    let row = o::table.find(DbId(id));
    let vault = conn.vault();
    // A server's refusal may repeat the address.
    let told = |why: &str| sealing::of(&vault, "outbox", id.as_bytes()).text("last_error", why);
    match outcome {
        Outcome::Sent => on!(conn, c => diesel::update(row).set(o::state.eq("sent")).execute(c))?,
        Outcome::Later(at, why) => {
            let changes = (o::next_at.eq(DbTime(*at)), o::last_error.eq(Some(told(why)?)));
            on!(conn, c => diesel::update(row).set(changes).execute(c))?
        }
        Outcome::Dead(why) => {
            let changes = (o::state.eq("dead"), o::last_error.eq(Some(told(why)?)));
            on!(conn, c => diesel::update(row).set(changes).execute(c))?
        }
    };
    Ok(())
}

/// How many mails stand in a state (`pending`, `sent`, `dead`).
pub fn count(conn: &mut Conn, state: &str) -> Result<i64, StorageError> {
    Ok(on!(conn, c => o::table.filter(o::state.eq(state)).count().get_result(c))?)
}

/// Mails that were given up, newest first, with the last reason.
pub fn dead(conn: &mut Conn, limit: i64) -> Result<Vec<(OutboxMail, String)>, StorageError> {
    type Columns = (DbId, Vec<u8>, String, String, i32, DbTime, Option<Vec<u8>>);
    let rows: Vec<Columns> = on!(conn, c => {
        o::table
            .filter(o::state.eq("dead"))
            .order(o::created_at.desc())
            .limit(limit)
            .select((o::id, o::address, o::subject, o::body, o::attempts, o::created_at, o::last_error))
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter()
        .map(|(id, address, subject, body, attempts, created_at, why)| {
            let seals = sealing::of(&vault, "outbox", id.0.as_bytes());
            let address = Sensitive::new(seals.open("address", &address)?);
            let why = seals.open_maybe("last_error", why.as_deref())?;
            let mail = OutboxMail { id: id.0, address, subject, body, attempts, created_at: created_at.0 };
            Ok((mail, why.unwrap_or_default()))
        })
        .collect()
}
