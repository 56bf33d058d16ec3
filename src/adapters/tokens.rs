//! Access tokens: short-lived, signed with Ed25519, pinned to issuer, algorithm, audience and to the keys of
//! a ring in the data folder. Every instance that shares the folder knows every key; the newest signs.

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AdapterError, disk, key_files};
use crate::domain::client::Client;

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Audience: which kind of client.
    pub aud: String,
    /// Account.
    pub sub: Uuid,
    /// Session.
    pub sid: Uuid,
    /// `access`, `credential` or `confirmation`: none passes for another.
    pub typ: String,
    /// Issued at, seconds.
    pub iat: i64,
    /// Expires, seconds.
    pub exp: i64,
}

/// The ring is read again after this long, so that a key made or dropped elsewhere takes effect.
const STALE: Duration = Duration::from_secs(60);
/// … and for a key nobody has heard of, at most this often: forged ones must not keep the disk busy.
const UNHEARD: Duration = Duration::from_secs(2);
/// A new key signs only when every instance had time to hear of it.
const RIPE: i64 = 5;

const ENDING: &str = ".der";

/// What opens operations, and what is shown at a door.
const ACCESS: &str = "access";
const CREDENTIAL: &str = "credential";
/// What a resident scans to confirm a mandate; its subject is the visit.
const CONFIRMATION: &str = "confirmation";

/// 密钥
struct Key {
    kid: String,
    made_at: i64,
    signing: EncodingKey,
    verifying: DecodingKey,
    public: Jwk,
}

struct Ring {
    /// Oldest first; never empty.
    keys: Vec<Key>,
    read_at: Instant,
}

/// Signs and verifies access tokens.
pub struct Tokens {
    issuer: String,
    folder: PathBuf,
    ring: RwLock<Ring>,
}

fn unusable(what: impl std::fmt::Display) -> AdapterError {
    AdapterError::rejected(format!("token key: {what}"))
}

impl Key {
    fn read(der: &[u8], made_at: i64) -> Result<Self, AdapterError> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| unusable("unreadable"))?;
        let signing = EncodingKey::from_ed_der(der);
        let mut public = Jwk::from_encoding_key(&signing, Algorithm::EdDSA).map_err(unusable)?;
        let kid = public.thumbprint(ThumbprintHash::SHA256).map_err(unusable)?;
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let verifying = DecodingKey::from_ed_der(pair.public_key().as_ref());
        Ok(Self { kid, made_at, signing, verifying, public })
    }
}

/// Every key of the folder, oldest first.
fn read_ring(folder: &Path) -> Result<Vec<Key>, AdapterError> {
    key_files::read_all(folder, ENDING)?
        .into_iter()
        .map(|file| Key::read(&file.bytes, file.made_at))
        .collect()
}

fn make(folder: &Path, made_at: i64) -> Result<(), AdapterError> {
    let pair = Ed25519KeyPair::generate().map_err(|_| unusable("cannot be made"))?;
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> =
        pair.as_der().map_err(|_| unusable("cannot be written"))?;
    let key = Key::read(der.as_ref(), made_at)?;
    Ok(key_files::keep(folder, made_at, &key.kid, ENDING, der.as_ref())?)
}

impl Tokens {
    /// Opens the ring below `folder`, making its first key where there is none.
    pub fn open(folder: &Path, issuer: &str, now: DateTime<Utc>) -> Result<Self, AdapterError> {
        let ring = folder.join("token-keys");
        std::fs::create_dir_all(&ring)?;
        // Where the only key lay before there was a ring.
        let only = folder.join("token-key.der");
        if let Some(der) = disk::read(&only)? {
            key_files::keep(&ring, 0, &Key::read(&der, 0)?.kid, ENDING, &der)?;
            std::fs::remove_file(&only)?;
        }
        let mut keys = read_ring(&ring)?;
        if keys.is_empty() {
            make(&ring, now.timestamp())?;
            keys = read_ring(&ring)?;
        }
        let issuer = issuer.to_owned();
        Ok(Self { issuer, folder: ring, ring: RwLock::new(Ring { keys, read_at: Instant::now() }) })
    }

    /// Makes the key that signs from now on, and forgets those that have not signed for a day.
    pub fn rotate(&self, now: DateTime<Utc>) -> Result<(), AdapterError> {
        make(&self.folder, now.timestamp())?;
        let keys = read_ring(&self.folder)?;
        for pair in keys.windows(2) {
            if let [old, next] = pair
                && now.timestamp() - next.made_at > 24 * 3600
            {
                self.drop_key(&old.kid)?;
            }
        }
        self.read_again(Duration::ZERO);
        Ok(())
    }

    /// Forgets a key at once: every token it signed is a stranger's. The last one stays.
    pub fn drop_key(&self, kid: &str) -> Result<bool, AdapterError> {
        let keys = read_ring(&self.folder)?;
        let Some(key) = keys.iter().find(|key| key.kid == kid).filter(|_| keys.len() > 1) else {
            return Ok(false);
        };
        std::fs::remove_file(self.folder.join(format!("{}-{kid}{ENDING}", key.made_at)))?;
        self.read_again(Duration::ZERO);
        Ok(true)
    }

    /// The public keys, for whoever verifies tokens elsewhere (RFC 7517).
    pub fn public_keys(&self) -> JwkSet {
        self.read_again(STALE);
        self.with_ring(|ring| JwkSet { keys: ring.keys.iter().map(|key| key.public.clone()).collect() })
    }

    fn with_ring<T>(&self, look: impl FnOnce(&Ring) -> T) -> T {
        look(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the ring if that was longer ago; an unreadable folder leaves the ring as it is.
    fn read_again(&self, older: Duration) {
        if self.with_ring(|ring| ring.read_at.elapsed() < older) {
            return;
        }
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        ring.read_at = Instant::now();
        match read_ring(&self.folder) {
            Ok(keys) if !keys.is_empty() => ring.keys = keys,
            Ok(_) => tracing::error!("the folder of token keys is empty"),
            Err(error) => tracing::error!(%error, "the token keys cannot be read"),
        }
    }

    /// An access token for a session.
    pub fn issue(
        &self,
        account: Uuid,
        session: Uuid,
        client: Client,
        now: DateTime<Utc>,
        minutes: i64,
    ) -> Result<String, AdapterError> {
        self.sign((client.name(), ACCESS), (account, session), now, minutes)
    }

    /// A credential that somebody shows at a door; it opens nothing here.
    pub fn vouch(
        &self,
        account: Uuid,
        session: Uuid,
        now: DateTime<Utc>,
        minutes: i64,
    ) -> Result<String, AdapterError> {
        self.sign((CREDENTIAL, CREDENTIAL), (account, session), now, minutes)
    }

    /// A ticket for a visit, which a worker shows within a session of theirs; it opens nothing here.
    pub fn ticket(
        &self,
        visit: Uuid,
        session: Uuid,
        now: DateTime<Utc>,
        minutes: i64,
    ) -> Result<String, AdapterError> {
        self.sign((CONFIRMATION, CONFIRMATION), (visit, session), now, minutes)
    }

    fn sign(
        &self,
        (audience, kind): (&str, &str),
        (sub, sid): (Uuid, Uuid),
        now: DateTime<Utc>,
        minutes: i64,
    ) -> Result<String, AdapterError> {
        self.read_again(STALE);
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: audience.to_owned(),
            sub,
            sid,
            typ: kind.to_owned(),
            iat: now.timestamp(),
            exp: now.timestamp() + minutes * 60,
        };
        self.with_ring(|ring| {
            let ripe = ring.keys.iter().rev().find(|key| key.made_at + RIPE <= now.timestamp());
            let key = ripe.or(ring.keys.first()).ok_or_else(|| unusable("there is none"))?;
            let mut header = Header::new(Algorithm::EdDSA);
            header.kid = Some(key.kid.clone());
            encode(&header, &claims, &key.signing).map_err(unusable)
        })
    }

    /// The claims of a genuine token that has not expired at `now`; `None` for anything else.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        self.opened(token, &Client::ALL.map(Client::name), ACCESS, now)
    }

    /// The same of a credential.
    pub fn vouched(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        self.opened(token, &[CREDENTIAL], CREDENTIAL, now)
    }

    /// The same of a ticket: its subject is the visit.
    pub fn ticketed(&self, ticket: &str, now: DateTime<Utc>) -> Option<Claims> {
        self.opened(ticket, &[CONFIRMATION], CONFIRMATION, now)
    }

    fn opened(&self, token: &str, audiences: &[&str], kind: &str, now: DateTime<Utc>) -> Option<Claims> {
        let kid = decode_header(token).ok()?.kid?;
        self.read_again(STALE);
        if !self.with_ring(|ring| ring.keys.iter().any(|key| key.kid == kid)) {
            self.read_again(UNHEARD);
        }
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(audiences);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Expiry is judged by the injected clock, not by the library's.
        rules.validate_exp = false;
        let claims = self.with_ring(|ring| {
            let key = ring.keys.iter().find(|key| key.kid == kid)?;
            decode::<Claims>(token, &key.verifying, &rules).ok()
        })?;
        let claims = claims.claims;
        (claims.typ == kind && claims.exp > now.timestamp()).then_some(claims)
    }
}
