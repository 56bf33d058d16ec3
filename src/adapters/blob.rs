//! 材料存放: uploaded files, kept under the hash of their content, so that the same file is one file
//! and a file never changes. Only recognised, whole files get in, and only once they are safely on disk.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::disk;
use super::file_kind::{FileKind, Unfit};
use crate::vault::{Cell, HEAD, KeyId, MARK, Vault, VaultError, key_of};

/// 上传限额: how large a file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BlobLimits {
    /// Bytes of one file.
    pub max_bytes: u64,
    /// Width times height of one picture: a small file can unpack into more than a viewer can hold.
    pub max_pixels: u64,
}

impl Default for BlobLimits {
    fn default() -> Self {
        Self { max_bytes: 10 * 1024 * 1024, max_pixels: 50_000_000 }
    }
}

impl BlobLimits {
    fn admit(&self, bytes: &[u8]) -> Result<FileKind, BlobError> {
        if bytes.len() as u64 > self.max_bytes {
            return Err(BlobError::TooLarge { limit: self.max_bytes });
        }
        FileKind::recognise(bytes, self.max_pixels).map_err(|unfit| match unfit {
            Unfit::UnknownType => BlobError::UnknownType,
            Unfit::Damaged => BlobError::Damaged,
            Unfit::TooManyPixels => BlobError::TooManyPixels { limit: self.max_pixels },
        })
    }
}

/// 已存材料: how to find a file again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The hash of the content in lower-case hex; this is the file's name.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// What it was recognised as.
    pub kind: FileKind,
}

/// 材料无法存取: why a file is not taken or not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobError {
    /// 文件过大.
    TooLarge {
        /// The most bytes that are taken.
        limit: u64,
    },
    /// 格式不支持: none of the accepted formats.
    UnknownType,
    /// 文件损坏: cut short, or carries something else.
    Damaged,
    /// No longer what was stored.
    Changed,
    /// 图片尺寸过大.
    TooManyPixels {
        /// The most pixels that are taken.
        limit: u64,
    },
    /// 文件不存在.
    Missing,
    /// 存储不可用: the disk is full or away; worth another try.
    Unavailable(String),
}

impl fmt::Display for BlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(f, "larger than {limit} bytes"),
            Self::UnknownType => write!(f, "not one of the accepted formats"),
            Self::Damaged => write!(f, "damaged"),
            Self::Changed => write!(f, "a stored file was changed"),
            Self::TooManyPixels { limit } => write!(f, "more than {limit} pixels"),
            Self::Missing => write!(f, "no such file"),
            Self::Unavailable(what) => write!(f, "the file store is unavailable: {what}"),
        }
    }
}

impl std::error::Error for BlobError {}

impl From<VaultError> for BlobError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Forged(_) => Self::Changed,
            VaultError::KeyMissing(_) | VaultError::Unusable(_) => Self::Unavailable(error.to_string()),
        }
    }
}

/// What a file's seal is bound to.
fn cell(sha256: &str) -> Cell<'_> {
    Cell { table: "materials", column: "bytes", row: sha256.as_bytes() }
}

impl From<std::io::Error> for BlobError {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// 材料库: keeps uploaded files.
pub trait Blobs: Send + Sync {
    /// Recognises and keeps a file; once answered it survives a power cut. Twice the same is one file.
    fn store(&self, bytes: Vec<u8>) -> BoxFuture<'_, Result<Stored, BlobError>>;

    /// The content, exactly as it was stored.
    fn open<'a>(&'a self, sha256: &'a str) -> BoxFuture<'a, Result<Vec<u8>, BlobError>>;

    /// Seals every file anew that is not sealed with this key; answers how many there were.
    fn renew(&self, newest: KeyId) -> BoxFuture<'_, Result<usize, BlobError>>;

    /// Removes a file unless somebody stored it again within `quiet`: then false. One that is not there is
    /// removed already.
    fn remove<'a>(&'a self, sha256: &'a str, quiet: Duration) -> BoxFuture<'a, Result<bool, BlobError>>;
}

/// 本地材料库: a folder.
#[derive(Clone)]
pub struct LocalBlobs {
    folder: PathBuf,
    limits: BlobLimits,
    vault: Arc<Vault>,
}

impl LocalBlobs {
    /// Keeps files below this folder, which is made when it is first needed.
    pub fn new(folder: impl Into<PathBuf>, limits: BlobLimits, vault: Arc<Vault>) -> Self {
        Self { folder: folder.into(), limits, vault }
    }

    fn path(&self, sha256: &str) -> Result<PathBuf, BlobError> {
        let is_hash = sha256.len() == 64 && sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if is_hash { Ok(self.folder.join(place(sha256))) } else { Err(BlobError::Missing) }
    }

    /// What a file holds. One from before there was a vault proves itself by its name.
    fn content(&self, sha256: &str, kept: Vec<u8>) -> Result<Vec<u8>, BlobError> {
        let sealed = kept.first() == Some(&MARK);
        let bytes = if sealed { self.vault.unseal(cell(sha256), &kept)? } else { kept };
        if hash(&bytes) == sha256 { Ok(bytes) } else { Err(BlobError::Changed) }
    }
}

impl Blobs for LocalBlobs {
    fn store(&self, bytes: Vec<u8>) -> BoxFuture<'_, Result<Stored, BlobError>> {
        let Self { folder, limits, vault } = self.clone();
        Box::pin(disk::off_thread(move || {
            let kind = limits.admit(&bytes)?;
            let sha256 = hash(&bytes);
            // Also over an existing copy: whatever has happened to that one, this one is right.
            let sealed = vault.seal(cell(&sha256), &bytes)?;
            disk::write(&folder, &place(&sha256), &sealed)?;
            Ok(Stored { sha256, size: bytes.len() as u64, kind })
        }))
    }

    fn open<'a>(&'a self, sha256: &'a str) -> BoxFuture<'a, Result<Vec<u8>, BlobError>> {
        Box::pin(async move {
            let (path, sha256, own) = (self.path(sha256)?, sha256.to_owned(), self.clone());
            disk::off_thread(move || own.content(&sha256, disk::read(&path)?.ok_or(BlobError::Missing)?))
                .await
        })
    }

    fn renew(&self, newest: KeyId) -> BoxFuture<'_, Result<usize, BlobError>> {
        let own = self.clone();
        Box::pin(disk::off_thread(move || {
            let mut renewed = 0;
            for path in disk::files(&own.folder)? {
                let Some(sha256) = path.file_name().and_then(|name| name.to_str()) else { continue };
                if own.path(sha256).is_err()
                    || disk::head(&path, HEAD)?.is_some_and(|head| key_of(&head) == Some(newest))
                {
                    continue;
                }
                let Some(kept) = disk::read(&path)? else { continue };
                let sealed = own.vault.seal(cell(sha256), &own.content(sha256, kept)?)?;
                disk::write(&own.folder, &place(sha256), &sealed)?;
                renewed += 1;
            }
            Ok(renewed)
        }))
    }

    fn remove<'a>(&'a self, sha256: &'a str, quiet: Duration) -> BoxFuture<'a, Result<bool, BlobError>> {
        Box::pin(async move {
            let Ok(path) = self.path(sha256) else { return Ok(true) };
            disk::off_thread(move || Ok(disk::remove_if_quiet(&path, quiet)?)).await
        })
    }
}

/// Two levels of folders, so that none holds too many entries.
fn place(sha256: &str) -> String {
    format!("{}/{}/{sha256}", sha256.get(..2).unwrap_or_default(), sha256.get(2..4).unwrap_or_default())
}

fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn vault() -> Arc<Vault> {
        let folder = disk::TestFolder::new();
        let keys = crate::adapters::key_files::FileKeys::open(&folder.0).unwrap();
        Arc::new(Vault::open(Box::new(keys), 0).unwrap())
    }

    const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n";

    #[tokio::test]
    async fn the_same_content_is_one_file_and_comes_back_unchanged() {
        let folder = disk::TestFolder::new();
        let blobs = LocalBlobs::new(&folder.0, BlobLimits::default(), vault());
        let stored = blobs.store(PDF.to_vec()).await.unwrap();
        assert_eq!((stored.size, stored.kind), (PDF.len() as u64, FileKind::Pdf));
        assert_eq!(blobs.store(PDF.to_vec()).await.unwrap(), stored);
        assert_eq!(folder.files().len(), 1);
        let name = &stored.sha256;
        assert_eq!(folder.files()[0], folder.0.join(&name[..2]).join(&name[2..4]).join(name));
        assert_eq!(blobs.open(name).await.unwrap(), PDF);
        assert!(!std::fs::read(&folder.files()[0]).unwrap().windows(4).any(|part| part == b"%PDF"));
        std::fs::write(&folder.files()[0], PDF).unwrap();
        assert_eq!(blobs.open(name).await.unwrap(), PDF, "kept from before files were sealed");

        std::fs::write(&folder.files()[0], "rotten").unwrap();
        assert_eq!(blobs.open(name).await, Err(BlobError::Changed));
        blobs.store(PDF.to_vec()).await.unwrap();
        assert_eq!(blobs.open(name).await.unwrap(), PDF, "storing again heals");

        assert!(blobs.remove(name, Duration::ZERO).await.unwrap());
        assert!(blobs.remove(name, Duration::ZERO).await.unwrap());
        assert_eq!(blobs.open(name).await, Err(BlobError::Missing));
    }

    #[tokio::test]
    async fn what_is_refused_leaves_no_trace_and_names_reach_no_other_file() {
        let folder = disk::TestFolder::new();
        let blobs =
            LocalBlobs::new(folder.0.join("in"), BlobLimits { max_bytes: 64, ..Default::default() }, vault());
        assert_eq!(blobs.store(vec![b'x'; 65]).await, Err(BlobError::TooLarge { limit: 64 }));
        assert_eq!(blobs.store(b"<html>".to_vec()).await, Err(BlobError::UnknownType));
        assert!(folder.files().is_empty());
        std::fs::create_dir_all(&folder.0).unwrap();
        std::fs::write(folder.0.join("secret"), "s").unwrap();
        for name in ["../secret", "", "secret", &"../".repeat(22)[..64], &"A".repeat(64)] {
            assert_eq!(blobs.open(name).await, Err(BlobError::Missing));
            assert_eq!(blobs.remove(name, Duration::ZERO).await, Ok(true));
        }
        assert_eq!(folder.files().len(), 1);
        // A file where the folder should be: the store says so instead of pretending.
        let blocked = LocalBlobs::new(folder.0.join("secret"), BlobLimits::default(), vault());
        assert!(matches!(blocked.store(PDF.to_vec()).await, Err(BlobError::Unavailable(_))));
    }
}
