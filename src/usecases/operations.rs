//! What an operator asks: is it ready, what waits for delivery.

use super::{Failure, Office};
use crate::storage::{outbox, staff};

impl Office {
    /// Names of the database and the cache, once the database has answered.
    pub async fn readiness(&self) -> Result<(&'static str, &'static str), Failure> {
        self.db().read(staff::count).await.map_err(Failure::from)?;
        Ok((self.db().kind(), self.outside().cache.state()))
    }

    /// Upkeep of the database; nothing waits for it.
    pub async fn take_stock(&self) -> Result<usize, Failure> {
        self.db().take_stock().await.map(|()| 0).map_err(Failure::from)
    }

    /// Mails waiting and mails given up.
    pub async fn outbox_figures(&self) -> Result<(i64, i64), Failure> {
        let figures =
            self.db().read(|conn| Ok((outbox::count(conn, "pending")?, outbox::count(conn, "dead")?))).await;
        figures.map_err(|error: crate::storage::StorageError| error.into())
    }
}
