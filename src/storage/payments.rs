//! Payment orders, which change, and postings, which are only ever added.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::{payment_orders as o, postings as p};
use super::{StorageError, sealing};
use crate::domain::payment::{Disposition, Fen, OrderStatus, PaymentMethod, PaymentOrder, Posting};
use crate::vault::Vault;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = o, treat_none_as_default_value = false)]
struct OrderRow {
    id: DbId,
    application: DbId,
    quote: Vec<u8>,
    amount_fen: i64,
    status: String,
    provider_reference: Option<String>,
    created_at: DbTime,
    version: i64,
}

impl OrderRow {
    fn of(vault: &Vault, order: &PaymentOrder) -> Result<Self, StorageError> {
        Ok(Self {
            id: DbId(order.id),
            application: DbId(order.application),
            quote: sealing::of(vault, "payment_orders", order.id.as_bytes()).doc("quote", &order.quote)?,
            amount_fen: order.quote.total_fen.0,
            status: order.status.name().to_owned(),
            provider_reference: order.provider_reference.clone(),
            created_at: DbTime(order.created_at),
            version: order.version,
        })
    }

    fn into_order(self, vault: &Vault) -> Result<PaymentOrder, StorageError> {
        let seals = sealing::of(vault, "payment_orders", self.id.0.as_bytes());
        let corrupt = || StorageError::Corrupt(format!("payment order {}: {}", self.id.0, self.status));
        Ok(PaymentOrder {
            id: self.id.0,
            application: self.application.0,
            status: OrderStatus::from_name(&self.status).ok_or_else(corrupt)?,
            quote: seals.open_doc("quote", &self.quote)?,
            provider_reference: self.provider_reference,
            created_at: self.created_at.0,
            version: self.version,
        })
    }
}

/// Stores a new order.
pub fn insert_order(conn: &mut Conn, order: &PaymentOrder) -> Result<(), StorageError> {
    let row = OrderRow::of(&conn.vault(), order)?;
    on!(conn, c => diesel::insert_into(o::table).values(&row).execute(c))?;
    Ok(())
}

/// Changes an order's status if it is still the version that was read.
pub fn move_order(
    conn: &mut Conn,
    order: &PaymentOrder,
    status: OrderStatus,
    reference: Option<&str>,
) -> Result<(), StorageError> {
    let changed = on!(conn, c => {
        diesel::update(o::table.find(DbId(order.id)).filter(o::version.eq(order.version)))
            .set((
                o::status.eq(status.name()),
                o::provider_reference.eq(reference.or(order.provider_reference.as_deref())),
                o::version.eq(order.version + 1),
            ))
            .execute(c)
    })?;
    if changed == 1 { Ok(()) } else { Err(StorageError::Stale) }
}

/// An order by id.
pub fn find_order(conn: &mut Conn, id: Uuid) -> Result<Option<PaymentOrder>, StorageError> {
    let row: Option<OrderRow> =
        on!(conn, c => o::table.find(DbId(id)).select(OrderRow::as_select()).get_result(c).optional())?;
    row.map(|row| row.into_order(&conn.vault())).transpose()
}

/// Every order of an application, oldest first.
pub fn orders_of(conn: &mut Conn, application: Uuid) -> Result<Vec<PaymentOrder>, StorageError> {
    let rows: Vec<OrderRow> = on!(conn, c => {
        o::table
            .filter(o::application.eq(DbId(application)))
            .order((o::created_at.asc(), o::id.asc()))
            .select(OrderRow::as_select())
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_order(&vault)).collect()
}

/// Orders whose confirmation by the provider is outstanding.
pub fn confirming(conn: &mut Conn, limit: i64) -> Result<Vec<PaymentOrder>, StorageError> {
    let rows: Vec<OrderRow> = on!(conn, c => {
        o::table
            .filter(o::status.eq(OrderStatus::Confirming.name()))
            .order(o::created_at.asc())
            .limit(limit)
            .select(OrderRow::as_select())
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_order(&vault)).collect()
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = p, treat_none_as_default_value = false)]
struct PostingRow {
    id: DbId,
    payment_order: DbId,
    amount_fen: i64,
    method: String,
    voucher_no: String,
    payer: Vec<u8>,
    paid_at: DbTime,
    receipt_no: String,
    disposition: String,
    recorded_by: DbId,
    created_at: DbTime,
}

/// Adds a posting. The same voucher of the same channel again is a [`StorageError::Duplicate`].
pub fn post(conn: &mut Conn, posting: &Posting, now: DateTime<Utc>) -> Result<(), StorageError> {
    let row = PostingRow {
        id: DbId(posting.id),
        payment_order: DbId(posting.order),
        amount_fen: posting.amount.0,
        method: posting.method.name().to_owned(),
        voucher_no: posting.voucher_no.clone(),
        payer: sealing::of(&conn.vault(), "postings", posting.id.as_bytes()).text("payer", &posting.payer)?,
        paid_at: DbTime(posting.paid_at),
        receipt_no: posting.receipt_no.clone(),
        disposition: posting.disposition.name().to_owned(),
        recorded_by: DbId(posting.recorded_by),
        created_at: DbTime(now),
    };
    on!(conn, c => diesel::insert_into(p::table).values(&row).execute(c))?;
    Ok(())
}

/// The posting of a voucher.
pub fn by_voucher(
    conn: &mut Conn,
    method: PaymentMethod,
    voucher_no: &str,
) -> Result<Option<Posting>, StorageError> {
    let row: Option<PostingRow> = on!(conn, c => {
        p::table
            .filter(p::method.eq(method.name()))
            .filter(p::voucher_no.eq(voucher_no))
            .select(PostingRow::as_select())
            .get_result(c)
            .optional()
    })?;
    row.map(|row| row.into_posting(&conn.vault())).transpose()
}

/// Every posting on an order, oldest first.
pub fn postings_of(conn: &mut Conn, order: Uuid) -> Result<Vec<Posting>, StorageError> {
    let rows: Vec<PostingRow> = on!(conn, c => {
        p::table
            .filter(p::payment_order.eq(DbId(order)))
            .order(p::created_at.asc())
            .select(PostingRow::as_select())
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_posting(&vault)).collect()
}

impl PostingRow {
    fn into_posting(self, vault: &Vault) -> Result<Posting, StorageError> {
        let seals = sealing::of(vault, "postings", self.id.0.as_bytes());
        let corrupt = |what: &str| StorageError::Corrupt(format!("posting {}: {what}", self.id.0));
        Ok(Posting {
            id: self.id.0,
            order: self.payment_order.0,
            amount: Fen(self.amount_fen),
            method: PaymentMethod::from_name(&self.method).ok_or_else(|| corrupt("method"))?,
            disposition: Disposition::from_name(&self.disposition).ok_or_else(|| corrupt("disposition"))?,
            voucher_no: self.voucher_no,
            payer: seals.open("payer", &self.payer)?,
            paid_at: self.paid_at.0,
            receipt_no: self.receipt_no,
            recorded_by: self.recorded_by.0,
        })
    }
}
