//! The in-app inbox. A recipient is an account (`person:<id>`, `staff:<id>`), a department
//! (`department:<code>`) or a window (`window:<community>`).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::StorageError;
use super::dialect::{Conn, DbId, DbTime, on, put};
use super::schema::notices as n;

/// 站内通知
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Id.
    pub id: Uuid,
    /// Whose inbox.
    pub recipient: String,
    /// The application it is about.
    pub application: Option<Uuid>,
    /// Subject line.
    pub title: String,
    /// Text; no personal data beyond the receipt number.
    pub body: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = n, treat_none_as_default_value = false)]
struct NoticeRow {
    id: DbId,
    recipient: String,
    application: Option<DbId>,
    title: String,
    body: String,
    created_at: DbTime,
    read_at: Option<DbTime>,
}

/// Puts notices into inboxes.
pub fn insert(conn: &mut Conn, notices: &[Notice]) -> Result<(), StorageError> {
    for notice in notices {
        let row = NoticeRow {
            id: DbId(notice.id),
            recipient: notice.recipient.clone(),
            application: notice.application.map(DbId),
            title: notice.title.clone(),
            body: notice.body.clone(),
            created_at: DbTime(notice.created_at),
            read_at: notice.read_at.map(DbTime),
        };
        put!(conn, n::table, row);
    }
    Ok(())
}

/// A page of somebody's inboxes, newest first.
pub fn of(
    conn: &mut Conn,
    recipients: &[String],
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<Notice>, StorageError> {
    let rows: Vec<NoticeRow> = on!(conn, c => {
        let mut query = n::table.filter(n::recipient.eq_any(recipients)).into_boxed();
        if let Some((at, id)) = after {
            let (at, id) = (DbTime(at), DbId(id));
            query = query.filter(n::created_at.le(at).and(n::created_at.lt(at).or(n::id.lt(id))));
        }
        query.order((n::created_at.desc(), n::id.desc())).limit(limit).select(NoticeRow::as_select()).load(c)
    })?;
    Ok(rows
        .into_iter()
        .map(|row| Notice {
            id: row.id.0,
            recipient: row.recipient,
            application: row.application.map(|id| id.0),
            title: row.title,
            body: row.body,
            created_at: row.created_at.0,
            read_at: row.read_at.map(|at| at.0),
        })
        .collect())
}

/// Marks one of somebody's notices as read; false if it is not theirs.
pub fn read(
    conn: &mut Conn,
    recipients: &[String],
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let changed = on!(conn, c => {
        diesel::update(n::table.filter(n::id.eq(DbId(id))).filter(n::recipient.eq_any(recipients)))
            .set(n::read_at.eq(Some(DbTime(now))))
            .execute(c)
    })?;
    Ok(changed == 1)
}
