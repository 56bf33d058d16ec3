//! Visits at the door, with the mandates recorded there.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::visits as v;
use super::{StorageError, sealing};
use crate::domain::region::Region;
use crate::domain::sensitive::Sensitive;
use crate::domain::visit::Visit;
use crate::vault::Vault;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = v, treat_none_as_default_value = false)]
struct VisitRow {
    id: DbId,
    staff: DbId,
    region: String,
    started_at: DbTime,
    mandate: Option<Vec<u8>>,
    place: Vec<u8>,
}

/// 地点: where somebody lives, to the metre.
#[derive(Serialize, Deserialize)]
struct Place {
    address: String,
    latitude: f64,
    longitude: f64,
}

/// Stores a visit; the same id again is a [`StorageError::Duplicate`].
pub fn insert(conn: &mut Conn, visit: &Visit) -> Result<(), StorageError> {
    let vault = conn.vault();
    let seals = sealing::of(&vault, "visits", visit.id.as_bytes());
    let place = Place {
        address: visit.address.reveal().clone(),
        latitude: visit.latitude,
        longitude: visit.longitude,
    };
    let row = VisitRow {
        id: DbId(visit.id),
        staff: DbId(visit.staff),
        region: visit.region.as_str().to_owned(),
        started_at: DbTime(visit.started_at),
        mandate: visit.mandate.as_ref().map(|mandate| seals.doc("mandate", mandate)).transpose()?,
        place: seals.doc("place", &place)?,
    };
    on!(conn, c => diesel::insert_into(v::table).values(&row).execute(c))?;
    Ok(())
}

/// A visit by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Visit>, StorageError> {
    let row: Option<VisitRow> =
        on!(conn, c => v::table.find(DbId(id)).select(VisitRow::as_select()).get_result(c).optional())?;
    row.map(|row| row.into_visit(&conn.vault())).transpose()
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
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_visit(&vault)).collect()
}

impl VisitRow {
    fn into_visit(self, vault: &Vault) -> Result<Visit, StorageError> {
        let seals = sealing::of(vault, "visits", self.id.0.as_bytes());
        let place: Place = seals.open_doc("place", &self.place)?;
        let corrupt = |_| StorageError::Corrupt(format!("visit {}: region", self.id.0));
        Ok(Visit {
            id: self.id.0,
            staff: self.staff.0,
            region: Region::parse(&self.region).map_err(corrupt)?,
            mandate: self.mandate.map(|mandate| seals.open_doc("mandate", &mandate)).transpose()?,
            address: Sensitive::new(place.address),
            latitude: place.latitude,
            longitude: place.longitude,
            started_at: self.started_at.0,
        })
    }
}
