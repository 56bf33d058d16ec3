//! Doing one thing to an application: the one way in for every channel, for the clock and for offline
//! work. One transaction: load, ask the item, act, save against the version, append the event, write
//! the notices.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::view::{ApplicationView, HolderView, Surroundings};
use super::{Failure, Office};
use crate::catalog::item::Facts;
use crate::catalog::{self, Entry};
use crate::domain::action::Action;
use crate::domain::actor::Actor;
use crate::domain::application::{Application, By, Track};
use crate::domain::deadline::civil_date;
use crate::domain::event::Channel;
use crate::domain::lifecycle::{self, ActionKind, Role};
use crate::domain::payment::OrderStatus;
use crate::domain::receipt::ReceiptNo;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::text::Text;
use crate::storage::queue::{self, Lease};
use crate::storage::{Conn, StorageError, applications, events, materials, payments};

/// What was asked of an application.
#[derive(Debug, Clone)]
pub struct Act {
    /// Who acts.
    pub actor: Actor,
    /// On which application.
    pub application: Uuid,
    /// The version the caller saw; the clock needs none.
    pub seen: Option<i64>,
    /// What.
    pub action: Action,
    /// Through which door.
    pub channel: Channel,
    /// A receipt number in case this is the first submission.
    pub receipt_no: Option<ReceiptNo>,
}

/// The item of an application; one that is no longer delegated is still there for running cases.
pub fn entry_of(service: &str) -> Result<&'static Entry, Failure> {
    catalog::find(service).ok_or_else(|| StorageError::Corrupt(format!("service {service}")).into())
}

/// What an item may look at, loaded within the transaction.
pub struct Loaded {
    paid: bool,
    supplied: Vec<String>,
}

impl Loaded {
    /// Payment and materials of an application.
    pub fn of(conn: &mut Conn, application: &Application) -> Result<Self, Failure> {
        let charges = entry_of(&application.service)?.guide().charges;
        let orders = if charges { payments::orders_of(conn, application.id)? } else { Vec::new() };
        let paid = orders.iter().any(|order| order.status == OrderStatus::Posted);
        let mut supplied: Vec<String> =
            materials::of(conn, application.id)?.into_iter().map(|file| file.material).collect();
        supplied.sort();
        supplied.dedup();
        Ok(Self { paid, supplied })
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
        }
    }
}

/// Loads an application if the actor may see it, with the capacities in which they do.
pub fn load(conn: &mut Conn, actor: &Actor, id: Uuid) -> Result<(Application, Vec<Role>), Failure> {
    let application = applications::find(conn, id)?.ok_or_else(Refusal::not_found)?;
    let roles = actor.capacities(&application.footprint(&application.departments()));
    if roles.is_empty() { Err(Refusal::not_found().into()) } else { Ok((application, roles)) }
}

/// Loads an application for what only these roles do.
pub fn load_for(
    conn: &mut Conn,
    actor: &Actor,
    id: Uuid,
    only: &[Role],
) -> Result<(Application, Vec<Role>), Failure> {
    let (application, roles) = load(conn, actor, id)?;
    if roles.iter().any(|role| only.contains(role)) {
        Ok((application, roles))
    } else {
        Err(Refusal::not_permitted().into())
    }
}

impl Office {
    /// Carries out one act inside a transaction.
    pub fn perform(&self, conn: &mut Conn, act: &Act) -> Result<Application, Failure> {
        let now = self.now();
        let (mut application, roles) = load(conn, &act.actor, act.application)?;
        let kind = act.action.kind();
        let lease = queue::holder(conn, application.id)?.filter(|lease| lease.until > now);
        if act.seen.is_some_and(|seen| seen != application.version) {
            return Err(stale(conn, &application, &roles)?.into());
        }
        let role = roles
            .iter()
            .copied()
            .find(|role| lifecycle::transition(application.status, *role, kind).is_some());
        let Some(role) = role else {
            let refusal = Refusal::wrong_status(application.status, kind, &roles);
            return Err(held(refusal, lease.as_ref()).into());
        };
        if let Some(lease) =
            lease.as_ref().filter(|lease| role == Role::Clerk && lease.holder != act.actor.id)
        {
            let detail = Text::new(
                format!("本件由 {} 正在办理。", lease.holder_name),
                format!("{} is working on this application.", lease.holder_name),
            );
            return Err(
                held(Refusal::new(RefusalKind::Conflict, "held_by_another", detail), Some(lease)).into()
            );
        }
        let action = self.prepare(conn, &mut application, act, role, now)?;
        let loaded = Loaded::of(conn, &application)?;
        if kind != ActionKind::Withdraw && act.channel != Channel::System {
            let facts = loaded.facts(self, &application, now);
            entry_of(&application.service)?.guard(&application.form, kind, &facts)?;
        }
        let seen = application.version;
        let desk = self.desk(now);
        let event = application.act(&action, By { actor: &act.actor, role, channel: act.channel }, desk)?;
        applications::save(conn, &application, seen, desk)?;
        events::append(conn, &event)?;
        self.settle_payment(conn, &application, kind)?;
        if lease.is_some() && application.status.mover() != Some(Role::Clerk) {
            queue::hold(conn, application.id, None)?;
        }
        self.tell(conn, &application, &event)?;
        Ok(application)
    }

    /// What the viewer may do: the table's rows for their capacities that the item's guard lets through.
    pub fn available(
        &self,
        application: &Application,
        roles: &[Role],
        loaded: &Loaded,
        now: DateTime<Utc>,
    ) -> Vec<ActionKind> {
        let Ok(entry) = entry_of(&application.service) else { return Vec::new() };
        let facts = loaded.facts(self, application, now);
        let mut kinds: Vec<ActionKind> = Vec::new();
        for role in roles.iter().filter(|role| **role != Role::Clock) {
            let elsewhere = |kind: &ActionKind| match application.dossier.track {
                Track::Instant => *kind == ActionKind::Transfer,
                Track::Committed => {
                    *role == Role::Clerk && matches!(kind, ActionKind::Approve | ActionKind::Reject)
                }
            };
            let open = |kind: &ActionKind| {
                let by_applicant =
                    matches!(kind, ActionKind::Submit | ActionKind::Correct | ActionKind::Withdraw);
                by_applicant || entry.guard(&application.form, *kind, &facts).is_ok()
            };
            let offered = lifecycle::actions(application.status, *role);
            kinds.extend(offered.filter(|kind| !elsewhere(kind)).filter(open));
        }
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// The view of an application the transaction has just changed or read.
    pub fn seen_by(
        &self,
        conn: &mut Conn,
        application: Application,
        actor: &Actor,
    ) -> Result<ApplicationView, Failure> {
        let now = self.now();
        let roles = actor.capacities(&application.footprint(&application.departments()));
        let loaded = Loaded::of(conn, &application)?;
        let available = self.available(&application, &roles, &loaded, now);
        let lease = queue::holder(conn, application.id)?;
        Ok(self.view(application, Surroundings { roles, lease, available }, now))
    }
}

/// The refusal for a version that is no longer current: what changed, by whom, and what may be done.
fn stale(conn: &mut Conn, application: &Application, roles: &[Role]) -> Result<Refusal, Failure> {
    let last = events::of(conn, application.id, false)?.pop();
    let detail = Text::fixed(
        "办件已被更新，请刷新后再办。",
        "It has changed since you looked; refresh and try again.",
    );
    let mut refusal = Refusal::new(RefusalKind::Stale, "stale_version", detail)
        .with("current_version", Value::from(application.version))
        .with("application_status", Value::from(application.status.name()));
    if let Some(event) = last.filter(|event| event.public || !roles.contains(&Role::Resident)) {
        refusal = refusal
            .with("changed_by", Value::from(event.actor_name))
            .with("changed_at", Value::from(super::clocks_view::local(event.at).to_rfc3339()))
            .with("change", Value::from(event.action.name()));
    }
    Ok(refusal)
}

/// Names who holds the application, since when.
fn held(refusal: Refusal, lease: Option<&Lease>) -> Refusal {
    match lease {
        Some(lease) => {
            let holder = serde_json::to_value(HolderView::from(lease)).unwrap_or_default();
            refusal.with("held_by", holder)
        }
        None => refusal,
    }
}
