//! 短信: short texts to a telephone. Each carries our own id, because the outbox delivers at least once
//! and the same text must not reach a resident twice for want of recognising it.

use std::fmt;
use std::path::PathBuf;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::{AdapterError, disk};

/// 待发短信: one text to one telephone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingSms {
    /// Ours; the same on every repeated delivery. Letters, digits and `-_.@`.
    pub message_id: String,
    /// The telephone, unmasked: whoever delivers needs it.
    pub phone: String,
    /// The sentence as it is read.
    pub text: String,
}

impl fmt::Debug for OutgoingSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingSms").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

/// 短信通道: a way to send texts.
pub trait Sms: Send + Sync {
    /// Hands the text over; the same id twice is one text.
    fn send<'a>(&'a self, sms: &'a OutgoingSms) -> BoxFuture<'a, Result<(), AdapterError>>;
}

/// 本地短信: one JSON file per text in a folder.
#[derive(Debug, Clone)]
pub struct LocalSms {
    folder: PathBuf,
}

impl LocalSms {
    /// Writes into this folder, which is made when it is first needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }
}

impl Sms for LocalSms {
    fn send<'a>(&'a self, sms: &'a OutgoingSms) -> BoxFuture<'a, Result<(), AdapterError>> {
        Box::pin(async move {
            if !disk::is_plain_name(&sms.message_id) {
                return Err(AdapterError::rejected("the message id is not a plain name"));
            }
            let name = format!("{}.json", sms.message_id);
            let json = serde_json::to_vec_pretty(sms).map_err(|e| AdapterError::rejected(e.to_string()))?;
            let folder = self.folder.clone();
            disk::off_thread(move || Ok(disk::write(&folder, &name, &json)?)).await
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_repeated_delivery_is_one_text() {
        let folder = disk::TestFolder::new();
        let sms = LocalSms::new(&folder.0);
        let mut text =
            OutgoingSms { message_id: "m-1".into(), phone: "13800138000".into(), text: "请取号".into() };
        assert!(!format!("{text:?}").contains("138"));
        sms.send(&text).await.unwrap();
        sms.send(&text).await.unwrap();
        assert_eq!(folder.files().len(), 1);
        let kept: OutgoingSms = serde_json::from_slice(&std::fs::read(&folder.files()[0]).unwrap()).unwrap();
        assert_eq!(kept, text);
        text.message_id = "../m-1".into();
        assert!(matches!(sms.send(&text).await, Err(AdapterError::Rejected { .. })));
    }
}
