//! Why a use case did not get done: a business refusal, or something broken.

use std::fmt;

use crate::adapters::AdapterError;
use crate::adapters::blob::BlobError;
use crate::domain::refusal::Refusal;
use crate::storage::StorageError;

/// Anything that ends a use case early.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// A business "no", complete with sentence and basis.
    Refused(Box<Refusal>),
    /// Storage failed.
    Storage(StorageError),
    /// The outside world failed.
    Outside(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(refusal) => write!(f, "{}: {}", refusal.code, refusal.detail.en),
            Failure::Storage(error) => error.fmt(f),
            Failure::Outside(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::Refused(Box::new(refusal))
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Failure::Storage(error)
    }
}

impl From<AdapterError> for Failure {
    fn from(error: AdapterError) -> Self {
        Failure::Outside(error.to_string())
    }
}

impl From<BlobError> for Failure {
    fn from(error: BlobError) -> Self {
        let refuse = |code, zh: String, en: String| Failure::from(Refusal::invalid(code, zh, en));
        match error {
            BlobError::TooLarge { limit } => refuse(
                "file_too_large",
                format!("文件不能超过 {} MB。", limit / 1_048_576),
                format!("At most {} MiB.", limit / 1_048_576),
            ),
            BlobError::UnknownType => refuse(
                "file_type",
                "只接受 JPEG、PNG、WebP、HEIC 图片和 PDF。".into(),
                "Only JPEG, PNG, WebP, HEIC pictures and PDF.".into(),
            ),
            BlobError::Damaged => refuse(
                "file_damaged",
                "文件不完整或已损坏。".into(),
                "The file is incomplete or damaged.".into(),
            ),
            BlobError::TooManyPixels { limit } => refuse(
                "too_many_pixels",
                format!("图片不能超过 {} 万像素。", limit / 10_000),
                format!("At most {limit} pixels."),
            ),
            BlobError::Changed => Failure::Storage(StorageError::Corrupt(error.to_string())),
            BlobError::Missing => Refusal::not_found().into(),
            BlobError::Unavailable(why) => Failure::Outside(why),
        }
    }
}

/// How storage trouble looks from outside, for rooms that may not know storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageTrouble {
    /// Somebody else was faster.
    Raced,
    /// Worth another try shortly.
    Passing,
    /// A defect.
    Broken,
}

impl StorageTrouble {
    /// Which of the three.
    pub fn of(error: &StorageError) -> Self {
        match error {
            StorageError::Stale | StorageError::Duplicate(_) => Self::Raced,
            StorageError::Deadlock
            | StorageError::Overloaded
            | StorageError::Unavailable(_)
            | StorageError::ShuttingDown => Self::Passing,
            StorageError::Panicked | StorageError::Corrupt(_) | StorageError::Failed(_) => Self::Broken,
        }
    }
}
