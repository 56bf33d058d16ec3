//! Migrations, compiled in: the same names for both databases, up and down.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::StorageError;
use super::dialect::Conn;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Brings the tables up to date.
pub fn up(conn: &mut Conn) -> Result<(), StorageError> {
    match conn {
        Conn::Sqlite(c) => c.run_pending_migrations(SQLITE).map(|_| ()),
        Conn::Pg(c) => c.ready()?.run_pending_migrations(POSTGRES).map(|_| ()),
    }
    .map_err(|error| StorageError::Failed(error.to_string()))
}

/// Takes every migration back.
pub fn down(conn: &mut Conn) -> Result<(), StorageError> {
    match conn {
        Conn::Sqlite(c) => c.revert_all_migrations(SQLITE).map(|_| ()),
        Conn::Pg(c) => c.ready()?.revert_all_migrations(POSTGRES).map(|_| ()),
    }
    .map_err(|error| StorageError::Failed(error.to_string()))
}
