//! 设备: registered before it works offline, taken out of use when it is lost.

use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::auditing::note_of;
use super::clocks_view::local;
use super::filing::id_taken;
use super::once::{Answer, OnceKey};
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::device::{Device, DeviceEnd, PublicKey};
use crate::domain::lifecycle::Role;
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::storage::{Conn, devices, packs, reserved_numbers, staff};

/// 设备
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeviceView {
    /// Made by the device.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// When it was registered.
    pub registered_at: DateTime<FixedOffset>,
    /// When it was last heard of.
    pub seen_at: DateTime<FixedOffset>,
    /// Why it is out of use, if it is.
    pub ended: Option<DeviceEnd>,
}

impl From<Device> for DeviceView {
    fn from(device: Device) -> Self {
        Self {
            id: device.id,
            name: device.name,
            registered_at: local(device.registered_at),
            seen_at: local(device.seen_at),
            ended: device.ended.map(|(_, why)| why),
        }
    }
}

/// The grids somebody works in.
pub fn grids_of(actor: &Actor) -> Vec<Region> {
    let duties = actor.grants.iter().filter(|grant| grant.role == Role::GridWorker);
    duties.filter_map(|grant| grant.scope.region().cloned()).collect()
}

/// One's own device.
pub fn own_device(conn: &mut Conn, actor: &Actor, id: Uuid) -> Result<Device, Failure> {
    let own = |device: &Device| device.staff == actor.id;
    devices::find(conn, id)?.filter(own).ok_or_else(|| unknown().into())
}

fn unknown() -> Refusal {
    let zh = "设备未登记，请先登记。";
    Refusal::field("/device", "device_unknown", zh, "Register the device first.")
}

/// One's own device; or that of somebody who has left, for whoever works in one of its grids now.
pub fn device_to_sync(conn: &mut Conn, actor: &Actor, id: Uuid) -> Result<Device, Failure> {
    let device = devices::find(conn, id)?.ok_or_else(unknown)?;
    if device.staff == actor.id {
        return Ok(device);
    }
    let theirs = device.grids.iter().any(|grid| actor.has_in(Role::GridWorker, grid));
    match theirs && staff::find(conn, device.staff)?.is_some_and(|member| !member.active) {
        true => Ok(device),
        false => Err(unknown().into()),
    }
}

impl Office {
    /// Registers a device of one's own.
    pub async fn register_device(
        &self,
        actor: Actor,
        (id, name): (Uuid, String),
        public_key: Option<PublicKey>,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let (public_key, pack_key) = public_key.map(|key| self.keyed(key)).transpose()?.unzip();
        self.once(key, 201, move |office, conn| {
            let now = office.now();
            let device = Device {
                id,
                staff: actor.id,
                name,
                grids: grids_of(&actor),
                registered_at: now,
                seen_at: now,
                ended: None,
                public_key,
            };
            devices::insert(conn, &device)?;
            devices::keep_pack_key(conn, id, pack_key.as_deref())?;
            office.note_now(conn, note_of(Some(&actor), "register device", id, String::new()))?;
            Ok(DeviceView::from(device))
        })
        .await
        .map_err(id_taken)
    }

    /// One's own devices.
    pub async fn devices(&self, actor: Actor) -> Result<Vec<DeviceView>, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let found = self.db().read(move |conn| devices::of_staff(conn, actor.id)).await;
        Ok(found.map_err(Failure::from)?.into_iter().map(DeviceView::from).collect())
    }

    /// Whether a device is to erase what it has taken along: it is out of use, or another works with it now.
    pub async fn erases(&self, actor: &Actor, id: Uuid) -> Result<bool, Failure> {
        let found = self.db().read(move |conn| devices::find(conn, id)).await.map_err(Failure::from)?;
        Ok(found.is_none_or(|device| device.ended.is_some() || device.staff != actor.id))
    }

    /// Takes a device out of use: its owner, or a supervisor of one of its grids. What it still sends is kept and
    /// looked at by a person.
    pub async fn end_device(
        &self,
        actor: Actor,
        id: Uuid,
        why: DeviceEnd,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        self.once(key, 200, move |office, conn| {
            let may = |device: &Device| {
                let watched = device.grids.iter().any(|grid| actor.has_in(Role::Supervisor, grid));
                device.staff == actor.id || watched
            };
            let mut device = devices::find(conn, id)?.filter(may).ok_or_else(Refusal::not_found)?;
            if device.ended.is_none() {
                device.ended = Some((office.now(), why));
                devices::save(conn, &device)?;
                // Whatever was sealed for it opens no more, and what it has not given away is given away no more.
                devices::keep_pack_key(conn, id, None)?;
                packs::forget(conn, id)?;
                reserved_numbers::void(conn, id, office.now())?;
                let why = format!("why={}", why.name());
                office.note_now(conn, note_of(Some(&actor), "end device", id, why))?;
            }
            Ok(DeviceView::from(device))
        })
        .await
    }
}
