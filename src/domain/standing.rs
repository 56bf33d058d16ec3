//! What follows from a status: whose move it is, which clock watches, what it is called.
//! Plain matches without wildcards, so a new status cannot be forgotten.

use super::lifecycle::{ActionKind, Role, Status, TABLE, Watch};
use super::text::Text;

impl Status {
    /// Every status, in the order of the lifecycle.
    pub const ALL: [Status; 15] = [
        Status::Draft,
        Status::Submitted,
        Status::Correcting,
        Status::Accepted,
        Status::InReview,
        Status::Returned,
        Status::Suspended,
        Status::PublicNotice,
        Status::Approved,
        Status::Rejected,
        Status::Delivered,
        Status::Closed,
        Status::Declined,
        Status::Withdrawn,
        Status::Terminated,
    ];

    /// True when nothing can follow.
    pub fn is_terminal(self) -> bool {
        !TABLE.iter().any(|row| row.from == self)
    }

    /// 已受理、未决定: accepted and waiting for its decision.
    pub const fn is_being_decided(self) -> bool {
        match self {
            Status::Accepted
            | Status::InReview
            | Status::Returned
            | Status::Suspended
            | Status::PublicNotice => true,
            Status::Draft
            | Status::Submitted
            | Status::Correcting
            | Status::Approved
            | Status::Rejected
            | Status::Delivered
            | Status::Closed
            | Status::Declined
            | Status::Withdrawn
            | Status::Terminated => false,
        }
    }

    /// 该谁办: whose move it is; nobody's once the application has ended.
    pub const fn mover(self) -> Option<Role> {
        match self {
            Status::Draft | Status::Correcting => Some(Role::Resident),
            Status::Submitted
            | Status::Accepted
            | Status::Returned
            | Status::Approved
            | Status::Rejected
            | Status::Delivered => Some(Role::Clerk),
            Status::InReview | Status::Suspended | Status::PublicNotice => Some(Role::Official),
            Status::Closed | Status::Declined | Status::Withdrawn | Status::Terminated => None,
        }
    }

    /// The clock that watches over this status.
    pub const fn watch(self) -> Option<Watch> {
        match self {
            Status::Draft => Some(Watch::DraftLife),
            Status::Submitted => Some(Watch::Notice),
            Status::Correcting => Some(Watch::CorrectionReply),
            Status::Accepted | Status::InReview | Status::Returned => Some(Watch::Decision),
            Status::Suspended => Some(Watch::SuspensionEnd),
            Status::PublicNotice => Some(Watch::NoticeEnd),
            Status::Approved | Status::Rejected => Some(Watch::Delivery),
            Status::Delivered => Some(Watch::Filing),
            Status::Closed | Status::Declined | Status::Withdrawn | Status::Terminated => None,
        }
    }

    /// What the counter calls it.
    pub const fn label(self) -> Text {
        match self {
            Status::Draft => Text::fixed("草稿", "draft"),
            Status::Submitted => Text::fixed("已接件", "submitted"),
            Status::Correcting => Text::fixed("待补正", "awaiting correction"),
            Status::Accepted => Text::fixed("已受理", "accepted"),
            Status::InReview => Text::fixed("审查中", "in review"),
            Status::Returned => Text::fixed("部门退回", "returned by a department"),
            Status::Suspended => Text::fixed("特别程序", "suspended"),
            Status::PublicNotice => Text::fixed("公示中", "public notice"),
            Status::Approved => Text::fixed("准予", "approved"),
            Status::Rejected => Text::fixed("不予", "rejected"),
            Status::Delivered => Text::fixed("已送达", "delivered"),
            Status::Closed => Text::fixed("办结", "closed"),
            Status::Declined => Text::fixed("不予受理", "declined"),
            Status::Withdrawn => Text::fixed("已撤回", "withdrawn"),
            Status::Terminated => Text::fixed("已终止", "terminated"),
        }
    }

    /// The stable name used in the API and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::Submitted => "submitted",
            Status::Correcting => "correcting",
            Status::Accepted => "accepted",
            Status::InReview => "in_review",
            Status::Returned => "returned",
            Status::Suspended => "suspended",
            Status::PublicNotice => "public_notice",
            Status::Approved => "approved",
            Status::Rejected => "rejected",
            Status::Delivered => "delivered",
            Status::Closed => "closed",
            Status::Declined => "declined",
            Status::Withdrawn => "withdrawn",
            Status::Terminated => "terminated",
        }
    }

    /// The status of that stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

impl Role {
    /// Every role, the clock last.
    pub const ALL: [Role; 9] = [
        Role::Resident,
        Role::Clerk,
        Role::GridWorker,
        Role::Official,
        Role::Supervisor,
        Role::Administrator,
        Role::SecurityAdministrator,
        Role::Auditor,
        Role::Clock,
    ];

    /// The stable name used in the API and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Resident => "resident",
            Role::Clerk => "clerk",
            Role::GridWorker => "grid_worker",
            Role::Official => "official",
            Role::Supervisor => "supervisor",
            Role::Administrator => "administrator",
            Role::SecurityAdministrator => "security_administrator",
            Role::Auditor => "auditor",
            Role::Clock => "clock",
        }
    }

    /// The role of that stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl ActionKind {
    /// What the counter calls it.
    pub const fn label(self) -> Text {
        match self {
            ActionKind::Submit => Text::fixed("提交", "submit"),
            ActionKind::CheckMaterials => Text::fixed("核验材料", "check materials"),
            ActionKind::AskToCorrect => Text::fixed("一次性告知补正", "ask to correct"),
            ActionKind::Correct => Text::fixed("补正", "correct"),
            ActionKind::Accept => Text::fixed("受理", "accept"),
            ActionKind::AcceptWithPromise => Text::fixed("容缺受理", "accept with a promise"),
            ActionKind::DeemAccept => Text::fixed("视为受理", "deemed accepted"),
            ActionKind::Decline => Text::fixed("不予受理", "decline"),
            ActionKind::FulfilPromise => Text::fixed("补齐容缺材料", "fulfil the promise"),
            ActionKind::Transfer => Text::fixed("转办", "transfer"),
            ActionKind::Endorse => Text::fixed("部门意见", "department opinion"),
            ActionKind::SendBack => Text::fixed("退回窗口", "send back"),
            ActionKind::Resubmit => Text::fixed("重新送审", "resubmit to the reviewer"),
            ActionKind::RecordSiteVisit => Text::fixed("现场踏勘", "record a site visit"),
            ActionKind::Suspend => Text::fixed("特别程序开始", "suspend"),
            ActionKind::Resume => Text::fixed("特别程序结束", "resume"),
            ActionKind::Extend => Text::fixed("延期", "extend"),
            ActionKind::PublishNotice => Text::fixed("开始公示", "publish the notice"),
            ActionKind::Object => Text::fixed("提出异议", "object"),
            ActionKind::ResolveObjection => Text::fixed("异议处理", "resolve the objection"),
            ActionKind::CloseNotice => Text::fixed("公示结束", "close the notice"),
            ActionKind::Approve => Text::fixed("准予", "approve"),
            ActionKind::Reject => Text::fixed("不予", "reject"),
            ActionKind::Deliver => Text::fixed("送达", "deliver"),
            ActionKind::Close => Text::fixed("办结归档", "close"),
            ActionKind::Withdraw => Text::fixed("撤回", "withdraw"),
            ActionKind::Terminate => Text::fixed("终止", "terminate"),
            ActionKind::Remind => Text::fixed("提醒", "remind"),
        }
    }

    /// The stable name used in the API: the serde name.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }
}
