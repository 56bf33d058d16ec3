//! The clerk's queue: look, take the next one as a lease, renew it, give it back; a supervisor may take
//! over, and the former holder is told.

use chrono::Duration;
use uuid::Uuid;

use super::case::Case;
use super::dossiers::{ApplicationLine, reach};
use super::once::{Answer, OnceKey};
use super::view::HolderView;
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::actor::Actor;
use crate::domain::lifecycle::Role;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::text::Text;
use crate::storage::notices::{self, Notice};
use crate::storage::queue::{self, Lease, QueueFilter};

/// The window.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CounterSettings {
    /// Minutes a claimed application is held.
    pub lease_minutes: i64,
}

/// 承办动作
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeaseStep {
    /// 续期
    Renew,
    /// 放回队列
    Release,
    /// 督导接管
    TakeOver,
}

impl Office {
    fn queue_mover(actor: &Actor) -> Result<Role, Failure> {
        if actor.has(Role::Clerk) || actor.has(Role::Supervisor) {
            Ok(Role::Clerk)
        } else if actor.has(Role::Official) {
            Ok(Role::Official)
        } else {
            Err(Refusal::not_permitted().into())
        }
    }

    /// A page of the queue by legal slack.
    pub async fn queue(
        &self,
        actor: Actor,
        mut filter: QueueFilter,
    ) -> Result<Vec<(ApplicationLine, Option<HolderView>)>, Failure> {
        filter.mover = Self::queue_mover(&actor)?;
        let now = self.now();
        self.db()
            .read(move |conn| {
                let page = queue::look(conn, &reach(&actor), &filter)?;
                Ok(page
                    .into_iter()
                    .map(|(summary, lease)| {
                        let held = lease.filter(|lease| lease.until > now);
                        (ApplicationLine::of(summary, &actor, now), held.as_ref().map(HolderView::from))
                    })
                    .collect())
            })
            .await
    }

    fn lease(&self, actor: &Actor) -> Lease {
        let since = self.now();
        let until = since + Duration::minutes(self.rules().counter.lease_minutes);
        Lease { holder: actor.id, holder_name: actor.name.clone(), since, until }
    }

    /// Gives the next free application to exactly this clerk.
    pub async fn claim_next(
        &self,
        actor: Actor,
        mut filter: QueueFilter,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        if !actor.has(Role::Clerk) {
            return Err(Refusal::not_permitted().into());
        }
        filter.mover = Role::Clerk;
        self.once(key, 200, move |office, conn| {
            let lease = office.lease(&actor);
            filter.free_at = Some(lease.since);
            filter.not_filed_by = actor.has(Role::GridWorker).then_some(actor.id);
            match queue::claim(conn, &reach(&actor), &filter, &lease)? {
                Some(id) => {
                    let case = Case::open(conn, &actor, id)?;
                    office.show(conn, case, &actor).map(Some)
                }
                None => Ok(None),
            }
        })
        .await
    }

    /// Renews, releases or takes over a lease.
    pub async fn step_lease(
        &self,
        actor: Actor,
        id: Uuid,
        step: LeaseStep,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        self.once(key, 200, move |office, conn| {
            let now = office.now();
            let mut case = Case::open(conn, &actor, id)?.only_for(&[Role::Clerk, Role::Supervisor])?;
            let held = case.lease.clone().filter(|lease| lease.until > now);
            let mine = held.as_ref().is_some_and(|lease| lease.holder == actor.id);
            match step {
                LeaseStep::Renew | LeaseStep::Release if !mine => {
                    let detail = Text::fixed("您没有承办本件。", "You do not hold this application.");
                    let refusal = Refusal::new(RefusalKind::Conflict, "not_holder", detail);
                    let holder = held.as_ref().map(HolderView::from);
                    return Err(refusal
                        .with("held_by", serde_json::to_value(holder).unwrap_or_default())
                        .into());
                }
                LeaseStep::Renew => {
                    let mut renewed = office.lease(&actor);
                    renewed.since = held.map_or(renewed.since, |held| held.since);
                    case.lease = Some(renewed);
                }
                LeaseStep::Release => case.lease = None,
                LeaseStep::TakeOver => {
                    if !case.roles.contains(&Role::Supervisor) {
                        return Err(Refusal::not_permitted().into());
                    }
                    case.lease = Some(office.lease(&actor));
                    if let Some(former) = held.filter(|_| !mine) {
                        let number =
                            case.application.receipt_no.as_ref().map_or("", |number| number.as_str());
                        let notice = Notice {
                            id: new_id(now),
                            recipient: format!("staff:{}", former.holder),
                            application: Some(id),
                            title: format!("办件 {number} 已由督导 {} 接管", actor.name),
                            body: format!("Application {number} was taken over by {}.", actor.name),
                            created_at: now,
                            read_at: None,
                        };
                        notices::insert(conn, &[notice])?;
                    }
                }
            }
            queue::hold(conn, id, case.lease.as_ref())?;
            office.show(conn, case, &actor)
        })
        .await
    }
}
