//! What somebody needed at a door and who looked after it: a need with a date is a task until it is ticked off.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::once::{Answer, OnceKey};
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::lifecycle::Role;
use crate::domain::refusal::Refusal;
use crate::domain::visit::VisitNeed;
use crate::storage::{Conn, needs, visits};

/// 待办需求
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TaskView {
    /// The visit at which it was noted.
    pub visit: Uuid,
    /// Which of its needs, from 0.
    pub index: usize,
    /// In words.
    pub about: String,
    /// Until when.
    pub by: NaiveDate,
    /// Whether that is over.
    pub overdue: bool,
    /// The grid.
    pub region: String,
    /// House address.
    pub address: String,
}

/// A need that was looked after.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DoneView {
    /// The visit.
    pub visit: Uuid,
    /// Which of its needs.
    pub index: usize,
    /// What it was.
    pub need: VisitNeed,
    /// What was done.
    pub note: Option<String>,
}

/// A worker's tasks in places they still work in, the soonest due first.
pub fn tasks(conn: &mut Conn, actor: &Actor, today: NaiveDate, most: i64) -> Result<Vec<TaskView>, Failure> {
    let mut tasks = Vec::new();
    for open in needs::open(conn, actor.id, most)? {
        let Some(visit) = visits::find(conn, open.visit)? else { continue };
        let needs = visit.report.map(|report| report.needs).unwrap_or_default();
        let Some(need) = needs.into_iter().nth(open.position) else { continue };
        if actor.has_in(Role::GridWorker, &visit.region) {
            tasks.push(TaskView {
                visit: visit.id,
                index: open.position,
                about: need.about,
                by: open.due,
                overdue: open.due < today,
                region: visit.region.as_str().to_owned(),
                address: visit.address.reveal().clone(),
            });
        }
    }
    Ok(tasks)
}

/// Ticks off a need the worker looks after; nothing where it was before.
pub fn ticked(
    conn: &mut Conn,
    actor: &Actor,
    (id, index): (Uuid, usize),
    note: Option<String>,
    at: DateTime<Utc>,
) -> Result<Option<DoneView>, Failure> {
    let position = i32::try_from(index).map_err(|_| Refusal::not_found())?;
    // Of one's own visit, or of one who has left.
    let keeper = needs::keeper(conn, id, position)?.filter(|keeper| *keeper == actor.id);
    keeper.ok_or_else(Refusal::not_found)?;
    let visit = visits::find(conn, id)?.ok_or_else(Refusal::not_found)?;
    let mut noted = visit.report.map(|report| report.needs).unwrap_or_default().into_iter();
    let need = noted.nth(index).ok_or_else(Refusal::not_found)?;
    let first = needs::tick(conn, id, position, note.as_deref(), at)?;
    Ok(first.then_some(DoneView { visit: id, index, need, note }))
}

impl Office {
    /// Ticks off a need the worker looks after, once.
    pub async fn need_done(
        &self,
        actor: Actor,
        (id, index): (Uuid, usize),
        note: Option<String>,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        self.once(key, 200, move |office, conn| {
            let view = ticked(conn, &actor, (id, index), note, office.now())?;
            let zh = "该需求已办理。";
            let before = || Refusal::conflict("need_done", zh, "It was looked after before.").into();
            view.ok_or_else(before)
        })
        .await
    }
}
