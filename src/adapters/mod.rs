//! The outside world: one small trait per file, one embedded default named `Local…`, one real implementation.
//! Every default keeps what it is given on this machine, so the whole window runs without any other service.

use std::fmt;

pub mod blob;
pub mod cache;
pub mod cache_redis;
pub mod checkpoints;
pub mod clock;
mod disk;
pub mod file_kind;
pub mod key_files;
pub mod mail;
pub mod mail_smtp;
pub mod packing;
pub mod payment;
pub mod pieces;
pub mod sms;
pub mod tokens;
pub mod wechat;
pub mod wechat_api;

/// 外部服务故障: why the outside world did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdapterError {
    /// Nobody answered, or not in time, or unusably: the same request may succeed later.
    Unreachable(String),
    /// The other side understood and said no: the same request will be refused again.
    Rejected {
        /// The other side's reason, for the log and the clerk; never shown to a resident as it is.
        reason: String,
    },
}

impl AdapterError {
    /// 拒绝: a refusal with this reason.
    pub(crate) fn rejected(reason: impl Into<String>) -> Self {
        Self::Rejected { reason: reason.into() }
    }
}

impl fmt::Display for AdapterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(what) => write!(f, "unreachable: {what}"),
            Self::Rejected { reason } => write!(f, "rejected: {reason}"),
        }
    }
}

impl std::error::Error for AdapterError {}

impl From<std::io::Error> for AdapterError {
    fn from(error: std::io::Error) -> Self {
        Self::Unreachable(error.to_string())
    }
}
