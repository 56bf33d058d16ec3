//! The window's queue: open applications by legal slack, and the leases on them. A claim is one
//! statement, so that of any number of clerks exactly one gets each application.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::StorageError;
use super::dialect::{Conn, DbId, DbTime, lock_or_skip, on};
use super::row::ApplicationRow;
use super::schema::{applications as a, attachments as t, materials as m, string_agg};
use super::scope::within;
use super::steady::steady;
use super::summary::SummaryRow;
use crate::domain::actor::Scope;
use crate::domain::application::Application;
use crate::domain::lifecycle::{Role, Status};
use crate::domain::region::Region;
use crate::domain::summary::Summary;

/// 承办: who holds an application, since and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Staff member.
    pub holder: Uuid,
    /// Their name.
    pub holder_name: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Until when, unless renewed.
    pub until: DateTime<Utc>,
}

/// What a look at the queue is narrowed to.
#[derive(Debug, Clone)]
pub struct QueueFilter {
    /// Whose move it is: the window's or the departments'.
    pub mover: Role,
    /// Only this item.
    pub service: Option<String>,
    /// Only this status.
    pub status: Option<Status>,
    /// Only those nobody holds at this instant.
    pub free_at: Option<DateTime<Utc>>,
    /// None that this account filed for somebody.
    pub not_filed_by: Option<Uuid>,
    /// Only those that entered the system before this instant.
    pub created_before: Option<DateTime<Utc>>,
    /// Beyond this position of the keyset: due_at and id of the last one seen.
    pub after: Option<(DateTime<Utc>, Uuid)>,
    /// How many at the most.
    pub limit: i64,
}

macro_rules! narrowed {
    ($query:expr, $filter:expr) => {{
        let filter = $filter;
        let mut query = $query.filter(a::mover.eq(filter.mover.name()).assume_not_null());
        if let Some(service) = &filter.service {
            query = query.filter(a::service.eq(service.clone()));
        }
        if let Some(status) = filter.status {
            query = query.filter(a::status.eq(status.name()));
        }
        if let Some(now) = filter.free_at {
            query = query.filter(a::held_until.is_null().or(a::held_until.le(DbTime(now)).assume_not_null()));
        }
        if let Some(agent) = filter.not_filed_by {
            let own = a::filed_by.is_null().or(a::filed_by.ne(DbId(agent)).assume_not_null());
            query = query.filter(own);
        }
        if let Some(before) = filter.created_before {
            query = query.filter(a::created_at.lt(DbTime(before)));
        }
        if let Some((at, id)) = filter.after {
            let (at, id) = (DbTime(at), DbId(id));
            query = query
                .filter(a::due_at.ge(at).and(a::due_at.gt(at).or(a::id.gt(id).nullable())).assume_not_null());
        }
        query.order((a::due_at.asc(), a::id.asc())).limit(filter.limit)
    }};
}

type LeaseColumns = (Option<DbId>, Option<String>, Option<DbTime>, Option<DbTime>);

/// A page of the queue, the least slack first.
pub fn look(
    conn: &mut Conn,
    scopes: &[Scope],
    filter: &QueueFilter,
) -> Result<Vec<(Summary, Option<Lease>)>, StorageError> {
    let rows: Vec<(SummaryRow, LeaseColumns)> = on!(conn, c => {
        narrowed!(within!(a::table.into_boxed(), scopes), filter)
            .select((SummaryRow::as_select(), (a::holder, a::holder_name, a::held_since, a::held_until)))
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|(row, held)| Ok((row.into_summary(&vault)?, lease(held)))).collect()
}

/// 一件: an application with what lies beside it.
pub struct Found {
    /// The application.
    pub application: Application,
    /// Who holds it, whether or not the lease has run out.
    pub lease: Option<Lease>,
    /// Codes of the materials there is a file for, sorted.
    pub supplied: Vec<String>,
    /// Codes of the materials announced at the door whose bytes have not come yet, sorted.
    pub pending: Vec<String>,
}

/// One application with what lies beside it, in one look.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Found>, StorageError> {
    type Columns = (ApplicationRow, LeaseColumns, Option<String>, Option<String>);
    if let Some(application) = conn.gathered.application(id).cloned() {
        // What was announced may be there before its application; a file refers to one that is stored.
        let pending = match conn.gathered.awaited(id).cloned() {
            Some(awaited) => awaited,
            None => {
                let awaited = t::table.filter(t::application.eq(DbId(id))).filter(t::arrived_at.is_null());
                let awaited: Vec<String> =
                    on!(beside conn, c => steady!(awaited.select(t::material)).load(c))?;
                let sorted: Vec<String> = awaited.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
                conn.gathered.await_for(id, sorted.clone());
                sorted
            }
        };
        return Ok(Some(Found { application, lease: None, supplied: Vec::new(), pending }));
    }
    let files = m::table.filter(m::application.eq(a::id)).select(string_agg(m::material, ","));
    let awaited = t::table.filter(t::application.eq(a::id)).filter(t::arrived_at.is_null());
    let awaited = awaited.select(string_agg(t::material, ","));
    let row: Option<Columns> = on!(beside conn, c => {
        let found = a::table.find(DbId(id)).select((
            ApplicationRow::as_select(),
            (a::holder, a::holder_name, a::held_since, a::held_until),
            files.single_value(),
            awaited.single_value(),
        ));
        steady!(found).get_result(c).optional()
    })?;
    let codes = |list: Option<String>| {
        let list = list.unwrap_or_default();
        let sorted: BTreeSet<&str> = list.split_terminator(',').collect();
        sorted.into_iter().map(str::to_owned).collect()
    };
    row.map(|(row, held, files, awaited)| {
        let application = row.into_application(&conn.vault())?;
        Ok(Found { application, lease: lease(held), supplied: codes(files), pending: codes(awaited) })
    })
    .transpose()
}

/// Where an application belongs.
pub fn place(conn: &mut Conn, id: Uuid) -> Result<Option<Region>, StorageError> {
    if let Some(new) = conn.gathered.application(id) {
        return Ok(Some(new.region.clone()));
    }
    let place: Option<String> =
        on!(beside conn, c => steady!(a::table.find(DbId(id)).select(a::region)).get_result(c).optional())?;
    let corrupt = |_| StorageError::Corrupt(format!("application {id}: region"));
    place.map(|code| Region::parse(&code).map_err(corrupt)).transpose()
}

/// Takes the next free application for `holder`; `None` when the queue holds none.
pub fn claim(
    conn: &mut Conn,
    scopes: &[Scope],
    filter: &QueueFilter,
    lease: &Lease,
) -> Result<Option<Uuid>, StorageError> {
    let changes = (
        a::holder.eq(Some(DbId(lease.holder))),
        a::holder_name.eq(Some(&lease.holder_name)),
        a::held_since.eq(Some(DbTime(lease.since))),
        a::held_until.eq(Some(DbTime(lease.until))),
    );
    for limit in CANDIDATES {
        let filter = QueueFilter { limit, ..filter.clone() };
        let ids: Vec<DbId> = on!(conn, c => {
            narrowed!(within!(a::table.into_boxed(), scopes), &filter).select(a::id).load(c)
        })?;
        for id in ids {
            if !lock_or_skip(conn, id)? {
                continue;
            }
            // A rival may have come and gone between the look and the lock.
            let free = a::held_until.is_null().or(a::held_until.le(DbTime(lease.since)).assume_not_null());
            let still = a::table.filter(a::id.eq(id)).filter(free).filter(a::mover.eq(filter.mover.name()));
            if on!(conn, c => diesel::update(still).set(changes).execute(c))? == 1 {
                return Ok(Some(id.0));
            }
        }
    }
    Ok(None)
}

/// Candidates looked at, a few first: rivals are rare, and then there may be many.
const CANDIDATES: [i64; 2] = [4, 512];

/// Sets or clears the lease.
pub fn hold(conn: &mut Conn, application: Uuid, lease: Option<&Lease>) -> Result<(), StorageError> {
    let changes = (
        a::holder.eq(lease.map(|l| DbId(l.holder))),
        a::holder_name.eq(lease.map(|l| &l.holder_name)),
        a::held_since.eq(lease.map(|l| DbTime(l.since))),
        a::held_until.eq(lease.map(|l| DbTime(l.until))),
    );
    on!(conn, c => diesel::update(a::table.filter(a::id.eq(DbId(application)))).set(changes).execute(c))?;
    Ok(())
}

/// Everything somebody holds goes to a successor, or back into the queue; answers how much it was.
pub fn let_go(conn: &mut Conn, holder: Uuid, successor: Option<(Uuid, &str)>) -> Result<usize, StorageError> {
    let held = a::table.filter(a::holder.eq(DbId(holder)).assume_not_null());
    Ok(match successor {
        Some((id, name)) => on!(conn, c => {
            diesel::update(held).set((a::holder.eq(DbId(id)), a::holder_name.eq(name))).execute(c)
        })?,
        None => on!(conn, c => {
            diesel::update(held)
                .set((
                    a::holder.eq(None::<DbId>),
                    a::holder_name.eq(None::<String>),
                    a::held_since.eq(None::<DbTime>),
                    a::held_until.eq(None::<DbTime>),
                ))
                .execute(c)
        })?,
    })
}

fn lease((holder, name, since, until): LeaseColumns) -> Option<Lease> {
    Some(Lease { holder: holder?.0, holder_name: name?, since: since?.0, until: until?.0 })
}
