//! The register of households: sealed, found by place and by the numbers of who lives there.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::{household_residents as r, households as h};
use super::{StorageError, sealing};
use crate::domain::household::{Household, HouseholdResident};
use crate::domain::id_number::IdNumber;
use crate::domain::region::Region;
use crate::domain::sensitive::Sensitive;
use crate::vault::Vault;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = h, treat_none_as_default_value = false)]
struct HouseholdRow {
    id: DbId,
    version: i64,
    region: String,
    particulars: Vec<u8>,
    updated_at: DbTime,
    updated_by: DbId,
}

/// What nobody reads on the disk.
#[derive(Serialize, Deserialize)]
struct Particulars {
    address: String,
    place: Option<(f64, f64)>,
    residents: Vec<HouseholdResident>,
    note: Option<String>,
}

fn row(vault: &Vault, household: &Household) -> Result<HouseholdRow, StorageError> {
    let particulars = Particulars {
        address: household.address.reveal().clone(),
        place: household.place,
        residents: household.residents.clone(),
        note: household.note.clone(),
    };
    Ok(HouseholdRow {
        id: DbId(household.id),
        version: household.version,
        region: household.region.as_str().to_owned(),
        particulars: sealing::of(vault, "households", household.id.as_bytes())
            .doc("particulars", &particulars)?,
        updated_at: DbTime(household.updated.0),
        updated_by: DbId(household.updated.1),
    })
}

impl HouseholdRow {
    fn into_household(self, vault: &Vault) -> Result<Household, StorageError> {
        let seals = sealing::of(vault, "households", self.id.0.as_bytes());
        let Particulars { address, place, residents, note } =
            seals.open_doc("particulars", &self.particulars)?;
        let corrupt = || StorageError::Corrupt(format!("household {}: region", self.id.0));
        Ok(Household {
            id: self.id.0,
            version: self.version,
            region: Region::parse(&self.region).map_err(|_| corrupt())?,
            address: Sensitive::new(address),
            place,
            residents,
            note,
            updated: (self.updated_at.0, self.updated_by.0),
        })
    }
}

fn number_index(vault: &Vault, number: &IdNumber) -> Vec<u8> {
    vault.index("households.id_number", number.as_str())
}

/// Stores a household as it is now; one that has another version than the one before is
/// [`StorageError::Stale`].
pub fn save(conn: &mut Conn, household: &Household) -> Result<(), StorageError> {
    let vault = conn.vault();
    let row = row(&vault, household)?;
    let before = household.version - 1;
    if before == 0 {
        on!(conn, c => diesel::insert_into(h::table).values(&row).execute(c))?;
    } else {
        let same = h::table.filter(h::id.eq(row.id)).filter(h::version.eq(before));
        if on!(conn, c => diesel::update(same).set(&row).execute(c))? != 1 {
            return Err(StorageError::Stale);
        }
        on!(conn, c => diesel::delete(r::table.filter(r::household.eq(row.id))).execute(c))?;
    }
    let residents: Vec<_> = household
        .residents
        .iter()
        .map(|resident| {
            (r::household.eq(row.id), r::number_index.eq(number_index(&vault, &resident.id_number)))
        })
        .collect();
    if !residents.is_empty() {
        on!(conn, c => diesel::insert_into(r::table).values(&residents).execute(c))?;
    }
    Ok(())
}

/// One by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Household>, StorageError> {
    let row: Option<HouseholdRow> =
        on!(conn, c => h::table.find(DbId(id)).select(HouseholdRow::as_select()).get_result(c).optional())?;
    row.map(|row| row.into_household(&conn.vault())).transpose()
}

/// Those within these places beyond an id, in the order of their ids.
pub fn within(
    conn: &mut Conn,
    places: &[Region],
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Household>, StorageError> {
    let Some((first, others)) = places.split_first() else { return Ok(Vec::new()) };
    let after = DbId(after.unwrap_or(Uuid::nil()));
    let inside = |place: &Region| h::region.like(format!("{}%", place.as_str())).and(h::id.gt(after));
    let rows: Vec<HouseholdRow> = on!(conn, c => {
        let mut query = h::table.filter(inside(first)).into_boxed();
        for place in others {
            query = query.or_filter(inside(place));
        }
        query.order(h::id.asc()).limit(limit).select(HouseholdRow::as_select()).load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_household(&vault)).collect()
}

/// Where the holder of a number lives.
pub fn of_number(conn: &mut Conn, number: &IdNumber) -> Result<Vec<Household>, StorageError> {
    let index = number_index(&conn.vault(), number);
    let rows: Vec<HouseholdRow> = on!(conn, c => {
        let there = r::table.filter(r::number_index.eq(index)).select(r::household);
        h::table.filter(h::id.eq_any(there)).order(h::id.asc()).select(HouseholdRow::as_select()).load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_household(&vault)).collect()
}

/// Strikes a household off; false when it has another version.
pub fn remove(conn: &mut Conn, id: Uuid, version: i64) -> Result<bool, StorageError> {
    let same = h::table.filter(h::id.eq(DbId(id))).filter(h::version.eq(version));
    let there: i64 = on!(conn, c => same.count().get_result(c))?;
    if there == 1 {
        on!(conn, c => diesel::delete(r::table.filter(r::household.eq(DbId(id)))).execute(c))?;
    }
    Ok(on!(conn, c => diesel::delete(same).execute(c))? == 1)
}
