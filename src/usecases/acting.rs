//! Doing one thing to an application: the one way in for every channel, for the clock and for offline
//! work. One transaction: load, ask the item, act, save against the version, append the event, write
//! the notices.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::case::{Case, Loaded, entry_of};
use super::clocks_view::local;
use super::view::HolderView;
use super::{Failure, Office};
use crate::domain::action::Action;
use crate::domain::actor::Actor;
use crate::domain::application::{Application, By};
use crate::domain::event::{Channel, Event};
use crate::domain::lifecycle::{self, ActionKind, Role};
use crate::domain::receipt::ReceiptNo;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::text::Text;
use crate::storage::queue::{self, Lease};
use crate::storage::{Conn, applications, events};

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
    /// Through which door; the actor's own if it is not named.
    pub channel: Option<Channel>,
    /// A receipt number in case this is the first submission.
    pub receipt_no: Option<ReceiptNo>,
    /// The query code that was given away with that number.
    pub query_code: Option<String>,
    /// When an agent acted, if it was before now: a mandate had to hold then.
    pub acted_at: Option<DateTime<Utc>>,
}

/// An act carried out.
pub struct Done {
    /// The application after it.
    pub application: Application,
    /// What the item may look at after it.
    pub loaded: Loaded,
    /// Who holds the application after it.
    pub lease: Option<Lease>,
}

impl Office {
    /// Carries out one act inside a transaction.
    pub fn perform(&self, conn: &mut Conn, act: &Act) -> Result<Done, Failure> {
        let case = Case::open(conn, &act.actor, act.application)?;
        self.perform_on(conn, case, act)
    }

    /// Carries it out on what was just opened.
    pub fn perform_on(&self, conn: &mut Conn, case: Case, act: &Act) -> Result<Done, Failure> {
        let now = self.now();
        let Case { mut application, roles, lease, loaded } = case;
        let lease = lease.filter(|lease| lease.until > now);
        if act.seen.is_some_and(|seen| seen != application.version) {
            return Err(stale(conn, &application, &roles)?.into());
        }
        let mut loaded = loaded.with_payment(conn, &application)?;
        let seen = application.version;
        let corrects = act.action.kind() == ActionKind::Correct;
        let before = corrects.then(|| self.keys(&application, now));
        let event = self.decide(conn, &mut application, &roles, &mut loaded, lease.as_ref(), act)?;
        if event.action == ActionKind::Approve {
            self.take_place(conn, &application, &loaded, now)?;
        }
        applications::record(conn, &mut application, Some(seen), &event, self.desk(now))?;
        self.rekeyed(conn, &application, &event, (before, loaded.keys.take()))?;
        self.settle_payment(conn, &application, event.action)?;
        let let_go = lease.is_some() && application.status.mover() != Some(Role::Clerk);
        if let_go {
            queue::hold(conn, application.id, None)?;
        }
        if application.status.is_terminal() {
            self.finish_mandate(conn, &application, act.acted_at.unwrap_or(now))?;
        }
        self.letters(conn, &application, &event)?.post(conn)?;
        let loaded = loaded.with_payment(conn, &application)?;
        Ok(Done { application, loaded, lease: lease.filter(|_| !let_go) })
    }

    /// Asks the table, the holder, the item and the application; nothing is stored yet.
    pub fn decide(
        &self,
        conn: &mut Conn,
        application: &mut Application,
        roles: &[Role],
        loaded: &mut Loaded,
        lease: Option<&Lease>,
        act: &Act,
    ) -> Result<Event, Failure> {
        let (now, kind) = (self.now(), act.action.kind());
        let role = roles
            .iter()
            .copied()
            .find(|role| lifecycle::transition(application.status, *role, kind).is_some());
        if role.is_some_and(|role| matches!(role, Role::Clerk | Role::Official))
            && application.filed_as_agent(act.actor.id)
        {
            let zh = "这是您上门代办的件，须由他人审核。";
            let en = "You filed this for the applicant; somebody else reviews it.";
            return Err(Refusal::conflict("own_case", zh, en).on("公务员法 76").into());
        }
        let Some(role) = role else {
            let refusal = Refusal::wrong_status(application.status, kind, roles);
            return Err(held(refusal, lease).into());
        };
        if let Some(lease) = lease.filter(|lease| role == Role::Clerk && lease.holder != act.actor.id) {
            let detail = Text::new(
                format!("本件由 {} 正在办理。", lease.holder_name),
                format!("{} is working on this application.", lease.holder_name),
            );
            return Err(
                held(Refusal::new(RefusalKind::Conflict, "held_by_another", detail), Some(lease)).into()
            );
        }
        if role == Role::Resident {
            let needed = entry_of(&application.service)?.guide().real_name.needed(kind);
            act.actor.assurance.reaches(needed)?;
        }
        let channel = act.channel.or_else(|| act.actor.door(&application.region)).unwrap_or(Channel::Counter);
        let action = self.prepare(conn, application, loaded, act, role, now)?;
        if kind != ActionKind::Withdraw && channel != Channel::System {
            let facts = loaded.facts(self, application, now);
            entry_of(&application.service)?.guard(&application.form, kind, &facts)?;
        }
        Ok(application.act(&action, By { actor: &act.actor, role, channel }, self.desk(now))?)
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
            .with("changed_at", Value::from(local(event.at).to_rfc3339()))
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
