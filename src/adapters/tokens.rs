//! Access tokens: short-lived, signed with Ed25519, pinned to issuer, audience and algorithm. The key
//! is made at first start and kept in the data folder.

use std::path::Path;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::AdapterError;

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
    /// `access`, so that no other signed thing passes for one.
    pub typ: String,
    /// Issued at, seconds.
    pub iat: i64,
    /// Expires, seconds.
    pub exp: i64,
}

/// Signs and verifies access tokens.
pub struct Tokens {
    issuer: String,
    signing: EncodingKey,
    verifying: DecodingKey,
}

/// Audiences: residents in the mini-program, staff at a desk.
pub const AUDIENCES: [&str; 2] = ["mini_program", "desk"];

impl Tokens {
    /// Loads the key from `folder`, or makes it.
    pub fn open(folder: &Path, issuer: &str) -> Result<Self, AdapterError> {
        let unusable = |what: &str| AdapterError::Rejected { reason: format!("token key: {what}") };
        let path = folder.join("token-key.der");
        let der = match std::fs::read(&path) {
            Ok(der) => der,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let pair = Ed25519KeyPair::generate().map_err(|_| unusable("cannot be made"))?;
                let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> =
                    pair.as_der().map_err(|_| unusable("cannot be written"))?;
                let der = der.as_ref().to_vec();
                super::disk::write(folder, "token-key.der", &der)?;
                der
            }
            Err(error) => return Err(error.into()),
        };
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|_| unusable("unreadable"))?;
        Ok(Self {
            issuer: issuer.to_owned(),
            signing: EncodingKey::from_ed_der(&der),
            verifying: DecodingKey::from_ed_der(pair.public_key().as_ref()),
        })
    }

    /// An access token for a session.
    pub fn issue(
        &self,
        account: Uuid,
        session: Uuid,
        audience: &str,
        now: DateTime<Utc>,
        minutes: i64,
    ) -> Result<String, AdapterError> {
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: audience.to_owned(),
            sub: account,
            sid: session,
            typ: "access".to_owned(),
            iat: now.timestamp(),
            exp: now.timestamp() + minutes * 60,
        };
        encode(&Header::new(Algorithm::EdDSA), &claims, &self.signing)
            .map_err(|error| AdapterError::Rejected { reason: error.to_string() })
    }

    /// The claims of a genuine token that has not expired at `now`; `None` for anything else.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&AUDIENCES);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Expiry is judged by the injected clock, not by the library's.
        rules.validate_exp = false;
        let claims = decode::<Claims>(token, &self.verifying, &rules).ok()?.claims;
        (claims.typ == "access" && claims.exp > now.timestamp()).then_some(claims)
    }
}
