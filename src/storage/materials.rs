//! Records of supplied files; the bytes lie in the blob store.

use diesel::prelude::*;
use uuid::Uuid;

use super::StorageError;
use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::materials as m;
use crate::domain::material::SuppliedMaterial;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = m, treat_none_as_default_value = false)]
struct MaterialRow {
    id: DbId,
    application: DbId,
    material: String,
    file_name: String,
    media_type: String,
    size: i64,
    sha256: String,
    supplied_by: DbId,
    supplied_at: DbTime,
}

impl From<MaterialRow> for SuppliedMaterial {
    fn from(row: MaterialRow) -> Self {
        Self {
            id: row.id.0,
            application: row.application.0,
            material: row.material,
            file_name: row.file_name,
            media_type: row.media_type,
            size: row.size,
            sha256: row.sha256,
            supplied_by: row.supplied_by.0,
            supplied_at: row.supplied_at.0,
        }
    }
}

/// Records one file. Call it only once the bytes are safely on disk.
pub fn insert(conn: &mut Conn, file: &SuppliedMaterial) -> Result<(), StorageError> {
    let row = MaterialRow {
        id: DbId(file.id),
        application: DbId(file.application),
        material: file.material.clone(),
        file_name: file.file_name.clone(),
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
    Ok(row.map(SuppliedMaterial::from))
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
    Ok(rows.into_iter().map(SuppliedMaterial::from).collect())
}
