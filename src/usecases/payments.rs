//! Contributions: an order follows acceptance, money arrives at the counter, at the door or from the
//! provider, and every arrival has a defined end: it settles, or it waits for its refund.

use chrono::{DateTime, FixedOffset, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::case::{Loaded, entry_of, load, load_for};
use super::clocks_view::local;
use super::once::{Answer, OnceKey};
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::actor::Actor;
use crate::domain::application::Application;
use crate::domain::deadline::civil_date;
use crate::domain::lifecycle::{ActionKind, Role, Status};
use crate::domain::payment::{
    Disposition, Fen, OrderStatus, PaymentMethod, PaymentOrder, Posting, Quote, disposition,
};
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::storage::{Conn, StorageError, applications, counters, payments};

/// 入账
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PostingView {
    /// Id.
    pub id: Uuid,
    /// Amount that arrived, fen.
    pub amount_fen: Fen,
    /// How.
    pub method: PaymentMethod,
    /// Voucher number of the collecting channel.
    pub voucher_no: String,
    /// Who paid.
    pub payer: String,
    /// When it was paid.
    pub paid_at: DateTime<FixedOffset>,
    /// Number of our receipt.
    pub receipt_no: String,
    /// What became of it.
    pub disposition: Disposition,
}

impl From<Posting> for PostingView {
    fn from(posting: Posting) -> Self {
        Self {
            id: posting.id,
            amount_fen: posting.amount,
            method: posting.method,
            voucher_no: posting.voucher_no,
            payer: posting.payer,
            paid_at: local(posting.paid_at),
            receipt_no: posting.receipt_no,
            disposition: posting.disposition,
        }
    }
}

/// 缴费单
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaymentOrderView {
    /// Id.
    pub id: Uuid,
    /// The application.
    pub application: Uuid,
    /// Where it stands.
    pub status: OrderStatus,
    /// What is owed and why.
    pub quote: Quote,
    /// The provider's reference, once begun there.
    pub provider_reference: Option<String>,
    /// Everything that arrived on it.
    pub postings: Vec<PostingView>,
}

/// Money as somebody hands it over.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Amount.
    pub amount: Fen,
    /// How.
    pub method: PaymentMethod,
    /// Voucher number of the collecting channel.
    pub voucher_no: String,
    /// Who paid.
    pub payer: String,
    /// When.
    pub paid_at: DateTime<Utc>,
}

/// An order with everything that arrived on it.
pub fn view(conn: &mut Conn, order: PaymentOrder) -> Result<PaymentOrderView, Failure> {
    let postings = payments::postings_of(conn, order.id)?.into_iter().map(PostingView::from).collect();
    Ok(PaymentOrderView {
        id: order.id,
        application: order.application,
        status: order.status,
        quote: order.quote,
        provider_reference: order.provider_reference,
        postings,
    })
}

impl Office {
    /// What an act means for the money: acceptance makes the order, an end without decision voids it.
    pub fn settle_payment(
        &self,
        conn: &mut Conn,
        application: &Application,
        kind: ActionKind,
    ) -> Result<(), Failure> {
        match kind {
            ActionKind::Accept | ActionKind::AcceptWithPromise => self.new_order(conn, application),
            // The law accepts whether or not a contribution can be quoted; the window sorts that out.
            ActionKind::DeemAccept => self.new_order_if_quotable(conn, application),
            ActionKind::Withdraw | ActionKind::Terminate | ActionKind::Decline | ActionKind::Reject
                if entry_of(&application.service)?.guide().charges =>
            {
                for order in payments::orders_of(conn, application.id)? {
                    if matches!(order.status, OrderStatus::Pending | OrderStatus::Confirming) {
                        payments::move_order(conn, &order, OrderStatus::Void, None)?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn quote(&self, conn: &mut Conn, application: &Application) -> Result<Option<Quote>, Failure> {
        let loaded = Loaded::of(conn, application)?;
        let facts = loaded.facts(self, application, self.now());
        Ok(entry_of(&application.service)?.quote(&application.form, &facts)?)
    }

    fn new_order(&self, conn: &mut Conn, application: &Application) -> Result<(), Failure> {
        let Some(quote) = self.quote(conn, application)? else { return Ok(()) };
        let now = self.now();
        let order = PaymentOrder {
            id: new_id(now),
            application: application.id,
            // Fully aided members owe nothing; their order is settled as it is made.
            status: if quote.total_fen == Fen(0) { OrderStatus::Posted } else { OrderStatus::Pending },
            quote,
            provider_reference: None,
            created_at: now,
            version: 1,
        };
        Ok(payments::insert_order(conn, &order)?)
    }

    fn new_order_if_quotable(&self, conn: &mut Conn, application: &Application) -> Result<(), Failure> {
        match self.new_order(conn, application) {
            Err(Failure::Refused(_)) => Ok(()),
            other => other,
        }
    }

    /// The orders of an application. One whose amount no longer holds (a late band began) is replaced.
    pub async fn payment_orders(
        &self,
        actor: Actor,
        application: Uuid,
    ) -> Result<Vec<PaymentOrderView>, Failure> {
        let office = self.clone();
        self.db()
            .write(move |conn| {
                let (application, _) = load(conn, &actor, application)?;
                office.renew(conn, &application)?;
                payments::orders_of(conn, application.id)?
                    .into_iter()
                    .map(|order| view(conn, order))
                    .collect()
            })
            .await
    }

    /// Replaces an order whose amount no longer holds.
    pub fn renew(&self, conn: &mut Conn, application: &Application) -> Result<(), Failure> {
        let today = civil_date(self.now());
        let orders = payments::orders_of(conn, application.id)?;
        let lapsed =
            |order: &&PaymentOrder| order.status == OrderStatus::Pending && order.quote.valid_until < today;
        if let Some(order) = orders.iter().find(lapsed) {
            payments::move_order(conn, order, OrderStatus::Void, None)?;
            return self.new_order_if_quotable(conn, application);
        }
        let none = orders.iter().all(|order| order.status == OrderStatus::Void);
        if none && application.status == Status::Accepted {
            return self.new_order_if_quotable(conn, application);
        }
        Ok(())
    }

    /// Records money collected at the counter or the door against a voucher. The same voucher again is
    /// the same posting.
    pub async fn collect(
        &self,
        actor: Actor,
        order: Uuid,
        arrival: Arrival,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        self.once(key, 201, move |office, conn| {
            let order = payments::find_order(conn, order)?.ok_or_else(Refusal::not_found)?;
            load_for(conn, &actor, order.application, &[Role::Clerk, Role::GridWorker])?;
            if arrival.method == PaymentMethod::Provider {
                let zh = "平台支付由支付平台确认入账。";
                return Err(Refusal::invalid(
                    "method_not_collected",
                    zh,
                    "The provider confirms these itself.",
                )
                .into());
            }
            if arrival.paid_at > office.now() {
                return Err(Refusal::invalid(
                    "paid_in_future",
                    "缴费时间不能晚于现在。",
                    "Paid in the future.",
                )
                .into());
            }
            let posting = office.post(conn, &order, &arrival, actor.id)?;
            Ok(PostingView::from(posting))
        })
        .await
    }

    /// Adds a posting and, if it settles, marks the order.
    pub fn post(
        &self,
        conn: &mut Conn,
        order: &PaymentOrder,
        arrival: &Arrival,
        by: Uuid,
    ) -> Result<Posting, Failure> {
        if let Some(before) = payments::by_voucher(conn, arrival.method, &arrival.voucher_no)? {
            if before.order == order.id && before.amount == arrival.amount {
                return Ok(before);
            }
            let zh = "该凭证号已用于另一笔缴费。";
            return Err(
                Refusal::conflict("voucher_used", zh, "This voucher was used for another payment.").into()
            );
        }
        let now = self.now();
        let fate = disposition(order, arrival.amount, civil_date(arrival.paid_at));
        let application = applications::find(conn, order.application)?
            .ok_or_else(|| StorageError::Corrupt(format!("order {} without application", order.id)))?;
        let posting = Posting {
            id: new_id(now),
            order: order.id,
            amount: arrival.amount,
            method: arrival.method,
            voucher_no: arrival.voucher_no.clone(),
            payer: arrival.payer.clone(),
            paid_at: arrival.paid_at,
            receipt_no: payment_receipt_no(conn, &application.region, now)?,
            disposition: fate,
            recorded_by: by,
        };
        payments::post(conn, &posting, now)?;
        if fate == Disposition::Settles {
            payments::move_order(conn, order, OrderStatus::Posted, None)?;
        }
        Ok(posting)
    }
}

/// Our receipt for money: `{community}-{day}-P{number}`.
fn payment_receipt_no(conn: &mut Conn, region: &Region, now: DateTime<Utc>) -> Result<String, StorageError> {
    let place = region.community().unwrap_or_else(|| region.street());
    let day = civil_date(now).format("%Y%m%d");
    let number = counters::reserve(conn, &format!("payment:{place}:{day}"), 1)?;
    Ok(format!("{place}-{day}-P{number:05}"))
}
