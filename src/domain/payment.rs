//! Contributions in integer fen: what is owed and why, and what became of every payment.
//! Orders change; postings are only ever added, so a payment that arrived never disappears.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// 分: an amount of money in fen (1/100 yuan).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
pub struct Fen(pub i64);

impl Fen {
    /// So many yuan.
    pub const fn yuan(yuan: i64) -> Self {
        Self(yuan * 100)
    }
}

impl std::ops::Add for Fen {
    type Output = Fen;
    fn add(self, other: Fen) -> Fen {
        Fen(self.0 + other.0)
    }
}

impl std::ops::Sub for Fen {
    type Output = Fen;
    fn sub(self, other: Fen) -> Fen {
        Fen(self.0 - other.0)
    }
}

impl std::iter::Sum for Fen {
    fn sum<I: Iterator<Item = Fen>>(iter: I) -> Fen {
        iter.fold(Fen(0), |a, b| a + b)
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", self.0.abs() / 100, self.0.abs() % 100)
    }
}

/// 缴费明细: one member's line on an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuoteLine {
    /// Whose contribution.
    pub member: String,
    /// Personal part before aid, fen.
    pub personal_fen: Fen,
    /// The best single aid, fen.
    pub aid_fen: Fen,
    /// The aid's name.
    pub aid: Option<String>,
    /// To pay, fen.
    pub payable_fen: Fen,
    /// Benefits begin on this day.
    pub covered_from: NaiveDate,
    /// How the amount came about, for the payer.
    pub explanation: String,
}

/// 应缴: what an application owes today, computed from the policy of the year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quote {
    /// Contribution year.
    pub year: i32,
    /// Per member.
    pub lines: Vec<QuoteLine>,
    /// Sum, fen.
    pub total_fen: Fen,
    /// Last day on which this amount holds; later it is computed anew.
    pub valid_until: NaiveDate,
}

/// 缴费单状态
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// 待缴
    Pending,
    /// 待确认: begun at the provider, confirmation follows.
    Confirming,
    /// 已入账
    Posted,
    /// 已作废: withdrawn or replaced before it was paid.
    Void,
}

impl OrderStatus {
    /// The stable name used in the API and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            OrderStatus::Pending => "pending",
            OrderStatus::Confirming => "confirming",
            OrderStatus::Posted => "posted",
            OrderStatus::Void => "void",
        }
    }

    /// The status of that stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Confirming, Self::Posted, Self::Void].into_iter().find(|s| s.name() == name)
    }
}

/// 缴费单: what is asked of one payer for one application.
#[derive(Debug, Clone, PartialEq)]
pub struct PaymentOrder {
    /// Id.
    pub id: Uuid,
    /// The application.
    pub application: Uuid,
    /// What is owed.
    pub quote: Quote,
    /// Where it stands.
    pub status: OrderStatus,
    /// The provider's reference once begun there.
    pub provider_reference: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Optimistic version.
    pub version: i64,
}

/// 缴费方式
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// 现金, against a numbered receipt of the collecting channel.
    Cash,
    /// POS刷卡
    Card,
    /// 银行转账
    BankTransfer,
    /// 支付平台
    Provider,
}

impl PaymentMethod {
    /// The stable name used in the API and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            PaymentMethod::Cash => "cash",
            PaymentMethod::Card => "card",
            PaymentMethod::BankTransfer => "bank_transfer",
            PaymentMethod::Provider => "provider",
        }
    }

    /// The method of that stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Cash, Self::Card, Self::BankTransfer, Self::Provider].into_iter().find(|m| m.name() == name)
    }
}

/// 入账去向: what became of a payment that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// 结清: settles the order.
    Settles,
    /// 待退, the order was already paid.
    RefundDuplicate,
    /// 待退, the application had been withdrawn or the order voided.
    RefundVoid,
    /// 待退, the amount is not (or, after a late band began, no longer) the amount owed.
    RefundWrongAmount,
}

impl Disposition {
    /// The stable name used in the API and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Disposition::Settles => "settles",
            Disposition::RefundDuplicate => "refund_duplicate",
            Disposition::RefundVoid => "refund_void",
            Disposition::RefundWrongAmount => "refund_wrong_amount",
        }
    }

    /// The disposition of that stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Settles, Self::RefundDuplicate, Self::RefundVoid, Self::RefundWrongAmount]
            .into_iter()
            .find(|d| d.name() == name)
    }
}

/// 入账: money that arrived. Never changed, never deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct Posting {
    /// Id.
    pub id: Uuid,
    /// The order it was paid on.
    pub order: Uuid,
    /// Amount that arrived.
    pub amount: Fen,
    /// How.
    pub method: PaymentMethod,
    /// Voucher number of the collecting channel (tax voucher, POS slip, provider transaction); unique.
    pub voucher_no: String,
    /// Who paid.
    pub payer: String,
    /// The day it was paid.
    pub paid_at: DateTime<Utc>,
    /// Number of our own receipt.
    pub receipt_no: String,
    /// What became of it.
    pub disposition: Disposition,
    /// Account that recorded it.
    pub recorded_by: Uuid,
}

/// What becomes of money that arrives on an order.
pub fn disposition(order: &PaymentOrder, amount: Fen, paid_on: NaiveDate) -> Disposition {
    match order.status {
        OrderStatus::Posted => Disposition::RefundDuplicate,
        OrderStatus::Void => Disposition::RefundVoid,
        OrderStatus::Pending | OrderStatus::Confirming => {
            if amount == order.quote.total_fen && paid_on <= order.quote.valid_until {
                Disposition::Settles
            } else {
                Disposition::RefundWrongAmount
            }
        }
    }
}
