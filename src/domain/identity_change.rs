//! A change of who an account is: the police have corrected the number, or the person has another WeChat account.
//! One member of staff asks for it with the document in hand, a supervisor decides; what was is kept.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::id_number::IdNumber;
use super::person_name::PersonName;
use super::real_name::IdDocument;
use super::region::Region;

/// 变更种类
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// 号码更正: wrong or double numbers are corrected by the police.
    CorrectedNumber,
    /// 更换微信账号
    NewAccount,
}

impl ChangeKind {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            ChangeKind::CorrectedNumber => "corrected_number",
            ChangeKind::NewAccount => "new_account",
        }
    }

    /// By stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [ChangeKind::CorrectedNumber, ChangeKind::NewAccount].into_iter().find(|kind| kind.name() == name)
    }
}

/// 审批状态
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// 待审批
    Pending,
    /// 已同意
    Approved,
    /// 未同意
    Refused,
}

impl ChangeState {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            ChangeState::Pending => "pending",
            ChangeState::Approved => "approved",
            ChangeState::Refused => "refused",
        }
    }

    /// By stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [ChangeState::Pending, ChangeState::Approved, ChangeState::Refused]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// 变更内容
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Particulars {
    /// Who it is about.
    pub name: PersonName,
    /// The number that is right.
    pub id_number: IdNumber,
    /// The number before, where it was corrected.
    pub former_id_number: Option<IdNumber>,
    /// The new account, where it is about that.
    pub account: Option<Uuid>,
    /// What was seen.
    pub document: IdDocument,
    /// Its number, where it has one of its own.
    pub document_no: Option<String>,
    /// Why.
    pub reason: String,
    /// What the supervisor says.
    #[serde(default)]
    pub decision: Option<String>,
}

/// 身份变更
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityChange {
    /// Id.
    pub id: Uuid,
    /// Where it was asked for.
    pub region: Region,
    /// What kind.
    pub kind: ChangeKind,
    /// Where it stands.
    pub state: ChangeState,
    /// What.
    pub particulars: Particulars,
    /// By whom it was asked for.
    pub requested_by: Uuid,
    /// When.
    pub requested_at: DateTime<Utc>,
    /// Who decided, and when.
    pub decided: Option<(Uuid, DateTime<Utc>)>,
}
