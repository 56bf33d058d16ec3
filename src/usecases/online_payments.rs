//! Contributions paid online: begun at the provider, confirmed later, posted the same way as money at
//! the counter.

use uuid::Uuid;

use super::case::load_for;
use super::payments::{Arrival, PaymentOrderView, view};
use super::{Failure, Office};
use crate::adapters::payment::{LocalPayments, PaymentProvider, PaymentRequest, ProviderState};
use crate::domain::actor::Actor;
use crate::domain::lifecycle::Role;
use crate::domain::payment::{Fen, OrderStatus, PaymentMethod, PaymentOrder};
use crate::domain::refusal::Refusal;
use crate::storage::payments;

impl Office {
    fn provider(&self) -> Result<&LocalPayments, Failure> {
        let en = "Payment online is not offered; pay at the counter.";
        let closed = || Refusal::conflict("payment_not_offered", "未开通在线支付，请到窗口缴费。", en);
        self.outside().payments.as_deref().ok_or_else(|| closed().into())
    }

    /// Begins payment at the provider; confirmation follows later.
    pub async fn begin_payment(
        &self,
        actor: Actor,
        order: Uuid,
    ) -> Result<(PaymentOrderView, serde_json::Value), Failure> {
        let (who, office) = (actor.clone(), self.clone());
        let order = self
            .db()
            .write(move |conn| -> Result<PaymentOrder, Failure> {
                let order = payments::find_order(conn, order)?.ok_or_else(Refusal::not_found)?;
                let payers = [Role::Resident, Role::Clerk, Role::GridWorker];
                let (application, _) = load_for(conn, &who, order.application, &payers)?;
                office.renew(conn, &application)?;
                let order = payments::find_order(conn, order.id)?.ok_or_else(Refusal::not_found)?;
                match order.status {
                    OrderStatus::Pending | OrderStatus::Confirming => Ok(order),
                    OrderStatus::Posted => {
                        Err(Refusal::conflict("already_paid", "费款已入账。", "It has been paid.").into())
                    }
                    OrderStatus::Void => Err(Refusal::conflict(
                        "order_void",
                        "缴费单已作废，请取最新缴费单。",
                        "The order is void.",
                    )
                    .into()),
                }
            })
            .await?;
        let request = PaymentRequest {
            order_id: order.id,
            amount_fen: order.quote.total_fen.0,
            description: format!("{}年度缴费", order.quote.year),
            payer_openid: None,
        };
        let begun = self.provider()?.begin(&request).await?;
        let reference = begun.provider_reference.clone();
        let shown = self
            .db()
            .write(move |conn| -> Result<PaymentOrderView, Failure> {
                if order.status == OrderStatus::Pending {
                    payments::move_order(conn, &order, OrderStatus::Confirming, Some(&reference))?;
                }
                let order = payments::find_order(conn, order.id)?.ok_or_else(Refusal::not_found)?;
                view(conn, order)
            })
            .await?;
        Ok((shown, begun.client_parameters))
    }

    /// The payer's wallet where no payment platform is configured: settles at the local provider, whose
    /// confirmation then takes the same way as any other.
    pub async fn pay_from_local_wallet(
        &self,
        actor: Actor,
        order: Uuid,
    ) -> Result<Vec<PaymentOrderView>, Failure> {
        let who = actor.clone();
        let order = self
            .db()
            .read(move |conn| -> Result<PaymentOrder, Failure> {
                let order = payments::find_order(conn, order)?.ok_or_else(Refusal::not_found)?;
                load_for(conn, &who, order.application, &[Role::Resident])?;
                Ok(order)
            })
            .await?;
        let zh = "请先发起支付。";
        let not_begun = || Refusal::conflict("payment_not_begun", zh, "Begin the payment first.");
        let reference = order.provider_reference.as_deref().ok_or_else(not_begun)?;
        self.provider()?.settle(reference).await?;
        self.confirm_payments().await?;
        self.payment_orders(actor, order.application).await
    }

    /// Asks the provider about every order that waits for confirmation; answers how many were settled.
    pub async fn confirm_payments(&self) -> Result<usize, Failure> {
        let Some(provider) = &self.outside().payments else { return Ok(0) };
        let waiting = self.db().read(|conn| payments::confirming(conn, 100)).await.map_err(Failure::from)?;
        let mut settled = 0;
        for order in waiting {
            let Some(reference) = order.provider_reference.clone() else { continue };
            if let ProviderState::Paid { transaction_no, amount_fen, paid_at } =
                provider.query(&reference).await?
            {
                let office = self.clone();
                let arrival = Arrival {
                    amount: Fen(amount_fen),
                    method: PaymentMethod::Provider,
                    voucher_no: transaction_no,
                    payer: "支付平台".to_owned(),
                    paid_at,
                };
                self.db()
                    .write(move |conn| {
                        let order = payments::find_order(conn, order.id)?.ok_or_else(Refusal::not_found)?;
                        office.post(conn, &order, &arrival, Uuid::nil())
                    })
                    .await?;
                settled += 1;
            }
        }
        Ok(settled)
    }
}
