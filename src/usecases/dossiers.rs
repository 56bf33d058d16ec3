//! Reading applications: one, a page of them, the timeline; and binding one to a resident's account.

use chrono::{DateTime, FixedOffset, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::applicants::CHILD;
use super::case::{Case, load};
use super::clocks_view::local;
use super::view::ApplicationView;
use super::{Failure, Office};
use crate::domain::actor::{Actor, Scope};
use crate::domain::deadline::civil_date;
use crate::domain::event::{Channel, Event};
use crate::domain::id_number::IdNumber;
use crate::domain::lifecycle::{ActionKind, Role, Status};
use crate::domain::person_name::PersonName;
use crate::domain::receipt::ReceiptNo;
use crate::domain::refusal::Refusal;
use crate::domain::summary::Summary;
use crate::domain::text::Text;
use crate::storage::applications::{self, Search, Words};
use crate::storage::{events, owners, people};

/// 办件摘要: a line of a list; identifiers are masked here for everybody.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApplicationLine {
    /// Id.
    pub id: Uuid,
    /// Version.
    pub version: i64,
    /// Code of the service item.
    pub service: String,
    /// Where it stands.
    pub status: Status,
    /// What the counter calls that.
    pub status_label: Text,
    /// Community or grid.
    pub region: String,
    /// 申办流水号
    pub receipt_no: Option<String>,
    /// 申请人, masked for whoever only watches.
    pub applicant_name: String,
    /// 证件号码, masked.
    pub id_number: String,
    /// The line in the queue.
    pub headline: String,
    /// Whose move it is.
    pub mover: Option<Role>,
    /// The present step's deadline.
    pub due_at: Option<DateTime<FixedOffset>>,
    /// Whether that has passed.
    pub overdue: bool,
    /// Made at.
    pub created_at: DateTime<FixedOffset>,
}

impl ApplicationLine {
    /// The line of an application as the actor may see it.
    pub fn of(summary: Summary, actor: &Actor, now: DateTime<Utc>) -> Self {
        let name = &summary.applicant_name;
        let child = summary.id_number.age_on(civil_date(now)) < CHILD && !actor.has(Role::Resident);
        let in_full = actor.handles_in(&summary.region) && !child;
        Self {
            id: summary.id,
            version: summary.version,
            service: summary.service,
            status: summary.status,
            status_label: summary.status.label(),
            region: summary.region.as_str().to_owned(),
            receipt_no: summary.receipt_no,
            applicant_name: if in_full { name.as_str().to_owned() } else { name.masked() },
            id_number: summary.id_number.masked(),
            headline: summary.headline,
            mover: summary.status.mover(),
            overdue: summary.due_at.is_some_and(|due| due <= now),
            due_at: summary.due_at.map(local),
            created_at: local(summary.created_at),
        }
    }
}

/// 留痕
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventView {
    /// The version it made.
    pub sequence: i64,
    /// What was done.
    pub action: ActionKind,
    /// What the counter calls that.
    pub label: Text,
    /// Status before.
    pub from: Status,
    /// Status after.
    pub to: Status,
    /// In which capacity.
    pub role: Role,
    /// By whom; residents see staff by name, never the other way round beyond the applicant.
    pub actor: String,
    /// Through which door.
    pub channel: Channel,
    /// When.
    pub at: DateTime<FixedOffset>,
    /// Particulars.
    pub detail: Value,
}

impl EventView {
    fn of(event: Event) -> Self {
        let mut detail = event.detail;
        // A corrected form stands in the application; the timeline says that it came, not what it holds.
        if let Some(object) = detail.as_object_mut() {
            object.remove("form");
            object.remove("action");
        }
        Self {
            sequence: event.sequence,
            action: event.action,
            label: event.action.label(),
            from: event.from,
            to: event.to,
            role: event.role,
            actor: event.actor_name,
            channel: event.channel,
            at: local(event.at),
            detail,
        }
    }
}

/// What is searched for, written as it is stored: a number with its hyphens, a name with its one dot.
pub fn words(text: &str) -> Words {
    let text = text.trim();
    let number = || ReceiptNo::parse(text).map(|number| Words::Receipt(number.as_str().to_owned()));
    let person = || IdNumber::parse(text).ok().map(|number| Words::IdNumber(number.as_str().to_owned()));
    let name = || PersonName::parse(text).map_or_else(|_| text.to_owned(), |name| name.as_str().to_owned());
    number().or_else(person).unwrap_or_else(|| Words::Name(name()))
}

/// Scopes as owned values, to travel into a storage closure.
pub fn reach(actor: &Actor) -> Vec<Scope> {
    actor.scopes().into_iter().cloned().collect()
}

impl Office {
    /// One application.
    pub async fn application(&self, actor: Actor, id: Uuid) -> Result<ApplicationView, Failure> {
        let office = self.clone();
        self.db()
            .read(move |conn| {
                let case = Case::open(conn, &actor, id)?;
                office.show(conn, case, &actor)
            })
            .await
    }

    /// A page of applications within the actor's reach, newest first.
    pub async fn applications(&self, actor: Actor, search: Search) -> Result<Vec<ApplicationLine>, Failure> {
        if actor.grants.iter().all(|grant| grant.role.administers()) {
            return Err(Refusal::not_permitted().into());
        }
        let now = self.now();
        self.db()
            .read(move |conn| {
                let page = applications::list(conn, &reach(&actor), &search)?;
                Ok(page.into_iter().map(|summary| ApplicationLine::of(summary, &actor, now)).collect())
            })
            .await
    }

    /// The timeline; a resident sees the resident's part.
    pub async fn timeline(&self, actor: Actor, id: Uuid) -> Result<Vec<EventView>, Failure> {
        self.db()
            .read(move |conn| {
                let (_, roles) = load(conn, &actor, id)?;
                let public_only = roles.iter().all(|role| *role == Role::Resident);
                Ok(events::of(conn, id, public_only)?.into_iter().map(EventView::of).collect())
            })
            .await
    }

    /// Binds an application filed at the counter or the door to the resident's account: the paper slip's
    /// number and query code, and the account's own ID number, must all fit.
    pub async fn claim_ownership(
        &self,
        actor: Actor,
        receipt_no: String,
        query_code: String,
    ) -> Result<ApplicationView, Failure> {
        let number = ReceiptNo::parse(&receipt_no).ok_or_else(Refusal::not_found)?;
        self.try_code(&number).await?;
        let office = self.clone();
        let done = self
            .db()
            .write(move |conn| {
                let application =
                    applications::find_by_receipt(conn, number.as_str())?.ok_or_else(Refusal::not_found)?;
                let person = people::find(conn, actor.id)?.ok_or_else(Refusal::not_found)?;
                let own = person.identity.as_ref();
                let same = own.is_some_and(|own| own.id_number == application.applicant.id_number);
                let code = query_code.trim().eq_ignore_ascii_case(&application.query_code);
                if !(same && code) {
                    return Err(Refusal::not_found().into());
                }
                if application.owner != Some(actor.id)
                    && !owners::claim_ownership(conn, application.id, actor.id)?
                {
                    return Err(Refusal::not_found().into());
                }
                // Staff saw the document when they filed it.
                let seen = application.dossier.submissions.iter().any(|s| s.role != Role::Resident);
                if seen && own.is_some_and(|own| own.name == application.applicant.name) {
                    office.match_by_slip(conn, &person)?;
                }
                let case = Case::open(conn, &actor, application.id)?;
                office.show(conn, case, &actor)
            })
            .await;
        self.look_anew();
        done
    }
}
