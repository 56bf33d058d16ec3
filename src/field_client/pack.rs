//! 资料包: what was downloaded, kept as it came: sealed. It opens with the key the server lends for some days;
//! afterwards the device asks again, and one that is lost never gets an answer.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use chrono::{DateTime, Utc};
use flate2::read::GzDecoder;
use serde_json::Value;
use uuid::Uuid;

use super::{DeviceKey, Outbox};

/// Why a pack does not open.
#[derive(Debug)]
pub enum PackError {
    /// There is no key, or its time is over: `GET /v1/devices/{id}/pack-key`.
    Locked,
    /// It was not sealed for this device, or was changed since.
    Forged,
    /// A page that does not follow the last one: ask with the cursor that is known.
    OutOfOrder,
    /// The disk.
    Disk(std::io::Error),
}

impl From<std::io::Error> for PackError {
    fn from(error: std::io::Error) -> Self {
        PackError::Disk(error)
    }
}

/// 资料包
pub struct Pack {
    device: Uuid,
    folder: PathBuf,
    key: Option<(LessSafeKey, DateTime<Utc>)>,
    cursor: Option<String>,
    entries: BTreeMap<String, Value>,
}

impl Pack {
    /// The pack of a device in a folder of its own, locked.
    pub fn at(folder: &Path, device: Uuid) -> std::io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { device, folder: folder.to_owned(), key: None, cursor: None, entries: BTreeMap::new() })
    }

    /// Opens it with the key that was kept; when its time is over, the key goes and the pack stays sealed.
    pub fn open(&mut self, own: &DeviceKey, now: DateTime<Utc>) -> Result<(), PackError> {
        let kept = fs::read(self.folder.join("key")).map_err(|_| PackError::Locked)?;
        let answer: Value = serde_json::from_slice(&kept).map_err(|_| PackError::Locked)?;
        let opened = own.open(&answer).filter(|(_, expires_at)| *expires_at > now);
        let Some((key, expires_at)) = opened else {
            self.lock()?;
            return Err(PackError::Locked);
        };
        let key = UnboundKey::new(&AES_256_GCM_SIV, &key).map_err(|_| PackError::Forged)?;
        self.key = Some((LessSafeKey::new(key), expires_at));
        (self.cursor, self.entries) = (None, BTreeMap::new());
        let pages = fs::read(self.folder.join("pages")).unwrap_or_default();
        let mut rest = pages.as_slice();
        // A page that a crash cut short never came; it is asked for again.
        while let Some((length, after)) = rest.split_first_chunk::<4>()
            && let Some((page, after)) = after.split_at_checked(u32::from_be_bytes(*length) as usize)
        {
            let page = self.read(page)?;
            self.apply(&page);
            rest = after;
        }
        if !rest.is_empty() {
            let file = fs::OpenOptions::new().write(true).open(self.folder.join("pages"))?;
            file.set_len((pages.len() - rest.len()) as u64)?;
        }
        Ok(())
    }

    /// Takes the answer of `GET /v1/devices/{id}/pack-key`, and opens.
    pub fn unlock(&mut self, own: &DeviceKey, answer: &Value, now: DateTime<Utc>) -> Result<(), PackError> {
        write(&self.folder.join("key"), answer.to_string().as_bytes())?;
        self.open(own, now)
    }

    /// The cursor to ask with; none for the first page.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Takes a page; it is on disk when this answers. Answers whether there are more.
    pub fn take(&mut self, sealed: &[u8], now: DateTime<Utc>) -> Result<bool, PackError> {
        if self.key.as_ref().is_none_or(|(_, expires_at)| *expires_at <= now) {
            self.lock()?;
            return Err(PackError::Locked);
        }
        let page = self.read(sealed)?;
        let from = page["from"].as_str();
        let afresh = from.is_none();
        if !afresh && from != self.cursor() {
            return Err(PackError::OutOfOrder);
        }
        let record = [&u32::try_from(sealed.len()).unwrap_or(0).to_be_bytes(), sealed].concat();
        let path = self.folder.join("pages");
        if afresh {
            write(&path, &record)?;
            self.entries.clear();
        } else if page["cursor"].as_str() != from {
            let mut file = fs::OpenOptions::new().append(true).create(true).open(&path)?;
            file.write_all(&record)?;
            file.sync_data()?;
        }
        self.apply(&page);
        Ok(page["more"] == true)
    }

    /// Everything of a kind, in the order of the keys.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.entries.values().filter(move |entry| entry["kind"] == kind).map(|entry| &entry["content"])
    }

    /// A receipt number with its query code that was not given away yet.
    pub fn number(&self, outbox: &Outbox) -> Option<&Value> {
        let given = |number: &Value| outbox.given().any(|given| number["receipt_no"] == given);
        self.of_kind("number").find(|number| !given(number))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forgets the key and what was read with it; the pages stay, sealed.
    pub fn lock(&mut self) -> std::io::Result<()> {
        (self.key, self.cursor, self.entries) = (None, None, BTreeMap::new());
        removed(&self.folder.join("key"))
    }

    /// Forgets everything: the server said `erase`, `device_revoked`, or that the worker may not sign in.
    pub fn erase(&mut self) -> std::io::Result<()> {
        self.lock()?;
        removed(&self.folder.join("pages"))
    }

    fn read(&self, sealed: &[u8]) -> Result<Value, PackError> {
        let (key, _) = self.key.as_ref().ok_or(PackError::Locked)?;
        let (nonce, rest) = sealed.split_first_chunk::<12>().ok_or(PackError::Forged)?;
        let mut bytes = rest.to_vec();
        let bound = Aad::from(self.device.as_bytes());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let squeezed = key.open_in_place(nonce, bound, &mut bytes).map_err(|_| PackError::Forged)?;
        let mut text = String::new();
        GzDecoder::new(&*squeezed).read_to_string(&mut text).map_err(|_| PackError::Forged)?;
        serde_json::from_str(&text).map_err(|_| PackError::Forged)
    }

    fn apply(&mut self, page: &Value) {
        for key in page["gone"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            self.entries.remove(key);
        }
        for entry in page["entries"].as_array().into_iter().flatten() {
            if let Some(key) = entry["key"].as_str() {
                self.entries.insert(key.to_owned(), entry.clone());
            }
        }
        self.cursor = page["cursor"].as_str().map(str::to_owned);
    }
}

/// Whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = fs::File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

fn removed(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
