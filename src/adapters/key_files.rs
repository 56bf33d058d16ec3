//! Keys in a folder, one file each, named by the second it was made at and by its own name: `170…-kid.ext`.
//! Whoever shares the folder shares the keys.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;

use super::disk;
use crate::vault::cipher::AesGcmSiv;
use crate::vault::{Cipher, KeyEntry, KeyId, KeyProvider, VaultError};

/// A key as it lies in its folder.
pub(super) struct KeyFile {
    pub made_at: i64,
    pub path: PathBuf,
    pub bytes: Vec<u8>,
}

/// Every key of a folder, oldest first.
pub(super) fn read_all(folder: &Path, ending: &str) -> io::Result<Vec<KeyFile>> {
    let mut keys = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let made_at = path
            .file_name()
            .and_then(|name| name.to_str()?.strip_suffix(ending)?.split('-').next()?.parse().ok());
        if let Some(made_at) = made_at {
            keys.push(KeyFile { made_at, bytes: std::fs::read(&path)?, path });
        }
    }
    keys.sort_by(|a, b| (a.made_at, &a.path).cmp(&(b.made_at, &b.path)));
    Ok(keys)
}

/// Keeps a key for good, as the newest.
pub(super) fn keep(folder: &Path, made_at: i64, name: &str, ending: &str, bytes: &[u8]) -> io::Result<()> {
    let newest = read_all(folder, ending)?.last().map_or(i64::MIN, |key| key.made_at);
    let made_at = made_at.max(newest.saturating_add(1));
    disk::write(folder, &format!("{made_at}-{name}{ending}"), bytes)
}

/// Random bytes for a key.
fn random() -> Result<[u8; AesGcmSiv::KEY_LENGTH], VaultError> {
    let mut secret = [0; AesGcmSiv::KEY_LENGTH];
    aws_lc_rs::rand::fill(&mut secret).map_err(|_| unusable("there is no randomness"))?;
    Ok(secret)
}

fn unusable(what: impl std::fmt::Display) -> VaultError {
    VaultError::Unusable(what.to_string())
}

/// 数据密钥: data keys in a folder, beside the secret of the blind indexes.
pub struct FileKeys {
    folder: PathBuf,
    index: hmac::Key,
}

const ENDING: &str = ".key";

impl FileKeys {
    /// The keys below `folder`, which is made with its index secret where there is none.
    pub fn open(folder: &Path) -> Result<Self, VaultError> {
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let path = folder.join("index.secret");
        let secret = match disk::read(&path).map_err(unusable)? {
            Some(secret) => secret,
            None if read_all(folder, ENDING).map_err(unusable)?.is_empty() => {
                disk::write(folder, "index.secret", &random()?).map_err(unusable)?;
                disk::read(&path).map_err(unusable)?.unwrap_or_default()
            }
            // A new one would find nothing of what is there.
            None => return Err(unusable("index.secret is missing beside the data keys")),
        };
        // The same demands as on a key.
        AesGcmSiv::new(&secret).ok_or_else(|| unusable("index.secret is not 32 random bytes"))?;
        Ok(Self { folder: folder.to_owned(), index: hmac::Key::new(hmac::HMAC_SHA256, &secret) })
    }
}

impl KeyProvider for FileKeys {
    fn entries(&self) -> Result<Vec<KeyEntry>, VaultError> {
        let files = read_all(&self.folder, ENDING).map_err(unusable)?;
        let entry = |file: KeyFile| {
            let cipher = AesGcmSiv::new(&file.bytes)
                .ok_or_else(|| unusable(format_args!("{} is not 32 random bytes", file.path.display())))?;
            Ok(KeyEntry { made_at: file.made_at, cipher: Arc::new(cipher) })
        };
        files.into_iter().map(entry).collect()
    }

    fn make(&self, made_at: i64) -> Result<(), VaultError> {
        let secret = random()?;
        let cipher = AesGcmSiv::new(&secret).ok_or_else(|| unusable("cannot be made"))?;
        let name: String = HEXLOWER.encode(&cipher.id());
        keep(&self.folder, made_at, &name, ENDING, &secret).map_err(unusable)
    }

    fn forget(&self, id: KeyId) -> Result<(), VaultError> {
        for file in read_all(&self.folder, ENDING).map_err(unusable)? {
            if AesGcmSiv::new(&file.bytes).is_some_and(|cipher| cipher.id() == id) {
                std::fs::remove_file(file.path).map_err(unusable)?;
            }
        }
        Ok(())
    }

    fn mac(&self, label: &str, data: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(label.as_bytes());
        context.update(&[0]);
        context.update(data);
        let mut mac = [0; 32];
        for (to, from) in mac.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        mac
    }
}
