//! The second factor of staff: a code from an authenticator app (RFC 6238), each good once.

use totp_rs::{Builder, Secret, Totp};

use super::Failure;
use crate::adapters::clock::random_code;

/// Bytes of a shared secret.
const SECRET_LENGTH: usize = 20;

/// What an authenticator app is told.
pub struct Enrolment {
    /// The shared secret in base 32.
    pub secret: String,
    /// The same as an address for a QR code.
    pub uri: String,
}

/// A fresh secret for somebody.
pub fn enrol(username: &str) -> Result<Enrolment, Failure> {
    let mut bytes = [0_u8; SECRET_LENGTH];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Failure::Outside("there is no randomness".to_owned()))?;
    let secret = Secret::from(bytes.to_vec()).to_base32();
    let uri = format!("otpauth://totp/Yichuang:{}?secret={secret}&issuer=Yichuang", encoded(username));
    Ok(Enrolment { secret, uri })
}

/// A name as part of an address (RFC 3986).
fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    name.bytes().map(one).collect()
}

fn totp(secret: &str) -> Option<Totp> {
    Builder::new().with_secret(Secret::try_from_base32(secret).ok()?).build().ok()
}

/// The step a code belongs to at that second, if it is right: this one or a neighbour.
pub fn step_of(secret: &str, code: &str, now: i64) -> Option<i64> {
    let step = totp(secret)?.check(code, u64::try_from(now).ok()?)?;
    i64::try_from(step).ok()
}

/// The code at that second, as the app shows it.
pub fn code_at(secret: &str, now: i64) -> Option<String> {
    Some(totp(secret)?.generate(u64::try_from(now).ok()?).to_string())
}

/// A code that sets a password once.
pub fn setup_code() -> String {
    random_code(26)
}
