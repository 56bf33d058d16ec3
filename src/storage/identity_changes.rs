//! Requests to change who an account is, and the numbers somebody was known under before.

use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::people::number_index;
use super::schema::identity_changes as c;
use super::{StorageError, sealing};
use crate::domain::id_number::IdNumber;
use crate::domain::identity_change::{ChangeKind, ChangeState, IdentityChange};
use crate::domain::region::Region;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = c, treat_none_as_default_value = false)]
struct ChangeRow {
    id: DbId,
    region: String,
    kind: String,
    state: String,
    number_index: Vec<u8>,
    particulars: Vec<u8>,
    requested_by: DbId,
    requested_at: DbTime,
    decided_by: Option<DbId>,
    decided_at: Option<DbTime>,
}

fn change_row(conn: &Conn, change: &IdentityChange) -> Result<ChangeRow, StorageError> {
    let vault = conn.vault();
    Ok(ChangeRow {
        id: DbId(change.id),
        region: change.region.as_str().to_owned(),
        kind: change.kind.name().to_owned(),
        state: change.state.name().to_owned(),
        number_index: number_index(&vault, &change.particulars.id_number),
        particulars: sealing::of(&vault, "identity_changes", change.id.as_bytes())
            .doc("particulars", &change.particulars)?,
        requested_by: DbId(change.requested_by),
        requested_at: DbTime(change.requested_at),
        decided_by: change.decided.map(|(by, _)| DbId(by)),
        decided_at: change.decided.map(|(_, at)| DbTime(at)),
    })
}

fn change(conn: &Conn, row: ChangeRow) -> Result<IdentityChange, StorageError> {
    let corrupt = || StorageError::Corrupt(format!("identity change {}", row.id.0));
    Ok(IdentityChange {
        id: row.id.0,
        region: Region::parse(&row.region).map_err(|_| corrupt())?,
        kind: ChangeKind::from_name(&row.kind).ok_or_else(corrupt)?,
        state: ChangeState::from_name(&row.state).ok_or_else(corrupt)?,
        particulars: sealing::of(&conn.vault(), "identity_changes", row.id.0.as_bytes())
            .open_doc("particulars", &row.particulars)?,
        requested_by: row.requested_by.0,
        requested_at: row.requested_at.0,
        decided: row.decided_by.map(|by| by.0).zip(row.decided_at.map(|at| at.0)),
    })
}

/// Stores a request for a change.
pub fn request(conn: &mut Conn, change: &IdentityChange) -> Result<(), StorageError> {
    let row = change_row(conn, change)?;
    on!(conn, d => diesel::insert_into(c::table).values(&row).execute(d))?;
    Ok(())
}

/// Stores what was decided, if nobody decided before; otherwise [`StorageError::Stale`].
pub fn decide(conn: &mut Conn, change: &IdentityChange) -> Result<(), StorageError> {
    let row = change_row(conn, change)?;
    let open = c::table.find(row.id).filter(c::state.eq(ChangeState::Pending.name()));
    let changed = on!(conn, d => diesel::update(open).set(&row).execute(d))?;
    if changed == 1 { Ok(()) } else { Err(StorageError::Stale) }
}

/// One request.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<IdentityChange>, StorageError> {
    let row: Option<ChangeRow> = on!(conn, d => {
        c::table.find(DbId(id)).select(ChangeRow::as_select()).get_result(d).optional()
    })?;
    row.map(|row| change(conn, row)).transpose()
}

/// Requests nobody has decided, the oldest first.
pub fn pending(conn: &mut Conn) -> Result<Vec<IdentityChange>, StorageError> {
    let rows: Vec<ChangeRow> = on!(conn, d => {
        c::table
            .filter(c::state.eq(ChangeState::Pending.name()))
            .order(c::requested_at.asc())
            .limit(500)
            .select(ChangeRow::as_select())
            .load(d)
    })?;
    rows.into_iter().map(|row| change(conn, row)).collect()
}

/// Under which numbers somebody was known before this one, by corrections that were approved.
pub fn former_numbers(conn: &mut Conn, number: &IdNumber) -> Result<Vec<IdNumber>, StorageError> {
    let mut known = vec![number.clone()];
    let mut next = 0;
    while let Some(number) = known.get(next).cloned() {
        next += 1;
        let index = number_index(&conn.vault(), &number);
        let rows: Vec<ChangeRow> = on!(conn, d => {
            c::table
                .filter(c::number_index.eq(index))
                .filter(c::kind.eq(ChangeKind::CorrectedNumber.name()))
                .filter(c::state.eq(ChangeState::Approved.name()))
                .select(ChangeRow::as_select())
                .load(d)
        })?;
        for row in rows {
            let former = change(conn, row)?.particulars.former_id_number;
            known.extend(former.filter(|former| !known.contains(former)));
        }
    }
    Ok(known.split_off(1))
}
