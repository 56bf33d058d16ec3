//! Who stands behind an access token. Verifying a signature and loading the grants costs more than the
//! rest of a point read, so the result is remembered briefly, never longer than the token lives and
//! never past a sign-out.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Failure, Office};
use crate::domain::actor::{Actor, Grant, Scope};
use crate::domain::client::Client;
use crate::domain::lifecycle::Role;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::text::Text;
use crate::storage::{people, sessions, staff};

/// Tokens remembered at the most.
const REMEMBERED: u64 = 50_000;
/// How long a changed or withdrawn grant may still be honoured by another instance.
const FRESH: Duration = Duration::from_secs(5);

/// 已核验的来访者
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who acts.
    pub actor: Actor,
    /// The session.
    pub session: Uuid,
    /// When the token expires.
    pub expires_at: DateTime<Utc>,
}

/// Verified tokens by their hash.
pub struct Authority(Cache<[u8; 32], Arc<Caller>>);

impl Default for Authority {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(REMEMBERED).time_to_live(FRESH).build())
    }
}

fn not_signed_in() -> Failure {
    let detail = Text::fixed("请重新登录。", "Sign in again.");
    Refusal::new(RefusalKind::NotSignedIn, "not_signed_in", detail).into()
}

/// The cache key under which a session's end is known to every instance.
pub fn ended_key(session: Uuid) -> String {
    format!("ended:{session}")
}

impl Office {
    /// The caller behind a token, or the refusal that asks to sign in.
    pub async fn caller(&self, token: &str) -> Result<Arc<Caller>, Failure> {
        let key: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let now = self.now();
        if let Some(caller) = self.authority().0.get(&key) {
            if caller.expires_at > now && !self.has_ended(caller.session).await {
                return Ok(caller);
            }
            self.authority().0.invalidate(&key);
            return Err(not_signed_in());
        }
        let claims = self.outside().tokens.verify(token, now).ok_or_else(not_signed_in)?;
        let (session, account) = (claims.sid, claims.sub);
        let (actor, client) = self.db().read(move |conn| actor(conn, session, account, now)).await?;
        // A token for one kind of client is none for another, and a change of duties ends what is out.
        if claims.aud != client.name() || client != Client::of(&actor) {
            return Err(not_signed_in());
        }
        if self.has_ended(session).await {
            return Err(not_signed_in());
        }
        let expires_at = DateTime::from_timestamp(claims.exp, 0).unwrap_or(now);
        let caller = Arc::new(Caller { actor, session, expires_at });
        self.authority().0.insert(key, caller.clone());
        Ok(caller)
    }

    /// Whether a session goes on, and whose it is.
    pub async fn standing(&self, session: Uuid, account: Uuid) -> Result<Actor, Failure> {
        let now = self.now();
        let (actor, _) = self.db().read(move |conn| actor(conn, session, account, now)).await?;
        if self.has_ended(session).await { Err(not_signed_in()) } else { Ok(actor) }
    }

    /// Nobody is remembered any more: somebody's standing has changed.
    pub fn look_anew(&self) {
        self.authority().0.invalidate_all();
    }

    async fn has_ended(&self, session: Uuid) -> bool {
        self.outside().cache.get(&ended_key(session)).await.is_some()
    }
}

fn actor(
    conn: &mut crate::storage::Conn,
    session: Uuid,
    account: Uuid,
    now: DateTime<Utc>,
) -> Result<(Actor, Client), Failure> {
    let session = sessions::find(conn, session)?.ok_or_else(not_signed_in)?;
    if session.account != account || session.revoked_at.is_some() || session.expires_at <= now {
        return Err(not_signed_in());
    }
    if session.client != Client::MiniProgram {
        let member = staff::find(conn, account)?.filter(|member| member.active);
        return member.map(|member| (member.actor, session.client)).ok_or_else(not_signed_in);
    }
    let person = people::find(conn, account)?.ok_or_else(not_signed_in)?;
    let assurance = person.assurance();
    let name =
        person.identity.map_or_else(|| "居民".to_owned(), |identity| identity.name.as_str().to_owned());
    let grants = vec![Grant { role: Role::Resident, scope: Scope::Own(account) }];
    Ok((Actor { id: account, name, grants, assurance }, session.client))
}
