//! Materials: one file per request, in any order, before or after filing. The bytes are safely on disk
//! before the record of them is committed.

use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::applicants::{of_a_child, reason_needed};
use super::case::load;
use super::clocks_view::local;
use super::once::{Answer, OnceKey};
use super::revealing::Purpose;
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::actor::Actor;
use crate::domain::deadline::civil_date;
use crate::domain::lifecycle::Role;
use crate::domain::material::SuppliedMaterial;
use crate::domain::refusal::Refusal;
use crate::storage::materials;

/// 已交材料
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MaterialView {
    /// Id.
    pub id: Uuid,
    /// Code on the checklist.
    pub material: String,
    /// Name as the sender called it.
    pub file_name: String,
    /// Media type by content.
    pub media_type: String,
    /// Size in bytes.
    pub size: i64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// When.
    pub supplied_at: DateTime<FixedOffset>,
}

impl From<SuppliedMaterial> for MaterialView {
    fn from(file: SuppliedMaterial) -> Self {
        Self {
            id: file.id,
            material: file.material,
            file_name: file.file_name,
            media_type: file.media_type,
            size: file.size,
            sha256: file.sha256,
            supplied_at: local(file.supplied_at),
        }
    }
}

/// A file as it arrived.
#[derive(Debug)]
pub struct Upload {
    /// Code on the checklist.
    pub material: String,
    /// Name as the sender called it.
    pub file_name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

const LONGEST_NAME: usize = 120;

impl Office {
    /// Stores a file for an application the actor may add to.
    pub async fn supply(
        &self,
        actor: Actor,
        application: Uuid,
        upload: Upload,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        let who = actor.clone();
        // Asked before the bytes are written, so that a stranger cannot fill the disk.
        self.db().read(move |conn| may_add(conn, &who, application)).await?;
        let material = code(&upload.material)?;
        let stored = self.outside().blobs.store(upload.bytes).await?;
        let file_name: String =
            upload.file_name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        self.once(key, 201, move |office, conn| {
            may_add(conn, &actor, application)?;
            let now = office.now();
            let file = SuppliedMaterial {
                id: new_id(now),
                application,
                material,
                file_name,
                media_type: stored.kind.mime().to_owned(),
                size: i64::try_from(stored.size).unwrap_or(i64::MAX),
                sha256: stored.sha256,
                supplied_by: actor.id,
                supplied_at: now,
            };
            materials::insert(conn, &file)?;
            Ok(MaterialView::from(file))
        })
        .await
    }

    /// The files of an application.
    pub async fn materials(&self, actor: Actor, application: Uuid) -> Result<Vec<MaterialView>, Failure> {
        self.db()
            .read(move |conn| {
                load(conn, &actor, application)?;
                Ok(materials::of(conn, application)?.into_iter().map(MaterialView::from).collect())
            })
            .await
    }

    /// One file with its application, for those who may see that.
    pub async fn material(
        &self,
        actor: Actor,
        id: Uuid,
        purpose: Option<Purpose>,
    ) -> Result<(Uuid, MaterialView, Vec<u8>), Failure> {
        let today = civil_date(self.now());
        let file = self
            .db()
            .read(move |conn| -> Result<SuppliedMaterial, Failure> {
                let file = materials::find(conn, id)?.ok_or_else(Refusal::not_found)?;
                let (application, roles) = load(conn, &actor, file.application)?;
                // A supervisor watches clocks and quality and has no need of copies of ID cards.
                if roles.iter().all(|role| *role == Role::Supervisor) {
                    return Err(Refusal::not_permitted().into());
                }
                let own = roles.contains(&Role::Resident);
                if !own && purpose.is_none() && of_a_child(&application, today) {
                    return Err(reason_needed("/purpose").into());
                }
                Ok(file)
            })
            .await?;
        let bytes = self.outside().blobs.open(&file.sha256).await?;
        Ok((file.application, file.into(), bytes))
    }
}

/// Whether somebody may add files to an application.
pub fn may_add(conn: &mut crate::storage::Conn, actor: &Actor, application: Uuid) -> Result<(), Failure> {
    let (application, roles) = load(conn, actor, application)?;
    if roles.iter().all(|role| *role == Role::Supervisor) {
        return Err(Refusal::not_permitted().into());
    }
    if application.status.is_terminal() {
        let zh = "办件已经结束，不能再补充材料。";
        return Err(Refusal::conflict("application_ended", zh, "The application has ended.").into());
    }
    Ok(())
}

fn code(text: &str) -> Result<String, Failure> {
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if fits {
        Ok(text.to_owned())
    } else {
        Err(Refusal::invalid("material_code", "材料代码不对。", "Not a material code.").into())
    }
}
