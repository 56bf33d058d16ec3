//! What has not ended within somebody's reach.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::StorageError;
use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::applications as a;
use super::scope::within;
use crate::domain::actor::Scope;
use crate::domain::lifecycle::Status;

/// An application, and the deadline of its present step.
pub type OpenCase = (Uuid, Option<DateTime<Utc>>);

/// What within these reaches has not ended, with the deadline of its present step, the oldest first.
pub fn within_reach(conn: &mut Conn, scopes: &[Scope], limit: i64) -> Result<Vec<OpenCase>, StorageError> {
    let ended: Vec<&str> =
        Status::ALL.iter().filter(|status| status.is_terminal()).map(|status| status.name()).collect();
    let rows: Vec<(DbId, Option<DbTime>)> = on!(conn, c => {
        let reach = within!(a::table.select(a::id).into_boxed(), scopes);
        a::table
            .filter(a::id.eq_any(reach))
            .filter(a::status.ne_all(ended))
            .order(a::id.asc())
            .limit(limit)
            .select((a::id, a::due_at))
            .load(c)
    })?;
    Ok(rows.into_iter().map(|(id, due)| (id.0, due.map(|due| due.0))).collect())
}
