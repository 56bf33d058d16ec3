//! Erasing: an application whose time is over, an account whose holder wants it gone, and what piles up. Of an
//! application remains that it was erased, sealed so that nobody erases one by hand and says it was time.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::{
    application_departments as d, applications as a, confirmation_codes as cc, erasures as x, events as e,
    household_members as h, idempotency as i, mandates as g, materials as m, notices as n, outbox as o,
    payment_orders as po, people as p, postings as ps, verifications as ve, visit_needs as vn,
    visit_plans as vp, visits as v,
};
use super::{StorageError, duplicates, spent};
use crate::domain::deadline::civil_date;
use crate::domain::lifecycle::Status;

/// Name of the chain under which erasures are sealed.
const CHAIN: &str = "erasures";

/// What a seal covers.
#[derive(Serialize)]
struct Covered<'a>(Uuid, i64, &'a [u8], &'a str, i64);

/// 已删除办件
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The application.
    pub application: Uuid,
    /// Its item.
    pub service: String,
    /// Its street.
    pub street: String,
    /// Number and link of its last event.
    pub last: (i64, Vec<u8>),
    /// By which rule.
    pub rule: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Hashes of files nobody refers to any more, until they are removed.
    pub files: Vec<String>,
}

fn seal(conn: &Conn, erasure: &Erasure) -> Result<Vec<u8>, StorageError> {
    let Erasure { application, last: (sequence, link), rule, at, .. } = erasure;
    let covered = Covered(*application, *sequence, link, rule, at.timestamp_micros());
    let bytes = serde_json::to_vec(&covered).map_err(|error| StorageError::Failed(error.to_string()))?;
    Ok(conn.vault().link(CHAIN, &[], &bytes))
}

/// Ended applications beyond an id, with item, status and the instant of their end.
pub type Ended = (Uuid, String, Status, DateTime<Utc>);

/// The next of them in the order of their ids, and the last id looked at; `None` at the end.
pub fn ended(
    conn: &mut Conn,
    after: Uuid,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<(Vec<Ended>, Option<Uuid>), StorageError> {
    let ends: Vec<&str> =
        Status::ALL.iter().filter(|status| status.is_terminal()).map(|status| status.name()).collect();
    let rows: Vec<(DbId, String, String, DbTime)> = on!(conn, c => {
        a::table
            .filter(a::id.gt(DbId(after)))
            .filter(a::status.eq_any(ends))
            .filter(a::updated_at.le(DbTime(before)))
            .order(a::id.asc())
            .limit(limit)
            .select((a::id, a::service, a::status, a::updated_at))
            .load(c)
    })?;
    let last = rows.last().map(|row| row.0.0);
    let read = |(id, service, status, at): (DbId, String, String, DbTime)| {
        let corrupt = || StorageError::Corrupt(format!("application {}: status", id.0));
        Ok((id.0, service, Status::from_name(&status).ok_or_else(corrupt)?, at.0))
    };
    Ok((rows.into_iter().map(read).collect::<Result<_, StorageError>>()?, last))
}

/// Erases an application with everything that belongs to it; false when it is not there.
pub fn application(conn: &mut Conn, id: Uuid, rule: &str, at: DateTime<Utc>) -> Result<bool, StorageError> {
    let it = DbId(id);
    let found: Option<(String, String, i64, Option<Vec<u8>>)> = on!(conn, c => {
        a::table.find(it).select((a::service, a::street, a::version, a::chain)).get_result(c).optional()
    })?;
    let Some((service, street, version, chain)) = found else { return Ok(false) };
    let last: Option<i64> = on!(conn, c => {
        e::table.filter(e::application.eq(it)).select(diesel::dsl::max(e::sequence)).get_result(c)
    })?;
    let hashes: Vec<String> =
        on!(conn, c => m::table.filter(m::application.eq(it)).select(m::sha256).distinct().load(c))?;
    let orders = po::table.filter(po::application.eq(it)).select(po::id);
    on!(conn, c => diesel::delete(ps::table.filter(ps::payment_order.eq_any(orders))).execute(c))?;
    on!(conn, c => diesel::delete(po::table.filter(po::application.eq(it))).execute(c))?;
    on!(conn, c => diesel::delete(m::table.filter(m::application.eq(it))).execute(c))?;
    on!(conn, c => diesel::delete(e::table.filter(e::application.eq(it))).execute(c))?;
    on!(conn, c => diesel::delete(d::table.filter(d::application.eq(it))).execute(c))?;
    on!(conn, c => diesel::delete(n::table.filter(n::application.eq(it))).execute(c))?;
    let planned = vp::table.filter(vp::about.eq(it));
    on!(conn, c => diesel::update(planned).set(vp::about.eq(None::<DbId>)).execute(c))?;
    duplicates::erase(conn, id)?;
    spent::of_record(conn, id, at)?;
    on!(conn, c => diesel::delete(a::table.find(it)).execute(c))?;
    let shared: Vec<String> = on!(conn, c => {
        m::table.filter(m::sha256.eq_any(&hashes)).select(m::sha256).distinct().load(c)
    })?;
    let files = hashes.into_iter().filter(|hash| !shared.contains(hash)).collect();
    let last = (last.unwrap_or(version), chain.unwrap_or_default());
    let erasure = Erasure { application: id, service, street, last, rule: rule.to_owned(), at, files };
    let row = (
        x::application.eq(it),
        x::service.eq(&erasure.service),
        x::street.eq(&erasure.street),
        x::last_sequence.eq(erasure.last.0),
        x::last_link.eq(&erasure.last.1),
        x::rule.eq(&erasure.rule),
        x::at.eq(DbTime(at)),
        x::files.eq(erasure.files.join(",")),
        x::seal.eq(seal(conn, &erasure)?),
    );
    on!(conn, c => diesel::insert_into(x::table).values(row).execute(c))?;
    Ok(true)
}

/// The genuine record that an application was erased.
pub fn find(conn: &mut Conn, application: Uuid) -> Result<Option<Erasure>, StorageError> {
    type Columns = (String, String, i64, Vec<u8>, String, DbTime, String, Vec<u8>);
    let row: Option<Columns> = on!(conn, c => {
        x::table
            .find(DbId(application))
            .select((x::service, x::street, x::last_sequence, x::last_link, x::rule, x::at, x::files, x::seal))
            .get_result(c)
            .optional()
    })?;
    let Some((service, street, sequence, link, rule, at, files, kept)) = row else { return Ok(None) };
    let files = files.split_terminator(',').map(str::to_owned).collect();
    let erasure = Erasure { application, service, street, last: (sequence, link), rule, at: at.0, files };
    Ok((seal(conn, &erasure)? == kept).then_some(erasure))
}

/// Files that nobody refers to, by the application that was erased.
pub fn files(conn: &mut Conn, limit: i64) -> Result<Vec<(Uuid, Vec<String>)>, StorageError> {
    let rows: Vec<(DbId, String)> = on!(conn, c => {
        x::table.filter(x::files.ne("")).limit(limit).select((x::application, x::files)).load(c)
    })?;
    Ok(rows
        .into_iter()
        .map(|(id, files)| (id.0, files.split_terminator(',').map(str::to_owned).collect()))
        .collect())
}

/// Which of these files somebody refers to after all.
pub fn referred(conn: &mut Conn, hashes: &[String]) -> Result<Vec<String>, StorageError> {
    Ok(on!(conn, c => m::table.filter(m::sha256.eq_any(hashes)).select(m::sha256).distinct().load(c))?)
}

/// The files of an erased application are gone.
pub fn files_removed(conn: &mut Conn, application: Uuid) -> Result<(), StorageError> {
    on!(conn, c => diesel::update(x::table.find(DbId(application))).set(x::files.eq("")).execute(c))?;
    Ok(())
}

/// What an account has: drafts, what has not ended, what has.
#[derive(Debug, Default)]
pub struct Belongings {
    /// 草稿
    pub drafts: Vec<Uuid>,
    /// 在办
    pub open: Vec<Uuid>,
    /// 已结束
    pub ended: Vec<Uuid>,
}

/// What an account has.
pub fn of_account(conn: &mut Conn, owner: Uuid) -> Result<Belongings, StorageError> {
    let rows: Vec<(DbId, String)> = on!(conn, c => {
        a::table
            .filter(a::owner.eq(DbId(owner)).assume_not_null().or(a::filed_by.eq(DbId(owner)).assume_not_null()))
            .select((a::id, a::status))
            .load(c)
    })?;
    let mut found = Belongings::default();
    for (id, status) in rows {
        let kind = match Status::from_name(&status) {
            Some(Status::Draft) => &mut found.drafts,
            Some(status) if status.is_terminal() => &mut found.ended,
            _ => &mut found.open,
        };
        kind.push(id.0);
    }
    Ok(found)
}

/// Erases an account; what it filed stays, under an id that is nobody's.
pub fn account(conn: &mut Conn, id: Uuid) -> Result<(), StorageError> {
    let it = DbId(id);
    on!(conn, c => diesel::delete(h::table.filter(h::person.eq(it))).execute(c))?;
    on!(conn, c => diesel::delete(ve::table.filter(ve::person.eq(it))).execute(c))?;
    on!(conn, c => diesel::delete(i::table.filter(i::account.eq(it))).execute(c))?;
    let inbox = n::table.filter(n::recipient.eq(format!("person:{id}")));
    on!(conn, c => diesel::delete(inbox).execute(c))?;
    on!(conn, c => diesel::delete(p::table.find(it)).execute(c))?;
    Ok(())
}

/// What piles up and is of no use after a while; answers how many rows went.
pub fn leftovers(
    conn: &mut Conn,
    replays_before: DateTime<Utc>,
    mails_before: DateTime<Utc>,
    visits_before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<usize, StorageError> {
    let mut gone = spent::before(conn, visits_before, now)?;
    gone +=
        on!(conn, c => diesel::delete(i::table.filter(i::created_at.lt(DbTime(replays_before)))).execute(c))?;
    let done = o::table.filter(o::created_at.lt(DbTime(mails_before))).filter(o::state.ne("pending"));
    gone += on!(conn, c => diesel::delete(done).execute(c))?;
    let old = v::table.filter(v::started_at.lt(DbTime(visits_before))).select(v::id);
    gone += on!(conn, c => diesel::delete(vn::table.filter(vn::visit.eq_any(old))).execute(c))?;
    gone += on!(conn, c => diesel::delete(cc::table.filter(cc::visit.eq_any(old))).execute(c))?;
    let unused = cc::table.filter(cc::used_at.is_null()).filter(cc::expires_at.lt(DbTime(replays_before)));
    gone += on!(conn, c => diesel::delete(unused).execute(c))?;
    let planned = vp::table.filter(vp::day.lt(civil_date(visits_before).to_string()));
    gone += on!(conn, c => diesel::delete(planned).execute(c))?;
    gone +=
        on!(conn, c => diesel::delete(v::table.filter(v::started_at.lt(DbTime(visits_before)))).execute(c))?;
    gone +=
        on!(conn, c => diesel::delete(g::table.filter(g::created_at.lt(DbTime(visits_before)))).execute(c))?;
    Ok(gone)
}
