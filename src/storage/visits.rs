//! Visits at the door, with the mandates recorded there and how they ended.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on, put};
use super::schema::visits as v;
use super::steady::{change, steady};
use super::{StorageError, needs, sealing};
use crate::domain::region::Region;
use crate::domain::sensitive::Sensitive;
use crate::domain::visit::{Visit, VisitNeed, VisitOutcome, VisitPurpose, VisitReport};
use crate::vault::Vault;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = v, treat_none_as_default_value = false, treat_none_as_null = true)]
struct VisitRow {
    id: DbId,
    staff: DbId,
    region: String,
    started_at: DbTime,
    mandate: Option<Vec<u8>>,
    place: Vec<u8>,
    purpose: String,
    received_at: Option<DbTime>,
    follows: Option<DbId>,
    outcome: Option<String>,
    ended_at: Option<DbTime>,
    revisit_on: Option<String>,
    report: Option<Vec<u8>>,
}

/// 地点: where somebody lives, to the metre.
#[derive(Serialize, Deserialize)]
struct Place {
    address: String,
    latitude: f64,
    longitude: f64,
}

/// What was told and measured at the door.
#[derive(Default, Serialize, Deserialize)]
struct Told {
    accuracy: Option<f64>,
    skew_seconds: i64,
    needs: Vec<VisitNeed>,
    note: Option<String>,
}

fn row(vault: &Vault, visit: &Visit) -> Result<VisitRow, StorageError> {
    let seals = sealing::of(vault, "visits", visit.id.as_bytes());
    let place = Place {
        address: visit.address.reveal().clone(),
        latitude: visit.latitude,
        longitude: visit.longitude,
    };
    let report = visit.report.as_ref();
    let told = Told {
        accuracy: visit.accuracy,
        skew_seconds: visit.skew_seconds,
        needs: report.map(|report| report.needs.clone()).unwrap_or_default(),
        note: report.and_then(|report| report.note.clone()),
    };
    Ok(VisitRow {
        id: DbId(visit.id),
        staff: DbId(visit.staff),
        region: visit.region.as_str().to_owned(),
        started_at: DbTime(visit.started_at),
        mandate: visit.mandate.as_ref().map(|mandate| seals.doc("mandate", mandate)).transpose()?,
        place: seals.doc("place", &place)?,
        purpose: visit.purpose.name().to_owned(),
        received_at: Some(DbTime(visit.received_at)),
        follows: visit.follows.map(DbId),
        outcome: report.map(|report| report.outcome.name().to_owned()),
        ended_at: report.map(|report| DbTime(report.ended_at)),
        revisit_on: report.and_then(|report| report.revisit_on).map(|day| day.to_string()),
        report: Some(seals.doc("report", &told)?),
    })
}

/// Stores a visit; the same id again is a [`StorageError::Duplicate`], at the latest with the commit.
pub fn insert(conn: &mut Conn, visit: &Visit) -> Result<(), StorageError> {
    if conn.gathered.take_visit(visit) { Ok(()) } else { store(conn, visit.clone()) }
}

/// Stores it now.
pub fn store(conn: &mut Conn, visit: Visit) -> Result<(), StorageError> {
    let vault = conn.vault();
    put!(beside conn, v::table, row(&vault, &visit)?);
    Ok(())
}

/// Stores how a visit ended, unless somebody was quicker: [`StorageError::Stale`] then.
pub fn end(conn: &mut Conn, visit: &Visit) -> Result<(), StorageError> {
    if conn.gathered.end_visit(visit) {
        store(conn, visit.clone())?;
        return needs::insert(conn, visit);
    }
    let row = row(&conn.vault(), visit)?;
    let open = v::id.eq(row.id).and(v::outcome.is_null());
    let changed = on!(beside conn, c => steady!(change(v::table, open, &row)).execute(c))?;
    if changed == 1 { needs::insert(conn, visit) } else { Err(StorageError::Stale) }
}

/// Stores the mandate recorded at a visit, as it is now.
pub fn keep_mandate(conn: &mut Conn, visit: &Visit) -> Result<(), StorageError> {
    let mandate = row(&conn.vault(), visit)?.mandate;
    on!(conn, c => diesel::update(v::table.find(DbId(visit.id))).set(v::mandate.eq(mandate)).execute(c))?;
    Ok(())
}

/// Lets the needs that were only part of a report be ticked off.
pub fn note_all_needs(conn: &mut Conn) -> Result<(), StorageError> {
    let ids: Vec<DbId> = on!(conn, c => v::table.filter(v::outcome.is_not_null()).select(v::id).load(c))?;
    for id in ids {
        if let Some(visit) = find(conn, id.0)? {
            needs::insert(conn, &visit)?;
        }
    }
    Ok(())
}

/// A visit by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Visit>, StorageError> {
    if let Some(new) = conn.gathered.visit(id) {
        return Ok(Some(new.clone()));
    }
    if conn.gathered.is_absent(id) {
        return Ok(None);
    }
    let row: Option<VisitRow> = on!(apart conn, c => {
        steady!(v::table.find(DbId(id)).select(VisitRow::as_select())).get_result(c).optional()
    })?;
    row.map(|row| row.into_visit(&conn.vault())).transpose()
}

/// Where one was.
pub fn place(conn: &mut Conn, id: Uuid) -> Result<Option<Region>, StorageError> {
    if let Some(new) = conn.gathered.visit(id) {
        return Ok(Some(new.region.clone()));
    }
    let place: Option<String> =
        on!(apart conn, c => steady!(v::table.find(DbId(id)).select(v::region)).get_result(c).optional())?;
    let corrupt = |_| StorageError::Corrupt(format!("visit {id}: region"));
    place.map(|code| Region::parse(&code).map_err(corrupt)).transpose()
}

/// A worker's visits that began since then, the latest first.
pub fn of_staff(
    conn: &mut Conn,
    staff: Uuid,
    since: Option<DateTime<Utc>>,
    limit: i64,
) -> Result<Vec<Visit>, StorageError> {
    let rows: Vec<VisitRow> = on!(conn, c => {
        let mut query = v::table.filter(v::staff.eq(DbId(staff))).into_boxed();
        if let Some(since) = since {
            query = query.filter(v::started_at.ge(DbTime(since)));
        }
        query.order(v::started_at.desc()).limit(limit).select(VisitRow::as_select()).load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_visit(&vault)).collect()
}

/// How many of a worker's visits began since then and met somebody, and how many there were.
pub fn count(conn: &mut Conn, staff: Uuid, since: DateTime<Utc>) -> Result<(i64, i64), StorageError> {
    let all = v::table.filter(v::staff.eq(DbId(staff))).filter(v::started_at.ge(DbTime(since)));
    let met = all.filter(v::outcome.eq(VisitOutcome::Home.name()).assume_not_null());
    Ok((on!(conn, c => met.count().get_result(c))?, on!(conn, c => all.count().get_result(c))?))
}

/// The worker's visits to which somebody should have come back by that day and nobody has, the longest due first.
pub fn to_revisit(
    conn: &mut Conn,
    staff: Uuid,
    day: NaiveDate,
    limit: i64,
) -> Result<Vec<Visit>, StorageError> {
    let later = diesel::alias!(v as later_visits);
    let rows: Vec<VisitRow> = on!(conn, c => {
        let followed = later.filter(later.field(v::follows).eq(v::id.nullable()));
        v::table
            .filter(v::staff.eq(DbId(staff)))
            .filter(v::revisit_on.le(day.to_string()))
            .filter(not(exists(followed)))
            .order((v::revisit_on.asc(), v::id.asc()))
            .limit(limit)
            .select(VisitRow::as_select())
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_visit(&vault)).collect()
}

impl VisitRow {
    fn into_visit(self, vault: &Vault) -> Result<Visit, StorageError> {
        let seals = sealing::of(vault, "visits", self.id.0.as_bytes());
        let place: Place = seals.open_doc("place", &self.place)?;
        let told: Option<Told> = self.report.map(|report| seals.open_doc("report", &report)).transpose()?;
        let Told { accuracy, skew_seconds, needs, note } = told.unwrap_or_default();
        let corrupt = |what: &str| StorageError::Corrupt(format!("visit {}: {what}", self.id.0));
        let report = match (self.outcome, self.ended_at) {
            (Some(outcome), Some(ended_at)) => {
                let outcome = serde_json::from_value(outcome.into()).map_err(|_| corrupt("outcome"))?;
                let revisit_on = self.revisit_on.map(|day| day.parse()).transpose();
                let revisit_on = revisit_on.map_err(|_| corrupt("day of return"))?;
                Some(VisitReport { outcome, ended_at: ended_at.0, needs, revisit_on, note })
            }
            _ => None,
        };
        Ok(Visit {
            id: self.id.0,
            staff: self.staff.0,
            region: Region::parse(&self.region).map_err(|_| corrupt("region"))?,
            purpose: VisitPurpose::from_name(&self.purpose).ok_or_else(|| corrupt("purpose"))?,
            mandate: self.mandate.map(|mandate| seals.open_doc("mandate", &mandate)).transpose()?,
            address: Sensitive::new(place.address),
            latitude: place.latitude,
            longitude: place.longitude,
            accuracy,
            started_at: self.started_at.0,
            received_at: self.received_at.map_or(self.started_at.0, |at| at.0),
            skew_seconds,
            follows: self.follows.map(|id| id.0),
            report,
        })
    }
}
