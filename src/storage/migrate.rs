//! Migrations, compiled in: the same names for both databases, up and down. What they ask the program to do
//! with what is there (seal it, link it) happens in their transaction, and is undone where they are taken back.

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::StorageError;
use super::dialect::{Conn, Kind, on};
use super::resealing::{self, Walk};
use super::{linking, mandates, real_names, visits};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The migration from which on personal columns are sealed.
const SEALING: &str = "0004";

fn failed(error: impl std::fmt::Display) -> StorageError {
    StorageError::Failed(error.to_string())
}

/// The same for whichever database: its migrations with its connection.
macro_rules! migrating {
    ($conn:expr, ($c:ident, $source:ident) => $body:expr) => {
        match &mut $conn.kind {
            Kind::Sqlite(lendable) => {
                let ($c, $source) = (lendable.here()?, SQLITE);
                $body
            }
            Kind::Pg(session) => {
                let ($c, $source) = (session.ready()?, POSTGRES);
                $body
            }
        }
    };
}

/// The migration from which on events are linked.
const LINKING: &str = "0005";

/// The migration from which on verified numbers are found again, and mandates stand on their own.
const REAL_NAMES: &str = "0007";

/// The migration from which on needs are ticked off.
const NEEDS: &str = "0012";

/// Brings the tables up to date. The program's own part comes when all of them have their present shape.
pub fn up(conn: &mut Conn) -> Result<(), StorageError> {
    whole(conn, |conn| {
        let done = migrating!(conn, (c, source) => {
            let done = c.run_pending_migrations(source).map_err(failed)?;
            done.iter().map(ToString::to_string).collect::<Vec<_>>()
        });
        if done.iter().any(|version| version == SEALING) {
            resealing::all(conn, Walk::Seal, SEALING)?;
        }
        if done.iter().any(|version| version == LINKING) {
            linking::all(conn)?;
        }
        if done.iter().any(|version| version == REAL_NAMES) {
            real_names::index_all(conn)?;
            mandates::take_over_all(conn)?;
        }
        if done.iter().any(|version| version == NEEDS) {
            visits::note_all_needs(conn)?;
        }
        Ok(())
    })
}

/// Takes the last migrations back.
pub fn down(conn: &mut Conn, steps: usize) -> Result<(), StorageError> {
    for _ in 0..steps {
        let last = on!(conn, c => {
            c.applied_migrations().map_err(failed)?.first().map(ToString::to_string)
        });
        let Some(last) = last else { return Ok(()) };
        whole(conn, |conn| {
            if last == SEALING {
                resealing::all(conn, Walk::Open, SEALING)?;
            }
            migrating!(conn, (c, source) => c.revert_last_migration(source).map(|_| ()).map_err(failed))
        })?;
    }
    Ok(())
}

/// Everything or nothing; the migration's own transaction lies within.
fn whole(
    conn: &mut Conn,
    work: impl FnOnce(&mut Conn) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    on!(conn, c => AnsiTransactionManager::begin_transaction(c))?;
    let outcome = work(conn);
    match &outcome {
        Ok(()) => on!(conn, c => AnsiTransactionManager::commit_transaction(c))?,
        Err(_) => on!(conn, c => AnsiTransactionManager::rollback_transaction(c))?,
    }
    outcome
}
