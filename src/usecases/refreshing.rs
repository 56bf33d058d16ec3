//! A session goes on: a new access token for a refresh token that changes at every use. On a weak network an
//! answer gets lost and the client asks again with the token it has; a thief does the same. Both hold a
//! copy then, the one that comes second with a token that is neither the present nor the last one ends the
//! session.

use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use uuid::Uuid;

use super::sessions::{SignedIn, hash_of, refused};
use super::{Failure, Office};
use crate::adapters::clock::random_code;
use crate::storage::sessions::{self, Refresh, Session};
use crate::storage::{Conn, StorageError};

/// Whoever asks twice within this gets the same answer twice: it is the same client trying again.
const AGAIN: TimeDelta = TimeDelta::seconds(60);

/// The next secret, made from the one before, so that it need not be stored to be told again.
fn next(secret: &str, salt: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    HEXLOWER.encode(hmac::sign(&key, salt.as_bytes()).as_ref())
}

enum Step {
    /// Refreshed, with this secret.
    On(Session, String),
    /// Somebody has a copy.
    Copied,
    /// There is no such session any more.
    Over,
}

fn step(
    conn: &mut Conn,
    id: Uuid,
    secret: &str,
    idle: impl Fn(&Session) -> TimeDelta,
    now: DateTime<Utc>,
) -> Result<Step, StorageError> {
    let Some(session) = sessions::find(conn, id)? else { return Ok(Step::Over) };
    let idle = now - session.used_at >= idle(&session);
    if session.revoked_at.is_some() || session.expires_at <= now || idle {
        return Ok(Step::Over);
    }
    let shown = hash_of(secret);
    let last = session.refresh.previous.as_ref() == Some(&shown);
    if last
        && now - session.used_at < AGAIN
        && let Some(salt) = &session.refresh.salt
    {
        let told_before = next(secret, salt);
        return Ok(Step::On(session, told_before));
    }
    if session.refresh.current != shown && !last {
        sessions::revoke(conn, id, now)?;
        return Ok(Step::Copied);
    }
    let salt = random_code(26);
    let secret = next(secret, &salt);
    let after = Refresh { current: hash_of(&secret), previous: Some(shown), salt: Some(salt) };
    sessions::refresh(conn, id, &session.refresh, &after, now)?;
    Ok(Step::On(session, secret))
}

impl Office {
    /// A new access token, and the refresh token to come back with.
    pub async fn refresh(&self, refresh_token: &str) -> Result<SignedIn, Failure> {
        let unknown = || {
            refused("refresh_invalid", "登录已失效，请重新登录。", "The session has ended; sign in again.")
        };
        let (id, secret) = refresh_token.split_once('.').ok_or_else(unknown)?;
        let id: Uuid = id.parse().map_err(|_| unknown())?;
        let now = self.now();
        let mut tried = 0;
        let done = loop {
            let (office, secret) = (self.clone(), secret.to_owned());
            let idle = move |session: &Session| office.rules().tokens.patience(session.client).1;
            match self.db().write(move |conn| step(conn, id, &secret, idle, now)).await {
                // The same client was quicker than itself: now its first try has happened.
                Err(StorageError::Stale) if tried < 3 => tried += 1,
                other => break other?,
            }
        };
        match done {
            Step::On(session, secret) => self.grant(&session, &secret),
            Step::Over => Err(unknown()),
            Step::Copied => {
                tracing::warn!(session = %id, "a refresh token was used twice: the session is ended");
                self.tell_ended(id).await;
                Err(unknown())
            }
        }
    }

    /// Somebody's sessions, the newest first.
    pub async fn sessions(&self, account: Uuid) -> Result<Vec<Session>, Failure> {
        let now = self.now();
        let all = self.db().read(move |conn| sessions::of_account(conn, account, now)).await;
        let idle =
            |session: &Session| now - session.used_at >= self.rules().tokens.patience(session.client).1;
        Ok(all.map_err(Failure::from)?.into_iter().filter(|session| !idle(session)).collect())
    }

    /// Ends one of somebody's sessions; false when they have no such session.
    pub async fn end_session(&self, account: Uuid, id: Uuid) -> Result<bool, Failure> {
        let own = self.sessions(account).await?.into_iter().any(|session| session.id == id);
        if own {
            self.sign_out(id).await?;
        }
        Ok(own)
    }
}
