//! Mandates: given, used up, revoked.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on, put};
use super::people::number_index;
use super::schema::{mandates as m, visits as v};
use super::steady::{change, steady};
use super::{StorageError, sealing, visits};
use crate::domain::id_number::IdNumber;
use crate::domain::mandate::{Agent, Done, Mandate, MandateEnd, Standing};
use crate::domain::region::Region;
use crate::vault::Vault;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = m, treat_none_as_default_value = false, treat_none_as_null = true)]
struct MandateRow {
    id: DbId,
    version: i32,
    region: String,
    agent: Option<DbId>,
    agent_index: Option<Vec<u8>>,
    principal_index: Vec<u8>,
    particulars: Vec<u8>,
    visit: Option<DbId>,
    created_at: DbTime,
    ended_at: Option<DbTime>,
    ended_why: Option<String>,
}

/// A matter that is done, as it was kept first and as it is now.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum DoneDoc {
    Named(String),
    Timed(Done),
}

/// What of a mandate is personal.
#[derive(Serialize, Deserialize)]
struct Particulars {
    agent: Agent,
    mandate: Mandate,
    done: Vec<DoneDoc>,
}

fn row(vault: &Vault, standing: Standing) -> Result<MandateRow, StorageError> {
    let Standing { agent, mandate, done, .. } = standing;
    let done = done.into_iter().map(DoneDoc::Timed).collect();
    let (staff, person) = match &agent {
        Agent::Staff { id } => (Some(DbId(*id)), None),
        Agent::Person { id_number, .. } => (None, Some(number_index(vault, id_number))),
    };
    Ok(MandateRow {
        id: DbId(standing.id),
        version: standing.version,
        region: standing.region.as_ref().map_or(String::new(), |region| region.as_str().to_owned()),
        agent: staff,
        agent_index: person,
        principal_index: number_index(vault, &mandate.principal_id_number),
        particulars: sealing::of(vault, "mandates", standing.id.as_bytes())
            .doc("particulars", &Particulars { agent, mandate, done })?,
        visit: standing.visit.map(DbId),
        created_at: DbTime(standing.created_at),
        ended_at: standing.ended.map(|(at, _)| DbTime(at)),
        ended_why: standing.ended.map(|(_, why)| why.name().to_owned()),
    })
}

fn standing(conn: &Conn, row: MandateRow) -> Result<Standing, StorageError> {
    let corrupt = || StorageError::Corrupt(format!("mandate {}", row.id.0));
    let Particulars { agent, mandate, done } = sealing::of(&conn.vault(), "mandates", row.id.0.as_bytes())
        .open_doc("particulars", &row.particulars)?;
    let done = done.into_iter().map(|done| match done {
        DoneDoc::Timed(done) => done,
        DoneDoc::Named(matter) => Done { matter, at: row.created_at.0 },
    });
    let ended = match (row.ended_at, row.ended_why.as_deref()) {
        (Some(at), Some(why)) => Some((at.0, MandateEnd::from_name(why).ok_or_else(corrupt)?)),
        _ => None,
    };
    Ok(Standing {
        id: row.id.0,
        version: row.version,
        region: match row.region.as_str() {
            "" => None,
            code => Some(Region::parse(code).map_err(|_| corrupt())?),
        },
        agent,
        mandate,
        done: done.collect(),
        visit: row.visit.map(|id| id.0),
        created_at: row.created_at.0,
        ended,
    })
}

/// Stores a new mandate.
pub fn insert(conn: &mut Conn, standing: &Standing) -> Result<(), StorageError> {
    let (vault, new) = (conn.vault(), standing.clone());
    put!(beside conn, m::table, row(&vault, new)?);
    conn.gathered.stored_mandate(standing);
    Ok(())
}

/// Stores what has become of it, unless somebody was quicker: [`StorageError::Stale`] then.
pub fn save(conn: &mut Conn, mut standing: Standing) -> Result<(), StorageError> {
    let before = standing.version;
    standing.version += 1;
    let row = row(&conn.vault(), standing)?;
    let same = m::id.eq(row.id).and(m::version.eq(before));
    let changed = on!(conn, c => steady!(change(m::table, same, &row)).execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StorageError::Stale) }
}

/// A mandate by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Standing>, StorageError> {
    if let Some(new) = conn.gathered.mandate(id) {
        return Ok(Some(new.clone()));
    }
    let found: Option<MandateRow> = on!(apart conn, c => {
        steady!(m::table.find(DbId(id)).select(MandateRow::as_select())).get_result(c).optional()
    })?;
    found.map(|row| standing(conn, row)).transpose()
}

/// Whose mandates.
#[derive(Debug, Clone, Copy)]
pub enum Of<'a> {
    /// Given by the holder of this number.
    Principal(&'a IdNumber),
    /// Given to this member of staff.
    Staff(Uuid),
    /// Given to this member of staff by the holder of this number.
    StaffFor(Uuid, &'a IdNumber),
    /// Given to the holder of this number.
    Agent(&'a IdNumber),
}

/// Somebody's mandates, the latest first.
pub fn of(conn: &mut Conn, whose: Of<'_>) -> Result<Vec<Standing>, StorageError> {
    let vault = conn.vault();
    let rows: Vec<MandateRow> = on!(conn, c => {
        let all = m::table
            .order((m::created_at.desc(), m::id.desc()))
            .limit(200)
            .select(MandateRow::as_select())
            .into_boxed();
        match whose {
            Of::Principal(number) => all.filter(m::principal_index.eq(number_index(&vault, number))).load(c),
            Of::Staff(id) => all.filter(m::agent.eq(DbId(id))).load(c),
            Of::StaffFor(id, number) => all
                .filter(m::agent.eq(DbId(id)))
                .filter(m::principal_index.eq(number_index(&vault, number)))
                .load(c),
            Of::Agent(number) => all.filter(m::agent_index.eq(number_index(&vault, number))).load(c),
        }
    })?;
    rows.into_iter().map(|row| standing(conn, row)).collect()
}

/// Ends all of somebody's that still hold; answers how many.
pub fn end_all(
    conn: &mut Conn,
    whose: Of<'_>,
    why: MandateEnd,
    at: DateTime<Utc>,
) -> Result<usize, StorageError> {
    let mut ended = 0;
    for mut standing in of(conn, whose)? {
        if standing.end(why, at) {
            save(conn, standing)?;
            ended += 1;
        }
    }
    Ok(ended)
}

/// Lets the mandates that were only part of a visit stand on their own.
pub fn take_over_all(conn: &mut Conn) -> Result<(), StorageError> {
    let ids: Vec<DbId> = on!(conn, c => v::table.filter(v::mandate.is_not_null()).select(v::id).load(c))?;
    for id in ids {
        let Some(visit) = visits::find(conn, id.0)? else { continue };
        if let Some(standing) = visit.standing() {
            insert(conn, &standing)?;
        }
    }
    Ok(())
}
