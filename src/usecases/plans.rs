//! Planned visits: made by a grid worker or by who watches the grid, told to the resident they are about, kept by
//! the visit that comes of them, or called off.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveTime};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::auditing::note_of;
use super::case::load;
use super::clocks_view::local;
use super::filing::id_taken;
use super::once::{Answer, OnceKey};
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::actor::Actor;
use crate::domain::deadline::civil_date;
use crate::domain::lifecycle::Role;
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::domain::sensitive::{Masked, Sensitive};
use crate::domain::text::{FieldError, Text};
use crate::domain::visit::{Visit, VisitPurpose};
use crate::domain::visit_plan::{PlanState, VisitPlan};
use crate::storage::plans::{self, Whose};
use crate::storage::{Conn, staff};

/// Plans of one list.
const MOST: i64 = 500;
/// Days of one list, and of one that does not say until when.
const LONGEST: u64 = 92;
const USUAL: u64 = 30;

/// 走访计划
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanView {
    /// Id.
    pub id: Uuid,
    /// The grid worker who will call.
    pub staff: Uuid,
    /// The grid.
    pub region: String,
    /// Why.
    pub purpose: VisitPurpose,
    /// What the resident is shown about it.
    pub purpose_text: Text,
    /// House address; masked for whoever neither calls nor planned it.
    pub address: String,
    /// Latitude, degrees, where it is known and the address is not masked.
    pub latitude: Option<f64>,
    /// Longitude, degrees.
    pub longitude: Option<f64>,
    /// On which day.
    pub on: NaiveDate,
    /// Not before that time, HH:MM.
    pub not_before: Option<String>,
    /// Not after.
    pub not_after: Option<String>,
    /// The application it is about.
    pub about: Option<Uuid>,
    /// What has become of it.
    pub state: PlanState,
    /// Whether it stands though its day is over.
    pub overdue: bool,
    /// The visit that came of it.
    pub visit: Option<Uuid>,
    /// When it was planned.
    pub created_at: DateTime<FixedOffset>,
}

fn hour(at: Option<NaiveTime>) -> Option<String> {
    at.map(|at| at.format("%H:%M").to_string())
}

impl PlanView {
    /// A plan as it looks on that day to somebody who may see it.
    pub fn of(plan: VisitPlan, today: NaiveDate, viewer: Uuid) -> Self {
        let (state, needed) = (plan.state(), [plan.staff, plan.planned_by].contains(&viewer));
        let place = plan.place.filter(|_| needed);
        Self {
            id: plan.id,
            staff: plan.staff,
            region: plan.region.as_str().to_owned(),
            purpose: plan.purpose,
            purpose_text: plan.purpose.text(),
            address: if needed { plan.address.reveal().clone() } else { plan.address.masked() },
            latitude: place.map(|(north, _)| north),
            longitude: place.map(|(_, east)| east),
            on: plan.day,
            not_before: hour(plan.window.0),
            not_after: hour(plan.window.1),
            about: plan.about,
            state,
            overdue: state == PlanState::Planned && plan.day < today,
            visit: plan.visit,
            created_at: local(plan.created_at),
        }
    }
}

/// A visit as it is planned.
#[derive(Debug, Clone)]
pub struct NewPlan {
    /// Made by the device, or here.
    pub id: Option<Uuid>,
    /// The grid.
    pub region: Region,
    /// House address.
    pub address: String,
    /// Latitude and longitude, degrees; half a position is none.
    pub place: (Option<f64>, Option<f64>),
    /// Why.
    pub purpose: VisitPurpose,
    /// On which day.
    pub day: NaiveDate,
    /// Not before and not after.
    pub window: (Option<NaiveTime>, Option<NaiveTime>),
    /// Who will call, if not oneself.
    pub for_staff: Option<Uuid>,
    /// The application it is about.
    pub about: Option<Uuid>,
}

/// Who will call: oneself, or a worker of that grid where the planner watches it.
fn caller(conn: &mut Conn, actor: &Actor, new: &NewPlan) -> Result<Result<Actor, FieldError>, Failure> {
    let works = |who: &Actor| who.has_in(Role::GridWorker, &new.region);
    let wrong = |code: &'static str, zh, en| FieldError::new("/for_staff", code, Text::fixed(zh, en));
    Ok(match new.for_staff {
        None if works(actor) => Ok(actor.clone()),
        Some(id) if id == actor.id && works(actor) => Ok(actor.clone()),
        None => Err(wrong("required", "请指定网格员。", "Name a grid worker.")),
        Some(id) if actor.has_in(Role::Supervisor, &new.region) => {
            let member = staff::find(conn, id)?.filter(|member| member.active && works(&member.actor));
            let en = "No worker of this grid.";
            member.map(|member| member.actor).ok_or_else(|| wrong("worker_unfit", "不是本网格的网格员。", en))
        }
        Some(_) => {
            let en = "A grid worker plans for nobody else.";
            Err(wrong("worker_unfit", "网格员只能为本人安排走访。", en))
        }
    })
}

/// The plan with all that is wrong with it.
fn drafted(
    conn: &mut Conn,
    actor: &Actor,
    new: NewPlan,
    now: DateTime<chrono::Utc>,
) -> Result<VisitPlan, Failure> {
    let mut errors = Vec::new();
    let caller = caller(conn, actor, &new)?;
    let visible = |conn: &mut Conn, who: &Actor, id| match load(conn, who, id) {
        Ok(_) => Ok(true),
        Err(Failure::Refused(_)) => Ok(false),
        Err(other) => Err(other),
    };
    if let Some(id) = new.about {
        let both = visible(conn, actor, id)?
            && match &caller {
                Ok(who) => visible(conn, who, id)?,
                Err(_) => true,
            };
        if !both {
            let text = Text::fixed("没有这个办件，或走访人无权查看。", "No such application for who calls.");
            errors.push(FieldError::new("/about", "application_unknown", text));
        }
    }
    if new.place.0.is_some() != new.place.1.is_some() {
        let at = if new.place.0.is_some() { "/longitude" } else { "/latitude" };
        errors.push(FieldError::new(at, "required", Text::fixed("经纬度须一起填写。", "Give both or none.")));
    }
    let plan = VisitPlan {
        id: new.id.unwrap_or_else(|| new_id(now)),
        staff: caller.as_ref().map_or(actor.id, |who| who.id),
        region: new.region,
        purpose: new.purpose,
        address: Sensitive::new(new.address),
        place: new.place.0.zip(new.place.1),
        day: new.day,
        window: new.window,
        about: new.about,
        planned_by: actor.id,
        created_at: now,
        cancelled_at: None,
        visit: None,
    };
    errors.extend(caller.err());
    errors.extend(plan.errors(civil_date(now)));
    if errors.is_empty() { Ok(plan) } else { Err(Refusal::fields(errors).into()) }
}

impl Office {
    /// Plans a visit in a grid of one's own, or for a worker of a grid one watches.
    pub async fn plan_visit(&self, actor: Actor, new: NewPlan, key: OnceKey) -> Result<Answer, Failure> {
        let here = |role| actor.has_in(role, &new.region);
        if !here(Role::GridWorker) && !here(Role::Supervisor) {
            return Err(Refusal::not_permitted().into());
        }
        let now = self.now();
        self.once(key, 201, move |office, conn| {
            let plan = drafted(conn, &actor, new, now)?;
            plans::insert(conn, &plan)?;
            office.tell_plan(conn, &plan, now)?;
            Ok(PlanView::of(plan, civil_date(now), actor.id))
        })
        .await
        .map_err(id_taken)
    }

    /// One's own plans and those of the places one watches, the soonest first.
    pub async fn visit_plans(
        &self,
        actor: Actor,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Result<Vec<PlanView>, Failure> {
        if !actor.has(Role::GridWorker) && !actor.has(Role::Supervisor) {
            return Err(Refusal::not_permitted().into());
        }
        let today = civil_date(self.now());
        let from = from.unwrap_or(today);
        let to = to.unwrap_or_else(|| from.checked_add_days(Days::new(USUAL)).unwrap_or(from));
        if from > to || to.signed_duration_since(from).num_days().unsigned_abs() > LONGEST {
            let zh = format!("日期范围须在 {LONGEST} 天之内，起始日期不晚于截止日期。");
            let en = format!("At most {LONGEST} days, from before to.");
            return Err(Refusal::invalid("query_invalid", zh, en).into());
        }
        let watched = actor.grants.iter().filter(|grant| grant.role == Role::Supervisor);
        let regions = watched.filter_map(|grant| grant.scope.region().cloned()).collect();
        let (viewer, whose) = (actor.id, Whose { staff: actor.id, regions });
        let found = self.db().read(move |conn| plans::between(conn, &whose, (from, to), MOST)).await;
        Ok(found.map_err(Failure::from)?.into_iter().map(|plan| PlanView::of(plan, today, viewer)).collect())
    }

    /// Calls a plan off; whoever was told of it is told.
    pub async fn cancel_plan(&self, actor: Actor, id: Uuid, key: OnceKey) -> Result<Answer, Failure> {
        if !actor.has(Role::GridWorker) && !actor.has(Role::Supervisor) {
            return Err(Refusal::not_permitted().into());
        }
        let now = self.now();
        self.once(key, 200, move |office, conn| {
            let theirs =
                |plan: &VisitPlan| plan.staff == actor.id || actor.has_in(Role::Supervisor, &plan.region);
            let mut plan = plans::find(conn, id)?.filter(theirs).ok_or_else(Refusal::not_found)?;
            plan.stands()?;
            plan.cancelled_at = Some(now);
            plans::settle(conn, &plan)?;
            office.note_now(conn, note_of(Some(&actor), "cancel visit plan", plan.id, String::new()))?;
            office.tell_plan(conn, &plan, now)?;
            Ok(PlanView::of(plan, civil_date(now), actor.id))
        })
        .await
    }

    /// A visit keeps a plan of the same worker in the same grid, once.
    pub fn plan_kept(&self, conn: &mut Conn, visit: &Visit, id: Uuid) -> Result<(), Failure> {
        let same = |plan: &VisitPlan| plan.staff == visit.staff && plan.region == visit.region;
        let unknown = || Refusal::field("/plan", "plan_unknown", "没有这个走访计划。", "No such plan.");
        let mut plan = plans::find(conn, id)?.filter(same).ok_or_else(unknown)?;
        plan.stands()?;
        plan.visit = Some(visit.id);
        Ok(plans::settle(conn, &plan)?)
    }
}
