//! Where data keys come from: files here, a hardware module or a key service elsewhere.

use std::sync::Arc;

use super::{Cipher, KeyId, VaultError};

/// One key on the ring.
#[derive(Clone)]
pub struct KeyEntry {
    /// Seconds since 1970.
    pub made_at: i64,
    /// The key at work.
    pub cipher: Arc<dyn Cipher>,
}

/// Keeps the keys. What a blind index is made with is a secret of its own that does not change with them.
pub trait KeyProvider: Send + Sync {
    /// Every key, oldest first.
    fn entries(&self) -> Result<Vec<KeyEntry>, VaultError>;
    /// Makes a key.
    fn make(&self, made_at: i64) -> Result<(), VaultError>;
    /// Forgets one for good.
    fn forget(&self, id: KeyId) -> Result<(), VaultError>;
    /// What only the holder of that secret can make: the same for the same data under the same label.
    fn mac(&self, label: &str, data: &[u8]) -> [u8; 32];
}
