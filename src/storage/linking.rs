//! The chains of events, one per application: made for what is there from before there were links, and checked
//! against what the application and the events themselves say.

use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, on};
use super::schema::applications as a;
use super::{StorageError, events};

/// Applications of one step.
const STEP: i64 = 200;

/// An application with the last link by its own record.
pub type Head = (Uuid, Option<Vec<u8>>);

/// The next applications in the order of their ids.
pub fn heads(conn: &mut Conn, after: Uuid) -> Result<Vec<Head>, StorageError> {
    let rows: Vec<(DbId, Option<Vec<u8>>)> = on!(conn, c => {
        a::table
            .filter(a::id.gt(DbId(after)))
            .order(a::id.asc())
            .limit(STEP)
            .select((a::id, a::chain))
            .load(c)
    })?;
    Ok(rows.into_iter().map(|(id, chain)| (id.0, chain)).collect())
}

/// Links every event that is there.
pub fn all(conn: &mut Conn) -> Result<(), StorageError> {
    let mut after = Uuid::nil();
    loop {
        let some = heads(conn, after)?;
        let Some((last, ..)) = some.last() else { return Ok(()) };
        after = *last;
        for (id, ..) in some {
            let mut chain = Vec::new();
            for event in events::of(conn, id, false)? {
                chain = events::link(&conn.vault(), &chain, &event)?;
                events::set_link(conn, id, event.sequence, &chain)?;
            }
            if !chain.is_empty() {
                on!(conn, c => {
                    diesel::update(a::table.filter(a::id.eq(DbId(id)))).set(a::chain.eq(chain)).execute(c)
                })?;
            }
        }
    }
}

/// What is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Break {
    /// The event with that number is not what was appended there.
    Event(i64),
    /// Events are missing at the end, or the application's own record of them was changed.
    End,
    /// Something of it cannot be read at all.
    Unreadable(String),
}

/// Checks the chain of one application; `chain` is the last link by its own record.
pub fn check(
    conn: &mut Conn,
    application: Uuid,
    chain: Option<&[u8]>,
) -> Result<Option<Break>, StorageError> {
    let linked = match events::linked(conn, application) {
        Err(StorageError::Corrupt(what)) => return Ok(Some(Break::Unreadable(what))),
        other => other?,
    };
    let (vault, mut last) = (conn.vault(), Vec::new());
    for (event, kept) in linked {
        last = events::link(&vault, &last, &event)?;
        if kept.as_ref() != Some(&last) {
            return Ok(Some(Break::Event(event.sequence)));
        }
    }
    Ok((last != chain.unwrap_or_default()).then_some(Break::End))
}

/// The links of an application's events by their numbers.
pub fn link_at(conn: &mut Conn, application: Uuid, sequence: i64) -> Result<Option<Vec<u8>>, StorageError> {
    use super::schema::events as e;
    let row: Option<Option<Vec<u8>>> = on!(conn, c => {
        e::table.find((DbId(application), sequence)).select(e::link).get_result(c).optional()
    })?;
    Ok(row.flatten())
}

/// Applications changed since an instant, with the number and the link of the last event of each.
pub fn changed_since(
    conn: &mut Conn,
    since: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<(Uuid, i64, Vec<u8>)>, StorageError> {
    use super::dialect::DbTime;
    use super::schema::events as e;
    let rows: Vec<(DbId, i64, Option<Vec<u8>>)> = on!(conn, c => {
        e::table
            .filter(e::at.ge(DbTime(since)))
            .order((e::application.asc(), e::sequence.asc()))
            .select((e::application, e::sequence, e::link))
            .load(c)
    })?;
    let mut last: Vec<(Uuid, i64, Vec<u8>)> = Vec::new();
    for (id, sequence, link) in rows {
        let entry = (id.0, sequence, link.unwrap_or_default());
        match last.last_mut().filter(|(of, ..)| *of == id.0) {
            Some(slot) => *slot = entry,
            None => last.push(entry),
        }
    }
    Ok(last)
}
