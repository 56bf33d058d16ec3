//! Attachments that were announced and bytes on their way.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::{attachments as a, uploads as u};
use super::{StorageError, sealing};

/// 附件
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Made by the device; that of the material it becomes.
    pub id: Uuid,
    /// Where it belongs.
    pub application: Uuid,
    /// Who announced it.
    pub staff: Uuid,
    /// Code on the checklist.
    pub material: String,
    /// Name as the sender calls it.
    pub file_name: String,
    /// SHA-256 of the bytes, lower-case hex.
    pub sha256: String,
    /// Bytes.
    pub size: i64,
    /// When it was announced.
    pub announced_at: DateTime<Utc>,
    /// When its bytes were complete.
    pub arrived_at: Option<DateTime<Utc>>,
}

/// 上传
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Who sends.
    pub staff: Uuid,
    /// SHA-256 of the whole.
    pub sha256: String,
    /// Bytes of the whole.
    pub size: i64,
    /// When the first piece came.
    pub begun_at: DateTime<Utc>,
    /// When it was whole and in the store, and as what it was recognised.
    pub stored: Option<(DateTime<Utc>, String)>,
    /// When its bytes were removed because they belonged nowhere.
    pub swept_at: Option<DateTime<Utc>>,
}

impl Upload {
    /// Its name among the pieces.
    pub fn name(&self) -> String {
        format!("{}-{}", self.staff, self.sha256)
    }
}

type Columns = (DbId, DbId, DbId, String, Vec<u8>, String, i64, DbTime, Option<DbTime>);

/// Announces one.
pub fn insert(conn: &mut Conn, one: &Attachment) -> Result<(), StorageError> {
    let vault = conn.vault();
    let row = (
        a::id.eq(DbId(one.id)),
        a::application.eq(DbId(one.application)),
        a::staff.eq(DbId(one.staff)),
        a::material.eq(&one.material),
        a::file_name
            .eq(sealing::of(&vault, "attachments", one.id.as_bytes()).text("file_name", &one.file_name)?),
        a::sha256.eq(&one.sha256),
        a::size.eq(one.size),
        a::announced_at.eq(DbTime(one.announced_at)),
        a::arrived_at.eq(one.arrived_at.map(DbTime)),
    );
    on!(conn, c => diesel::insert_into(a::table).values(row).execute(c))?;
    Ok(())
}

fn read(conn: &Conn, rows: Vec<Columns>) -> Result<Vec<Attachment>, StorageError> {
    let vault = conn.vault();
    let of = |row: Columns| {
        let (id, application, staff, material, name, sha256, size, announced, arrived) = row;
        Ok(Attachment {
            id: id.0,
            application: application.0,
            staff: staff.0,
            material,
            file_name: sealing::of(&vault, "attachments", id.0.as_bytes()).open("file_name", &name)?,
            sha256,
            size,
            announced_at: announced.0,
            arrived_at: arrived.map(|at| at.0),
        })
    };
    rows.into_iter().map(of).collect()
}

/// One by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Attachment>, StorageError> {
    let rows: Vec<Columns> = on!(conn, c => a::table.filter(a::id.eq(DbId(id))).load(c))?;
    Ok(read(conn, rows)?.pop())
}

/// What waits for bytes: of an application, or of anybody for these bytes, or announced before then.
pub fn pending(conn: &mut Conn, of: Pending<'_>) -> Result<Vec<Attachment>, StorageError> {
    let rows: Vec<Columns> = on!(conn, c => {
        let waiting = a::table.filter(a::arrived_at.is_null()).order(a::announced_at.asc()).limit(500);
        let waiting = waiting.into_boxed();
        match of {
            Pending::Staff(id) => waiting.filter(a::staff.eq(DbId(id))).load(c),
            Pending::Bytes(sha256) => waiting.filter(a::sha256.eq(sha256)).load(c),
        }
    })?;
    read(conn, rows)
}

/// Which attachments are asked for.
#[derive(Debug, Clone, Copy)]
pub enum Pending<'a> {
    /// Announced by them.
    Staff(Uuid),
    /// With these bytes.
    Bytes(&'a str),
}

/// Another takes the place of one whose bytes have not come; what is there already stays.
pub fn give_up(conn: &mut Conn, lost: Uuid, other: &Attachment) -> Result<(), StorageError> {
    let waiting = a::table
        .filter(a::id.eq(DbId(lost)))
        .filter(a::application.eq(DbId(other.application)))
        .filter(a::staff.eq(DbId(other.staff)))
        .filter(a::arrived_at.is_null());
    on!(conn, c => diesel::delete(waiting).execute(c))?;
    Ok(())
}

/// Its bytes are there.
pub fn arrived(conn: &mut Conn, id: Uuid, at: DateTime<Utc>) -> Result<(), StorageError> {
    on!(conn, c => {
        diesel::update(a::table.find(DbId(id))).set(a::arrived_at.eq(DbTime(at))).execute(c)
    })?;
    Ok(())
}

/// An upload as far as it has come; begun if it was not.
pub fn begin_upload(conn: &mut Conn, upload: &Upload) -> Result<Upload, StorageError> {
    let row = (
        u::staff.eq(DbId(upload.staff)),
        u::sha256.eq(&upload.sha256),
        u::size.eq(upload.size),
        u::begun_at.eq(DbTime(upload.begun_at)),
    );
    on!(conn, c => diesel::insert_into(u::table).values(row).on_conflict_do_nothing().execute(c))?;
    let swept = u::table.find((DbId(upload.staff), &upload.sha256)).filter(u::swept_at.is_not_null());
    let anew = (u::begun_at.eq(DbTime(upload.begun_at)), u::swept_at.eq(None::<DbTime>));
    on!(conn, c => diesel::update(swept).set(anew).execute(c))?;
    Ok(self::upload(conn, upload.staff, &upload.sha256)?.unwrap_or_else(|| upload.clone()))
}

type UploadColumns = (DbId, String, i64, DbTime, Option<DbTime>, Option<String>, Option<DbTime>);

fn upload_of((staff, sha256, size, begun, stored, media_type, swept): UploadColumns) -> Upload {
    let stored = stored.map(|at| at.0).zip(media_type);
    Upload { staff: staff.0, sha256, size, begun_at: begun.0, stored, swept_at: swept.map(|at| at.0) }
}

/// An upload, if it was begun.
pub fn upload(conn: &mut Conn, staff: Uuid, sha256: &str) -> Result<Option<Upload>, StorageError> {
    let row: Option<UploadColumns> =
        on!(conn, c => u::table.find((DbId(staff), sha256)).get_result(c).optional())?;
    Ok(row.map(upload_of))
}

/// It is whole.
pub fn stored(
    conn: &mut Conn,
    staff: Uuid,
    sha256: &str,
    (at, media_type): (DateTime<Utc>, &str),
) -> Result<(), StorageError> {
    let whole = (u::stored_at.eq(DbTime(at)), u::media_type.eq(media_type));
    on!(conn, c => diesel::update(u::table.find((DbId(staff), sha256))).set(whole).execute(c))?;
    Ok(())
}

/// Forgets an upload.
pub fn forget_upload(conn: &mut Conn, staff: Uuid, sha256: &str) -> Result<(), StorageError> {
    on!(conn, c => diesel::delete(u::table.find((DbId(staff), sha256))).execute(c))?;
    Ok(())
}

/// Uploads that are not whole or that nothing says where to belong: of somebody, or begun before then and not
/// swept yet; the oldest first.
pub fn strays(
    conn: &mut Conn,
    staff: Option<Uuid>,
    before: Option<DateTime<Utc>>,
) -> Result<Vec<Upload>, StorageError> {
    let named = a::table.filter(a::staff.eq(u::staff)).filter(a::sha256.eq(u::sha256)).select(a::id);
    let stray = u::stored_at.is_null().or(diesel::dsl::not(diesel::dsl::exists(named)));
    let rows: Vec<UploadColumns> = on!(conn, c => {
        let mut strays = u::table.filter(stray).order(u::begun_at.asc()).limit(500).into_boxed();
        if let Some(staff) = staff {
            strays = strays.filter(u::staff.eq(DbId(staff)));
        }
        if let Some(before) = before {
            strays = strays.filter(u::begun_at.lt(DbTime(before))).filter(u::swept_at.is_null());
        }
        strays.load(c)
    })?;
    Ok(rows.into_iter().map(upload_of).collect())
}

/// Its bytes go.
pub fn sweep(conn: &mut Conn, upload: &Upload, at: DateTime<Utc>) -> Result<(), StorageError> {
    let gone =
        (u::swept_at.eq(DbTime(at)), u::stored_at.eq(None::<DbTime>), u::media_type.eq(None::<String>));
    let it = u::table.find((DbId(upload.staff), &upload.sha256));
    on!(conn, c => diesel::update(it).set(gone).execute(c))?;
    Ok(())
}

/// Whether somebody's upload of these bytes is in the store.
pub fn stored_by_anybody(conn: &mut Conn, sha256: &str) -> Result<bool, StorageError> {
    let whole = u::table.filter(u::sha256.eq(sha256)).filter(u::stored_at.is_not_null());
    let found: i64 = on!(conn, c => whole.count().get_result(c))?;
    Ok(found > 0)
}
