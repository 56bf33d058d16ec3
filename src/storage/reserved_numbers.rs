//! Receipt numbers that devices have been given to give away: each is used once or voided, never both.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::reserved_numbers as n;
use super::{StorageError, sealing};
use crate::domain::receipt::ReceiptNo;

/// 预留编号
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReservedNumber {
    /// Id.
    pub id: Uuid,
    /// The number.
    pub receipt_no: ReceiptNo,
    /// The query code that goes with it.
    pub query_code: String,
    /// Whose it is to give away.
    pub device: Uuid,
    /// Where.
    pub community: String,
    /// Since when.
    pub reserved_at: DateTime<Utc>,
}

type Columns = (DbId, String, Vec<u8>, DbId, String, DbTime);

fn read(conn: &Conn, row: Columns) -> Result<ReservedNumber, StorageError> {
    let (id, receipt_no, query_code, device, community, reserved_at) = row;
    let corrupt = || StorageError::Corrupt(format!("reserved number {}", id.0));
    Ok(ReservedNumber {
        id: id.0,
        receipt_no: ReceiptNo::parse(&receipt_no).ok_or_else(corrupt)?,
        query_code: sealing::of(&conn.vault(), "reserved_numbers", id.0.as_bytes())
            .open("query_code", &query_code)?,
        device: device.0,
        community,
        reserved_at: reserved_at.0,
    })
}

/// Keeps numbers for a device.
pub fn insert(conn: &mut Conn, numbers: &[ReservedNumber]) -> Result<(), StorageError> {
    let vault = conn.vault();
    for number in numbers {
        let seals = sealing::of(&vault, "reserved_numbers", number.id.as_bytes());
        let row = (
            n::id.eq(DbId(number.id)),
            n::receipt_no.eq(number.receipt_no.as_str()),
            n::query_code.eq(seals.text("query_code", &number.query_code)?),
            n::device.eq(DbId(number.device)),
            n::community.eq(&number.community),
            n::reserved_at.eq(DbTime(number.reserved_at)),
        );
        on!(conn, c => diesel::insert_into(n::table).values(row).execute(c))?;
    }
    Ok(())
}

/// What a device may still give away, the oldest first.
pub fn free(conn: &mut Conn, device: Uuid) -> Result<Vec<ReservedNumber>, StorageError> {
    let rows: Vec<Columns> = on!(conn, c => {
        n::table
            .filter(n::device.eq(DbId(device)))
            .filter(n::application.is_null())
            .filter(n::voided_at.is_null())
            .order((n::reserved_at.asc(), n::receipt_no.asc()))
            .select((n::id, n::receipt_no, n::query_code, n::device, n::community, n::reserved_at))
            .load(c)
    })?;
    rows.into_iter().map(|row| read(conn, row)).collect()
}

/// Gives an application the number that its device wrote on the slip; none, where it was not the device's to
/// give, was given before, or is void.
pub fn take(
    conn: &mut Conn,
    (device, community): (Uuid, &str),
    number: &ReceiptNo,
    application: Uuid,
    at: DateTime<Utc>,
) -> Result<Option<ReservedNumber>, StorageError> {
    let row: Option<Columns> = on!(conn, c => {
        diesel::update(
            n::table
                .filter(n::receipt_no.eq(number.as_str()))
                .filter(n::device.eq(DbId(device)))
                .filter(n::community.eq(community))
                .filter(n::application.is_null())
                .filter(n::voided_at.is_null()),
        )
        .set((n::application.eq(DbId(application)), n::used_at.eq(DbTime(at))))
        .returning((n::id, n::receipt_no, n::query_code, n::device, n::community, n::reserved_at))
        .get_result(c)
        .optional()
    })?;
    row.map(|row| read(conn, row)).transpose()
}

/// What a device has not given away it gives away no more; answers how many.
pub fn void(conn: &mut Conn, device: Uuid, at: DateTime<Utc>) -> Result<usize, StorageError> {
    let free = n::table
        .filter(n::device.eq(DbId(device)))
        .filter(n::application.is_null())
        .filter(n::voided_at.is_null());
    Ok(on!(conn, c => diesel::update(free).set(n::voided_at.eq(DbTime(at))).execute(c))?)
}
