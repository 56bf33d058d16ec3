//! 封装资料包: squeezed, then sealed with the key of one device (AES-256-GCM-SIV, RFC 8452); the key itself
//! travels sealed for that device alone (HPKE, RFC 9180: X25519, HKDF-SHA256, AES-256-GCM). docs/offline.md tells
//! how a device opens both.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeS, Serializable, single_shot_seal};

use super::AdapterError;
use crate::domain::device::PublicKey;
use crate::vault::Cipher;
use crate::vault::cipher::AesGcmSiv;

/// What the key of a pack is sealed for.
const INFO: &[u8] = b"yichuang field pack key";

/// A key on its way to its device.
pub struct SealedKey {
    /// The sender's half of the agreement, 32 bytes.
    pub encapsulated: Vec<u8>,
    /// The key, sealed.
    pub sealed: Vec<u8>,
}

fn unusable(what: impl std::fmt::Display) -> AdapterError {
    AdapterError::Unreachable(format!("field pack: {what}"))
}

/// A key for the packs of one device.
pub fn new_key() -> Result<Vec<u8>, AdapterError> {
    let mut key = vec![0; AesGcmSiv::KEY_LENGTH];
    aws_lc_rs::rand::fill(&mut key).map_err(|_| unusable("there is no randomness"))?;
    Ok(key)
}

/// Seals a key so that only the holder of the device's private key opens it, and only as `bound` says.
pub fn seal_key(key: &[u8], to: &PublicKey, bound: &[u8]) -> Result<SealedKey, AdapterError> {
    let to = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(to.bytes()).map_err(unusable)?;
    let (half, sealed) =
        single_shot_seal::<AesGcm256, HkdfSha256, X25519HkdfSha256>(&OpModeS::Base, &to, INFO, key, bound)
            .map_err(unusable)?;
    Ok(SealedKey { encapsulated: half.to_bytes().to_vec(), sealed })
}

/// As few bytes as it can be told in.
pub fn squeezed(bytes: &[u8]) -> Result<Vec<u8>, AdapterError> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(unusable)
}

/// Seals a page: a nonce of 12 bytes, the content, a tag of 16.
pub fn seal(key: &[u8], bound: &[u8], page: &[u8]) -> Result<Vec<u8>, AdapterError> {
    let cipher = AesGcmSiv::new(key).ok_or_else(|| unusable("no key"))?;
    let mut sealed = Vec::with_capacity(page.len() + 28);
    cipher.seal(bound, page, &mut sealed).map_err(unusable)?;
    Ok(sealed)
}
