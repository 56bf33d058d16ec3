//! Visits at the door, with the mandates recorded there.

use diesel::prelude::*;
use uuid::Uuid;

use super::StorageError;
use super::dialect::{Conn, DbDoc, DbId, DbTime, on};
use super::schema::visits as v;
use crate::domain::region::Region;
use crate::domain::visit::{Mandate, Visit};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = v, treat_none_as_default_value = false)]
struct VisitRow {
    id: DbId,
    staff: DbId,
    region: String,
    address: String,
    latitude: f64,
    longitude: f64,
    started_at: DbTime,
    mandate: Option<DbDoc<Mandate>>,
}

/// Stores a visit; the same id again is a [`StorageError::Duplicate`].
pub fn insert(conn: &mut Conn, visit: &Visit) -> Result<(), StorageError> {
    let row = VisitRow {
        id: DbId(visit.id),
        staff: DbId(visit.staff),
        region: visit.region.as_str().to_owned(),
        address: visit.address.clone(),
        latitude: visit.latitude,
        longitude: visit.longitude,
        started_at: DbTime(visit.started_at),
        mandate: visit.mandate.clone().map(DbDoc),
    };
    on!(conn, c => diesel::insert_into(v::table).values(&row).execute(c))?;
    Ok(())
}

/// A visit by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Visit>, StorageError> {
    let row: Option<VisitRow> =
        on!(conn, c => v::table.find(DbId(id)).select(VisitRow::as_select()).get_result(c).optional())?;
    row.map(VisitRow::into_visit).transpose()
}

/// A worker's latest visits.
pub fn of_staff(conn: &mut Conn, staff: Uuid, limit: i64) -> Result<Vec<Visit>, StorageError> {
    let rows: Vec<VisitRow> = on!(conn, c => {
        v::table
            .filter(v::staff.eq(DbId(staff)))
            .order(v::started_at.desc())
            .limit(limit)
            .select(VisitRow::as_select())
            .load(c)
    })?;
    rows.into_iter().map(VisitRow::into_visit).collect()
}

impl VisitRow {
    fn into_visit(self) -> Result<Visit, StorageError> {
        let corrupt = |_| StorageError::Corrupt(format!("visit {}: region", self.id.0));
        Ok(Visit {
            id: self.id.0,
            staff: self.staff.0,
            region: Region::parse(&self.region).map_err(corrupt)?,
            mandate: self.mandate.map(|mandate| mandate.0),
            address: self.address,
            latitude: self.latitude,
            longitude: self.longitude,
            started_at: self.started_at.0,
        })
    }
}
