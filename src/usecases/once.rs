//! Doing something once however often it is asked: the effect and the answer to it are stored in one
//! transaction under the caller's idempotency key.

use serde::Serialize;
use uuid::Uuid;

use super::{Failure, Office};
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::text::Text;
use crate::storage::idempotency::{self, Remembered};
use crate::storage::{Conn, StorageError};

/// 幂等键: who asks, under which key, for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnceKey {
    /// The caller.
    pub account: Uuid,
    /// The caller's key, at most 255 characters.
    pub key: String,
    /// Hash of method, path and body.
    pub fingerprint: String,
}

/// An answer, fresh or remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON text.
    pub body: String,
    /// Whether it was given before.
    pub replayed: bool,
}

impl Office {
    /// Runs `work` in one transaction, once per key; later callers get the first answer.
    pub async fn once<T: Serialize + 'static>(
        &self,
        key: OnceKey,
        status: u16,
        work: impl FnOnce(&Office, &mut Conn) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Answer, Failure> {
        let (office, asked) = (self.clone(), key.clone());
        let done = self
            .db()
            .write(move |conn| {
                if let Some(before) = idempotency::find(conn, asked.account, &asked.key)? {
                    return replay(&asked, before);
                }
                let value = work(&office, conn)?;
                let body = serde_json::to_string(&value).map_err(|e| StorageError::Corrupt(e.to_string()))?;
                let answer = Remembered { fingerprint: asked.fingerprint.clone(), status, body };
                idempotency::remember(conn, asked.account, &asked.key, &answer, office.now())?;
                Ok(Answer { status, body: answer.body, replayed: false })
            })
            .await;
        // On PostgreSQL twins run side by side: the one that comes second fails on the key's uniqueness, on
        // the version, or on whatever the first has just changed, and gets the first one's answer.
        let Err(failure) = done else { return done };
        let asked = key.clone();
        let before = self.db().read(move |conn| idempotency::find(conn, asked.account, &asked.key)).await;
        match before.map_err(Failure::from)? {
            Some(before) => replay(&key, before),
            None => Err(failure),
        }
    }
}

fn replay(key: &OnceKey, before: Remembered) -> Result<Answer, Failure> {
    if before.fingerprint != key.fingerprint {
        let detail = Text::fixed(
            "同一幂等键已用于另一请求，请换新键。",
            "This idempotency key was used for another request; use a new key.",
        );
        return Err(Refusal::new(RefusalKind::Invalid, "idempotency_key_reused", detail).into());
    }
    Ok(Answer { status: before.status, body: before.body, replayed: true })
}
