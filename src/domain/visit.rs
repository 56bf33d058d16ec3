//! A visit at the resident's home: why, when by the device's clock and by ours, how it ended, and the mandate that
//! was recorded there.

use chrono::{DateTime, Duration, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::deadline::civil_date;
use super::mandate::{Agent, Mandate, Standing};
use super::refusal::Refusal;
use super::region::Region;
use super::sensitive::Sensitive;
use super::text::{FieldError, Text};

/// 走访目的, told at the door (个人信息保护法 17).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisitPurpose {
    /// 上门代办
    #[default]
    Service,
    /// 办件跟进
    FollowUp,
    /// 信息核对
    Census,
    /// 关爱探访
    Care,
    /// 待遇资格认证
    AliveCheck,
}

impl VisitPurpose {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            VisitPurpose::Service => "service",
            VisitPurpose::FollowUp => "follow_up",
            VisitPurpose::Census => "census",
            VisitPurpose::Care => "care",
            VisitPurpose::AliveCheck => "alive_check",
        }
    }

    /// The purpose of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        use VisitPurpose as P;
        [P::Service, P::FollowUp, P::Census, P::Care, P::AliveCheck].into_iter().find(|p| p.name() == name)
    }

    /// What the worker shows the resident.
    pub fn text(self) -> Text {
        match self {
            VisitPurpose::Service => {
                Text::fixed("上门为您代办事项，信息仅用于所办事项。", "To file for you; used for that alone.")
            }
            VisitPurpose::FollowUp => {
                Text::fixed("跟进您正在办理的事项。", "About a matter of yours that is under way.")
            }
            VisitPurpose::Census => Text::fixed(
                "核对户籍和居住信息，用于社区服务；您可以拒绝。",
                "To check who lives here, for community services; you may refuse.",
            ),
            VisitPurpose::Care => Text::fixed(
                "关爱探访，了解需要的帮助；您可以拒绝。",
                "To see what help is needed; you may refuse.",
            ),
            VisitPurpose::AliveCheck => {
                Text::fixed("养老待遇领取资格认证。", "To confirm that a pension is still due.")
            }
        }
    }
}

/// 走访结果
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisitOutcome {
    /// 见到本人
    Home,
    /// 家中无人
    Absent,
    /// 拒绝
    Refused,
    /// 已搬走
    Moved,
    /// 查无此户
    NoSuchHousehold,
}

impl VisitOutcome {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            VisitOutcome::Home => "home",
            VisitOutcome::Absent => "absent",
            VisitOutcome::Refused => "refused",
            VisitOutcome::Moved => "moved",
            VisitOutcome::NoSuchHousehold => "no_such_household",
        }
    }
}

/// 需求: what somebody at the door needs, and by when it is looked after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitNeed {
    /// In words.
    #[schema(min_length = 2, max_length = 200)]
    pub about: String,
    /// Until when somebody comes back to it.
    #[serde(default)]
    pub by: Option<NaiveDate>,
}

/// 走访记录: how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitReport {
    /// What came of it.
    pub outcome: VisitOutcome,
    /// When it ended, by our clock.
    pub ended_at: DateTime<Utc>,
    /// What is needed.
    pub needs: Vec<VisitNeed>,
    /// When to come back.
    pub revisit_on: Option<NaiveDate>,
    /// Remark.
    pub note: Option<String>,
}

/// A device's clock may differ by this much before its times are put right.
pub const CLOCK_SKEW: Duration = Duration::minutes(5);
/// Nothing older is reported: a device was away for so long at the most.
pub const OLDEST: Duration = Duration::days(366);

/// 时钟偏差: seconds to add to what a device says, from its clock when it sent and ours when it came. The way
/// over the network counts as the device's error, so small differences are none.
pub fn skew(sent: Option<DateTime<Utc>>, received: DateTime<Utc>) -> Duration {
    let difference = sent.map_or(Duration::zero(), |sent| received - sent);
    if difference.abs() <= CLOCK_SKEW { Duration::zero() } else { difference }
}

/// 上门走访: a grid worker at a door.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// Id, made by the device.
    pub id: Uuid,
    /// The grid worker.
    pub staff: Uuid,
    /// The grid.
    pub region: Region,
    /// Why.
    pub purpose: VisitPurpose,
    /// House address as found.
    pub address: Sensitive<String>,
    /// Latitude, degrees, CGCS2000.
    pub latitude: f64,
    /// Longitude, degrees, CGCS2000.
    pub longitude: f64,
    /// Radius of the position, metres.
    pub accuracy: Option<f64>,
    /// When it began, by our clock.
    pub started_at: DateTime<Utc>,
    /// When we heard of it.
    pub received_at: DateTime<Utc>,
    /// Seconds by which the device's clock was put right.
    pub skew_seconds: i64,
    /// The visit that asked to come back.
    pub follows: Option<Uuid>,
    /// The mandate recorded there.
    pub mandate: Option<Mandate>,
    /// How it ended, once it has.
    pub report: Option<VisitReport>,
}

impl Visit {
    /// Whether its beginning can be.
    pub fn check_start(&self) -> Result<(), Refusal> {
        if self.started_at > self.received_at + CLOCK_SKEW {
            let zh = "走访时间不能晚于现在。";
            return Err(Refusal::invalid("visit_in_future", zh, "The visit lies in the future."));
        }
        if self.started_at < self.received_at - OLDEST {
            let zh = "走访时间在一年以前，请核对设备时钟。";
            return Err(Refusal::invalid(
                "visit_too_old",
                zh,
                "More than a year ago: check the device's clock.",
            ));
        }
        Ok(())
    }

    /// Ends it, as we hear at that instant; nothing ends twice.
    pub fn end(&mut self, report: VisitReport, heard: DateTime<Utc>) -> Result<(), Refusal> {
        if self.report.is_some() {
            let zh = "本次走访已登记结果。";
            return Err(Refusal::conflict("visit_ended", zh, "The outcome was recorded before."));
        }
        let mut errors = Vec::new();
        let mut say = |pointer: &str, code: &'static str, zh: &'static str, en: &'static str| {
            errors.push(FieldError::new(pointer, code, Text::fixed(zh, en)));
        };
        if report.ended_at < self.started_at {
            say("/ended_at", "before_start", "结束时间早于开始时间。", "It ends before it begins.");
        }
        if report.ended_at > heard + CLOCK_SKEW {
            say("/ended_at", "in_future", "结束时间不能晚于现在。", "It ends in the future.");
        }
        let today = civil_date(report.ended_at);
        if report.revisit_on.is_some_and(|day| day <= today || day > today + Months::new(12)) {
            say(
                "/revisit_on",
                "not_ahead",
                "回访日期应在一年以内的将来。",
                "Come back within the next year.",
            );
        }
        if report.revisit_on.is_some()
            && matches!(report.outcome, VisitOutcome::Moved | VisitOutcome::NoSuchHousehold)
        {
            say(
                "/revisit_on",
                "nobody_there",
                "该户已不在此处，无须回访。",
                "Nobody lives there to come back to.",
            );
        }
        if !report.needs.is_empty() && report.outcome != VisitOutcome::Home {
            say(
                "/needs",
                "nobody_met",
                "未见到居民，不能登记需求。",
                "Nobody was met who could need something.",
            );
        }
        if errors.is_empty() {
            self.report = Some(report);
            return Ok(());
        }
        Err(Refusal::fields(errors))
    }

    /// The mandate recorded here, as one that stands on its own.
    pub fn standing(&self) -> Option<Standing> {
        self.mandate.clone().map(|mandate| Standing {
            id: self.id,
            version: 0,
            region: Some(self.region.clone()),
            agent: Agent::Staff { id: self.staff },
            mandate,
            done: Vec::new(),
            visit: Some(self.id),
            created_at: self.started_at,
            ended: None,
        })
    }
}

#[cfg(test)]
#[path = "visit_tests.rs"]
mod tests;
