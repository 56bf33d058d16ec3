//! The policy page of the residence permit: the half year and the yearly endorsement.

use chrono::{Months, NaiveDate};
use serde::Deserialize;

/// 政策参数: the page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResidencePermitPolicy {
    /// 施行日
    pub from: NaiveDate,
    /// 依据
    pub source: String,
    /// Whether a number in it could not be verified.
    pub sample: bool,
    /// 居住登记月数
    pub residence_months: u32,
    /// Months before the full year from which it may be endorsed.
    pub endorse_months_before: u32,
    /// Months for which an endorsement holds.
    pub endorsed_months: u32,
    /// Children under this age may be represented.
    pub agent_under_age: u32,
    /// 老年人
    pub elder_age: u32,
}

/// 签注状态
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResidenceEndorsement {
    /// 未到签注期: possible from that day on.
    Early {
        /// The first day.
        from: NaiveDate,
    },
    /// 签注期内: then good until.
    InTime {
        /// The next full year.
        until: NaiveDate,
    },
    /// 已中止: made up today it is good until then, and the years count anew.
    Lapsed {
        /// A year from today.
        until: NaiveDate,
    },
}

impl ResidencePermitPolicy {
    /// 满半年之日
    pub fn half_year_on(&self, registered_on: NaiveDate) -> NaiveDate {
        registered_on.checked_add_months(Months::new(self.residence_months)).unwrap_or(registered_on)
    }

    /// What an endorsement today would do (居住证暂行条例 10).
    pub fn endorsement(&self, endorsed_until: NaiveDate, today: NaiveDate) -> ResidenceEndorsement {
        let before = Months::new(self.endorse_months_before);
        let from = endorsed_until.checked_sub_months(before).unwrap_or(endorsed_until);
        let year_after =
            |day: NaiveDate| day.checked_add_months(Months::new(self.endorsed_months)).unwrap_or(day);
        if today < from {
            ResidenceEndorsement::Early { from }
        } else if today <= endorsed_until {
            ResidenceEndorsement::InTime { until: year_after(endorsed_until) }
        } else {
            ResidenceEndorsement::Lapsed { until: year_after(today) }
        }
    }
}
