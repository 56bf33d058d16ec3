//! Transactions and their parts on whichever database.

use diesel::connection::SimpleConnection;

use super::StorageError;
use super::dialect::{Conn, Kind};

impl Conn {
    /// Begins a transaction; the embedded database's only one that writes.
    pub fn begin(&mut self) -> Result<(), StorageError> {
        match &mut self.kind {
            Kind::Sqlite(c) => c.here()?.batch_execute("BEGIN IMMEDIATE")?,
            Kind::Pg(session) => session.begin(),
        }
        Ok(())
    }

    /// Ends it; everything is on disk afterwards.
    pub fn commit(&mut self) -> Result<(), StorageError> {
        match &mut self.kind {
            Kind::Sqlite(c) => Ok(c.here()?.batch_execute("COMMIT")?),
            Kind::Pg(session) => session.commit(),
        }
    }

    /// Gives it up.
    pub fn rollback(&mut self) -> Result<(), StorageError> {
        match &mut self.kind {
            Kind::Sqlite(c) => Ok(c.recalled()?.batch_execute("ROLLBACK")?),
            Kind::Pg(session) => session.rollback(),
        }
    }

    /// Part of a transaction that may fail on its own: nothing of it stays then, and the rest goes on. Not one within
    /// another.
    pub fn attempt<T, E: From<StorageError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.savepoint()?;
        let done = work(self).and_then(|value| Ok(self.release().map(|()| value)?));
        if done.is_err() {
            self.take_back()?;
        }
        done
    }

    /// What was handed over to be written is written.
    pub fn caught_up(&mut self) -> Result<(), StorageError> {
        match &mut self.kind {
            Kind::Sqlite(c) => c.here().map(|_| ()),
            Kind::Pg(session) => session.caught_up(),
        }
    }

    /// What was handed over is written or never will be: it is about to be taken back.
    pub fn recall(&mut self) -> Result<(), StorageError> {
        match &mut self.kind {
            Kind::Sqlite(c) => c.recalled().map(|_| ()),
            Kind::Pg(session) => session.recall(),
        }
    }

    fn savepoint(&mut self) -> Result<(), StorageError> {
        match &mut self.kind {
            Kind::Sqlite(c) => Ok(c.here()?.batch_execute("SAVEPOINT attempt")?),
            Kind::Pg(session) => session.savepoint(),
        }
    }

    fn take_back(&mut self) -> Result<(), StorageError> {
        match &mut self.kind {
            Kind::Sqlite(c) => Ok(c.recalled()?.batch_execute("ROLLBACK TO attempt; RELEASE attempt")?),
            Kind::Pg(session) => session.take_back(),
        }
    }

    fn release(&mut self) -> Result<(), StorageError> {
        match &mut self.kind {
            Kind::Sqlite(c) => Ok(c.here()?.batch_execute("RELEASE attempt")?),
            Kind::Pg(session) => session.release(),
        }
    }
}
