//! What a signed-in person sees of themselves: identity, household, inbox.

use chrono::{DateTime, FixedOffset, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::clocks_view::local;
use super::notify::{department_box, supervisor_box};
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::actor::{Actor, Scope};
use crate::domain::application::Applicant;
use crate::domain::deadline::civil_date;
use crate::domain::lifecycle::Role;
use crate::domain::refusal::Refusal;
use crate::domain::text::FieldError;
use crate::storage::notices::{self, Notice};
use crate::storage::people::{self, Member};

/// 站内通知
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoticeView {
    /// Id.
    pub id: Uuid,
    /// The application it is about.
    pub application: Option<Uuid>,
    /// Subject.
    pub title: String,
    /// Text.
    pub body: String,
    /// When.
    pub created_at: DateTime<FixedOffset>,
    /// When it was read.
    pub read_at: Option<DateTime<FixedOffset>>,
}

impl From<Notice> for NoticeView {
    fn from(notice: Notice) -> Self {
        Self {
            id: notice.id,
            application: notice.application,
            title: notice.title,
            body: notice.body,
            created_at: local(notice.created_at),
            read_at: notice.read_at.map(local),
        }
    }
}

/// The inboxes an actor reads.
fn inboxes(actor: &Actor) -> Vec<String> {
    let own = if actor.has(Role::Resident) {
        format!("person:{}", actor.id)
    } else {
        format!("staff:{}", actor.id)
    };
    let mut boxes = vec![own];
    for grant in &actor.grants {
        match (grant.role, &grant.scope) {
            (Role::Clerk, Scope::Region(region)) => boxes.push(format!("window:{}", region.as_str())),
            (Role::Supervisor, Scope::Region(region)) => boxes.push(supervisor_box(region.street())),
            (Role::Official, Scope::Department(street, code)) => {
                boxes.push(department_box(street.street(), code))
            }
            _ => {}
        }
    }
    boxes
}

impl Office {
    /// The resident's account.
    pub async fn person(&self, actor: &Actor) -> Result<people::Person, Failure> {
        let id = actor.id;
        let found = self.db().read(move |conn| people::find(conn, id)).await.map_err(Failure::from)?;
        found.ok_or_else(|| Refusal::not_found().into())
    }

    /// Sets who the account's holder says they are.
    pub async fn identify(
        &self,
        actor: Actor,
        identity: Applicant,
        email: Option<String>,
    ) -> Result<(), Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        self.living(&identity, "")?;
        self.db()
            .write(move |conn| people::identify(conn, actor.id, &identity, email.as_deref()))
            .await
            .map_err(Failure::from)
    }

    fn living(&self, person: &Applicant, at: &str) -> Result<(), Failure> {
        person.id_number.check_on(civil_date(self.now())).map_err(|reason| {
            let error = FieldError::new(format!("{at}/id_number"), reason.code(), reason.text());
            Refusal::fields(vec![error]).into()
        })
    }

    /// The household of a resident.
    pub async fn household(&self, actor: Actor) -> Result<Vec<Member>, Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        self.db().read(move |conn| people::household(conn, actor.id)).await.map_err(Failure::from)
    }

    /// Replaces the household.
    pub async fn set_household(
        &self,
        actor: Actor,
        members: Vec<(Applicant, String)>,
    ) -> Result<Vec<Member>, Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        for (index, (person, _)) in members.iter().enumerate() {
            self.living(person, &format!("/members/{index}"))?;
        }
        let now = self.now();
        let members: Vec<Member> = members
            .into_iter()
            .map(|(person, relation)| Member { id: new_id(now), person, relation })
            .collect();
        let stored = members.clone();
        self.db()
            .write(move |conn| people::set_household(conn, actor.id, &stored))
            .await
            .map_err(Failure::from)?;
        Ok(members)
    }

    /// A page of the actor's inboxes, newest first.
    pub async fn inbox(
        &self,
        actor: &Actor,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> Result<Vec<NoticeView>, Failure> {
        let boxes = inboxes(actor);
        let page = self.db().read(move |conn| notices::of(conn, &boxes, after, limit)).await;
        Ok(page.map_err(Failure::from)?.into_iter().map(NoticeView::from).collect())
    }

    /// Marks a notice as read.
    pub async fn read_notice(&self, actor: &Actor, id: Uuid) -> Result<(), Failure> {
        let (boxes, now) = (inboxes(actor), self.now());
        let mine = self.db().write(move |conn| notices::read(conn, &boxes, id, now)).await;
        if mine.map_err(Failure::from)? { Ok(()) } else { Err(Refusal::not_found().into()) }
    }
}
