//! 设备密钥: the device's own key, and how the key of its pack is opened with it. On a telephone the secret half
//! lies in the system's key store.

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, Serializable, single_shot_open};
use serde_json::Value;
use uuid::Uuid;

type Agreement = X25519HkdfSha256;

/// The key of a device.
pub struct DeviceKey {
    secret: <Agreement as Kem>::PrivateKey,
}

impl DeviceKey {
    /// A new one.
    pub fn generate() -> Self {
        Self { secret: Agreement::gen_keypair().0 }
    }

    /// One that was kept.
    pub fn from_secret(secret: &[u8]) -> Option<Self> {
        Some(Self { secret: <Agreement as Kem>::PrivateKey::from_bytes(secret).ok()? })
    }

    /// To be kept where nobody else reads it.
    pub fn secret(&self) -> Vec<u8> {
        self.secret.to_bytes().to_vec()
    }

    /// What the device registers with, hex.
    pub fn public(&self) -> String {
        let public = Agreement::sk_to_pk(&self.secret).to_bytes();
        HEXLOWER.encode(&public)
    }

    /// Opens the answer of `GET /v1/devices/{id}/pack-key`: the key of the pack and until when it may be used.
    pub fn open(&self, answer: &Value) -> Option<(Vec<u8>, DateTime<Utc>)> {
        let device: Uuid = answer["device"].as_str()?.parse().ok()?;
        let expires_at: DateTime<Utc> = answer["expires_at"].as_str()?.parse().ok()?;
        let half = <Agreement as Kem>::EncappedKey::from_bytes(&bytes(&answer["encapsulated"])?).ok()?;
        // Whoever writes another day into the answer does not open it.
        let bound = [device.as_bytes().as_slice(), &expires_at.timestamp().to_be_bytes()].concat();
        let key = single_shot_open::<AesGcm256, HkdfSha256, Agreement>(
            &OpModeR::Base,
            &self.secret,
            &half,
            b"yichuang field pack key",
            &bytes(&answer["sealed"])?,
            &bound,
        );
        Some((key.ok()?, expires_at))
    }
}

fn bytes(hex: &Value) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    hex.as_str()?.as_bytes().chunks(2).map(pair).collect()
}
