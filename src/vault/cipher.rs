//! How values are sealed. AES-256-GCM-SIV (RFC 8452) here: a nonce that came twice would tell that two
//! values are equal and nothing else. SM4 or a hardware module comes as another [`Cipher`].

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest;

/// Bytes of a key's name.
pub const KEY_ID_LENGTH: usize = 4;

/// A key's name: the beginning of a hash of it.
pub type KeyId = [u8; KEY_ID_LENGTH];

/// One key with its way of sealing.
pub trait Cipher: Send + Sync {
    /// Name of the algorithm within a sealed value.
    fn algorithm(&self) -> u8;
    /// Name of the key.
    fn id(&self) -> KeyId;
    /// Appends nonce, ciphertext and tag; `bound` is covered by the tag. An error says why it cannot.
    fn seal(&self, bound: &[u8], value: &[u8], onto: &mut Vec<u8>) -> Result<(), String>;
    /// The value, if these are the bytes that were sealed with `bound`.
    fn open(&self, bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>>;
}

/// AES-256-GCM-SIV in software.
pub struct AesGcmSiv {
    id: KeyId,
    key: LessSafeKey,
}

impl AesGcmSiv {
    /// Bytes of a key.
    pub const KEY_LENGTH: usize = 32;

    /// The cipher of these 32 random bytes; `None` for any other length or an obvious non-key.
    pub fn new(secret: &[u8]) -> Option<Self> {
        if secret.len() != Self::KEY_LENGTH || secret.iter().all(|byte| Some(byte) == secret.first()) {
            return None;
        }
        let hash = digest::digest(&digest::SHA256, &[b"yichuang data key", secret].concat());
        let id = hash.as_ref().get(..KEY_ID_LENGTH)?.try_into().ok()?;
        Some(Self { id, key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, secret).ok()?) })
    }
}

impl Cipher for AesGcmSiv {
    fn algorithm(&self) -> u8 {
        1
    }

    fn id(&self) -> KeyId {
        self.id
    }

    fn seal(&self, bound: &[u8], value: &[u8], onto: &mut Vec<u8>) -> Result<(), String> {
        let mut nonce = [0_u8; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| "there is no randomness".to_owned())?;
        onto.extend_from_slice(&nonce);
        let from = onto.len();
        onto.extend_from_slice(value);
        let plain = onto.get_mut(from..).unwrap_or_default();
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.key.seal_in_place_separate_tag(nonce, Aad::from(bound), plain);
        onto.extend_from_slice(tag.map_err(|_| "the value is too long".to_owned())?.as_ref());
        Ok(())
    }

    fn open(&self, bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut bytes = rest.to_vec();
        let length = self.key.open_in_place(nonce, Aad::from(bound), &mut bytes).ok()?.len();
        bytes.truncate(length);
        Some(bytes)
    }
}
