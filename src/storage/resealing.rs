//! Walks over every sealed column: seals what lies there from before there was a vault, opens it again where
//! a migration is taken back, and seals anew with the newest key what an older one holds.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Binary, Text};
use uuid::Uuid;

use super::StorageError;
use super::dialect::{Conn, DbId, bytes_of, on, opened};
use super::schema::Id;
use super::sealing::composite;
use crate::vault::{Cell, KeyId, MARK, Vault, key_of};

/// A table with sealed columns.
pub struct SealedTable {
    /// Its name.
    pub table: &'static str,
    /// The column with the first part of its key.
    id: &'static str,
    /// The second part, as text.
    part: Option<&'static str>,
    /// The migration that began to seal it.
    since: &'static str,
    /// The sealed columns, each with that of its blind index.
    pub columns: &'static [(&'static str, Option<&'static str>)],
}

/// Every sealed column there is.
pub const SEALED: [SealedTable; 25] = [
    SealedTable {
        table: "people",
        id: "id",
        part: None,
        since: "0004",
        columns: &[
            ("openid", Some("openid_index")),
            ("id_number", Some("id_index")),
            ("phone", None),
            ("email", None),
            ("verified_phone", None),
        ],
    },
    SealedTable {
        table: "household_members",
        id: "id",
        part: None,
        since: "0004",
        columns: &[("id_number", None), ("phone", None)],
    },
    SealedTable {
        table: "visits",
        id: "id",
        part: None,
        since: "0004",
        columns: &[("place", None), ("mandate", None)],
    },
    SealedTable { table: "visits", id: "id", part: None, since: "0010", columns: &[("report", None)] },
    SealedTable {
        table: "operations",
        id: "id",
        part: None,
        since: "0011",
        columns: &[("body", None), ("answer", None)],
    },
    SealedTable {
        table: "attachments",
        id: "id",
        part: None,
        since: "0011",
        columns: &[("file_name", None)],
    },
    SealedTable {
        table: "applications",
        id: "id",
        part: None,
        since: "0004",
        columns: &[
            ("applicant_id_number", Some("applicant_id_index")),
            ("applicant_phone", None),
            ("query_code", None),
            ("headline", None),
            ("form", None),
            ("dossier", None),
        ],
    },
    SealedTable {
        table: "events",
        id: "application",
        part: Some("CAST(sequence AS TEXT)"),
        since: "0004",
        columns: &[("detail", None)],
    },
    SealedTable { table: "materials", id: "id", part: None, since: "0004", columns: &[("file_name", None)] },
    SealedTable {
        table: "outbox",
        id: "id",
        part: None,
        since: "0004",
        columns: &[("address", None), ("last_error", None)],
    },
    SealedTable {
        table: "idempotency",
        id: "account",
        part: Some("idempotency_key"),
        since: "0004",
        columns: &[("body", None)],
    },
    SealedTable { table: "payment_orders", id: "id", part: None, since: "0004", columns: &[("quote", None)] },
    SealedTable { table: "postings", id: "id", part: None, since: "0004", columns: &[("payer", None)] },
    SealedTable { table: "staff", id: "id", part: None, since: "0006", columns: &[("second_factor", None)] },
    SealedTable {
        table: "verifications",
        id: "id",
        part: None,
        since: "0007",
        columns: &[("identity", None)],
    },
    SealedTable {
        table: "identity_changes",
        id: "id",
        part: None,
        since: "0007",
        columns: &[("particulars", None)],
    },
    SealedTable { table: "mandates", id: "id", part: None, since: "0007", columns: &[("particulars", None)] },
    SealedTable { table: "visit_plans", id: "id", part: None, since: "0012", columns: &[("place", None)] },
    SealedTable {
        table: "visit_needs",
        id: "visit",
        part: Some("CAST(position AS TEXT)"),
        since: "0012",
        columns: &[("note", None)],
    },
    SealedTable {
        table: "confirmation_codes",
        id: "visit",
        part: None,
        since: "0012",
        columns: &[("phone", None)],
    },
    SealedTable {
        table: "households",
        id: "id",
        part: None,
        since: "0014",
        columns: &[("particulars", None)],
    },
    SealedTable { table: "packs", id: "id", part: None, since: "0014", columns: &[("manifest", None)] },
    SealedTable { table: "devices", id: "id", part: None, since: "0014", columns: &[("pack_key", None)] },
    SealedTable {
        table: "reserved_numbers",
        id: "id",
        part: None,
        since: "0014",
        columns: &[("query_code", None)],
    },
    SealedTable {
        table: "duplicate_verdicts",
        id: "id",
        part: None,
        since: "0015",
        columns: &[("reason", None)],
    },
];

/// What a walk does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// Seals what is not.
    Seal,
    /// Opens what is sealed, for good.
    Open,
    /// Seals anew what has another key than this.
    Renew(KeyId),
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = Id)]
    id: DbId,
}

#[derive(QueryableByName)]
struct CellRow {
    #[diesel(sql_type = Id)]
    id: DbId,
    #[diesel(sql_type = Text)]
    part: String,
    #[diesel(sql_type = Binary)]
    cell: Vec<u8>,
}

/// Where a walk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    table: usize,
    after: Uuid,
    /// Cells changed so far.
    pub changed: u64,
}

/// Rows of one step.
const STEP: i64 = 200;

/// One step of a walk, from `position` on; `None` when it is at its end.
pub fn step(conn: &mut Conn, walk: Walk, position: Position) -> Result<Option<Position>, StorageError> {
    let Some(table) = SEALED.get(position.table) else { return Ok(None) };
    let (name, id) = (table.table, table.id);
    let next = format!("SELECT DISTINCT {id} AS id FROM {name} WHERE {id} > $1 ORDER BY 1 LIMIT {STEP}");
    let rows: Vec<IdRow> = on!(conn, c => sql_query(next).bind::<Id, _>(DbId(position.after)).load(c))?;
    let Some(last) = rows.last() else {
        return Ok(Some(Position { table: position.table + 1, after: Uuid::nil(), ..position }));
    };
    let mut changed = position.changed;
    for (column, index) in table.columns {
        let part = table.part.unwrap_or("CAST('' AS TEXT)");
        let bytes = bytes_of(conn, column);
        let cells = format!(
            "SELECT {id} AS id, {part} AS part, {bytes} AS cell FROM {name} \
             WHERE {id} > $1 AND {id} <= $2 AND {column} IS NOT NULL"
        );
        let query = sql_query(cells).bind::<Id, _>(DbId(position.after)).bind::<Id, _>(last.id);
        let cells: Vec<CellRow> = on!(conn, c => query.load(c))?;
        for cell in cells {
            changed += u64::from(change(conn, table, (column, *index), walk, &cell)?);
        }
    }
    Ok(Some(Position { after: last.id.0, changed, ..position }))
}

/// A whole walk over what a migration began to seal, in one transaction.
pub fn all(conn: &mut Conn, walk: Walk, since: &str) -> Result<(), StorageError> {
    let mut position = Some(Position::default());
    while let Some(at) = position {
        let its = SEALED.get(at.table).is_none_or(|table| table.since == since);
        position = if its { step(conn, walk, at)? } else { Some(Position { table: at.table + 1, ..at }) };
    }
    Ok(())
}

fn change(
    conn: &mut Conn,
    table: &SealedTable,
    (column, index): (&'static str, Option<&'static str>),
    walk: Walk,
    row: &CellRow,
) -> Result<bool, StorageError> {
    let vault = conn.vault();
    let key = composite(row.id.0, &row.part);
    let cell = Cell { table: table.table, column, row: &key };
    let sealed = row.cell.first() == Some(&MARK);
    let new = match walk {
        Walk::Seal if !sealed => vault.seal(cell, &row.cell)?,
        Walk::Open if sealed => vault.unseal(cell, &row.cell)?,
        Walk::Renew(newest) if key_of(&row.cell) != Some(newest) => {
            vault.seal(cell, &vault.unseal(cell, &row.cell)?)?
        }
        Walk::Seal | Walk::Open | Walk::Renew(_) => return Ok(false),
    };
    let stored = if walk == Walk::Open { opened(conn) } else { "$1" };
    let part = table.part.unwrap_or("CAST('' AS TEXT)");
    let was = bytes_of(conn, column);
    let (name, id) = (table.table, table.id);
    // Only over what was read: somebody may have written it anew meanwhile.
    let update =
        format!("UPDATE {name} SET {column} = {stored} WHERE {id} = $2 AND {part} = $3 AND {was} = $4");
    let query = sql_query(update)
        .bind::<Binary, _>(&new)
        .bind::<Id, _>(row.id)
        .bind::<Text, _>(&row.part)
        .bind::<Binary, _>(&row.cell);
    let changed = on!(conn, c => query.execute(c))?;
    if let (Walk::Seal, Some(index)) = (walk, index) {
        find_again(conn, &vault, table, (column, index), row)?;
    }
    Ok(changed == 1)
}

/// Fills the blind index of a value that is sealed for the first time.
fn find_again(
    conn: &mut Conn,
    vault: &Vault,
    table: &SealedTable,
    (column, index): (&str, &str),
    row: &CellRow,
) -> Result<(), StorageError> {
    let name = format!("{}.{column}", table.table);
    let value = vault.index(&name, &String::from_utf8_lossy(&row.cell));
    let update = format!("UPDATE {} SET {index} = $1 WHERE {} = $2", table.table, table.id);
    let query = sql_query(update).bind::<Binary, _>(value).bind::<Id, _>(row.id);
    on!(conn, c => query.execute(c))?;
    Ok(())
}
