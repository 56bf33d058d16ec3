//! 清理附件: bytes that nobody says belong anywhere go after a while; what was announced and never came is listed, so that
//! the picture is taken again.

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::clocks_view::local;
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::lifecycle::Role;
use crate::domain::refusal::Refusal;
use crate::storage::attachments::{self, Pending};
use crate::storage::{Conn, erasing};

/// 未到附件
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PendingFile {
    /// The attachment.
    pub attachment: Uuid,
    /// The application it belongs to.
    pub application: Uuid,
    /// Code on the checklist.
    pub material: String,
    /// Name as the sender calls it.
    pub file_name: String,
    /// SHA-256 of the bytes.
    pub sha256: String,
    /// When it was announced.
    pub announced_at: DateTime<FixedOffset>,
    /// Whether it has been missing for so long that the picture should be taken again.
    pub overdue: bool,
}

/// 无主文件: bytes that came, or half of them, and nothing says where they belong.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StrayFile {
    /// SHA-256 of the whole, as it was announced.
    pub sha256: String,
    /// Bytes of the whole.
    pub size: i64,
    /// When the first piece came.
    pub begun_at: DateTime<FixedOffset>,
    /// When it was removed, if it was.
    pub swept_at: Option<DateTime<FixedOffset>>,
}

/// 附件清单 of one's own.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FilesView {
    /// Announced, and not here yet; the longest missing first.
    pub pending: Vec<PendingFile>,
    /// Here, and belonging nowhere, or not whole; the oldest first.
    pub stray: Vec<StrayFile>,
}

impl Office {
    fn patience(&self) -> TimeDelta {
        TimeDelta::days(self.rules().field.upload_days)
    }

    /// What of one's own files is not where it belongs.
    pub async fn files(&self, actor: Actor) -> Result<FilesView, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let late = self.now() - self.patience();
        let look = move |conn: &mut Conn| -> Result<FilesView, Failure> {
            let pending = attachments::pending(conn, Pending::Staff(actor.id))?.into_iter().map(|one| {
                let (announced_at, overdue) = (local(one.announced_at), one.announced_at < late);
                PendingFile {
                    attachment: one.id,
                    application: one.application,
                    material: one.material,
                    file_name: one.file_name,
                    sha256: one.sha256,
                    announced_at,
                    overdue,
                }
            });
            let pending = pending.collect();
            let stray =
                attachments::strays(conn, Some(actor.id), None)?.into_iter().map(|upload| StrayFile {
                    sha256: upload.sha256,
                    size: upload.size,
                    begun_at: local(upload.begun_at),
                    swept_at: upload.swept_at.map(local),
                });
            Ok(FilesView { pending, stray: stray.collect() })
        };
        self.db().read(look).await
    }

    /// Removes the bytes of strays that have had their time; answers how many.
    pub async fn sweep_files(&self) -> Result<usize, Failure> {
        let (now, before) = (self.now(), self.now() - self.patience());
        let old = self.db().read(move |conn| attachments::strays(conn, None, Some(before))).await;
        let old = old.map_err(Failure::from)?;
        let count = old.len();
        let quiet = std::time::Duration::from_secs(self.rules().retention.file_quiet_seconds);
        for upload in old {
            self.outside().pieces.forget(&upload.name()).await?;
            let hash = upload.sha256.clone();
            // Gone in the books first: whoever announces it from now on waits for the bytes anew.
            let books = move |conn: &mut Conn| {
                attachments::sweep(conn, &upload, now)?;
                let used = !erasing::referred(conn, std::slice::from_ref(&upload.sha256))?.is_empty();
                Ok::<_, Failure>(used || attachments::stored_by_anybody(conn, &upload.sha256)?)
            };
            if !self.db().write(books).await? {
                self.outside().blobs.remove(&hash, quiet).await?;
            }
        }
        if count > 0 {
            tracing::info!(count, "files that belonged nowhere are swept");
        }
        Ok(count)
    }
}
