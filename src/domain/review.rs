//! What the departments do with an application: opinions, site visits, suspension, extension,
//! public notice and the decision.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::deadline::Deadline;

/// 部门意见
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Opinion {
    /// 同意
    Agree,
    /// 不同意
    Disagree,
}

/// 部门审查: one department's part of the review. All must have given an opinion before a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DepartmentReview {
    /// Department code.
    pub department: String,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// Who reviews; kept when the case comes back after a return.
    pub reviewer: Option<Uuid>,
    /// The reviewer's name.
    pub reviewer_name: Option<String>,
    /// The opinion, once given.
    pub opinion: Option<Opinion>,
    /// Reason of the opinion or of the return.
    pub reason: Option<String>,
    /// When the opinion was given.
    pub given_at: Option<DateTime<Utc>>,
    /// How often this department sent it back; above zero it is flagged as seen before.
    pub returns: u32,
}

/// 特别程序依据 (行政许可法 45): why the clock may stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuspensionGround {
    /// 听证
    Hearing,
    /// 检验检测
    Inspection,
    /// 鉴定
    Appraisal,
    /// 专家评审
    ExpertReview,
}

/// 特别程序
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Suspension {
    /// The legal ground.
    pub ground: SuspensionGround,
    /// The reason told to the applicant.
    pub reason: String,
    /// The end told to the applicant.
    pub until: Deadline,
}

/// 延期 (行政许可法 42): once, approved by the head, with reasons told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Extension {
    /// Working days added.
    pub working_days: u32,
    /// The reason told to the applicant.
    pub reason: String,
    /// Who approved it.
    pub approved_by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// 公示异议
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Objection {
    /// Who objects; shown to officials only.
    pub objector: String,
    /// Their reason.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The answer, once given.
    pub resolution: Option<Resolution>,
}

/// 异议处理结果
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Resolution {
    /// Whether the objection was right.
    pub upheld: bool,
    /// What was found.
    pub explanation: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// 公示: what the village may see and object to; never an ID number, phone, account or child's name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublicNotice {
    /// Text as published.
    pub text: String,
    /// Where it hangs.
    pub place: String,
    /// When it began.
    pub from: DateTime<Utc>,
    /// Its last day.
    pub until: Deadline,
    /// Objections received.
    pub objections: Vec<Objection>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
}

impl PublicNotice {
    /// Objections without an answer.
    pub fn open_objections(&self) -> usize {
        self.objections.iter().filter(|objection| objection.resolution.is_none()).count()
    }
}

/// 现场踏勘: at least two staff (行政许可法 34(3)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteVisit {
    /// Which of the visits of the item, e.g. `site_selection`, `completion`.
    #[schema(min_length = 1, max_length = 64)]
    pub stage: String,
    /// The day.
    pub date: NaiveDate,
    /// Names of the staff present, at least two.
    #[schema(min_items = 2, max_items = 10)]
    pub officers: Vec<String>,
    /// What was measured and seen.
    #[schema(min_length = 1, max_length = 1000)]
    pub findings: String,
    /// Whether it may go on.
    pub passed: bool,
}

/// 决定: granted or refused, with reasons and remedies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    /// Granted or refused.
    pub granted: bool,
    /// Reasons; a refusal needs them (行政许可法 38).
    pub reason: String,
    /// The rule it rests on.
    pub basis: String,
    /// Remedies told to the applicant (行政复议法 20, 行政诉讼法 46).
    pub remedies: String,
    /// The deciding official's name.
    pub decided_by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// 送达方式
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryMethod {
    /// 窗口领取
    Counter,
    /// 邮寄
    Post,
    /// 上门送达
    Doorstep,
    /// 电子送达
    Electronic,
}

/// 送达回证
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// How.
    pub method: DeliveryMethod,
    /// Into whose hands.
    pub receiver: String,
    /// When.
    pub at: DateTime<Utc>,
}
