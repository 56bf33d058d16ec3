//! The audit log: every request leaves an entry, gathered for a moment so that a thousand looks at a queue are
//! one line, and refused service rather than forgotten when it cannot be kept.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, FixedOffset, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::case::load;
use super::clocks_view::local;
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::audit::{AuditEntry, Audited};
use crate::domain::lifecycle::Role;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::text::Text;
use crate::storage::audit::{self, AuditFilter};
use crate::storage::{Conn, StorageError};

/// Different entries that may wait to be kept; beyond it nobody is served.
const MOST: usize = 50_000;
/// Entries of one transaction.
const AT_ONCE: usize = 2000;

/// First and last request, and how many.
type Seen = (DateTime<Utc>, DateTime<Utc>, i64);

/// What waits to be kept.
#[derive(Default)]
pub struct Waiting(Mutex<HashMap<AuditEntry, Seen>>);

impl Waiting {
    fn with<T>(&self, look: impl FnOnce(&mut HashMap<AuditEntry, Seen>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, entry: AuditEntry, (at, until, count): Seen) {
        self.with(|waiting| {
            let seen = waiting.entry(entry).or_insert((at, until, 0));
            *seen = (seen.0.min(at), seen.1.max(until), seen.2 + count);
        });
    }
}

/// 查阅记录: who looked at an application.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccessView {
    /// Name.
    pub name: String,
    /// Roles, by stable name.
    pub roles: Vec<String>,
    /// What was looked at or done.
    pub operation: String,
    /// Which particulars, where only some were.
    pub fields: Option<String>,
    /// To what end, where it was stated.
    pub purpose: Option<String>,
    /// The first time.
    pub at: DateTime<FixedOffset>,
    /// The last time.
    pub until: DateTime<FixedOffset>,
    /// How often.
    pub count: i64,
}

/// 审计记录
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditView {
    /// 1, 2, 3 … without a gap.
    pub number: i64,
    /// Account; nobody before signing in.
    pub actor: Option<Uuid>,
    /// Method and route.
    pub operation: String,
    /// The application it was about.
    pub application: Option<Uuid>,
    /// Anything else it was about.
    pub subject: Option<String>,
    /// Network address.
    pub origin: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Who, what and when.
    #[serde(flatten)]
    pub access: AccessView,
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

impl From<Audited> for AuditView {
    fn from(Audited { number, entry, at, until, count }: Audited) -> Self {
        Self {
            number,
            actor: entry.actor,
            operation: entry.operation.clone(),
            application: entry.application,
            subject: some(entry.subject),
            origin: entry.origin,
            status: entry.status,
            access: AccessView {
                name: entry.actor_name,
                roles: entry.roles.split_terminator(',').map(str::to_owned).collect(),
                operation: entry.operation,
                fields: some(entry.fields),
                purpose: some(entry.purpose),
                at: local(at),
                until: local(until),
                count,
            },
        }
    }
}

/// The roles of somebody as an entry has them.
pub fn roles_of(actor: &Actor) -> String {
    let mut roles: Vec<&str> = actor.grants.iter().map(|grant| grant.role.name()).collect();
    roles.dedup();
    roles.join(",")
}

/// The entry of an act about an account or another record; nobody is named for the command line.
pub fn note_of(by: Option<&Actor>, what: &str, subject: Uuid, fields: String) -> AuditEntry {
    AuditEntry {
        actor: by.map(|by| by.id),
        actor_name: by.map(|by| by.name.clone()).unwrap_or_default(),
        roles: by.map(roles_of).unwrap_or_default(),
        operation: what.to_owned(),
        application: None,
        subject: subject.to_string(),
        fields,
        purpose: String::new(),
        origin: String::new(),
        status: 200,
    }
}

impl Office {
    /// Takes note of a request; it is kept a moment later.
    pub fn note(&self, entry: AuditEntry) {
        let now = self.now();
        self.waiting().add(entry, (now, now, 1));
    }

    /// Refuses service while what has happened cannot be kept.
    pub fn may_serve(&self) -> Result<(), Failure> {
        if self.waiting().with(|waiting| waiting.len()) < MOST {
            return Ok(());
        }
        Err(StorageError::Overloaded.into())
    }

    /// Keeps what waits; answers how many entries.
    pub async fn keep_audit(&self) -> Result<usize, Failure> {
        let taken: Vec<(AuditEntry, Seen)> = self.waiting().with(|waiting| waiting.drain().collect());
        let mut kept = 0;
        let mut batches = taken.chunks(AT_ONCE);
        while let Some(batch) = batches.next() {
            let mut entries: Vec<_> = batch.to_vec();
            entries.sort_by_key(|(_, seen)| seen.0);
            let rows = entries.into_iter().map(|(entry, (at, until, count))| (entry, at, until, count));
            let rows: Vec<_> = rows.collect();
            let outcome = self.db().write(move |conn| audit::append(conn, rows)).await;
            if let Err(error) = outcome {
                for (entry, seen) in batch.iter().chain(batches.flatten()) {
                    self.waiting().add(entry.clone(), *seen);
                }
                return Err(error.into());
            }
            kept += batch.len();
        }
        Ok(kept)
    }

    /// Takes note within the transaction of what it tells of.
    pub fn note_now(&self, conn: &mut Conn, entry: AuditEntry) -> Result<(), Failure> {
        let now = self.now();
        Ok(audit::append(conn, vec![(entry, now, now, 1)])?)
    }

    /// Who of the staff looked at an application, the latest first; for whom it belongs to and who supervises.
    pub async fn accesses(&self, actor: Actor, application: Uuid) -> Result<Vec<AccessView>, Failure> {
        self.db()
            .read(move |conn| -> Result<Vec<AccessView>, Failure> {
                let (_, roles) = load(conn, &actor, application)?;
                if !roles.iter().any(|role| matches!(role, Role::Resident | Role::Supervisor)) {
                    return Err(Refusal::not_permitted().into());
                }
                let filter =
                    AuditFilter { application: Some(application), limit: 500, ..AuditFilter::default() };
                let staff = |audited: &Audited| {
                    audited.entry.status < 400
                        && audited.entry.actor.is_some()
                        && audited.entry.roles != Role::Resident.name()
                };
                let found = audit::list(conn, &filter)?.into_iter().filter(staff);
                Ok(found.map(|audited| AuditView::from(audited).access).collect())
            })
            .await
    }

    /// A page of the log, for the auditor.
    pub async fn audit_log(&self, actor: Actor, filter: AuditFilter) -> Result<Vec<AuditView>, Failure> {
        if !actor.has(Role::Auditor) {
            let detail = Text::fixed("只有审计管理员可以查看审计日志。", "Only an auditor reads the log.");
            return Err(Refusal::new(RefusalKind::NotPermitted, "not_permitted", detail).into());
        }
        let found = self.db().read(move |conn| audit::list(conn, &filter)).await.map_err(Failure::from)?;
        Ok(found.into_iter().map(AuditView::from).collect())
    }
}
