//! Visits that are planned: kept by the visit that came of them, or called off, once.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::visit_plans as p;
use super::{StorageError, sealing};
use crate::domain::region::Region;
use crate::domain::sensitive::Sensitive;
use crate::domain::visit::VisitPurpose;
use crate::domain::visit_plan::VisitPlan;
use crate::vault::Vault;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = p, treat_none_as_default_value = false)]
struct PlanRow {
    id: DbId,
    staff: DbId,
    region: String,
    purpose: String,
    place: Vec<u8>,
    day: String,
    not_before: Option<String>,
    not_after: Option<String>,
    about: Option<DbId>,
    planned_by: DbId,
    created_at: DbTime,
    cancelled_at: Option<DbTime>,
    visit: Option<DbId>,
}

/// 地点: where somebody lives, as far as it is known.
#[derive(Serialize, Deserialize)]
struct Place {
    address: String,
    at: Option<(f64, f64)>,
}

/// Minutes are enough for an appointment.
const HOUR: &str = "%H:%M";

/// Stores a plan; the same id again is a [`StorageError::Duplicate`].
pub fn insert(conn: &mut Conn, plan: &VisitPlan) -> Result<(), StorageError> {
    let hour = |at: Option<NaiveTime>| at.map(|at| at.format(HOUR).to_string());
    let place = Place { address: plan.address.reveal().clone(), at: plan.place };
    let row = PlanRow {
        id: DbId(plan.id),
        staff: DbId(plan.staff),
        region: plan.region.as_str().to_owned(),
        purpose: plan.purpose.name().to_owned(),
        place: sealing::of(&conn.vault(), "visit_plans", plan.id.as_bytes()).doc("place", &place)?,
        day: plan.day.to_string(),
        not_before: hour(plan.window.0),
        not_after: hour(plan.window.1),
        about: plan.about.map(DbId),
        planned_by: DbId(plan.planned_by),
        created_at: DbTime(plan.created_at),
        cancelled_at: plan.cancelled_at.map(DbTime),
        visit: plan.visit.map(DbId),
    };
    on!(conn, c => diesel::insert_into(p::table).values(&row).execute(c))?;
    Ok(())
}

/// A plan by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<VisitPlan>, StorageError> {
    let row: Option<PlanRow> =
        on!(conn, c => p::table.find(DbId(id)).select(PlanRow::as_select()).get_result(c).optional())?;
    row.map(|row| row.into_plan(&conn.vault())).transpose()
}

/// Stores what has become of it, unless somebody was quicker: [`StorageError::Stale`] then.
pub fn settle(conn: &mut Conn, plan: &VisitPlan) -> Result<(), StorageError> {
    let open = p::table.find(DbId(plan.id)).filter(p::visit.is_null()).filter(p::cancelled_at.is_null());
    let outcome = (p::visit.eq(plan.visit.map(DbId)), p::cancelled_at.eq(plan.cancelled_at.map(DbTime)));
    let changed = on!(conn, c => diesel::update(open).set(outcome).execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StorageError::Stale) }
}

/// What stands of a worker's plans is another's.
pub fn hand_over(conn: &mut Conn, from: Uuid, to: Uuid) -> Result<(), StorageError> {
    let open = p::table.filter(p::staff.eq(DbId(from))).filter(p::visit.is_null());
    let open = open.filter(p::cancelled_at.is_null());
    on!(conn, c => diesel::update(open).set(p::staff.eq(DbId(to))).execute(c))?;
    Ok(())
}

/// Of a worker, or of places that somebody watches.
#[derive(Debug, Clone)]
pub struct Whose {
    /// Plans of this worker,
    pub staff: Uuid,
    /// … and all within these places.
    pub regions: Vec<Region>,
}

/// Plans from one day to another, the soonest first.
pub fn between(
    conn: &mut Conn,
    whose: &Whose,
    (from, to): (NaiveDate, NaiveDate),
    limit: i64,
) -> Result<Vec<VisitPlan>, StorageError> {
    let rows: Vec<PlanRow> = on!(conn, c => {
        let days = p::day.between(from.to_string(), to.to_string());
        let mut query = p::table.filter(p::staff.eq(DbId(whose.staff)).and(days.clone())).into_boxed();
        for region in &whose.regions {
            query = query.or_filter(p::region.like(format!("{}%", region.as_str())).and(days.clone()));
        }
        query
            .order((p::day.asc(), p::not_before.asc(), p::id.asc()))
            .limit(limit)
            .select(PlanRow::as_select())
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_plan(&vault)).collect()
}

/// A worker's plans up to that day that still stand, the longest due first.
pub fn standing(
    conn: &mut Conn,
    staff: Uuid,
    until: NaiveDate,
    limit: i64,
) -> Result<Vec<VisitPlan>, StorageError> {
    let rows: Vec<PlanRow> = on!(conn, c => {
        p::table
            .filter(p::staff.eq(DbId(staff)))
            .filter(p::day.le(until.to_string()))
            .filter(p::visit.is_null())
            .filter(p::cancelled_at.is_null())
            .order((p::day.asc(), p::id.asc()))
            .limit(limit)
            .select(PlanRow::as_select())
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_plan(&vault)).collect()
}

impl PlanRow {
    fn into_plan(self, vault: &Vault) -> Result<VisitPlan, StorageError> {
        let id = self.id.0;
        let corrupt = |what: &str| StorageError::Corrupt(format!("plan {id}: {what}"));
        let place: Place = sealing::of(vault, "visit_plans", id.as_bytes()).open_doc("place", &self.place)?;
        let hour = |text: Option<String>| {
            let read = |text: String| NaiveTime::parse_from_str(&text, HOUR).map_err(|_| corrupt("hour"));
            text.map(read).transpose()
        };
        let instant = |at: Option<DbTime>| -> Option<DateTime<Utc>> { at.map(|at| at.0) };
        Ok(VisitPlan {
            id,
            staff: self.staff.0,
            region: Region::parse(&self.region).map_err(|_| corrupt("region"))?,
            purpose: VisitPurpose::from_name(&self.purpose).ok_or_else(|| corrupt("purpose"))?,
            address: Sensitive::new(place.address),
            place: place.at,
            day: self.day.parse().map_err(|_| corrupt("day"))?,
            window: (hour(self.not_before)?, hour(self.not_after)?),
            about: self.about.map(|id| id.0),
            planned_by: self.planned_by.0,
            created_at: self.created_at.0,
            cancelled_at: instant(self.cancelled_at),
            visit: self.visit.map(|id| id.0),
        })
    }
}
