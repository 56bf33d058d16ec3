//! Devices that work offline.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::devices as d;
use super::steady::{change, steady};
use super::{StorageError, sealing};
use crate::domain::device::{Device, DeviceEnd, PublicKey};
use crate::domain::region::Region;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = d, treat_none_as_default_value = false)]
struct DeviceRow {
    id: DbId,
    staff: DbId,
    name: String,
    grids: String,
    registered_at: DbTime,
    seen_at: DbTime,
    ended_at: Option<DbTime>,
    ended_why: Option<String>,
    public_key: Option<String>,
}

impl DeviceRow {
    fn of(device: &Device) -> Self {
        let grids: Vec<&str> = device.grids.iter().map(Region::as_str).collect();
        Self {
            id: DbId(device.id),
            staff: DbId(device.staff),
            name: device.name.clone(),
            grids: grids.join(","),
            registered_at: DbTime(device.registered_at),
            seen_at: DbTime(device.seen_at),
            ended_at: device.ended.map(|(at, _)| DbTime(at)),
            ended_why: device.ended.map(|(_, why)| why.name().to_owned()),
            public_key: device.public_key.clone().map(String::from),
        }
    }

    fn into_device(self) -> Result<Device, StorageError> {
        let corrupt = |what: &str| StorageError::Corrupt(format!("device {}: {what}", self.id.0));
        let ended = match (self.ended_at, self.ended_why.as_deref()) {
            (Some(at), Some(why)) => {
                Some((at.0, DeviceEnd::from_name(why).ok_or_else(|| corrupt("why it ended"))?))
            }
            _ => None,
        };
        let public_key = self.public_key.map(PublicKey::try_from).transpose();
        let grids = self.grids.split(',').filter(|code| !code.is_empty()).map(Region::parse);
        Ok(Device {
            id: self.id.0,
            staff: self.staff.0,
            grids: grids.collect::<Result<_, _>>().map_err(|_| corrupt("grids"))?,
            name: self.name,
            registered_at: self.registered_at.0,
            seen_at: self.seen_at.0,
            ended,
            public_key: public_key.map_err(|_| corrupt("public key"))?,
        })
    }
}

/// Stores a new device; an id that is taken is a [`StorageError::Duplicate`].
pub fn insert(conn: &mut Conn, device: &Device) -> Result<(), StorageError> {
    let row = DeviceRow::of(device);
    on!(conn, c => diesel::insert_into(d::table).values(&row).execute(c))?;
    Ok(())
}

/// Stores what has become of it.
pub fn save(conn: &mut Conn, device: &Device) -> Result<(), StorageError> {
    let row = DeviceRow::of(device);
    on!(conn, c => diesel::update(d::table.find(row.id)).set(&row).execute(c))?;
    Ok(())
}

/// When it was heard of, and the grids of its worker by then. Whether it is in use is somebody else's to change.
pub fn heard(conn: &mut Conn, device: &Device) -> Result<(), StorageError> {
    let row = DeviceRow::of(device);
    let heard = (d::seen_at.eq(row.seen_at), d::grids.eq(row.grids));
    on!(beside conn, c => steady!(change(d::table, d::id.eq(row.id), heard)).execute(c))?;
    Ok(())
}

/// When it was heard of.
pub fn seen(conn: &mut Conn, id: Uuid, at: DateTime<Utc>) -> Result<(), StorageError> {
    on!(conn, c => diesel::update(d::table.find(DbId(id))).set(d::seen_at.eq(DbTime(at))).execute(c))?;
    Ok(())
}

/// A device by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Device>, StorageError> {
    let row: Option<DeviceRow> = on!(beside conn, c => {
        steady!(d::table.find(DbId(id)).select(DeviceRow::as_select())).get_result(c).optional()
    })?;
    row.map(DeviceRow::into_device).transpose()
}

/// A worker's devices, the latest first.
pub fn of_staff(conn: &mut Conn, staff: Uuid) -> Result<Vec<Device>, StorageError> {
    let rows: Vec<DeviceRow> = on!(conn, c => {
        d::table
            .filter(d::staff.eq(DbId(staff)))
            .order((d::registered_at.desc(), d::id.desc()))
            .limit(100)
            .select(DeviceRow::as_select())
            .load(c)
    })?;
    rows.into_iter().map(DeviceRow::into_device).collect()
}

/// What a device's pack is sealed with; none, where it has none or has it no longer.
pub fn pack_key(conn: &mut Conn, id: Uuid) -> Result<Option<Vec<u8>>, StorageError> {
    let sealed: Option<Option<Vec<u8>>> =
        on!(conn, c => d::table.find(DbId(id)).select(d::pack_key).get_result(c).optional())?;
    let vault = conn.vault();
    let seals = sealing::of(&vault, "devices", id.as_bytes());
    sealed.flatten().map(|sealed| seals.open_doc("pack_key", &sealed)).transpose()
}

/// Gives a device what its pack is sealed with; `None` takes it away, and with it everything that was sealed.
pub fn keep_pack_key(conn: &mut Conn, id: Uuid, key: Option<&[u8]>) -> Result<(), StorageError> {
    let vault = conn.vault();
    let sealed =
        key.map(|key| sealing::of(&vault, "devices", id.as_bytes()).doc("pack_key", &key)).transpose()?;
    on!(conn, c => diesel::update(d::table.find(DbId(id))).set(d::pack_key.eq(sealed)).execute(c))?;
    Ok(())
}
