//! 攒写: what one transaction has made and goes on to change. A new application is stored when something asks the
//! database for applications or refers to one, at the latest with the end of the work: what is drafted, edited and
//! filed in one go is written once. Visits and mandates that were just stored are not asked for again.
//!
//! Nobody else sees what is not committed, so nobody else can have changed it.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::StorageError;
use super::nobody::Nobody;
use crate::domain::application::{Application, Desk};
use crate::domain::mandate::Standing;
use crate::domain::visit::Visit;

/// What the clocks of an application say: by when its step is due, and when one of them has something to do.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    /// By when.
    pub due_at: Option<DateTime<Utc>>,
    /// When there is something to do.
    pub wake_at: Option<DateTime<Utc>>,
}

impl Due {
    /// As of `desk.now`.
    pub fn of(application: &Application, desk: Desk<'_>) -> Self {
        let step = application.clocks(desk).step_by;
        Self { due_at: step.map(|due| due.at), wake_at: application.wake_at(desk) }
    }
}

/// What was made and may not be stored yet.
#[derive(Default)]
pub struct Gathered {
    /// Whether the transaction gathers at all.
    gathers: bool,
    /// Whether it is long enough to be written by one thread while another goes on.
    hands_over: bool,
    /// Who is known not to be found.
    pub nobody: Nobody,
    /// How far series have come that this transaction has locked, and whether that is stored.
    series: HashMap<String, (i64, bool)>,
    applications: BTreeMap<Uuid, (Application, Due)>,
    visits: BTreeMap<Uuid, Visit>,
    /// Visits that are over and stored.
    over: HashMap<Uuid, Visit>,
    mandates: HashMap<Uuid, Standing>,
    /// Of these there was neither a visit nor an application.
    absent: HashSet<Uuid>,
    /// What is awaited for a new application.
    awaited: HashMap<Uuid, Vec<String>>,
    /// By application and device: the versions that its operations had seen and made.
    versions: HashMap<(Uuid, Uuid), Vec<(i64, i64)>>,
}

impl Gathered {
    /// Of a transaction that gathers; a long one is written while it goes on.
    pub fn begun(long: bool) -> Self {
        Self { gathers: true, hands_over: long, nobody: Nobody::begun(), ..Self::default() }
    }

    /// Whether what is written is handed over to another thread.
    pub fn hands_over(&self) -> bool {
        self.hands_over
    }

    /// Counts on in a series that this transaction has locked; answers its new end, or none where it has not.
    pub fn count(&mut self, name: &str, size: i64) -> Option<i64> {
        let (end, stored) = self.series.get_mut(name)?;
        *end += size;
        *stored = false;
        Some(*end)
    }

    /// Remembers how far a series has come that is locked now.
    pub fn locked(&mut self, name: &str, end: i64) {
        if self.gathers {
            self.series.insert(name.to_owned(), (end, true));
        }
    }

    /// The series that have come further than is stored; none is counted on here any longer.
    pub fn counted(&mut self) -> Vec<(String, i64)> {
        let further = self.series.drain().filter(|(_, (_, stored))| !stored);
        further.map(|(name, (end, _))| (name, end)).collect()
    }

    /// The next one to be stored.
    pub fn pop(&mut self) -> Option<(Application, Due)> {
        self.applications.pop_first().map(|(_, new)| new)
    }

    /// Forgets what is stored.
    pub fn forget_stored(&mut self) {
        self.mandates.clear();
        self.over.clear();
        self.awaited.clear();
    }

    /// Keeps a new application to be stored later; false where that is not done.
    pub fn take_new(&mut self, application: &Application, due: Due) -> bool {
        // The departments of one that has been to any lie beside it.
        let new = self.gathers && application.dossier.reviews.is_empty();
        if new {
            self.absent.remove(&application.id);
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

    /// The materials awaited for one that is not stored yet, where they were looked for.
    pub fn awaited(&self, id: Uuid) -> Option<&Vec<String>> {
        self.awaited.get(&id)
    }

    /// Remembers them.
    pub fn await_for(&mut self, id: Uuid, materials: Vec<String>) {
        self.awaited.insert(id, materials);
    }

    /// Remembers a version that an operation has made of one that is not stored yet.
    pub fn made(&mut self, application: Uuid, device: Uuid, versions: (i64, i64)) {
        if self.applications.contains_key(&application) {
            self.versions.entry((application, device)).or_default().push(versions);
        }
    }

    /// What a device has made of one that is not stored yet, in order: nobody can have made anything of it before.
    pub fn versions(&self, application: Uuid, device: Uuid) -> Option<Vec<(i64, i64)>> {
        self.applications.get(&application)?;
        let mut made = self.versions.get(&(application, device)).cloned().unwrap_or_default();
        made.sort_by_key(|(_, version)| *version);
        Some(made)
    }

    /// Keeps a new visit to be stored later; false where that is not done.
    pub fn take_visit(&mut self, visit: &Visit) -> bool {
        if self.gathers {
            self.absent.remove(&visit.id);
            self.visits.insert(visit.id, visit.clone());
        }
        self.gathers
    }

    /// Ends one that is not stored yet: it is to be stored now. False where there is no such one.
    pub fn end_visit(&mut self, visit: &Visit) -> bool {
        let there = self.visits.remove(&visit.id).is_some();
        if there {
            self.over.insert(visit.id, visit.clone());
        }
        there
    }

    /// One that is not stored yet, or was just now.
    pub fn visit(&self, id: Uuid) -> Option<&Visit> {
        self.visits.get(&id).or_else(|| self.over.get(&id))
    }

    /// The next one to be stored.
    pub fn pop_visit(&mut self) -> Option<Visit> {
        self.visits.pop_first().map(|(_, visit)| visit)
    }

    /// Remembers of which ids there is neither a visit nor an application, nor anything announced for one.
    pub fn expect(&mut self, absent: HashSet<Uuid>) {
        if self.gathers {
            self.awaited.extend(absent.iter().map(|id| (*id, Vec::new())));
            self.absent.extend(absent);
        }
    }

    /// Whether there is known to be no such visit or application.
    pub fn is_absent(&self, id: Uuid) -> bool {
        self.absent.contains(&id)
    }

    /// Whether the transaction gathers.
    pub fn gathers(&self) -> bool {
        self.gathers
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
