//! 断点续传: a file comes in pieces, in any order and as often as needed; whole and with the hash it was
//! announced with, it is kept and becomes the material of whatever waits for it.

use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::attachments::attach;
use super::materials::may_add;
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::lifecycle::Role;
use crate::domain::refusal::Refusal;
use crate::storage::Conn;
use crate::storage::attachments::{self, Pending, Upload};

/// Bytes of every piece but the last.
pub const PIECE: u64 = 262_144;

/// 上传进度
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UploadView {
    /// SHA-256 of the whole, lower-case hex.
    pub sha256: String,
    /// Bytes of every piece but the last.
    pub piece_bytes: u64,
    /// Which pieces are here, counted from 0.
    pub pieces: Vec<u32>,
    /// Whether the whole is here and is what it was announced as.
    pub complete: bool,
}

fn hash_of(text: &str) -> Result<(), Failure> {
    let fits = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let zh = "文件摘要应为 64 位小写十六进制。";
    if fits {
        Ok(())
    } else {
        Err(Refusal::invalid("hash_malformed", zh, "64 lower-case hex digits.").into())
    }
}

fn count(size: u64) -> u32 {
    u32::try_from(size.div_ceil(PIECE)).unwrap_or(u32::MAX)
}

impl Office {
    /// How far an upload of one's own has come.
    pub async fn upload(&self, actor: &Actor, sha256: String) -> Result<UploadView, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        hash_of(&sha256)?;
        let (staff, hash) = (actor.id, sha256.clone());
        let found = self.db().read(move |conn| attachments::upload(conn, staff, &hash)).await;
        let found = found.map_err(Failure::from)?;
        let complete = found.is_some_and(|upload| upload.stored.is_some());
        let pieces = match complete {
            true => Vec::new(),
            false => self.outside().pieces.have(&format!("{staff}-{sha256}")).await?,
        };
        Ok(UploadView { sha256, piece_bytes: PIECE, pieces, complete })
    }

    /// Keeps a piece; the last one makes the whole.
    pub async fn keep_piece(
        &self,
        actor: &Actor,
        sha256: String,
        (index, size): (u32, u64),
        bytes: Vec<u8>,
    ) -> Result<UploadView, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        hash_of(&sha256)?;
        let limit = self.rules().limits.max_file_bytes;
        if size == 0 || size > limit {
            let mb = limit / 1_048_576;
            let (zh, en) = (format!("文件不能超过 {mb} MB。"), format!("At most {mb} MiB."));
            return Err(Refusal::invalid("file_too_large", zh, en).into());
        }
        let last = count(size) - 1;
        let length = if index == last { size - u64::from(last) * PIECE } else { PIECE };
        if index > last || bytes.len() as u64 != length {
            let zh = "片段序号或长度不对。";
            return Err(Refusal::invalid("piece_unfit", zh, "No such piece, or not of that length.").into());
        }
        let name = format!("{}-{sha256}", actor.id);
        let begun = Upload {
            staff: actor.id,
            sha256: sha256.clone(),
            size: i64::try_from(size).unwrap_or(i64::MAX),
            begun_at: self.now(),
            stored: None,
            swept_at: None,
        };
        let known = self.db().write(move |conn| attachments::begin_upload(conn, &begun)).await;
        if known.map_err(Failure::from)?.stored.is_some() {
            return self.upload(actor, sha256).await;
        }
        self.outside().pieces.keep(&name, index, bytes).await?;
        let have = self.outside().pieces.have(&name).await?;
        if (0..=last).all(|piece| have.contains(&piece)) {
            self.complete(actor, &sha256, (&name, last + 1)).await?;
        }
        self.upload(actor, sha256).await
    }

    async fn complete(
        &self,
        actor: &Actor,
        sha256: &str,
        (name, pieces): (&str, u32),
    ) -> Result<(), Failure> {
        let whole = self.outside().pieces.whole(name, pieces).await?;
        let hash: String = HEXLOWER.encode(&Sha256::digest(&whole));
        if hash != sha256 {
            self.drop_upload(actor, sha256, name).await?;
            let zh = "收到的内容与摘要不符，请重新上传。";
            let en = "The bytes are not those that were announced; send them again.";
            return Err(Refusal::invalid("hash_mismatch", zh, en).into());
        }
        let stored = match self.outside().blobs.store(whole).await {
            Ok(stored) => stored,
            Err(error) => {
                let failure = Failure::from(error);
                if matches!(failure, Failure::Refused(_)) {
                    self.drop_upload(actor, sha256, name).await?;
                }
                return Err(failure);
            }
        };
        let (office, who, hash) = (self.clone(), actor.clone(), sha256.to_owned());
        let keep = move |conn: &mut Conn| -> Result<(), Failure> {
            attachments::stored(conn, who.id, &hash, (office.now(), stored.kind.mime()))?;
            for one in attachments::pending(conn, Pending::Bytes(&hash))? {
                // An application that has ended meanwhile takes no more; the attachment stays on the list.
                if one.staff == who.id && may_add(conn, &who, one.application).is_ok() {
                    attach(&office, conn, one, stored.kind.mime().to_owned())?;
                }
            }
            Ok(())
        };
        self.db().write(keep).await?;
        Ok(self.outside().pieces.forget(name).await?)
    }

    async fn drop_upload(&self, actor: &Actor, sha256: &str, name: &str) -> Result<(), Failure> {
        self.outside().pieces.forget(name).await?;
        let (staff, hash) = (actor.id, sha256.to_owned());
        let gone = self.db().write(move |conn| attachments::forget_upload(conn, staff, &hash)).await;
        gone.map_err(Failure::from)
    }
}
