//! The only room that knows a database. [`Db::read`] and [`Db::write`] take closures over one
//! connection; the tables' files beside this one offer the queries, in domain types.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use serde::Deserialize;

pub mod applications;
pub mod attachments;
pub mod audit;
mod column_types;
pub mod confirmation_codes;
pub mod counters;
pub mod devices;
pub mod dialect;
pub mod drafts;
pub mod duplicates;
pub mod erasing;
pub mod error;
pub mod events;
mod gathered;
mod hand;
pub mod households;
pub mod idempotency;
pub mod identity_changes;
pub mod keys;
pub mod linking;
pub mod mandates;
pub mod materials;
mod migrate;
pub mod needs;
pub mod nobody;
pub mod notices;
pub mod open_cases;
pub mod operations;
pub mod outbox;
pub mod owners;
pub mod packs;
pub mod payments;
pub mod people;
pub mod plans;
mod pool;
mod postgres;
pub mod queue;
pub mod real_names;
pub mod resealing;
pub mod reserved_numbers;
mod row;
mod schema;
pub mod scope;
pub mod sealing;
pub mod sessions;
mod sheaves;
pub mod spent;
pub mod staff;
mod steady;
mod stock;
mod storing;
mod summary;
mod transaction;
pub mod visits;
pub mod waits;
mod writer;

pub use dialect::{Conn, Kind};
pub use error::StorageError;
use hand::Lendable;
use pool::PgPool;
use writer::Writer;

use crate::vault::Vault;

/// 数据库: where it is and how much of it may be used at once.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageSettings {
    /// `sqlite://path` or `postgres://user@host/database`.
    pub url: String,
    /// Connections to PostgreSQL at the most.
    pub pool: u32,
    /// Seconds a caller waits for one of them before it is told to come back later.
    pub pool_wait_seconds: u64,
}

enum Backend {
    Sqlite { path: String, writer: Writer },
    Pg { pool: PgPool },
}

/// The database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    backend: Arc<Backend>,
    vault: Arc<Vault>,
    /// Tells this database's thread-local readers from another's.
    serial: u64,
}

/// A thread's own connection, and whether anybody has the database any more.
struct Reader(Weak<Backend>, Conn);

static SERIAL: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static READERS: RefCell<HashMap<u64, Reader>> = RefCell::new(HashMap::new());
}

/// FULL: a commit is on disk when it is answered. The log is carried over into the database every 16 MiB: a
/// page that changes often is then written once instead of again and again.
const SQLITE_PRAGMAS: &str = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
     PRAGMA busy_timeout=5000; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; \
     PRAGMA wal_autocheckpoint=4000;";

impl Db {
    /// Opens the database and brings its tables up to date.
    pub fn open(settings: &StorageSettings, vault: Arc<Vault>) -> Result<Self, StorageError> {
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let backend = if let Some(path) = settings.url.strip_prefix("sqlite://") {
            let mut conn = Conn::new(Kind::Sqlite(Lendable::new(open_sqlite(path)?)), vault.clone());
            migrate::up(&mut conn)?;
            Backend::Sqlite { path: path.to_owned(), writer: Writer::start(conn)? }
        } else {
            // Connecting first gives a clear message when the server is not there.
            migrate::up(&mut connect(&settings.url, vault.clone())?)?;
            let pool = PgPool::open(settings, vault.clone())?;
            Backend::Pg { pool }
        };
        Ok(Self { backend: Arc::new(backend), vault, serial })
    }

    /// Takes the last `steps` migrations back; for the migration test and for an operator who knows why.
    pub fn revert(settings: &StorageSettings, vault: Arc<Vault>, steps: usize) -> Result<(), StorageError> {
        migrate::down(&mut connect(&settings.url, vault)?, steps)
    }

    /// Which database it is: `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        match *self.backend {
            Backend::Sqlite { .. } => "sqlite",
            Backend::Pg { .. } => "postgres",
        }
    }

    /// A short read. SQLite answers on the calling thread's own connection: a point read is faster than
    /// a hop to another thread, and readers never wait for the writer.
    pub async fn read<T, E>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        match &*self.backend {
            Backend::Sqlite { path, .. } => {
                let mut conn = self.reader(path)?;
                let result = f(&mut conn);
                let reader = Reader(Arc::downgrade(&self.backend), conn);
                READERS.with_borrow_mut(|readers| readers.insert(self.serial, reader));
                result
            }
            Backend::Pg { pool } => pool.run(false, f).await,
        }
    }

    /// One transaction. On SQLite it shares its commit with others that wait; on PostgreSQL it has a
    /// pooled connection of its own. An error rolls back; an answer leaves only after the commit.
    pub async fn write<T, E>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        match &*self.backend {
            Backend::Sqlite { writer, .. } => writer.write(f).await,
            Backend::Pg { pool } => pool.run(true, f).await,
        }
    }

    /// Lets the database count its rows anew, so that it chooses its indexes by what is there. A table that is small
    /// now is not taken to be: it would be read from end to end until the next count, however it grows.
    pub async fn take_stock(&self) -> Result<(), StorageError> {
        match &*self.backend {
            Backend::Sqlite { writer, .. } => writer.write(stock::take).await,
            // PostgreSQL does so by itself.
            Backend::Pg { .. } => Ok(()),
        }
    }

    /// What its sealed columns are sealed with.
    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    fn reader(&self, path: &str) -> Result<Conn, StorageError> {
        if let Some(Reader(_, conn)) = READERS.with_borrow_mut(|readers| readers.remove(&self.serial)) {
            return Ok(conn);
        }
        // A database that was closed is opened no more.
        READERS.with_borrow_mut(|readers| readers.retain(|_, reader| reader.0.strong_count() > 0));
        let mut conn = open_sqlite(path)?;
        conn.batch_execute("PRAGMA query_only=ON")?;
        Ok(Conn::new(Kind::Sqlite(Lendable::new(conn)), self.vault.clone()))
    }
}

fn open_sqlite(path: &str) -> Result<SqliteConnection, StorageError> {
    let mut conn = SqliteConnection::establish(path)?;
    conn.batch_execute(SQLITE_PRAGMAS)?;
    Ok(conn)
}

fn connect(url: &str, vault: Arc<Vault>) -> Result<Conn, StorageError> {
    let kind = match url.strip_prefix("sqlite://") {
        Some(path) => Kind::Sqlite(Lendable::new(open_sqlite(path)?)),
        None => Kind::Pg(PgConnection::establish(url)?.into()),
    };
    Ok(Conn::new(kind, vault))
}
