//! The limits an item promises: one table per guide, copied into each application as the applicant was
//! told it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::deadline::Limit;

/// 办理时限: the limits an applicant was told, each with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    /// 受理通知期限 (行政许可法 32): accept, decline or ask.
    pub notice: Limit,
    /// 补正答复期限
    pub correction: Limit,
    /// 法定时限, where a law sets one.
    pub statutory: Option<Limit>,
    /// 承诺时限, never longer than the statutory one.
    pub promised: Limit,
    /// 延期 in working days, 0 when the item cannot be extended.
    pub extension_working_days: u32,
    /// 公示期限, where the item has a public notice.
    pub public_notice: Option<Limit>,
    /// 送达期限 (行政许可法 44)
    pub delivery: Limit,
    /// 归档期限 after delivery.
    pub filing: Limit,
    /// 草稿保留期限
    pub draft: Limit,
}

impl Limits {
    /// The limits every item shares, around its own statutory and promised limits.
    pub const fn standard(statutory: Option<Limit>, promised: Limit) -> Self {
        Self {
            notice: Limit::working_days(5),
            correction: Limit::working_days(15),
            statutory,
            promised,
            extension_working_days: 10,
            public_notice: None,
            delivery: Limit::working_days(10),
            filing: Limit::working_days(5),
            draft: Limit::natural_days(90),
        }
    }
}
