//! Storing what a transaction has gathered.

use diesel::prelude::*;

use super::StorageError;
use super::dialect::{Conn, put};
use super::gathered::Gathered;
use super::row::ApplicationRow;
use super::schema::applications as a;

/// Gives a connection back as it was, even when the work panics: nothing of it may be stored later.
struct Gathering<'a>(&'a mut Conn);

impl Drop for Gathering<'_> {
    fn drop(&mut self) {
        self.0.gathered = Gathered::default();
    }
}

impl Conn {
    /// Work within a transaction that may store what it makes in one go.
    pub fn gathering<T, E: From<StorageError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let gathering = Gathering(self);
        gathering.0.gathered = Gathered::begun();
        let done = work(gathering.0)?;
        gathering.0.store_new()?;
        Ok(done)
    }

    /// Stores what is new: whatever refers to an application finds it.
    pub fn store_new(&mut self) -> Result<(), StorageError> {
        while let Some((application, due)) = self.gathered.pop() {
            let row = ApplicationRow::due_then(&self.vault(), &application, due)?;
            put!(beside self, diesel::insert_into(a::table).values(row));
        }
        Ok(())
    }

    /// Stores what is new and forgets what it has seen: whatever is asked or changed next is the database's.
    pub fn settle(&mut self) -> Result<(), StorageError> {
        self.gathered.forget_stored();
        self.store_new()
    }
}
