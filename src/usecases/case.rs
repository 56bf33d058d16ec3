//! One application opened for somebody: loaded once with what belongs to it, and shown with what they
//! may do now.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::view::{ApplicationView, Surroundings};
use super::{Failure, Office};
use crate::catalog::item::Facts;
use crate::catalog::{self, Entry};
use crate::domain::actor::Actor;
use crate::domain::application::{Application, Track};
use crate::domain::deadline::civil_date;
use crate::domain::lifecycle::{self, ActionKind, Role};
use crate::domain::payment::OrderStatus;
use crate::domain::refusal::Refusal;
use crate::storage::keys::Keys;
use crate::storage::queue::{self, Found, Lease};
use crate::storage::{Conn, StorageError, applications, materials, payments};

/// The item of an application; one that is no longer delegated is still there for running cases.
pub fn entry_of(service: &str) -> Result<&'static Entry, Failure> {
    catalog::find(service).ok_or_else(|| StorageError::Corrupt(format!("service {service}")).into())
}

/// What an item may look at, loaded within the transaction. A new application has none of it.
#[derive(Default)]
pub struct Loaded {
    paid: bool,
    supplied: Vec<String>,
    pending: Vec<String>,
    /// It may be in twice, as far as the viewer may know.
    pub suspected: bool,
    /// By what it is found from now on, once it was seen to be new.
    pub keys: Option<Keys>,
}

impl Loaded {
    /// Payment and materials of an application.
    pub fn of(conn: &mut Conn, application: &Application) -> Result<Self, Failure> {
        let mut supplied: Vec<String> =
            materials::of(conn, application.id)?.into_iter().map(|file| file.material).collect();
        supplied.sort();
        supplied.dedup();
        Self { supplied, ..Self::default() }.with_payment(conn, application)
    }

    /// The same with what is paid by now.
    pub fn with_payment(self, conn: &mut Conn, application: &Application) -> Result<Self, Failure> {
        let charges = entry_of(&application.service)?.guide().charges;
        let orders = if charges { payments::orders_of(conn, application.id)? } else { Vec::new() };
        let paid = orders.iter().any(|order| order.status == OrderStatus::Posted);
        Ok(Self { paid, ..self })
    }

    /// The facts as of `now`.
    pub fn facts<'a>(
        &'a self,
        office: &'a Office,
        application: &'a Application,
        now: DateTime<Utc>,
    ) -> Facts<'a> {
        Facts {
            today: civil_date(now),
            policies: &office.knowledge().policies,
            applicant: &application.applicant,
            site_visits: &application.dossier.site_visits,
            notice: application.dossier.notice.as_ref(),
            paid: self.paid,
            supplied: &self.supplied,
            family: None,
        }
    }
}

/// An application somebody may see, with the capacities in which they do and who holds it.
pub struct Case {
    /// The application.
    pub application: Application,
    /// The viewer's capacities.
    pub roles: Vec<Role>,
    /// Who holds it, whether or not the lease has run out.
    pub lease: Option<Lease>,
    /// The materials supplied, for the item to look at; payment is not asked for yet.
    pub loaded: Loaded,
}

impl Case {
    /// Loads it if the actor may see it.
    pub fn open(conn: &mut Conn, actor: &Actor, id: Uuid) -> Result<Self, Failure> {
        let Found { application, lease, supplied, pending } =
            queue::find(conn, id)?.ok_or_else(Refusal::not_found)?;
        let roles = capacities(actor, &application)?;
        let loaded = Loaded { supplied, pending, ..Loaded::default() };
        Ok(Self { application, roles, lease, loaded })
    }

    /// For what only these roles do.
    pub fn only_for(self, only: &[Role]) -> Result<Self, Failure> {
        permitted(&self.roles, only).map(|()| self)
    }
}

/// Loads an application if the actor may see it, with the capacities in which they do.
pub fn load(conn: &mut Conn, actor: &Actor, id: Uuid) -> Result<(Application, Vec<Role>), Failure> {
    let application = applications::find(conn, id)?.ok_or_else(Refusal::not_found)?;
    let roles = capacities(actor, &application)?;
    Ok((application, roles))
}

/// Loads an application for what only these roles do.
pub fn load_for(
    conn: &mut Conn,
    actor: &Actor,
    id: Uuid,
    only: &[Role],
) -> Result<(Application, Vec<Role>), Failure> {
    let (application, roles) = load(conn, actor, id)?;
    permitted(&roles, only).map(|()| (application, roles))
}

fn permitted(roles: &[Role], only: &[Role]) -> Result<(), Failure> {
    if roles.iter().any(|role| only.contains(role)) { Ok(()) } else { Err(Refusal::not_permitted().into()) }
}

fn capacities(actor: &Actor, application: &Application) -> Result<Vec<Role>, Failure> {
    let roles = actor.capacities(&application.footprint(&application.departments()));
    if roles.is_empty() { Err(Refusal::not_found().into()) } else { Ok(roles) }
}

/// What the table offers a viewer in these capacities, before the item is asked.
fn offered(application: &Application, roles: &[Role]) -> Vec<ActionKind> {
    let mut kinds: Vec<ActionKind> = Vec::new();
    for role in roles.iter().filter(|role| **role != Role::Clock) {
        let elsewhere = |kind: &ActionKind| match application.dossier.track {
            Track::Instant => *kind == ActionKind::Transfer,
            Track::Committed => {
                *role == Role::Clerk && matches!(kind, ActionKind::Approve | ActionKind::Reject)
            }
        };
        kinds.extend(lifecycle::actions(application.status, *role).filter(|kind| !elsewhere(kind)));
    }
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// The applicant's own steps, which no item withholds.
fn is_applicants(kind: ActionKind) -> bool {
    matches!(kind, ActionKind::Submit | ActionKind::Correct | ActionKind::Withdraw)
}

impl Office {
    /// The application as the actor sees it, with what the transaction has loaded of it.
    pub fn shown(
        &self,
        application: Application,
        loaded: &Loaded,
        lease: Option<Lease>,
        actor: &Actor,
    ) -> ApplicationView {
        let now = self.now();
        let roles = actor.capacities(&application.footprint(&application.departments()));
        let agent = application.filed_as_agent(actor.id);
        let reviewing = |role: &Role| matches!(role, Role::Clerk | Role::Official);
        let acting: Vec<Role> = roles.iter().copied().filter(|role| !(agent && reviewing(role))).collect();
        let mut available = offered(&application, &acting);
        let guarded: Vec<ActionKind> =
            available.iter().copied().filter(|kind| !is_applicants(*kind)).collect();
        if let Ok(entry) = entry_of(&application.service) {
            let facts = loaded.facts(self, &application, now);
            let open = entry.open_steps(&application.form, &guarded, &facts);
            available.retain(|kind| is_applicants(*kind) || open.contains(kind));
        }
        let (pending, suspected) = (loaded.pending.clone(), loaded.suspected);
        self.view(application, Surroundings { roles, lease, available, pending, suspected }, now)
    }

    /// The same, asking what is paid only where there is a step that may depend on it.
    pub fn show(
        &self,
        conn: &mut Conn,
        Case { application, roles, lease, loaded }: Case,
        actor: &Actor,
    ) -> Result<ApplicationView, Failure> {
        let asked = offered(&application, &roles).into_iter().any(|kind| !is_applicants(kind));
        let mut loaded = if asked { loaded.with_payment(conn, &application)? } else { loaded };
        loaded.suspected = self.suspected(conn, &application, actor)?;
        Ok(self.shown(application, &loaded, lease, actor))
    }
}
