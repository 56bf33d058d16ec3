//! Records of supplied files; the bytes lie in the blob store.

use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::materials as m;
use super::{StorageError, sealing};
use crate::domain::material::SuppliedMaterial;
use crate::vault::Vault;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = m, treat_none_as_default_value = false)]
struct MaterialRow {
    id: DbId,
    application: DbId,
    material: String,
    file_name: Vec<u8>,
    media_type: String,
    size: i64,
    sha256: String,
    supplied_by: DbId,
    supplied_at: DbTime,
}

impl MaterialRow {
    fn into_supplied(self, vault: &Vault) -> Result<SuppliedMaterial, StorageError> {
        Ok(SuppliedMaterial {
            id: self.id.0,
            application: self.application.0,
            material: self.material,
            file_name: sealing::of(vault, "materials", self.id.0.as_bytes())
                .open("file_name", &self.file_name)?,
            media_type: self.media_type,
            size: self.size,
            sha256: self.sha256,
            supplied_by: self.supplied_by.0,
            supplied_at: self.supplied_at.0,
        })
    }
}

/// Records one file. Call it only once the bytes are safely on disk.
pub fn insert(conn: &mut Conn, file: &SuppliedMaterial) -> Result<(), StorageError> {
    let row = MaterialRow {
        id: DbId(file.id),
        application: DbId(file.application),
        material: file.material.clone(),
        file_name: sealing::of(&conn.vault(), "materials", file.id.as_bytes())
            .text("file_name", &file.file_name)?,
        media_type: file.media_type.clone(),
        size: file.size,
        sha256: file.sha256.clone(),
        supplied_by: DbId(file.supplied_by),
        supplied_at: DbTime(file.supplied_at),
    };
    on!(conn, c => diesel::insert_into(m::table).values(&row).execute(c))?;
    Ok(())
}

/// One file record.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<SuppliedMaterial>, StorageError> {
    let row: Option<MaterialRow> =
        on!(conn, c => m::table.find(DbId(id)).select(MaterialRow::as_select()).get_result(c).optional())?;
    row.map(|row| row.into_supplied(&conn.vault())).transpose()
}

/// Every file of an application, in the order it came in.
pub fn of(conn: &mut Conn, application: Uuid) -> Result<Vec<SuppliedMaterial>, StorageError> {
    let rows: Vec<MaterialRow> = on!(conn, c => {
        m::table
            .filter(m::application.eq(DbId(application)))
            .order((m::supplied_at.asc(), m::id.asc()))
            .select(MaterialRow::as_select())
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_supplied(&vault)).collect()
}
