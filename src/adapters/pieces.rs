//! 上传中的片段: pieces of a file on their way, sealed, each safely on disk before it is answered; any order,
//! any number of times.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::blob::BlobError;
use super::disk;
use crate::vault::{Cell, Vault};

/// Keeps pieces until the whole is there. An upload is known by a name of letters, digits and hyphens.
pub trait Pieces: Send + Sync {
    /// Keeps one.
    fn keep<'a>(
        &'a self,
        upload: &'a str,
        index: u32,
        bytes: Vec<u8>,
    ) -> BoxFuture<'a, Result<(), BlobError>>;

    /// Which there are, in order.
    fn have<'a>(&'a self, upload: &'a str) -> BoxFuture<'a, Result<Vec<u32>, BlobError>>;

    /// The first so many together.
    fn whole<'a>(&'a self, upload: &'a str, count: u32) -> BoxFuture<'a, Result<Vec<u8>, BlobError>>;

    /// Removes all of them.
    fn forget<'a>(&'a self, upload: &'a str) -> BoxFuture<'a, Result<(), BlobError>>;
}

/// A folder for each upload.
#[derive(Clone)]
pub struct LocalPieces {
    folder: PathBuf,
    vault: Arc<Vault>,
}

impl LocalPieces {
    /// Keeps pieces below this folder, which is made when it is first needed.
    pub fn new(folder: impl Into<PathBuf>, vault: Arc<Vault>) -> Self {
        Self { folder: folder.into(), vault }
    }

    fn place(&self, upload: &str) -> Result<PathBuf, BlobError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let fits = (1..=120).contains(&upload.len()) && upload.chars().all(plain);
        if fits { Ok(self.folder.join(upload)) } else { Err(BlobError::Missing) }
    }
}

fn cell(key: &str) -> Cell<'_> {
    Cell { table: "uploads", column: "piece", row: key.as_bytes() }
}

fn indices(folder: &std::path::Path) -> Result<Vec<u32>, BlobError> {
    let files = disk::files(folder)?;
    let mut found: Vec<u32> =
        files.iter().filter_map(|path| path.file_name()?.to_str()?.parse().ok()).collect();
    found.sort_unstable();
    Ok(found)
}

impl Pieces for LocalPieces {
    fn keep<'a>(
        &'a self,
        upload: &'a str,
        index: u32,
        bytes: Vec<u8>,
    ) -> BoxFuture<'a, Result<(), BlobError>> {
        Box::pin(async move {
            let (place, vault, key) = (self.place(upload)?, self.vault.clone(), format!("{upload}/{index}"));
            disk::off_thread(move || {
                let sealed = vault.seal(cell(&key), &bytes)?;
                Ok(disk::write(&place, &index.to_string(), &sealed)?)
            })
            .await
        })
    }

    fn have<'a>(&'a self, upload: &'a str) -> BoxFuture<'a, Result<Vec<u32>, BlobError>> {
        Box::pin(async move {
            let place = self.place(upload)?;
            disk::off_thread(move || if place.is_dir() { indices(&place) } else { Ok(Vec::new()) }).await
        })
    }

    fn whole<'a>(&'a self, upload: &'a str, count: u32) -> BoxFuture<'a, Result<Vec<u8>, BlobError>> {
        Box::pin(async move {
            let (place, vault, upload) = (self.place(upload)?, self.vault.clone(), upload.to_owned());
            disk::off_thread(move || {
                let mut whole = Vec::new();
                for index in 0..count {
                    let sealed = disk::read(&place.join(index.to_string()))?.ok_or(BlobError::Missing)?;
                    whole.extend(vault.unseal(cell(&format!("{upload}/{index}")), &sealed)?);
                }
                Ok(whole)
            })
            .await
        })
    }

    fn forget<'a>(&'a self, upload: &'a str) -> BoxFuture<'a, Result<(), BlobError>> {
        Box::pin(async move {
            let place = self.place(upload)?;
            disk::off_thread(move || match std::fs::remove_dir_all(&place) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
                _ => Ok(()),
            })
            .await
        })
    }
}
