//! Who is told of what: for each event the inbox entries and mails, written in its transaction.
//! A text names the receipt number and the status, never personal data.

use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::application::Application;
use crate::domain::event::Event;
use crate::domain::lifecycle::{ActionKind, Status};
use crate::domain::sensitive::Sensitive;
use crate::storage::notices::{self, Notice};
use crate::storage::outbox::{self, OutboxMail};
use crate::storage::{Conn, StorageError, people};

/// The inbox of a window.
pub fn window_box(application: &Application) -> String {
    format!("window:{}", application.region.community().unwrap_or_else(|| application.region.street()))
}

/// The inbox of the supervisors of a street.
pub fn supervisor_box(street: &str) -> String {
    format!("supervisor:{street}")
}

/// The inbox of a department of a street.
pub fn department_box(street: &str, code: &str) -> String {
    format!("department:{street}:{code}")
}

/// 通知: inbox entries and mails, not yet written.
#[derive(Debug, Default)]
pub struct Letters {
    /// Inbox entries.
    pub notices: Vec<Notice>,
    /// Mails.
    pub mails: Vec<OutboxMail>,
}

impl Letters {
    /// Writes them in the transaction of their event.
    pub fn post(&self, conn: &mut Conn) -> Result<(), StorageError> {
        notices::insert(conn, &self.notices)?;
        outbox::insert(conn, &self.mails)
    }
}

impl Office {
    /// What an event tells, and to whom.
    pub fn letters(
        &self,
        conn: &mut Conn,
        application: &Application,
        event: &Event,
    ) -> Result<Letters, Failure> {
        let number = application.receipt_no.as_ref().map_or("（未编号）", |number| number.as_str());
        let (action, status) = (event.action.label(), event.to.label());
        let title = format!("{}：{}", action.zh, number);
        let body = format!(
            "办件 {number} 于 {} {}，当前状态：{}。\nApplication {number}: {}, now {}.",
            super::clocks_view::local(event.at).format("%Y-%m-%d %H:%M"),
            action.zh,
            status.zh,
            action.en,
            status.en,
        );
        let notice = |recipient: String| Notice {
            id: new_id(event.at),
            recipient,
            application: Some(application.id),
            title: title.clone(),
            body: body.clone(),
            created_at: event.at,
            read_at: None,
        };
        let mail = |address: Sensitive<String>| OutboxMail {
            id: new_id(event.at),
            address,
            subject: title.clone(),
            body: body.clone(),
            attempts: 0,
            created_at: event.at,
        };
        let (mut entries, mut mails) = (Vec::new(), Vec::new());
        if let Some(owner) = application.owner.filter(|owner| event.public && *owner != event.actor) {
            entries.push(notice(format!("person:{owner}")));
            let address = people::find(conn, owner)?.and_then(|person| person.email);
            mails.extend(address.map(mail));
        }
        if event.to != event.from && event.to.mover() == Some(crate::domain::lifecycle::Role::Clerk) {
            entries.push(notice(window_box(application)));
        }
        let street = application.region.street();
        if matches!(event.to, Status::InReview | Status::Withdrawn) {
            for review in application.dossier.reviews.iter().filter(|review| review.opinion.is_none()) {
                if matches!(event.action, ActionKind::Transfer | ActionKind::Resubmit | ActionKind::Withdraw)
                {
                    entries.push(notice(department_box(street, &review.department)));
                    let department = self.knowledge().organisation.department(&review.department);
                    mails.extend(department.map(|department| mail(Sensitive::new(department.email.clone()))));
                }
            }
        }
        if matches!(event.action, ActionKind::Remind | ActionKind::DeemAccept | ActionKind::Object) {
            entries.push(notice(supervisor_box(street)));
        }
        // The applicant is warned before the clock ends an unanswered correction.
        if let Some(owner) = application
            .owner
            .filter(|_| event.from == Status::Correcting && event.action == ActionKind::Remind)
        {
            entries.push(notice(format!("person:{owner}")));
            let address = people::find(conn, owner)?.and_then(|person| person.email);
            mails.extend(address.map(mail));
        }
        Ok(Letters { notices: entries, mails })
    }
}
