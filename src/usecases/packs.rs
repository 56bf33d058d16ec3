//! 资料包: what a grid worker takes along, page by page, sealed for one device. The server remembers what each
//! device has, so that a device asks with the cursor it was given last and gets what has changed since; asked
//! again with the same cursor, because an answer was lost, it gets the same again.

use chrono::{DateTime, FixedOffset, TimeDelta};
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::clocks_view::local;
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::adapters::packing::{self, seal_key, squeezed};
use crate::domain::actor::Actor;
use crate::domain::device::{Device, PublicKey};
use crate::domain::lifecycle::Role;
use crate::domain::pack::{Manifest, PackChange, PackEntry};
use crate::domain::refusal::Refusal;
use crate::storage::{Conn, StorageError, devices, packs};

/// Sizes of a page, bytes.
pub const PAGE_BYTES: std::ops::RangeInclusive<usize> = 16_384..=4_194_304;
/// How far a page of forms and addresses is squeezed, at least.
const SQUEEZE: usize = 4;

/// 资料包密钥, sealed for its device alone.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PackKeyView {
    /// The device.
    pub device: Uuid,
    /// The server's half of the agreement (HPKE `enc`), hex.
    pub encapsulated: String,
    /// The key, sealed, hex.
    pub sealed: String,
    /// Until when the device may open its pack with it; part of what is sealed.
    pub expires_at: DateTime<FixedOffset>,
}

/// What a device asks for.
#[derive(Debug, Clone, Copy)]
pub struct PackAsked {
    /// The cursor it was given last; none for a first download.
    pub cursor: Option<Uuid>,
    /// Bytes of the page at the most, as far as one entry fits into it.
    pub bytes: Option<usize>,
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// One's own device, in use.
pub fn device_in_use(conn: &mut Conn, actor: &Actor, id: Uuid) -> Result<Device, Failure> {
    let own = |device: &Device| device.staff == actor.id;
    let device = devices::find(conn, id)?.filter(own).ok_or_else(Refusal::not_found)?;
    if device.ended.is_some() {
        let zh = "设备已停用，请清除设备上的资料。";
        let en = "The device is out of use; everything on it is to be erased.";
        return Err(Refusal::conflict("device_revoked", zh, en).into());
    }
    Ok(device)
}

/// The key a device's packs are sealed with, and the one that key is sealed for.
fn keys_of(conn: &mut Conn, device: &Device) -> Result<(Vec<u8>, PublicKey), Failure> {
    let zh = "设备登记时没有提供公钥，请重新登记设备。";
    let en = "The device was registered without a key; register it anew.";
    let none = || Refusal::conflict("device_without_key", zh, en);
    let key = devices::pack_key(conn, device.id)?.ok_or_else(none)?;
    Ok((key, device.public_key.clone().ok_or_else(none)?))
}

/// A page out of a change, and how much of it is in there.
struct Page {
    squeezed: Vec<u8>,
    entries: usize,
    gone: usize,
}

/// As much of a change as fits into a page; one entry always does.
fn page_of(change: &PackChange, bytes: usize, told: impl Fn(&Page) -> Value) -> Result<Page, Failure> {
    let mut room = bytes.saturating_mul(SQUEEZE);
    let gone = change.gone.iter().take_while(|key| take(&mut room, key.len() + 3)).count();
    let fits = |entry: &&PackEntry| take(&mut room, entry.body.to_string().len() + 1);
    let entries = change.changed.iter().take_while(fits).count();
    let mut page = Page { squeezed: Vec::new(), entries, gone };
    if gone == change.gone.len() {
        page.entries = entries.max(1).min(change.changed.len());
    }
    loop {
        page.squeezed = squeezed(told(&page).to_string().as_bytes())?;
        let small = page.squeezed.len() <= bytes || page.entries + page.gone <= 1;
        if small {
            return Ok(page);
        }
        // What was left out comes with the next page.
        page.entries = page.entries.min(page.entries * bytes / page.squeezed.len());
        if page.entries == 0 {
            page.gone = (page.gone * bytes / page.squeezed.len()).max(usize::from(page.gone > 0));
            page.entries = usize::from(page.gone == 0);
        }
    }
}

fn take(room: &mut usize, length: usize) -> bool {
    let left = room.checked_sub(length);
    *room = left.unwrap_or(0);
    left.is_some()
}

impl Office {
    /// A key for a device that can open it; the key of its packs is made for it as well.
    pub fn keyed(&self, key: PublicKey) -> Result<(PublicKey, Vec<u8>), Failure> {
        let zh = "公钥无法使用。";
        let unfit = |_| Refusal::field("/public_key", "key_unfit", zh, "Not a key that can be used.");
        seal_key(&[0; 32], &key, &[]).map_err(unfit)?;
        Ok((key, packing::new_key()?))
    }

    /// What a device opens its pack with, for the time being.
    pub async fn pack_key(&self, actor: Actor, device: Uuid) -> Result<PackKeyView, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let keys = move |conn: &mut Conn| {
            let device = device_in_use(conn, &actor, device)?;
            keys_of(conn, &device)
        };
        let (key, to) = self.db().read(keys).await?;
        let expires_at = self.now() + TimeDelta::hours(self.rules().field.pack_hours);
        let bound = [device.as_bytes().as_slice(), &expires_at.timestamp().to_be_bytes()].concat();
        let sealed = seal_key(&key, &to, &bound)?;
        Ok(PackKeyView {
            device,
            encapsulated: hex(&sealed.encapsulated),
            sealed: hex(&sealed.sealed),
            expires_at: local(expires_at),
        })
    }

    /// The next page of what a device lacks.
    pub async fn pack(&self, actor: Actor, device: Uuid, asked: PackAsked) -> Result<Vec<u8>, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let bytes = asked.bytes.unwrap_or(self.rules().field.pack_page_bytes);
        if !PAGE_BYTES.contains(&bytes) {
            let (zh, en) = ("每页 16384 至 4194304 字节。", "A page has 16,384 to 4,194,304 bytes.");
            return Err(Refusal::invalid("page_bytes_invalid", zh, en).into());
        }
        let office = self.clone();
        let look = move |conn: &mut Conn| -> Result<_, Failure> {
            let found = device_in_use(conn, &actor, device)?;
            let (key, _) = keys_of(conn, &found)?;
            let had = match asked.cursor {
                Some(cursor) => packs::find(conn, device, cursor)?.map(|had| (cursor, had)),
                None => None,
            };
            Ok((key, had, office.pack_entries(conn, &actor, device)?))
        };
        let (key, had, now) = self.db().read(look).await?;
        let (cursor, had) = had.map_or((None, Manifest::default()), |(cursor, had)| (Some(cursor), had));
        let change = had.change_to(now);
        let (now, next) = (self.now(), new_id(self.now()));
        let nothing = cursor.is_some() && change == PackChange::default();
        let told = |page: &Page| {
            let more = page.entries < change.changed.len() || page.gone < change.gone.len();
            let entries: Vec<&Value> = change.changed.iter().take(page.entries).map(|e| &e.body).collect();
            json!({
                "from": cursor,
                "cursor": if nothing { cursor } else { Some(next) },
                "more": more,
                "gone": change.gone.iter().take(page.gone).collect::<Vec<_>>(),
                "entries": entries,
                "made_at": local(now),
            })
        };
        let page = page_of(&change, bytes, told)?;
        let sealed = packing::seal(&key, device.as_bytes(), &page.squeezed)?;
        if !nothing {
            let (entries, gone) = (change.changed.get(..page.entries), change.gone.get(..page.gone));
            let has = had.after(entries.unwrap_or_default(), gone.unwrap_or_default());
            let keep = move |conn: &mut Conn| -> Result<(), StorageError> {
                devices::seen(conn, device, now)?;
                packs::keep(conn, (device, cursor), next, &has, now)
            };
            self.db().write(keep).await?;
        }
        Ok(sealed)
    }
}
