//! Bounded connections to PostgreSQL. A connection whose state is in doubt (a panic, a lost commit, a
//! cut wire) is thrown away rather than reused.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, Pool};
use diesel::{Connection, PgConnection};
use tokio::sync::Semaphore;

use super::dialect::{Conn, Kind};
use super::{StorageError, StorageSettings};
use crate::vault::Vault;

/// Statement and lock limits: a caller hears of trouble before its own patience ends.
const SESSION: &str = "SET statement_timeout = '5s'; SET lock_timeout = '4s'; SET idle_in_transaction_session_timeout = '30s'; \
     SET TIME ZONE 'UTC'; SET synchronous_commit = on;";

struct Servers {
    url: String,
    vault: Arc<Vault>,
}

struct Lent {
    conn: Conn,
    doubtful: bool,
}

impl ManageConnection for Servers {
    type Connection = Lent;
    type Error = StorageError;

    fn connect(&self) -> Result<Lent, StorageError> {
        let mut conn = PgConnection::establish(&self.url)?;
        conn.batch_execute(SESSION)?;
        Ok(Lent { conn: Conn::new(Kind::Pg(conn.into()), self.vault.clone()), doubtful: false })
    }

    fn is_valid(&self, lent: &mut Lent) -> Result<(), StorageError> {
        lent.conn.execute("SELECT 1")
    }

    fn has_broken(&self, lent: &mut Lent) -> bool {
        lent.doubtful
    }
}

/// The pool; cheap to clone. Callers wait for their turn as tasks: no more threads than connections.
#[derive(Clone)]
pub struct PgPool {
    pool: Pool<Servers>,
    turns: Arc<Semaphore>,
    patience: Duration,
}

impl PgPool {
    /// A pool of at most `settings.pool` connections; fails if none can be made.
    pub fn open(settings: &StorageSettings, vault: Arc<Vault>) -> Result<Self, StorageError> {
        let patience = Duration::from_secs(settings.pool_wait_seconds);
        let pool = Pool::builder()
            .max_size(settings.pool)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(patience)
            .build(Servers { url: settings.url.clone(), vault })
            .map_err(|error| StorageError::Unavailable(error.to_string()))?;
        let turns = Arc::new(Semaphore::new(settings.pool as usize));
        Ok(Self { pool, turns, patience })
    }

    /// Runs `work` on a pooled connection, off the async threads.
    pub async fn run<T, E>(
        &self,
        in_transaction: bool,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let turn = tokio::time::timeout(self.patience, self.turns.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(StorageError::Overloaded.into()) };
        let pool = self.pool.clone();
        let job = move || -> Result<T, E> {
            // The turn ends with the work, not with a caller that goes away.
            let _turn = turn;
            let mut lent = pool.get().map_err(|_| E::from(StorageError::Overloaded))?;
            lent.doubtful = true;
            let result = if in_transaction {
                transaction(&mut lent.conn, work)
            } else {
                guarded(&mut lent.conn, work)
            };
            // Only a connection that answers a trivial question afterwards goes back into the pool.
            lent.doubtful = result.is_err() && lent.conn.execute("SELECT 1").is_err();
            result
        };
        tokio::task::spawn_blocking(job).await.unwrap_or_else(|_| Err(StorageError::Panicked.into()))
    }
}

fn guarded<T, E: From<StorageError>>(
    conn: &mut Conn,
    work: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or_else(|_| Err(StorageError::Panicked.into()))
}

fn transaction<T, E: From<StorageError>>(
    conn: &mut Conn,
    work: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    conn.begin()?;
    let result = guarded(conn, work).and_then(|value| conn.commit().map(|()| value).map_err(E::from));
    if result.is_err() {
        // A connection that cannot even roll back is found out by the question above.
        let _ = conn.rollback();
    }
    result
}
