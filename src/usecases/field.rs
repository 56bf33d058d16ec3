//! 网格员工作台: what a grid worker opens the telephone for, in one look.

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::dossiers::ApplicationLine;
use super::needs::{TaskView, tasks};
use super::plans::PlanView;
use super::visits::VisitView;
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::deadline::{civil_date, start_of_day};
use crate::domain::lifecycle::{Role, Status};
use crate::domain::refusal::Refusal;
use crate::domain::visit_plan::route;
use crate::storage::mandates::{self, Of};
use crate::storage::{applications, plans, visits};

/// Lines of one list.
const MOST: i64 = 100;
/// A mandate that ends within so many days is worth a thought.
const SOON: Days = Days::new(14);

/// The door.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSettings {
    /// Visits that are expected of a grid worker in a week.
    pub visits_per_week: u32,
    /// Operations of one batch at the most.
    pub batch_operations: usize,
    /// Hours after which a person looks at what waits for an operation that has not come.
    pub held_hours: i64,
    /// Days for which an upload may belong nowhere, or be announced and not come.
    pub upload_days: i64,
    /// Hours for which a device may open its pack without asking again.
    pub pack_hours: i64,
    /// Bytes of a page of a pack where the device asks for no other number.
    pub pack_page_bytes: usize,
    /// Receipt numbers a device may have to give away.
    pub reserved_numbers: usize,
}

/// 即将到期的授权
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExpiringMandate {
    /// Id.
    pub id: Uuid,
    /// Who gave it, masked.
    pub principal_name: String,
    /// For which service items.
    pub matters: Vec<String>,
    /// Last day.
    pub valid_until: NaiveDate,
}

/// 工作进度 of this week, Monday to today.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldProgress {
    /// Visits begun.
    pub visits: i64,
    /// Of which met somebody.
    pub met: i64,
    /// Visits that are expected of a worker in a week.
    pub target: u32,
}

/// 今日工作
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TodayView {
    /// The civil day.
    pub date: NaiveDate,
    /// Today's visits, the latest first.
    pub visits: Vec<VisitView>,
    /// Where to come back by today, the longest due first.
    pub revisits: Vec<VisitView>,
    /// Today's and overdue plans, in a sensible order of the doors: from the first appointment to the nearest next,
    /// as the crow flies; those whose position is not known last, by address.
    pub planned: Vec<PlanView>,
    /// Needs with a date that nobody has ticked off, the soonest due first.
    pub tasks: Vec<TaskView>,
    /// Applications filed at the door that wait for a correction.
    pub corrections: Vec<ApplicationLine>,
    /// Others filed at the door that are not decided yet, the newest first.
    pub open: Vec<ApplicationLine>,
    /// Mandates that end within two weeks, the first to end first.
    pub mandates: Vec<ExpiringMandate>,
    /// What was done offline and waits for a person to look at it (`GET /v1/field/box`), up to a hundred.
    pub unsettled: usize,
    /// Against what is expected.
    pub progress: FieldProgress,
}

impl Office {
    /// The worker's day.
    pub async fn field_today(&self, actor: Actor) -> Result<TodayView, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let (office, now, target) = (self.clone(), self.now(), self.rules().field.visits_per_week);
        let date = civil_date(now);
        let monday = date - Days::new(u64::from(date.weekday().num_days_from_monday()));
        self.db()
            .read(move |conn| -> Result<TodayView, Failure> {
                let today = visits::of_staff(conn, actor.id, Some(start_of_day(date)), MOST)?;
                let revisits = visits::to_revisit(conn, actor.id, date, MOST)?;
                let mut planned = plans::standing(conn, actor.id, date, MOST)?;
                planned.retain(|plan| actor.has_in(Role::GridWorker, &plan.region));
                let tasks = tasks(conn, &actor, date, MOST)?;
                let (met, count) = visits::count(conn, actor.id, start_of_day(monday))?;
                let filed = applications::filed_by(conn, actor.id, MOST)?;
                // What the worker may no longer see, after a grid has changed hands, is the successor's.
                let filed = filed.into_iter().filter(|line| actor.handles_in(&line.region));
                let lines = filed.map(|line| ApplicationLine::of(line, &actor, now));
                let (corrections, open) = lines.partition(|line| line.status == Status::Correcting);
                let standing = mandates::of(conn, Of::Staff(actor.id))?.into_iter();
                let ending = standing.filter(|standing| {
                    let until = standing.mandate.valid_until;
                    standing.ended.is_none() && (date..=date + SOON).contains(&until)
                });
                let mut ending: Vec<ExpiringMandate> = ending
                    .map(|standing| ExpiringMandate {
                        id: standing.id,
                        principal_name: standing.mandate.principal_name.masked(),
                        matters: standing.mandate.matters,
                        valid_until: standing.mandate.valid_until,
                    })
                    .collect();
                ending.sort_by_key(|mandate| mandate.valid_until);
                Ok(TodayView {
                    date,
                    visits: today.into_iter().map(VisitView::from).collect(),
                    revisits: revisits.into_iter().map(VisitView::from).collect(),
                    planned: route(planned)
                        .into_iter()
                        .map(|plan| PlanView::of(plan, date, actor.id))
                        .collect(),
                    tasks,
                    corrections,
                    open,
                    mandates: ending,
                    unsettled: office.unsettled(conn, &actor)?.len(),
                    progress: FieldProgress { visits: count, met, target },
                })
            })
            .await
    }
}
