//! 走访计划: a visit that will be, until the visit that came of it, or until it is called off; and the order in
//! which a day's doors are sensibly walked.

use chrono::{DateTime, Months, NaiveDate, NaiveTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::refusal::Refusal;
use super::region::Region;
use super::sensitive::Sensitive;
use super::text::{FieldError, Text};
use super::visit::VisitPurpose;

/// 计划状态
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// 待走访
    Planned,
    /// 已走访
    Kept,
    /// 已取消
    Cancelled,
}

/// 走访计划
#[derive(Debug, Clone, PartialEq)]
pub struct VisitPlan {
    /// Id.
    pub id: Uuid,
    /// The grid worker who will call.
    pub staff: Uuid,
    /// The grid.
    pub region: Region,
    /// Why.
    pub purpose: VisitPurpose,
    /// House address.
    pub address: Sensitive<String>,
    /// Latitude and longitude, degrees, CGCS2000, where they are known.
    pub place: Option<(f64, f64)>,
    /// On which day.
    pub day: NaiveDate,
    /// Not before and not after, where somebody waits.
    pub window: (Option<NaiveTime>, Option<NaiveTime>),
    /// The application it is about.
    pub about: Option<Uuid>,
    /// Who planned it.
    pub planned_by: Uuid,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was called off.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// The visit that came of it.
    pub visit: Option<Uuid>,
}

impl VisitPlan {
    /// What has become of it.
    pub fn state(&self) -> PlanState {
        match (self.visit, self.cancelled_at) {
            (Some(_), _) => PlanState::Kept,
            (None, Some(_)) => PlanState::Cancelled,
            (None, None) => PlanState::Planned,
        }
    }

    /// All that is wrong with it on that day.
    pub fn errors(&self, today: NaiveDate) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut say = |pointer: &str, code: &'static str, zh: &'static str, en: &'static str| {
            errors.push(FieldError::new(pointer, code, Text::fixed(zh, en)));
        };
        if self.region.grid().is_none() {
            say("/region", "grid_needed", "请填写网格。", "Name a grid.");
        }
        if self.day < today {
            say("/on", "in_past", "走访日期不能早于今天。", "The day is over.");
        }
        if self.day > today + Months::new(12) {
            say("/on", "too_far", "走访日期须在一年之内。", "Within a year.");
        }
        if let (Some(from), Some(to)) = self.window
            && from > to
        {
            let en = "Not after lies before not before.";
            say("/not_after", "before_start", "最晚时间早于最早时间。", en);
        }
        errors
    }

    /// Refuses what can only be done while it stands.
    pub fn stands(&self) -> Result<(), Refusal> {
        match self.state() {
            PlanState::Planned => Ok(()),
            PlanState::Kept => {
                let zh = "该计划已走访。";
                Err(Refusal::conflict("plan_kept", zh, "The visit has come of it already."))
            }
            PlanState::Cancelled => {
                Err(Refusal::conflict("plan_cancelled", "该计划已取消。", "The plan was called off."))
            }
        }
    }
}

/// 走访顺序: from the first appointment always to the nearest door next, as the crow flies; doors whose position
/// nobody knows come last, by address. Hours only say where to begin; streets and rivers are not known here.
pub fn route(plans: Vec<VisitPlan>) -> Vec<VisitPlan> {
    let by_hour = |plan: &VisitPlan| {
        let hour = plan.window.0.or(plan.window.1).unwrap_or(NaiveTime::MIN);
        (plan.window == (None, None), hour, plan.address.reveal().clone(), plan.id)
    };
    let (mut known, mut unknown): (Vec<_>, Vec<_>) = plans.into_iter().partition(|plan| plan.place.is_some());
    known.sort_by_key(by_hour);
    unknown.sort_by(|a, b| (a.address.reveal(), a.id).cmp(&(b.address.reveal(), b.id)));
    let mut order: Vec<VisitPlan> = Vec::new();
    while !known.is_empty() {
        let here = order.last().and_then(|plan| plan.place);
        let far = |plan: &VisitPlan| here.zip(plan.place).map_or(0.0, |(a, b)| apart(a, b));
        let nearest = (0..known.len()).min_by(|a, b| far(&known[*a]).total_cmp(&far(&known[*b])));
        order.push(known.remove(nearest.unwrap_or(0)));
    }
    order.extend(unknown);
    order
}

/// How far apart, in degrees of latitude: enough to compare within a street.
fn apart((north, east): (f64, f64), (other_north, other_east): (f64, f64)) -> f64 {
    let shrunk = (east - other_east) * north.to_radians().cos();
    shrunk.hypot(north - other_north)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn plan(address: &str, place: Option<(f64, f64)>, from: Option<u32>) -> VisitPlan {
        VisitPlan {
            id: Uuid::from_u128(u128::from(address.len() as u64)),
            staff: Uuid::nil(),
            region: Region::parse("350582006001001").unwrap(),
            purpose: VisitPurpose::Care,
            address: Sensitive::new(address.to_owned()),
            place,
            day: NaiveDate::from_ymd_opt(2026, 11, 23).unwrap(),
            window: (from.map(|hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap()), None),
            about: None,
            planned_by: Uuid::nil(),
            created_at: DateTime::default(),
            cancelled_at: None,
            visit: None,
        }
    }

    #[test]
    fn from_the_appointment_to_the_nearest_door_and_the_unknown_last() {
        let plans = vec![
            plan("B", None, Some(7)),
            plan("far", Some((24.79, 118.50)), None),
            plan("near", Some((24.711, 118.50)), None),
            plan("A", None, None),
            plan("next", Some((24.71, 118.512)), None),
            plan("waiting", Some((24.71, 118.50)), Some(9)),
        ];
        let order: Vec<String> = route(plans).iter().map(|plan| plan.address.reveal().clone()).collect();
        assert_eq!(order, ["waiting", "near", "next", "far", "A", "B"]);
    }
}
