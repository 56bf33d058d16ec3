//! Signing in and out: staff by password, residents through WeChat.

use std::sync::OnceLock;
use std::time::Duration;

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::authority::ended_key;
use super::second_factor::step_of;
use super::{Failure, Office};
use crate::adapters::clock::{new_id, random_code};
use crate::adapters::wechat::{Wechat, WechatError};
use crate::domain::client::Client;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::text::Text;
use crate::storage::sessions::{self, Refresh, Session};
use crate::storage::staff::Staff;
use crate::storage::{people, staff};

/// 登录凭据: what a client keeps after signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub account: Uuid,
    /// For the Authorization header.
    pub access_token: String,
    /// Seconds until it expires.
    pub expires_in: i64,
    /// For the next access token; changes at every use.
    pub refresh_token: String,
}

/// An address somebody signed in from is theirs for so long.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 3600);

fn tried_from(name: &str, address: &str) -> String {
    format!("sign-in:place:{address}:{name}")
}

fn known_from(name: &str, address: &str) -> String {
    format!("sign-in:known:{address}:{name}")
}

const QUARTER_HOUR: Duration = Duration::from_secs(15 * 60);

/// The refusal that asks to sign in.
pub fn refused(code: &'static str, zh: &'static str, en: &'static str) -> Failure {
    Refusal::new(RefusalKind::NotSignedIn, code, Text::fixed(zh, en)).into()
}

/// The refusal for asking too often.
pub fn too_many(retry_after: Duration) -> Failure {
    let seconds = retry_after.as_secs().max(1);
    let zh = format!("操作太频繁，请 {seconds} 秒后再试。");
    let en = format!("Too many tries; try again in {seconds} seconds.");
    Refusal::new(RefusalKind::TooMany, "too_many_requests", Text::new(zh, en))
        .with("retry_after", serde_json::Value::from(seconds))
        .into()
}

/// What is told when WeChat refuses for another reason than the code.
pub fn without_wechat(error: WechatError) -> Failure {
    match error {
        WechatError::Blocked => refused(
            "wechat_blocked",
            "微信账号受限，请到窗口办理。",
            "WeChat restricts this account; come to the counter.",
        ),
        WechatError::TooOften(wait) => too_many(wait),
        WechatError::Misconfigured(..) => {
            // Only an operator can mend this.
            tracing::error!(%error, "WeChat refuses this installation");
            Failure::Outside(error.to_string())
        }
        WechatError::CodeInvalid | WechatError::Unreachable(_) => Failure::Outside(error.to_string()),
    }
}

/// Each verification takes 19 MiB and a core for a moment: a crowd at the door must not take them all.
static VERIFYING: Semaphore = Semaphore::const_new(4);

/// Work on a password, which takes its turn.
pub async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let turn = VERIFYING.acquire().await.map_err(|error| Failure::Outside(error.to_string()))?;
    let done = tokio::task::spawn_blocking(move || {
        // The turn ends with the work, not with a client that hangs up.
        let _turn = turn;
        work()
    });
    done.await.map_err(|error| Failure::Outside(error.to_string()))
}

/// What is kept of a secret that nobody chose.
pub fn hash_of(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// The argon2id hash of a password.
pub fn hash_password(password: &str) -> Result<String, Failure> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| Failure::Outside(error.to_string()))
}

/// Whether it is the password of that hash.
pub fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Verified against for unknown names, so that they cost the same time as known ones.
fn nobody() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hash_password("nobody has this password").unwrap_or_default())
}

impl Office {
    /// Counts a try. Whoever guesses is stopped by account and address; a crowd of addresses by account, from
    /// which only those are exempt that it has signed in from, so that nobody can lock somebody else out.
    pub async fn sign_in_limit(&self, name: &str, address: &str) -> Result<(), Failure> {
        let limits = &self.rules().limits;
        let cache = &self.outside().cache;
        let per_address =
            cache.hit(&format!("sign-in:address:{address}"), QUARTER_HOUR, limits.sign_in_per_address).await;
        if !per_address.allowed {
            return Err(too_many(per_address.retry_after));
        }
        let name = &self.typed(name);
        let here = tried_from(name, address);
        let per_place = cache.hit(&here, QUARTER_HOUR, limits.sign_in_per_quarter_hour).await;
        if !per_place.allowed {
            return Err(too_many(per_place.retry_after));
        }
        if cache.get(&known_from(name, address)).await.is_some() {
            return Ok(());
        }
        let strangers = format!("sign-in:strangers:{name}");
        let by_strangers = cache.hit(&strangers, QUARTER_HOUR, limits.sign_in_from_strangers).await;
        if by_strangers.allowed { Ok(()) } else { Err(too_many(by_strangers.retry_after)) }
    }

    /// What is kept of a code that people copy from a screen or a slip: shorter than other secrets, so keyed.
    pub fn code_hash(&self, code: &str) -> String {
        hex(&self.db().vault().index("code", code))
    }

    /// A sign-in name as the cache has it: people type a password or an ID number in its place.
    fn typed(&self, name: &str) -> String {
        hex(&self.db().vault().index("sign-in", name))
    }

    /// Staff, by name and password, and by the code of their app where they have one.
    pub async fn sign_in_staff(
        &self,
        username: String,
        password: String,
        code: Option<String>,
        address: &str,
    ) -> Result<SignedIn, Failure> {
        self.sign_in_limit(&username, address).await?;
        let name = username.clone();
        let member =
            self.db().read(move |conn| staff::by_username(conn, &name)).await.map_err(Failure::from)?;
        let hash = member
            .as_ref()
            .map_or_else(|| nobody().to_owned(), |member| member.credentials.password_hash.clone());
        let right = in_turn(move || matches(&password, &hash)).await?;
        match member.filter(|member| right && member.active) {
            Some(member) => {
                self.second_factor(&member, code.as_deref()).await?;
                let (cache, name) = (&self.outside().cache, self.typed(&username));
                cache.forget(&tried_from(&name, address)).await;
                cache.put(&known_from(&name, address), "1", KNOWN_FOR).await;
                self.begin(member.actor.id, Client::of(&member.actor)).await
            }
            None => Err(refused("wrong_credentials", "用户名或密码不对。", "Wrong name or password.")),
        }
    }

    /// Whether somebody has shown what they have beside the password, each code once.
    pub async fn second_factor(&self, member: &Staff, code: Option<&str>) -> Result<(), Failure> {
        let required = self.rules().staff.second_factor_required;
        let needed = member.actor.grants.iter().any(|grant| grant.role.needs_second_factor());
        let Some(secret) = &member.credentials.second_factor else {
            if required && needed {
                let zh = "须先绑定动态口令，请找安全管理员重置账号。";
                let en = "A second factor is needed first; ask the security administrator for a reset.";
                return Err(refused("second_factor_missing", zh, en));
            }
            return Ok(());
        };
        let Some(code) = code else {
            return Err(refused("second_factor_needed", "请输入动态口令。", "Enter the code of the app."));
        };
        let wrong = || refused("second_factor_wrong", "动态口令不对或已用过。", "A wrong or used code.");
        let step = step_of(secret, code, self.now().timestamp()).ok_or_else(wrong)?;
        let id = member.actor.id;
        let fresh = self.db().write(move |conn| staff::use_step(conn, id, step)).await;
        if fresh.map_err(Failure::from)? { Ok(()) } else { Err(wrong()) }
    }

    /// A resident, by the code of `wx.login`.
    pub async fn sign_in_wechat(&self, code: &str, address: &str) -> Result<SignedIn, Failure> {
        let limit = self.rules().limits.sign_in_per_address;
        let hit = self.outside().cache.hit(&format!("sign-in:address:{address}"), QUARTER_HOUR, limit).await;
        if !hit.allowed {
            return Err(too_many(hit.retry_after));
        }
        let session = self.wechat()?.code_to_session(code).await.map_err(|error| match error {
            WechatError::CodeInvalid => refused(
                "wechat_code_invalid",
                "微信登录码无效，请重新登录。",
                "The WeChat code is invalid; log in again.",
            ),
            other => without_wechat(other),
        })?;
        self.welcome(session.openid).await
    }

    /// A session for whoever WeChat, or the demo, says is there; the account is made on first sight.
    pub async fn welcome(&self, openid: String) -> Result<SignedIn, Failure> {
        let now = self.now();
        let person = self.db().write(move |conn| people::of_openid(conn, &openid, new_id(now), now)).await;
        self.begin(person.map_err(Failure::from)?.id, Client::MiniProgram).await
    }

    /// The public keys of our access tokens.
    pub fn public_keys(&self) -> impl serde::Serialize {
        self.outside().tokens.public_keys()
    }

    /// WeChat, if residents sign in with it here.
    pub fn wechat(&self) -> Result<&dyn Wechat, Failure> {
        let zh = "本系统未开通微信登录，请到窗口办理。";
        let closed = || {
            Refusal::conflict("wechat_not_offered", zh, "WeChat sign-in is not offered; come to the counter.")
        };
        Ok(self.outside().wechat.as_deref().ok_or_else(closed)?)
    }

    async fn begin(&self, account: Uuid, client: Client) -> Result<SignedIn, Failure> {
        let now = self.now();
        let secret = random_code(40);
        let session = Session {
            id: new_id(now),
            account,
            client,
            created_at: now,
            used_at: now,
            expires_at: now + self.rules().tokens.patience(client).0,
            revoked_at: None,
            refresh: Refresh { current: hash_of(&secret), previous: None, salt: None },
        };
        let stored = session.clone();
        self.db().write(move |conn| sessions::insert(conn, &stored)).await.map_err(Failure::from)?;
        self.grant(&session, &secret)
    }

    /// What the client keeps of a session.
    pub fn grant(&self, session: &Session, secret: &str) -> Result<SignedIn, Failure> {
        let minutes = self.rules().tokens.access_minutes;
        let tokens = &self.outside().tokens;
        let access_token = tokens.issue(session.account, session.id, session.client, self.now(), minutes)?;
        let refresh_token = format!("{}.{secret}", session.id);
        Ok(SignedIn { account: session.account, access_token, expires_in: minutes * 60, refresh_token })
    }

    /// Ends a session at once, on every instance.
    pub async fn sign_out(&self, session: Uuid) -> Result<(), Failure> {
        let now = self.now();
        self.db().write(move |conn| sessions::revoke(conn, session, now)).await.map_err(Failure::from)?;
        self.tell_ended(session).await;
        Ok(())
    }

    /// Tells every instance that a session has ended.
    pub async fn tell_ended(&self, session: Uuid) {
        let life = Duration::from_secs(self.rules().tokens.access_minutes.unsigned_abs() * 60);
        self.outside().cache.put(&ended_key(session), "1", life).await;
    }
}
