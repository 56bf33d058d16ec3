//! 保险柜: seals what is personal before it reaches a disk. Each sealed value is bound to the cell it belongs
//! to, so that one moved elsewhere does not open; keys come from a provider and may change while in use.

use data_encoding::HEXLOWER;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

pub mod cipher;
pub mod keys;

pub use cipher::{Cipher, KEY_ID_LENGTH, KeyId};
pub use keys::{KeyEntry, KeyProvider};

/// 密封失败: why something cannot be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultError {
    /// It was not sealed for this cell, or it was changed since.
    Forged(String),
    /// The key it was sealed with is not on the ring.
    KeyMissing(String),
    /// The keys themselves cannot be used.
    Unusable(String),
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VaultError::Forged(cell) => write!(f, "{cell} does not hold what was sealed there"),
            VaultError::KeyMissing(cell) => write!(f, "the key of {cell} is not on the ring"),
            VaultError::Unusable(why) => write!(f, "data keys: {why}"),
        }
    }
}

impl std::error::Error for VaultError {}

/// 单元格: where a sealed value belongs.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    /// Table, or kind of file.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
    /// Key of the row, in bytes.
    pub row: &'a [u8],
}

impl Cell<'_> {
    fn name(&self) -> String {
        let row: String = HEXLOWER.encode(self.row);
        format!("{}.{} of {row}", self.table, self.column)
    }

    /// What the seal covers beside the value; no two cells have the same.
    fn bytes(&self, head: &[u8]) -> Vec<u8> {
        let mut all = head.to_vec();
        for part in [self.table.as_bytes(), self.column.as_bytes(), self.row] {
            all.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            all.extend_from_slice(part);
        }
        all
    }
}

/// Begins every sealed value; no text and no accepted kind of file begins with it.
pub const MARK: u8 = 1;
/// Bytes of mark, algorithm and key.
pub const HEAD: usize = 2 + KEY_ID_LENGTH;
/// A new key seals only when every instance had time to hear of it.
const RIPE: Duration = Duration::from_secs(5);
/// The ring is read again after this long, and for a key nobody has heard of at most so often.
const STALE: Duration = Duration::from_secs(60);
const UNHEARD: Duration = Duration::from_secs(2);

struct Ring {
    /// Oldest first; never empty.
    entries: Vec<KeyEntry>,
    read_at: Instant,
    /// When this process first saw the newest.
    newest_since: Instant,
}

/// Seals and opens.
pub struct Vault {
    provider: Box<dyn KeyProvider>,
    ring: RwLock<Ring>,
}

impl Vault {
    /// A vault with the provider's keys; has it make the first one. `now` in seconds since 1970.
    pub fn open(provider: Box<dyn KeyProvider>, now: i64) -> Result<Self, VaultError> {
        if provider.entries()?.is_empty() {
            provider.make(now)?;
        }
        let entries = provider.entries()?;
        if entries.is_empty() {
            return Err(VaultError::Unusable("there is none".to_owned()));
        }
        let at = Instant::now();
        Ok(Self { provider, ring: RwLock::new(Ring { entries, read_at: at, newest_since: at }) })
    }

    /// Seals a value for a cell, with the newest key.
    pub fn seal(&self, cell: Cell<'_>, value: &[u8]) -> Result<Vec<u8>, VaultError> {
        let cipher = self.sealing()?;
        let mut sealed = Vec::with_capacity(HEAD + value.len() + 32);
        sealed.extend_from_slice(&[MARK, cipher.algorithm()]);
        sealed.extend_from_slice(&cipher.id());
        let bound = cell.bytes(&sealed);
        cipher.seal(&bound, value, &mut sealed).map_err(VaultError::Unusable)?;
        Ok(sealed)
    }

    /// Opens what was sealed for this very cell.
    pub fn unseal(&self, cell: Cell<'_>, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let forged = || VaultError::Forged(cell.name());
        let (head, rest) = sealed.split_at_checked(HEAD).ok_or_else(forged)?;
        let id: KeyId = key_of(sealed).ok_or_else(forged)?;
        let cipher = self.cipher(id).ok_or_else(|| VaultError::KeyMissing(cell.name()))?;
        if head.get(1) != Some(&cipher.algorithm()) {
            return Err(forged());
        }
        cipher.open(&cell.bytes(head), rest).ok_or_else(forged)
    }

    /// 盲索引: finds equal values of a column without telling any of them.
    pub fn index(&self, column: &str, value: &str) -> Vec<u8> {
        let mut mac = self.provider.mac(column, value.as_bytes()).to_vec();
        mac.truncate(16);
        mac
    }

    /// 链: what an entry adds to the chain it stands in; without the secret nobody makes another that fits.
    pub fn link(&self, chain: &str, previous: &[u8], entry: &[u8]) -> Vec<u8> {
        let length = u32::try_from(previous.len()).unwrap_or(u32::MAX).to_be_bytes();
        self.provider.mac(chain, &[length.as_slice(), previous, entry].concat()).to_vec()
    }

    /// The newest key, where there are older ones and it seals already.
    pub fn successor(&self) -> Option<KeyId> {
        self.read_again(STALE);
        self.with_ring(|ring| {
            let (newest, old) = ring.entries.split_last()?;
            let ripe = ring.newest_since.elapsed() >= RIPE;
            (ripe && !old.is_empty()).then(|| newest.cipher.id())
        })
    }

    /// Makes the key that seals from now on; what is sealed with the others stays readable.
    pub fn rotate(&self, now: i64) -> Result<(), VaultError> {
        self.provider.make(now)?;
        self.read_again(Duration::ZERO);
        Ok(())
    }

    /// Forgets every key but the newest, once nothing is sealed with them any more; answers how many went.
    /// While the newest is younger than `seconds` they stay: what another instance sealed with them may just
    /// be on its way to the disk.
    pub fn forget_old(&self, now: i64, seconds: i64) -> Result<usize, VaultError> {
        let entries = self.provider.entries()?;
        let Some((newest, old)) = entries.split_last().filter(|(newest, _)| newest.made_at + seconds <= now)
        else {
            return Ok(0);
        };
        for entry in old.iter().filter(|entry| entry.cipher.id() != newest.cipher.id()) {
            self.provider.forget(entry.cipher.id())?;
        }
        self.read_again(Duration::ZERO);
        Ok(old.len())
    }

    /// How many keys are on the ring.
    pub fn keys(&self) -> usize {
        self.read_again(STALE);
        self.with_ring(|ring| ring.entries.len())
    }

    fn sealing(&self) -> Result<Arc<dyn Cipher>, VaultError> {
        self.read_again(STALE);
        self.with_ring(|ring| {
            let unripe = usize::from(ring.newest_since.elapsed() < RIPE);
            let mut newest_first = ring.entries.iter().rev();
            let entry = newest_first.clone().nth(unripe).or(newest_first.next());
            entry.map(|entry| entry.cipher.clone())
        })
        .ok_or_else(|| VaultError::Unusable("there is none".to_owned()))
    }

    fn cipher(&self, id: KeyId) -> Option<Arc<dyn Cipher>> {
        let find = || {
            self.with_ring(|ring| {
                ring.entries.iter().find(|entry| entry.cipher.id() == id).map(|entry| entry.cipher.clone())
            })
        };
        find().or_else(|| {
            self.read_again(UNHEARD);
            find()
        })
    }

    fn with_ring<T>(&self, look: impl FnOnce(&Ring) -> T) -> T {
        look(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the ring if that was longer ago; a provider that does not answer leaves it as it is.
    fn read_again(&self, older: Duration) {
        if self.with_ring(|ring| ring.read_at.elapsed() < older) {
            return;
        }
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        ring.read_at = Instant::now();
        match self.provider.entries() {
            Ok(entries) if !entries.is_empty() => {
                let newest = |entries: &[KeyEntry]| entries.last().map(|entry| entry.cipher.id());
                if newest(&entries) != newest(&ring.entries) {
                    ring.newest_since = Instant::now();
                }
                ring.entries = entries;
            }
            Ok(_) => tracing::error!("there are no data keys any more"),
            Err(error) => tracing::error!(%error, "the data keys cannot be read"),
        }
    }
}

/// The key a value was sealed with; `None` for what is not sealed.
pub fn key_of(sealed: &[u8]) -> Option<KeyId> {
    let head = sealed.get(..HEAD).filter(|head| head.first() == Some(&MARK))?;
    head.get(2..)?.try_into().ok()
}
