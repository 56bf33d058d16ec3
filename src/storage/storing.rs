//! Storing what a transaction has gathered.

use std::collections::HashSet;

use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, on, put};
use super::gathered::Gathered;
use super::row::ApplicationRow;
use super::schema::{applications as a, attachments as t, visits as v};
use super::steady::steady;
use super::{StorageError, visits};

/// Ids looked for at once: those of a step.
const AT_ONCE: usize = 64;

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
        gathering.0.settle()?;
        Ok(done)
    }

    /// Looks once which of these ids are new, so that nobody has to ask for each.
    pub fn expect_new(&mut self, ids: &[Uuid]) -> Result<(), StorageError> {
        if !self.gathered.gathers() {
            return Ok(());
        }
        let mut absent: HashSet<Uuid> = ids.iter().copied().collect();
        let mut unannounced = absent.clone();
        for some in ids.chunks(AT_ONCE) {
            // Always as many, so that it is one statement: what the empty id finds is asked for by nobody else.
            let mut some: Vec<DbId> = some.iter().copied().map(DbId).collect();
            some.resize(AT_ONCE, DbId(Uuid::nil()));
            let visits: Vec<DbId> = on!(beside self, c => {
                steady!(v::table.filter(v::id.eq_any(some.clone())).select(v::id)).load(c)
            })?;
            let applications: Vec<DbId> = on!(beside self, c => {
                steady!(a::table.filter(a::id.eq_any(some.clone())).select(a::id)).load(c)
            })?;
            let announced: Vec<DbId> = on!(beside self, c => {
                steady!(t::table.filter(t::application.eq_any(some)).select(t::application)).load(c)
            })?;
            absent.retain(|id| !visits.contains(&DbId(*id)) && !applications.contains(&DbId(*id)));
            unannounced.retain(|id| !announced.contains(&DbId(*id)));
        }
        self.gathered.expect(absent, &unannounced);
        Ok(())
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
        while let Some(visit) = self.gathered.pop_visit() {
            visits::store(self, &visit)?;
        }
        self.store_new()
    }
}
