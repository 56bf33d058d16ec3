//! 附件: announced by the filing, sent on their own; whichever comes first, both make a material of the
//! application once they are there.

use super::doing::Doing;
use super::materials::may_add;
use super::verdicts::{Outcome, Settled};
use super::{Failure, Office};
use crate::domain::material::SuppliedMaterial;
use crate::domain::operation::{Deed, Verdict};
use crate::domain::refusal::Refusal;
use crate::storage::attachments::{self, Attachment};
use crate::storage::{Conn, materials};

/// Takes note of an attachment; it is complete at once where its bytes came before.
pub fn announce(office: &Office, conn: &mut Conn, doing: &Doing<'_>) -> Result<Settled, Failure> {
    let Deed::Attach { attachment, application, material, file_name, sha256, size, replaces } =
        &doing.operation.deed
    else {
        return Err(Refusal::not_found().into());
    };
    if let Some(there) = attachments::find(conn, *attachment)? {
        let same = there.staff == doing.actor.id && there.sha256 == *sha256;
        return match same {
            true => Ok(Settled::done(Verdict::Duplicate, Outcome::of(*attachment))),
            false => Err(Refusal::conflict("id_taken", "编号已被使用。", "The id is taken.").into()),
        };
    }
    let limit = office.rules().limits.max_file_bytes;
    if *size > limit {
        let (zh, en) = (
            format!("文件不能超过 {} MB。", limit / 1_048_576),
            format!("At most {} MiB.", limit / 1_048_576),
        );
        return Err(Refusal::invalid("file_too_large", zh, en).into());
    }
    may_add(conn, doing.actor, *application)?;
    let one = Attachment {
        id: *attachment,
        application: *application,
        staff: doing.actor.id,
        material: material.clone(),
        file_name: file_name.chars().filter(|c| !c.is_control()).collect(),
        sha256: sha256.clone(),
        size: i64::try_from(*size).unwrap_or(i64::MAX),
        announced_at: office.now(),
        arrived_at: None,
    };
    attachments::insert(conn, &one)?;
    if let Some(lost) = replaces {
        attachments::give_up(conn, *lost, &one)?;
    }
    let there = attachments::upload(conn, doing.actor.id, sha256)?;
    if let Some((_, media_type)) = there.and_then(|upload| upload.stored) {
        attach(office, conn, one, media_type)?;
    }
    Ok(Settled::done(Verdict::Applied, Outcome::of(*attachment)))
}

/// The bytes of an attachment are there: it becomes a material.
pub fn attach(office: &Office, conn: &mut Conn, one: Attachment, media_type: String) -> Result<(), Failure> {
    let now = office.now();
    attachments::arrived(conn, one.id, now)?;
    let file = SuppliedMaterial {
        id: one.id,
        application: one.application,
        material: one.material,
        file_name: one.file_name,
        media_type,
        size: one.size,
        sha256: one.sha256,
        supplied_by: one.staff,
        supplied_at: now,
    };
    Ok(materials::insert(conn, &file)?)
}
