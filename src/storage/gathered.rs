//! 攒写: what one transaction has made and goes on to change. A new application is stored when something asks the
//! database for applications or refers to one, at the latest with the end of the work: what is drafted, edited and
//! filed in one go is written once. Visits and mandates that were just stored are not asked for again.
//!
//! Nobody else sees what is not committed, so nobody else can have changed it.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::StorageError;
use super::dialect::{Conn, put};
use super::row::{ApplicationRow, Due};
use super::schema::applications as a;
use crate::domain::application::Application;
use crate::domain::mandate::Standing;
use crate::domain::visit::Visit;
use diesel::prelude::*;

/// What was made and may not be stored yet.
#[derive(Default)]
pub struct Gathered {
    /// Whether the transaction gathers at all.
    gathers: bool,
    applications: BTreeMap<Uuid, (Application, Due)>,
    visits: HashMap<Uuid, Visit>,
    mandates: HashMap<Uuid, Standing>,
}

impl Gathered {
    /// Keeps a new application to be stored later; false where that is not done.
    pub fn take_new(&mut self, application: &Application, due: Due) -> bool {
        // The departments of one that has been to any lie beside it.
        let new = self.gathers && application.dossier.reviews.is_empty();
        if new {
            self.applications.insert(application.id, (application.clone(), due));
        }
        new
    }

    /// Changes one that is not stored yet; none where there is no such one.
    pub fn change(
        &mut self,
        application: &Application,
        loaded_version: i64,
        due: Due,
    ) -> Option<Result<(), StorageError>> {
        let there = self.applications.get(&application.id)?;
        if there.0.version != loaded_version {
            return Some(Err(StorageError::Stale));
        }
        self.take_new(application, due).then_some(Ok(()))
    }

    /// One that is not stored yet.
    pub fn application(&self, id: Uuid) -> Option<&Application> {
        self.applications.get(&id).map(|(application, _)| application)
    }

    /// Remembers a visit that was stored.
    pub fn stored_visit(&mut self, visit: &Visit) {
        if self.gathers {
            self.visits.insert(visit.id, visit.clone());
        }
    }

    /// One that was stored just now.
    pub fn visit(&self, id: Uuid) -> Option<&Visit> {
        self.visits.get(&id)
    }

    /// It is about to be changed.
    pub fn forget_visit(&mut self, id: Uuid) {
        self.visits.remove(&id);
    }

    /// Remembers a mandate that was stored.
    pub fn stored_mandate(&mut self, standing: &Standing) {
        if self.gathers {
            self.mandates.insert(standing.id, standing.clone());
        }
    }

    /// One that was stored just now.
    pub fn mandate(&self, id: Uuid) -> Option<&Standing> {
        self.mandates.get(&id)
    }
}

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
        gathering.0.gathered.gathers = true;
        let done = work(gathering.0)?;
        gathering.0.store_new()?;
        Ok(done)
    }

    /// Stores what is new: whatever refers to an application finds it.
    pub fn store_new(&mut self) -> Result<(), StorageError> {
        while let Some((_, (application, due))) = self.gathered.applications.pop_first() {
            let row = ApplicationRow::due_then(&self.vault(), &application, due)?;
            put!(beside self, diesel::insert_into(a::table).values(row));
        }
        Ok(())
    }

    /// Stores what is new and forgets what it has seen: whatever is asked or changed next is the database's.
    pub fn settle(&mut self) -> Result<(), StorageError> {
        if !self.gathered.gathers {
            return Ok(());
        }
        self.gathered.visits.clear();
        self.gathered.mandates.clear();
        self.store_new()
    }
}
