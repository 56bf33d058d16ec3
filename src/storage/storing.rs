//! Storing what a transaction has gathered.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{AT_ONCE, Conn, DbId, on, put, so_many};
use super::gathered::Gathered;
use super::keys::Keys;
use super::row::ApplicationRow;
use super::schema::{applications as a, attachments as t, visits as v};
use super::steady::steady;
use super::{StorageError, counters, visits};
use crate::domain::application::Application;

/// Gives a connection back as it was, even when the work panics: nothing of it may be stored later.
struct Gathering<'a> {
    conn: &'a mut Conn,
    ended_well: bool,
}

impl Drop for Gathering<'_> {
    fn drop(&mut self) {
        self.conn.gathered = Gathered::default();
        if !self.ended_well {
            // Whoever takes it back finds out whether anything is left of the connection.
            let _ = self.conn.recall();
        }
    }
}

impl Conn {
    /// Work within a transaction that may store what it makes in one go. What a long one stores is written by another
    /// thread while it goes on.
    pub fn gathering<T, E: From<StorageError>>(
        &mut self,
        long: bool,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut gathering = Gathering { conn: self, ended_well: false };
        gathering.conn.gathered = Gathered::begun(long);
        let done = work(gathering.conn)?;
        gathering.conn.settle()?;
        gathering.conn.caught_up()?;
        gathering.ended_well = true;
        Ok(done)
    }

    /// Whether the transaction remembers what it has looked up, and forgets it with its end.
    pub fn gathers(&self) -> bool {
        self.gathered.gathers()
    }

    /// Looks once which of these ids are new, so that nobody has to ask for each.
    pub fn expect_new(&mut self, ids: &[Uuid]) -> Result<(), StorageError> {
        let mut absent: HashSet<Uuid> = ids.iter().copied().collect();
        for some in ids.chunks(AT_ONCE) {
            // What the empty id finds is asked for by nobody else.
            let some = some.iter().copied().map(DbId).collect();
            let some = so_many(self, some, AT_ONCE, DbId(Uuid::nil()));
            let there: Vec<DbId> = on!(beside self, c => {
                let visits = v::table.filter(v::id.eq_any(some.clone())).select(v::id);
                let applications = a::table.filter(a::id.eq_any(some.clone())).select(a::id);
                let announced = t::table.filter(t::application.eq_any(some)).select(t::application);
                steady!(visits.union_all(applications).union_all(announced)).load(c)
            })?;
            for id in there {
                absent.remove(&id.0);
            }
        }
        self.gathered.expect(absent);
        Ok(())
    }

    /// The keys of a draft, if it was looked up ahead that nobody is found by any of them.
    pub fn unlike(&self, draft: &Application, today: NaiveDate) -> Option<&Keys> {
        self.gathered.nobody.keys_of(draft, today)
    }

    /// Stores what is new: whatever refers to an application finds it.
    pub fn store_new(&mut self) -> Result<(), StorageError> {
        while let Some((application, due)) = self.gathered.pop() {
            let vault = self.vault();
            let row = ApplicationRow::due_then(&vault, &application, due)?;
            put!(first self, a::table, row);
        }
        Ok(())
    }

    /// Stores what is new and forgets what it has seen: whatever is asked or changed next is the database's.
    pub fn settle(&mut self) -> Result<(), StorageError> {
        self.gathered.forget_stored();
        while let Some(visit) = self.gathered.pop_visit() {
            visits::store(self, visit)?;
        }
        for (name, end) in self.gathered.counted() {
            counters::keep(self, name, end)?;
        }
        self.store_new()
    }
}
