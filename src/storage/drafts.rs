//! 草稿: saved again and again while it is filled. Only what filling changes is written, so that none of the indexes
//! by which an application is found has to be.

use diesel::prelude::*;

use super::StorageError;
use super::dialect::{Conn, on};
use super::gathered::Due;
use super::row::ApplicationRow;
use super::schema::applications as a;
use super::steady::{change, steady};
use crate::domain::application::{Application, Desk};

/// Stores its form if it still has the version it was loaded with.
pub fn save(
    conn: &mut Conn,
    draft: &Application,
    loaded_version: i64,
    desk: Desk<'_>,
) -> Result<(), StorageError> {
    let due = Due::of(draft, desk);
    if let Some(done) = conn.gathered.change(draft, loaded_version, due) {
        return done;
    }
    let row = ApplicationRow::due_then(&conn.vault(), draft, due)?;
    let changed = on!(conn, c => {
        let there = a::id.eq(row.id).and(a::version.eq(loaded_version));
        let filled = (
            a::version.eq(row.version),
            a::form.eq(&row.form),
            a::dossier.eq(&row.dossier),
            a::wake_at.eq(row.wake_at),
            a::updated_at.eq(row.updated_at),
        );
        steady!(change(a::table, there, filled)).execute(c)
    })?;
    if changed == 1 { Ok(()) } else { Err(StorageError::Stale) }
}
