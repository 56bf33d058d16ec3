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
        self.once_told(key, status, move |office, conn| told(&work(office, conn)?)).await
    }

    /// The same for work that answers in JSON text already.
    pub async fn once_told(
        &self,
        key: OnceKey,
        status: u16,
        work: impl FnOnce(&Office, &mut Conn) -> Result<String, Failure> + Send + 'static,
    ) -> Result<Answer, Failure> {
        let (office, asked) = (self.clone(), key.clone());
        let done = self
            .db()
            .write(move |conn| {
                let body = work(&office, conn)?;
                let answer = Remembered { fingerprint: asked.fingerprint, status, body };
                idempotency::remember(conn, asked.account, &asked.key, &answer, office.now())?;
                Ok(Answer { status, body: answer.body, replayed: false })
            })
            .await;
        // Nobody looks whether the key was used before: hardly any was. A request that comes again fails on the
        // key's uniqueness, on the version, or on whatever the first one changed; nothing of it stays, and it
        // gets the first one's answer.
        let Err(failure) = done else { return done };
        let asked = key.clone();
        let before = self.db().read(move |conn| idempotency::find(conn, asked.account, &asked.key)).await;
        match before.map_err(Failure::from)? {
            Some(before) => replay(&key, before),
            None => Err(failure),
        }
    }
}

/// An answer as JSON text.
pub fn told(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| StorageError::Corrupt(error.to_string()).into())
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
