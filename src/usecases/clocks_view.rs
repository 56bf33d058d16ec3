//! Instants, deadlines and clocks as people read them: in China's one civil time.

use chrono::{DateTime, FixedOffset, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::clocks::Clocks;
use crate::domain::deadline::{Deadline, Light};
use crate::domain::lifecycle::{Role, Watch};

/// China has one civil time.
pub fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    // The offset is a constant within range; UTC stands in if that ever were untrue.
    FixedOffset::east_opt(8 * 3600).map_or_else(|| at.fixed_offset(), |zone| at.with_timezone(&zone))
}

/// 期限: a last day and the instant after which it has passed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeadlineView {
    /// Last day.
    pub date: chrono::NaiveDate,
    /// The instant that day ends.
    pub at: DateTime<FixedOffset>,
    /// Counted beyond the loaded calendar, may still move.
    pub provisional: bool,
    /// The clock stands at the moment.
    pub paused: bool,
}

impl From<Deadline> for DeadlineView {
    fn from(due: Deadline) -> Self {
        Self { date: due.date, at: local(due.at), provisional: due.provisional, paused: due.paused }
    }
}

/// 时限一览
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClocksView {
    /// 收件时间
    pub received_at: Option<DateTime<FixedOffset>>,
    /// 应告知时间: accept, decline or ask by then.
    pub must_be_noticed_by: Option<DeadlineView>,
    /// 视为受理时间: without a notice, accepted by law from then on.
    pub deemed_accepted_at: Option<DateTime<FixedOffset>>,
    /// 受理时间
    pub accepted_at: Option<DateTime<FixedOffset>>,
    /// Accepted by operation of law.
    pub deemed: bool,
    /// 承诺办结时间
    pub promised_by: Option<DeadlineView>,
    /// 法定办结时间
    pub statutory_by: Option<DeadlineView>,
    /// The present step's deadline.
    pub step_by: Option<DeadlineView>,
    /// Which clock that is.
    pub watch: Option<Watch>,
    /// 该谁办
    pub mover: Option<Role>,
    /// 红黄灯
    pub light: Option<Light>,
    /// 已超期: the present step's deadline has passed.
    pub overdue: bool,
}

impl ClocksView {
    /// The clocks at `now`.
    pub fn of(clocks: Clocks, deemed: bool, now: DateTime<Utc>) -> Self {
        let overdue = clocks.step_by.as_ref().is_some_and(|due| !due.paused && due.at <= now);
        Self {
            received_at: clocks.received_at.map(local),
            must_be_noticed_by: clocks.notify_by.map(DeadlineView::from),
            deemed_accepted_at: clocks.deemed_accepted_at.map(local),
            accepted_at: clocks.accepted_at.map(local),
            deemed,
            promised_by: clocks.promised_by.map(DeadlineView::from),
            statutory_by: clocks.statutory_by.map(DeadlineView::from),
            step_by: clocks.step_by.map(DeadlineView::from),
            watch: clocks.watch,
            mover: clocks.mover,
            light: clocks.light,
            overdue,
        }
    }
}
