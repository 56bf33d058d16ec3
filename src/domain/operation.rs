//! 离线操作: what a device did while there was no network, each with an id of its own, sent until it is
//! answered. The same operation has the same effect however often, and in whatever order, it arrives.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::application::Applicant;
use super::duplicate::judgement::Likeness;
use super::mandate::{Mandate, Representative};
use super::merge::Change;
use super::region::Region;
pub use super::verdict::Verdict;
use super::visit::{VisitNeed, VisitOutcome, VisitPurpose};

/// 操作: the same acts as online. The instant of the act is the operation's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Deed {
    /// 开始走访, with the mandate if one was given at once.
    StartVisit {
        /// Made by the device.
        visit: Uuid,
        /// The grid.
        region: Region,
        /// House address as found.
        #[schema(min_length = 2, max_length = 200)]
        address: String,
        /// Latitude, degrees, CGCS2000.
        #[schema(minimum = -90, maximum = 90)]
        latitude: f64,
        /// Longitude, degrees, CGCS2000.
        #[schema(minimum = -180, maximum = 180)]
        longitude: f64,
        /// Radius of the position, metres.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(minimum = 0, maximum = 100_000)]
        accuracy: Option<f64>,
        /// Why; `service` if left out.
        #[serde(default)]
        purpose: VisitPurpose,
        /// The visit that asked to come back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        follows: Option<Uuid>,
        /// The plan that it keeps.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<Uuid>,
        /// The resident's mandate, if one was given at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mandate: Option<Mandate>,
    },
    /// 登记授权, while the visit is under way.
    RecordMandate {
        /// The visit.
        visit: Uuid,
        /// The resident's mandate.
        mandate: Mandate,
    },
    /// 登记走访结果
    EndVisit {
        /// The visit.
        visit: Uuid,
        /// What came of it.
        outcome: VisitOutcome,
        /// What is needed, where somebody was met.
        #[serde(default)]
        #[schema(max_items = 20)]
        needs: Vec<VisitNeed>,
        /// When to come back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revisit_on: Option<NaiveDate>,
        /// Remark.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(max_length = 500)]
        note: Option<String>,
    },
    /// 需求已办理
    FinishNeed {
        /// The visit at which it was noted.
        visit: Uuid,
        /// Which of its needs, from 0.
        index: usize,
        /// What was done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(max_length = 500)]
        note: Option<String>,
    },
    /// 新建草稿
    CreateDraft {
        /// Made by the device.
        application: Uuid,
        /// The grid.
        region: Region,
        /// Code of the service item.
        #[schema(max_length = 64)]
        service: String,
        /// Version of the item's guide that the device had; one version behind is taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        form_version: Option<u32>,
        /// Whose matter it is.
        applicant: Applicant,
        /// 法定代理人, where the applicant is a minor.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        representative: Option<Representative>,
        /// The visit it is bound to.
        visit: Uuid,
        /// The form, as far as it is filled.
        form: Value,
    },
    /// 修改草稿
    EditDraft {
        /// The draft.
        application: Uuid,
        /// What was changed, field by field.
        #[schema(min_items = 1, max_items = 200)]
        changes: Vec<Change>,
        /// The visit it is continued at.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        visit: Option<Uuid>,
    },
    /// 提交: only what the resident was shown; a draft that others have changed meanwhile is a conflict.
    Submit {
        /// The draft.
        application: Uuid,
        /// 预留编号 that the resident was given on a slip.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(max_length = 40)]
        receipt_no: Option<String>,
    },
    /// 补正
    Correct {
        /// The application.
        application: Uuid,
        /// What was changed, field by field; nothing, where only materials were missing.
        #[serde(default)]
        #[schema(max_items = 200)]
        changes: Vec<Change>,
    },
    /// 撤回
    Withdraw {
        /// The application.
        application: Uuid,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(max_length = 1000)]
        reason: Option<String>,
    },
    /// 重复认定: looked at with the applicant, two applications are the same matter or they are not.
    JudgeDuplicate {
        /// The one that goes, if they are the same.
        application: Uuid,
        /// The one that remains.
        other: Uuid,
        /// What they are.
        verdict: Likeness,
        /// Why.
        #[schema(min_length = 2, max_length = 500)]
        reason: String,
    },
    /// 附件: says what belongs where; the bytes come on their own, before or after.
    Attach {
        /// Made by the device.
        attachment: Uuid,
        /// The application.
        application: Uuid,
        /// Code on the checklist.
        #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_]+$")]
        material: String,
        /// Name as the sender calls it.
        #[schema(min_length = 1, max_length = 120)]
        file_name: String,
        /// SHA-256 of the bytes, lower-case hex.
        #[schema(pattern = "^[0-9a-f]{64}$")]
        sha256: String,
        /// Bytes.
        #[schema(minimum = 1)]
        size: u64,
        /// An attachment whose bytes will never come: this one takes its place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<Uuid>,
    },
}

impl Deed {
    /// Stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Deed::StartVisit { .. } => "start_visit",
            Deed::RecordMandate { .. } => "record_mandate",
            Deed::EndVisit { .. } => "end_visit",
            Deed::FinishNeed { .. } => "finish_need",
            Deed::CreateDraft { .. } => "create_draft",
            Deed::EditDraft { .. } => "edit_draft",
            Deed::Submit { .. } => "submit",
            Deed::Correct { .. } => "correct",
            Deed::Withdraw { .. } => "withdraw",
            Deed::JudgeDuplicate { .. } => "judge_duplicate",
            Deed::Attach { .. } => "attach",
        }
    }

    /// The visit or application it is about.
    pub fn record(&self) -> Uuid {
        match self {
            Deed::StartVisit { visit, .. }
            | Deed::RecordMandate { visit, .. }
            | Deed::EndVisit { visit, .. }
            | Deed::FinishNeed { visit, .. } => *visit,
            Deed::CreateDraft { application, .. }
            | Deed::EditDraft { application, .. }
            | Deed::Submit { application, .. }
            | Deed::Correct { application, .. }
            | Deed::Withdraw { application, .. }
            | Deed::JudgeDuplicate { application, .. }
            | Deed::Attach { application, .. } => *application,
        }
    }

    /// Whether what it is about is a visit, not an application.
    pub fn is_of_a_visit(&self) -> bool {
        match self {
            Deed::StartVisit { .. }
            | Deed::RecordMandate { .. }
            | Deed::EndVisit { .. }
            | Deed::FinishNeed { .. } => true,
            Deed::CreateDraft { .. }
            | Deed::EditDraft { .. }
            | Deed::Submit { .. }
            | Deed::Correct { .. }
            | Deed::Withdraw { .. }
            | Deed::JudgeDuplicate { .. }
            | Deed::Attach { .. } => false,
        }
    }

    /// The grid, where it names one.
    pub fn region(&self) -> Option<&Region> {
        match self {
            Deed::StartVisit { region, .. } | Deed::CreateDraft { region, .. } => Some(region),
            Deed::RecordMandate { .. }
            | Deed::EndVisit { .. }
            | Deed::FinishNeed { .. }
            | Deed::EditDraft { .. }
            | Deed::Submit { .. }
            | Deed::Correct { .. }
            | Deed::Withdraw { .. }
            | Deed::JudgeDuplicate { .. }
            | Deed::Attach { .. } => None,
        }
    }
}

/// 离线操作
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Operation {
    /// UUIDv7 made by the device.
    pub id: Uuid,
    /// Counts the device's operations, from 1; tells what is missing, never what is the same.
    #[schema(minimum = 1)]
    pub sequence: i64,
    /// When it was done, by the device's clock.
    pub at: DateTime<Utc>,
    /// Operations it builds on: it waits for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub after: Vec<Uuid>,
    /// A conflict or a quarantined operation that this one settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolves: Option<Uuid>,
    /// Version of the application that the device had; none where the device has made it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    pub base: Option<i64>,
    /// What was done.
    pub deed: Deed,
}
