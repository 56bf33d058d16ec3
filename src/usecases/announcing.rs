//! What is told about visits: when somebody comes about an application and why, or that nobody does; and how a mandate
//! was confirmed or was not. No address and no name: an inbox is not sealed.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::id_number::IdNumber;
use crate::domain::text::Text;
use crate::domain::visit_plan::VisitPlan;
use crate::storage::notices::{self, Notice};
use crate::storage::{Conn, applications, real_names};

fn hours(plan: &VisitPlan) -> Text {
    let hour = |at: chrono::NaiveTime| at.format("%H:%M").to_string();
    match (plan.window.0.map(hour), plan.window.1.map(hour)) {
        (None, None) => Text::fixed("", ""),
        (Some(from), None) => Text::new(format!(" {from} 以后"), format!(" from {from}")),
        (None, Some(to)) => Text::new(format!(" {to} 以前"), format!(" before {to}")),
        (Some(from), Some(to)) => Text::new(format!(" {from}–{to}"), format!(" {from}–{to}")),
    }
}

fn tell(
    conn: &mut Conn,
    recipient: String,
    application: Option<Uuid>,
    (title, body): (&str, String),
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let title = title.to_owned();
    let notice =
        Notice { id: new_id(now), recipient, application, title, body, created_at: now, read_at: None };
    Ok(notices::insert(conn, &[notice])?)
}

impl Office {
    /// Tells the resident whose application it is about when somebody comes and why, or that nobody does.
    pub fn tell_plan(&self, conn: &mut Conn, plan: &VisitPlan, now: DateTime<Utc>) -> Result<(), Failure> {
        let about = plan.about.map(|id| applications::find(conn, id)).transpose()?.flatten();
        let Some((application, owner)) = about.and_then(|about| about.owner.map(|owner| (about, owner)))
        else {
            return Ok(());
        };
        let number = application.receipt_no.as_ref().map_or("（未编号）", |number| number.as_str());
        let (on, hours, purpose) = (plan.day, hours(plan), plan.purpose.text());
        let (title, body) = if plan.cancelled_at.is_none() {
            let zh = format!(
                "网格员计划于 {on}{} 就办件 {number} 上门。{}来人请先扫码核验工作证。",
                hours.zh, purpose.zh
            );
            let en = format!(
                "A grid worker will call on {on}{} about application {number}. {} Scan their credential first.",
                hours.en, purpose.en
            );
            (format!("上门走访预告：{number}"), format!("{zh}\n{en}"))
        } else {
            let zh = format!("原定 {on} 就办件 {number} 的上门走访已取消。");
            let en = format!("The visit of {on} about application {number} was called off.");
            (format!("上门走访取消：{number}"), format!("{zh}\n{en}"))
        };
        tell(conn, format!("person:{owner}"), Some(application.id), (&title, body), now)
    }

    /// Tells the principal, where they have an account, that a code by telephone has confirmed their mandate: the
    /// telephone may have been anybody's.
    pub fn tell_confirmed(
        &self,
        conn: &mut Conn,
        principal: &IdNumber,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let Some(person) = real_names::holder(conn, principal)? else { return Ok(()) };
        let body = "您给网格员的授权已凭短信确认码确认；如非本人同意，请在“我的授权”中撤销。\n\
                    Your mandate to a grid worker was confirmed by a code by telephone; revoke it if that was not you.";
        tell(conn, format!("person:{}", person.id), None, ("授权已凭短信确认", body.to_owned()), now)
    }

    /// Tells the worker that the principal did not agree.
    pub fn tell_refused(&self, conn: &mut Conn, worker: Uuid, now: DateTime<Utc>) -> Result<(), Failure> {
        let body = "居民扫码后未同意，授权已撤销。\nThe resident did not agree; the mandate is revoked.";
        tell(conn, format!("staff:{worker}"), None, ("居民未同意授权", body.to_owned()), now)
    }
}
