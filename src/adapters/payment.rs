//! 缴费: a payment is begun here, made by the resident in WeChat, and confirmed some time later.
//! So beginning answers only with what the mini-program needs, and the truth is what `query` reads.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::clock::{Clock, new_id};
use super::{AdapterError, disk};

/// 缴费请求: what is to be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRequest {
    /// Ours; the same on every repetition.
    pub order_id: Uuid,
    /// Integer fen, more than zero.
    pub amount_fen: i64,
    /// The line that the payer reads.
    pub description: String,
    /// Who pays, where the provider wants to know.
    pub payer_openid: Option<String>,
}

/// 已下单: the provider knows the order and waits for the payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// How the provider calls the order.
    pub provider_reference: String,
    /// What the client passes to its payment call, as it is.
    pub client_parameters: serde_json::Value,
}

/// 支付状态: what the provider says about an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ProviderState {
    /// 待支付: not paid yet.
    Pending,
    /// 已支付: paid; compare the amount with the order before believing it.
    Paid {
        /// The provider's number of the payment.
        transaction_no: String,
        /// What was really paid.
        amount_fen: i64,
        /// When.
        paid_at: DateTime<Utc>,
    },
    /// 已关闭: can no longer be paid.
    Closed,
}

/// 支付渠道: whoever collects the money.
pub trait PaymentProvider: Send + Sync {
    /// Opens the order at the provider; repeated for the same order it answers the same.
    fn begin<'a>(&'a self, order: &'a PaymentRequest) -> BoxFuture<'a, Result<Begun, AdapterError>>;

    /// Asks how the order stands.
    fn query<'a>(&'a self, provider_reference: &'a str)
    -> BoxFuture<'a, Result<ProviderState, AdapterError>>;
}

/// 本地支付: a provider in a folder, one JSON file per order; no money moves.
#[derive(Clone)]
pub struct LocalPayments(Arc<Desk>);

struct Desk {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    /// Reading an order and writing it back is one step.
    turn: Mutex<()>,
}

#[derive(Serialize, Deserialize)]
struct LocalOrder {
    request: PaymentRequest,
    #[serde(flatten)]
    state: ProviderState,
}

impl LocalPayments {
    /// Keeps its orders in this folder, which is made when it is first needed.
    pub fn new(folder: impl Into<PathBuf>, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Desk { folder: folder.into(), clock, turn: Mutex::new(()) }))
    }

    /// 付款: the payer confirms, as the demo wallet does; paying twice is paying once.
    pub fn settle<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<ProviderState, AdapterError>> {
        self.change(reference, |order, now| match order.state {
            ProviderState::Closed => Err(AdapterError::rejected("the order is closed")),
            ProviderState::Paid { .. } => Ok(()),
            ProviderState::Pending => {
                let transaction_no = format!("LOCAL{}", new_id(now).simple());
                let amount_fen = order.request.amount_fen;
                order.state = ProviderState::Paid { transaction_no, amount_fen, paid_at: now };
                Ok(())
            }
        })
    }

    /// 关单: the order can no longer be paid; what is paid stays paid.
    pub fn close<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<ProviderState, AdapterError>> {
        self.change(reference, |order, _| {
            if order.state == ProviderState::Pending {
                order.state = ProviderState::Closed;
            }
            Ok(())
        })
    }

    fn change<'a, F>(
        &'a self,
        reference: &'a str,
        change: F,
    ) -> BoxFuture<'a, Result<ProviderState, AdapterError>>
    where
        F: FnOnce(&mut LocalOrder, DateTime<Utc>) -> Result<(), AdapterError> + Send + 'static,
    {
        let desk = Arc::clone(&self.0);
        let reference = reference.to_owned();
        Box::pin(disk::off_thread(move || {
            let _turn = desk.turn.lock().unwrap_or_else(PoisonError::into_inner);
            let mut order = desk.find(&reference)?.ok_or_else(unknown)?;
            let before = order.state.clone();
            change(&mut order, desk.clock.now())?;
            if order.state != before {
                desk.keep(&reference, &order)?;
            }
            Ok(order.state)
        }))
    }
}

impl Desk {
    fn begin(&self, request: PaymentRequest) -> Result<Begun, AdapterError> {
        if request.amount_fen <= 0 {
            return Err(AdapterError::rejected("the amount is not more than zero"));
        }
        let reference = format!("local-{}", request.order_id.simple());
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        match self.find(&reference)? {
            Some(known) if known.request.amount_fen != request.amount_fen => {
                return Err(AdapterError::rejected("the order is known with another amount"));
            }
            Some(_) => {}
            None => self.keep(&reference, &LocalOrder { request, state: ProviderState::Pending })?,
        }
        let client_parameters = serde_json::json!({ "provider": "local", "reference": reference });
        Ok(Begun { provider_reference: reference, client_parameters })
    }

    fn find(&self, reference: &str) -> Result<Option<LocalOrder>, AdapterError> {
        if !disk::is_plain_name(reference) {
            return Err(unknown());
        }
        match disk::read(&self.folder.join(format!("{reference}.json")))? {
            None => Ok(None),
            Some(json) => serde_json::from_slice(&json)
                .map(Some)
                .map_err(|e| AdapterError::Unreachable(format!("the order file cannot be read: {e}"))),
        }
    }

    fn keep(&self, reference: &str, order: &LocalOrder) -> Result<(), AdapterError> {
        let json = serde_json::to_vec_pretty(order).map_err(|e| AdapterError::rejected(e.to_string()))?;
        Ok(disk::write(&self.folder, &format!("{reference}.json"), &json)?)
    }
}

impl PaymentProvider for LocalPayments {
    fn begin<'a>(&'a self, order: &'a PaymentRequest) -> BoxFuture<'a, Result<Begun, AdapterError>> {
        let desk = Arc::clone(&self.0);
        let order = order.clone();
        Box::pin(disk::off_thread(move || desk.begin(order)))
    }

    fn query<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<ProviderState, AdapterError>> {
        self.change(reference, |_, _| Ok(()))
    }
}

fn unknown() -> AdapterError {
    AdapterError::rejected("the order is not known")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::clock::SteppedClock;
    use super::*;

    fn order(amount_fen: i64) -> PaymentRequest {
        let order_id = Uuid::from_u128(7);
        PaymentRequest { order_id, amount_fen, description: "工本费".into(), payer_openid: None }
    }

    #[tokio::test]
    async fn beginning_and_paying_twice_is_once() {
        let folder = disk::TestFolder::new();
        let clock = SteppedClock::at(DateTime::from_timestamp(1_750_000_000, 0).unwrap());
        let payments = LocalPayments::new(&folder.0, Arc::new(clock.clone()));
        let begun = payments.begin(&order(500)).await.unwrap();
        assert_eq!(payments.begin(&order(500)).await.unwrap(), begun);
        assert_eq!(folder.files().len(), 1);
        let reference = begun.provider_reference.as_str();
        assert_eq!(payments.query(reference).await.unwrap(), ProviderState::Pending);

        let (one, two) = tokio::join!(payments.settle(reference), payments.settle(reference));
        let paid = one.unwrap();
        assert_eq!(two.unwrap(), paid);
        assert!(
            matches!(&paid, ProviderState::Paid { amount_fen: 500, paid_at, .. } if *paid_at == clock.now())
        );
        clock.advance(std::time::Duration::from_secs(60));
        assert_eq!(payments.begin(&order(500)).await.unwrap(), begun);
        assert_eq!(payments.close(reference).await.unwrap(), paid);
        // A restart forgets nothing.
        let again = LocalPayments::new(&folder.0, Arc::new(clock));
        assert_eq!(again.query(reference).await.unwrap(), paid);
    }

    #[tokio::test]
    async fn refuses_what_cannot_be_paid() {
        let folder = disk::TestFolder::new();
        let payments = LocalPayments::new(&folder.0, Arc::new(super::super::clock::SystemClock));
        assert!(payments.begin(&order(0)).await.is_err());
        let reference = payments.begin(&order(500)).await.unwrap().provider_reference;
        assert!(payments.begin(&order(600)).await.is_err());
        assert_eq!(payments.close(&reference).await.unwrap(), ProviderState::Closed);
        assert!(payments.settle(&reference).await.is_err());
        for stranger in ["local-none", "../etc/passwd", ""] {
            assert_eq!(payments.query(stranger).await, Err(unknown()), "{stranger:?}");
        }
    }
}
