//! 存证: signed checkpoints over what must not change, each a file that names the one before; apart from the
//! database, so that whoever rewrites that has not rewritten these.

use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{AdapterError, disk};

/// One checkpoint as it lies in its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// 1, 2, 3 …
    pub number: u32,
    /// What was signed: one line of text.
    pub body: String,
    /// Whether it was signed with our key and is whole.
    pub genuine: bool,
    /// Hash of the file, for the next one to name.
    pub hash: String,
}

/// The checkpoints of this installation.
pub struct Checkpoints {
    folder: PathBuf,
    pair: Ed25519KeyPair,
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

impl Checkpoints {
    /// Keeps checkpoints in `folder`, signed with the key in `key_folder`, which is made where there is none.
    pub fn open(folder: &Path, key_folder: &Path) -> Result<Self, AdapterError> {
        let unusable = |what: &str| AdapterError::rejected(format!("checkpoint key: {what}"));
        std::fs::create_dir_all(folder)?;
        let der = match disk::read(&key_folder.join("checkpoints.der"))? {
            Some(der) => der,
            None => {
                let pair = Ed25519KeyPair::generate().map_err(|_| unusable("cannot be made"))?;
                let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> =
                    pair.as_der().map_err(|_| unusable("cannot be written"))?;
                disk::write(key_folder, "checkpoints.der", der.as_ref())?;
                der.as_ref().to_vec()
            }
        };
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|_| unusable("unreadable"))?;
        Ok(Self { folder: folder.to_owned(), pair })
    }

    /// Every checkpoint in order. One that is missing leaves a gap in the numbers.
    pub fn all(&self) -> Result<Vec<Checkpoint>, AdapterError> {
        let mut found = Vec::new();
        for path in disk::files(&self.folder)? {
            let number = path.file_stem().and_then(|name| name.to_str()?.parse().ok());
            if let (Some(number), Some(bytes)) = (number, disk::read(&path)?) {
                found.push(self.read(number, &bytes));
            }
        }
        found.sort_by_key(|checkpoint| checkpoint.number);
        Ok(found)
    }

    fn read(&self, number: u32, bytes: &[u8]) -> Checkpoint {
        let hash = hex(&Sha256::digest(bytes));
        let text = String::from_utf8_lossy(bytes);
        let (body, signature) = text.trim_end().split_once('\n').unwrap_or_default();
        let key = UnparsedPublicKey::new(&ED25519, self.pair.public_key().as_ref());
        let genuine =
            unhex(signature).is_some_and(|signature| key.verify(body.as_bytes(), &signature).is_ok());
        Checkpoint { number, body: body.to_owned(), genuine, hash }
    }

    /// Signs and keeps a checkpoint; `body` is one line.
    pub fn keep(&self, number: u32, body: &str) -> Result<(), AdapterError> {
        let signature = hex(self.pair.sign(body.as_bytes()).as_ref());
        Ok(disk::write(
            &self.folder,
            &format!("{number:06}.jsonl"),
            format!("{body}\n{signature}\n").as_bytes(),
        )?)
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
