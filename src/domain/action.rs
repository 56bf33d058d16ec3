//! The tagged body of an action: what a person says when doing it. Which role may say it, and when,
//! stands in the lifecycle table alone.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::correction::Gap;
use super::lifecycle::ActionKind;
use super::material::MaterialVerdict;
use super::review::{DeliveryMethod, Opinion, SiteVisit, SuspensionGround};

/// 动作: one thing done to an application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// 提交: files the draft.
    Submit {},
    /// 核验材料
    CheckMaterials {
        /// Verdict per material.
        #[schema(min_items = 1, max_items = 50)]
        verdicts: Vec<MaterialVerdict>,
    },
    /// 一次性告知补正
    AskToCorrect {
        /// Everything missing, at once.
        #[schema(min_items = 1, max_items = 50)]
        gaps: Vec<Gap>,
    },
    /// 补正: answers the correction notice.
    Correct {
        /// The corrected form; left out when only materials were missing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        form: Option<Value>,
    },
    /// 受理
    Accept {},
    /// 容缺受理
    AcceptWithPromise {
        /// Deferrable materials that will follow.
        #[schema(min_items = 1, max_items = 20)]
        materials: Vec<String>,
        /// Working days until they are due, at most 20.
        #[schema(minimum = 1, maximum = 20)]
        within_working_days: u32,
    },
    /// 视为受理
    DeemAccept {},
    /// 不予受理
    Decline {
        /// Why.
        #[schema(min_length = 2, max_length = 1000)]
        reason: String,
        /// The rule.
        #[schema(min_length = 2, max_length = 200)]
        basis: String,
        /// Where to turn instead.
        #[schema(min_length = 2, max_length = 200)]
        right_office: String,
    },
    /// 补齐容缺材料
    FulfilPromise {
        /// Code of the material that came in.
        #[schema(max_length = 64)]
        material: String,
    },
    /// 转办
    Transfer {
        /// Department codes; all must decide.
        #[schema(min_items = 1, max_items = 8)]
        departments: Vec<String>,
        /// A word for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(max_length = 1000)]
        note: Option<String>,
    },
    /// 部门意见
    Endorse {
        /// Agree or disagree.
        opinion: Opinion,
        /// Why; needed when disagreeing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(max_length = 1000)]
        reason: Option<String>,
    },
    /// 退回窗口
    SendBack {
        /// What the window has to put right.
        #[schema(min_length = 2, max_length = 1000)]
        reason: String,
    },
    /// 重新送审
    Resubmit {
        /// What was put right.
        #[schema(min_length = 2, max_length = 1000)]
        note: String,
    },
    /// 现场踏勘
    RecordSiteVisit {
        /// The visit.
        visit: SiteVisit,
    },
    /// 特别程序开始
    Suspend {
        /// The legal ground.
        ground: SuspensionGround,
        /// Told to the applicant in writing.
        #[schema(min_length = 2, max_length = 1000)]
        reason: String,
        /// How many working days it will take, told to the applicant.
        #[schema(minimum = 1, maximum = 180)]
        working_days: u32,
    },
    /// 特别程序结束
    Resume {},
    /// 延期
    Extend {
        /// Why, told to the applicant.
        #[schema(min_length = 2, max_length = 1000)]
        reason: String,
        /// The head who approved it.
        #[schema(min_length = 2, max_length = 60)]
        approved_by: String,
    },
    /// 开始公示
    PublishNotice {
        /// Text as published, without personal data beyond name and community.
        #[schema(min_length = 10, max_length = 2000)]
        text: String,
        /// Where it hangs.
        #[schema(min_length = 2, max_length = 200)]
        place: String,
    },
    /// 提出异议
    Object {
        /// Who objects.
        #[schema(min_length = 2, max_length = 60)]
        objector: String,
        /// Why.
        #[schema(min_length = 2, max_length = 1000)]
        reason: String,
    },
    /// 异议处理
    ResolveObjection {
        /// Which objection, counted from 0.
        #[schema(maximum = 999)]
        index: u32,
        /// Whether it was right.
        upheld: bool,
        /// What was found.
        #[schema(min_length = 2, max_length = 1000)]
        explanation: String,
    },
    /// 公示结束
    CloseNotice {},
    /// 准予
    Approve {
        /// Grounds or conditions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(max_length = 1000)]
        reason: Option<String>,
    },
    /// 不予
    Reject {
        /// Why.
        #[schema(min_length = 2, max_length = 1000)]
        reason: String,
        /// The rule.
        #[schema(min_length = 2, max_length = 200)]
        basis: String,
    },
    /// 送达
    Deliver {
        /// How.
        method: DeliveryMethod,
        /// Into whose hands.
        #[schema(min_length = 2, max_length = 60)]
        receiver: String,
    },
    /// 办结
    Close {},
    /// 撤回
    Withdraw {
        /// Why, if the applicant wants to say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(max_length = 500)]
        reason: Option<String>,
    },
    /// 终止: by the clock.
    Terminate {},
    /// 提醒: by the clock.
    Remind {},
}

impl Action {
    /// The row of the table it belongs to.
    pub const fn kind(&self) -> ActionKind {
        match self {
            Action::Submit {} => ActionKind::Submit,
            Action::CheckMaterials { .. } => ActionKind::CheckMaterials,
            Action::AskToCorrect { .. } => ActionKind::AskToCorrect,
            Action::Correct { .. } => ActionKind::Correct,
            Action::Accept {} => ActionKind::Accept,
            Action::AcceptWithPromise { .. } => ActionKind::AcceptWithPromise,
            Action::DeemAccept {} => ActionKind::DeemAccept,
            Action::Decline { .. } => ActionKind::Decline,
            Action::FulfilPromise { .. } => ActionKind::FulfilPromise,
            Action::Transfer { .. } => ActionKind::Transfer,
            Action::Endorse { .. } => ActionKind::Endorse,
            Action::SendBack { .. } => ActionKind::SendBack,
            Action::Resubmit { .. } => ActionKind::Resubmit,
            Action::RecordSiteVisit { .. } => ActionKind::RecordSiteVisit,
            Action::Suspend { .. } => ActionKind::Suspend,
            Action::Resume {} => ActionKind::Resume,
            Action::Extend { .. } => ActionKind::Extend,
            Action::PublishNotice { .. } => ActionKind::PublishNotice,
            Action::Object { .. } => ActionKind::Object,
            Action::ResolveObjection { .. } => ActionKind::ResolveObjection,
            Action::CloseNotice {} => ActionKind::CloseNotice,
            Action::Approve { .. } => ActionKind::Approve,
            Action::Reject { .. } => ActionKind::Reject,
            Action::Deliver { .. } => ActionKind::Deliver,
            Action::Close {} => ActionKind::Close,
            Action::Withdraw { .. } => ActionKind::Withdraw,
            Action::Terminate {} => ActionKind::Terminate,
            Action::Remind {} => ActionKind::Remind,
        }
    }

    /// Whether the resident's own timeline shows it: the applicant sees what concerns them, not the
    /// departments' exchange among themselves or who objected.
    pub const fn is_public(&self) -> bool {
        !matches!(
            self,
            Action::CheckMaterials { .. }
                | Action::Endorse { .. }
                | Action::SendBack { .. }
                | Action::Resubmit { .. }
                | Action::Object { .. }
                | Action::Remind {}
        )
    }
}
