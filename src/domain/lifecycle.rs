//! The lifecycle of an application: the table a window clerk could read.
//! *In this status | this role | may do this action | and it goes there | on this legal basis.*
//! Flags (overdue, urgent, duplicate suspected, paid) are derived elsewhere, never statuses.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 办件状态: where an application stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 草稿: being filled in; may be continued on any channel.
    Draft,
    /// 接件: filed, waiting for the window's examination.
    Submitted,
    /// 补正: the applicant was asked, once, for everything missing.
    Correcting,
    /// 受理: accepted; the statutory clock runs.
    Accepted,
    /// 审查: with one or several departments.
    InReview,
    /// 退回: a department sent it back to the window.
    Returned,
    /// 特别程序: the clock is stopped on a legal ground.
    Suspended,
    /// 公示: open to objections.
    PublicNotice,
    /// 准予: granted, the result is to be delivered.
    Approved,
    /// 不予: refused with reasons, the decision is to be delivered.
    Rejected,
    /// 送达: the result is in the applicant's hands.
    Delivered,
    /// 办结: finished and filed.
    Closed,
    /// 不予受理: not taken on, with the reason and the right address.
    Declined,
    /// 撤回: taken back by the applicant.
    Withdrawn,
    /// 终止: ended without a decision (no answer to a correction notice, lapsed draft).
    Terminated,
}

/// 角色: in which capacity somebody (or the clock) acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 居民
    Resident,
    /// 窗口人员
    Clerk,
    /// 网格员
    GridWorker,
    /// 审批人员
    Official,
    /// 督导
    Supervisor,
    /// 系统管理员: runs the installation.
    Administrator,
    /// 安全管理员: opens, changes and closes accounts, and does nothing else.
    SecurityAdministrator,
    /// 审计管理员: reads the audit log, and does nothing else.
    Auditor,
    /// 时钟: the deadline job, acting by operation of law.
    Clock,
}

impl Role {
    /// Whether handling a case takes the applicant's particulars in full; whoever only watches sees them
    /// masked.
    pub fn handles_cases(self) -> bool {
        matches!(self, Self::Resident | Self::Clerk | Self::GridWorker | Self::Official)
    }

    /// Whether signing in takes a second factor besides the password.
    pub fn needs_second_factor(self) -> bool {
        self.administers() || matches!(self, Self::Official | Self::Supervisor)
    }

    /// 三员: the three duties of which nobody holds two, nor any beside casework.
    pub fn administers(self) -> bool {
        matches!(self, Self::Administrator | Self::SecurityAdministrator | Self::Auditor)
    }
}

/// 动作: what can be done to an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// 提交
    Submit,
    /// 核验材料: verdicts on the materials, nothing decided yet.
    CheckMaterials,
    /// 一次性告知补正
    AskToCorrect,
    /// 补正提交
    Correct,
    /// 受理
    Accept,
    /// 容缺受理
    AcceptWithPromise,
    /// 视为受理: five working days passed without a notice.
    DeemAccept,
    /// 不予受理
    Decline,
    /// 兑现容缺承诺: the promised material came in.
    FulfilPromise,
    /// 转办
    Transfer,
    /// 部门意见
    Endorse,
    /// 退回窗口
    SendBack,
    /// 退回后再次提交审查
    Resubmit,
    /// 现场踏勘
    RecordSiteVisit,
    /// 特别程序开始
    Suspend,
    /// 特别程序结束
    Resume,
    /// 延期 (once)
    Extend,
    /// 开始公示
    PublishNotice,
    /// 公示异议
    Object,
    /// 异议处理
    ResolveObjection,
    /// 公示结束
    CloseNotice,
    /// 准予
    Approve,
    /// 不予
    Reject,
    /// 送达
    Deliver,
    /// 办结
    Close,
    /// 撤回
    Withdraw,
    /// 终止
    Terminate,
    /// 催告: a warning before a clock runs out, or a reminder after it did.
    Remind,
}

/// 办理时钟: the clock that watches over a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Watch {
    /// Days an untouched draft is kept.
    DraftLife,
    /// Five working days to accept, decline or ask (行政许可法 32).
    Notice,
    /// The applicant's time to answer a correction notice.
    CorrectionReply,
    /// The step towards the departments and the decision (promised and statutory limits).
    Decision,
    /// The end of the suspension that the applicant was told.
    SuspensionEnd,
    /// The end of the public notice.
    NoticeEnd,
    /// Ten working days to deliver after the decision (行政许可法 44).
    Delivery,
    /// Filing after delivery.
    Filing,
}

/// 转移: one row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// In this status …
    pub from: Status,
    /// … these roles …
    pub roles: &'static [Role],
    /// … may do this …
    pub action: ActionKind,
    /// … and it goes there …
    pub to: Status,
    /// … on this legal basis.
    pub basis: &'static str,
}

use ActionKind as A;
use Role::{Clerk, Clock, GridWorker, Official, Resident};
use Status as S;

const FILERS: &[Role] = &[Resident, Clerk, GridWorker];
const WINDOW: &[Role] = &[Clerk];
const OFFICE: &[Role] = &[Official];
const WINDOW_OR_OFFICE: &[Role] = &[Clerk, Official];
const CLOCK: &[Role] = &[Clock];

const fn row(
    from: Status,
    roles: &'static [Role],
    action: ActionKind,
    to: Status,
    basis: &'static str,
) -> Row {
    Row { from, roles, action, to, basis }
}

/// 办件流转表: everything that can happen; what is not listed cannot.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row(S::Draft,        FILERS, A::Submit,            S::Submitted,    "行政许可法 29"),
    row(S::Draft,        FILERS, A::Withdraw,          S::Withdrawn,    "行政许可法 29"),
    row(S::Draft,        CLOCK,  A::Terminate,         S::Terminated,   "个人信息保护法 19"),

    row(S::Submitted,    WINDOW, A::CheckMaterials,    S::Submitted,    "行政许可法 32"),
    row(S::Submitted,    WINDOW, A::AskToCorrect,      S::Correcting,   "行政许可法 32(4)"),
    row(S::Submitted,    WINDOW, A::Accept,            S::Accepted,     "行政许可法 32(5)"),
    row(S::Submitted,    WINDOW, A::AcceptWithPromise, S::Accepted,     "优化营商环境条例 35; 容缺受理"),
    row(S::Submitted,    WINDOW, A::Decline,           S::Declined,     "行政许可法 32(1)(2)"),
    row(S::Submitted,    FILERS, A::Withdraw,          S::Withdrawn,    "申请人处分权"),
    row(S::Submitted,    CLOCK,  A::DeemAccept,        S::Accepted,     "行政许可法 32(4)"),

    row(S::Correcting,   FILERS, A::Correct,           S::Submitted,    "行政许可法 32(4)"),
    row(S::Correcting,   FILERS, A::Withdraw,          S::Withdrawn,    "申请人处分权"),
    row(S::Correcting,   CLOCK,  A::Remind,            S::Correcting,   "优化营商环境条例 35"),
    row(S::Correcting,   CLOCK,  A::Terminate,         S::Terminated,   "补正逾期视为放弃申请"),

    row(S::Accepted,     WINDOW, A::FulfilPromise,     S::Accepted,     "容缺受理"),
    row(S::Accepted,     WINDOW, A::Transfer,          S::InReview,     "行政许可法 26"),
    row(S::Accepted,     WINDOW, A::Approve,           S::Approved,     "行政许可法 34(2)"),
    row(S::Accepted,     WINDOW, A::Reject,            S::Rejected,     "行政许可法 38"),
    row(S::Accepted,     FILERS, A::Withdraw,          S::Withdrawn,    "申请人处分权"),
    row(S::Accepted,     CLOCK,  A::Remind,            S::Accepted,     "优化营商环境条例 35"),

    row(S::InReview,     WINDOW, A::FulfilPromise,     S::InReview,     "容缺受理"),
    row(S::InReview,     OFFICE, A::Endorse,           S::InReview,     "行政许可法 26(2)"),
    row(S::InReview,     OFFICE, A::Transfer,          S::InReview,     "行政许可法 26(2)"),
    row(S::InReview,     OFFICE, A::SendBack,          S::Returned,     "行政许可法 34"),
    row(S::InReview,     OFFICE, A::RecordSiteVisit,   S::InReview,     "行政许可法 34(3)"),
    row(S::InReview,     OFFICE, A::Suspend,           S::Suspended,    "行政许可法 45"),
    row(S::InReview,     OFFICE, A::Extend,            S::InReview,     "行政许可法 42"),
    row(S::InReview,     OFFICE, A::PublishNotice,     S::PublicNotice, "行政许可法 36, 46"),
    row(S::InReview,     OFFICE, A::Approve,           S::Approved,     "行政许可法 38(1)"),
    row(S::InReview,     OFFICE, A::Reject,            S::Rejected,     "行政许可法 38(2)"),
    row(S::InReview,     FILERS, A::Withdraw,          S::Withdrawn,    "申请人处分权"),
    row(S::InReview,     CLOCK,  A::Remind,            S::InReview,     "优化营商环境条例 35"),

    row(S::Returned,     WINDOW, A::Resubmit,          S::InReview,     "行政许可法 34"),
    row(S::Returned,     WINDOW, A::FulfilPromise,     S::Returned,     "容缺受理"),
    row(S::Returned,     FILERS, A::Withdraw,          S::Withdrawn,    "申请人处分权"),
    row(S::Returned,     CLOCK,  A::Remind,            S::Returned,     "优化营商环境条例 35"),

    row(S::Suspended,    OFFICE, A::Resume,            S::InReview,     "行政许可法 45"),
    row(S::Suspended,    FILERS, A::Withdraw,          S::Withdrawn,    "申请人处分权"),
    row(S::Suspended,    CLOCK,  A::Resume,            S::InReview,     "行政许可法 45"),

    row(S::PublicNotice, &[Resident, Clerk, GridWorker, Official], A::Object, S::PublicNotice, "行政许可法 36"),
    row(S::PublicNotice, OFFICE, A::ResolveObjection,  S::PublicNotice, "行政许可法 36"),
    row(S::PublicNotice, OFFICE, A::CloseNotice,       S::InReview,     "公示期满"),
    row(S::PublicNotice, FILERS, A::Withdraw,          S::Withdrawn,    "申请人处分权"),
    row(S::PublicNotice, CLOCK,  A::CloseNotice,       S::InReview,     "公示期满"),
    row(S::PublicNotice, CLOCK,  A::Remind,            S::PublicNotice, "优化营商环境条例 35"),

    row(S::Approved,     OFFICE, A::RecordSiteVisit,   S::Approved,     "农经发〔2019〕6号"),
    row(S::Approved,     WINDOW, A::Deliver,           S::Delivered,    "行政许可法 44"),
    row(S::Approved,     CLOCK,  A::Remind,            S::Approved,     "行政许可法 44"),
    row(S::Rejected,     WINDOW, A::Deliver,           S::Delivered,    "行政许可法 38(2), 44"),
    row(S::Rejected,     CLOCK,  A::Remind,            S::Rejected,     "行政许可法 44"),
    row(S::Delivered,    OFFICE, A::RecordSiteVisit,   S::Delivered,    "农经发〔2019〕6号"),
    row(S::Delivered,    WINDOW_OR_OFFICE, A::Close,   S::Closed,       "政务服务事项办结归档"),
    row(S::Delivered,    CLOCK,  A::Remind,            S::Delivered,    "政务服务事项办结归档"),
];

/// The row that lets `role` do `action` in `from`, if the table has one.
pub fn transition(from: Status, role: Role, action: ActionKind) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.from == from && row.action == action && row.roles.contains(&role))
}

/// Everything `role` could do in `from`, before the item's guard is asked.
pub fn actions(from: Status, role: Role) -> impl Iterator<Item = ActionKind> {
    TABLE.iter().filter(move |row| row.from == from && row.roles.contains(&role)).map(|row| row.action)
}
