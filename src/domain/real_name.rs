//! How sure we are who somebody is, and how sure a step has to be. A level is kept per account and with each
//! submission; a face alone never makes one (个人信息保护法 26, 28; 国务院令第716号 5).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::id_number::IdNumber;
use super::lifecycle::ActionKind;
use super::person_name::PersonName;
use super::refusal::{Refusal, RefusalKind};
use super::text::Text;

/// 实名等级, the weakest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// 未核验: an account with WeChat, and what its holder says.
    #[default]
    None,
    /// 手机号已核验: WeChat vouches for the telephone.
    Phone,
    /// 证件已比对: holds the slip of a case filed at the counter or the door for the same name and number.
    IdMatched,
    /// 当面核验: somebody of the staff has seen the person and the document.
    InPerson,
}

impl Assurance {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Assurance::None => "none",
            Assurance::Phone => "phone",
            Assurance::IdMatched => "id_matched",
            Assurance::InPerson => "in_person",
        }
    }

    /// By stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Assurance::None, Assurance::Phone, Assurance::IdMatched, Assurance::InPerson]
            .into_iter()
            .find(|level| level.name() == name)
    }

    /// How to get there.
    pub fn how(self) -> Text {
        match self {
            Assurance::None => Text::fixed("无需核验。", "Nothing is needed."),
            Assurance::Phone => {
                Text::fixed("请先授权微信手机号。", "First let WeChat vouch for your telephone number.")
            }
            Assurance::IdMatched => Text::fixed(
                "请先核验身份：凭窗口或上门办件的回执绑定，或出示核验码请窗口人员、网格员核对证件。",
                "First prove who you are: bind a slip from the counter, or show your code and document to a clerk or grid worker.",
            ),
            Assurance::InPerson => Text::fixed(
                "请先当面核验：出示核验码，请窗口人员或网格员核对身份证件。",
                "First be seen in person: show your code and your document to a clerk or grid worker.",
            ),
        }
    }

    /// Refuses whoever is less than `needed`.
    pub fn reaches(self, needed: Assurance) -> Result<(), Refusal> {
        if self >= needed {
            return Ok(());
        }
        Err(Refusal::new(RefusalKind::Conflict, "assurance_needed", needed.how())
            .on("国务院令第716号 5")
            .with("required", needed.name().into())
            .with("held", self.name().into()))
    }
}

/// 实名要求: the level a resident needs for each step of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct RealName {
    /// To file.
    pub submit: Assurance,
    /// To answer a correction notice, which may change the form.
    pub correct: Assurance,
    /// To take the application back.
    pub withdraw: Assurance,
}

impl RealName {
    /// 缴费登记类: nothing is paid out, and families do it for each other.
    pub const LIGHT: RealName =
        RealName { submit: Assurance::Phone, correct: Assurance::Phone, withdraw: Assurance::Phone };
    /// 给付类: money goes to whoever the form names.
    pub const BENEFIT: RealName = RealName {
        submit: Assurance::IdMatched,
        correct: Assurance::IdMatched,
        withdraw: Assurance::IdMatched,
    };
    /// 住房类: a house depends on it, on taking it back as well.
    pub const HOUSING: RealName = RealName {
        submit: Assurance::IdMatched,
        correct: Assurance::IdMatched,
        withdraw: Assurance::InPerson,
    };

    /// What a step needs.
    pub fn needed(self, action: ActionKind) -> Assurance {
        match action {
            ActionKind::Submit => self.submit,
            ActionKind::Correct => self.correct,
            ActionKind::Withdraw => self.withdraw,
            // An objection stands under its author's name.
            ActionKind::Object => Assurance::Phone,
            _ => Assurance::None,
        }
    }
}

/// 核验方式
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerificationMethod {
    /// 窗口
    Counter,
    /// 上门
    Door,
    /// 回执: number and query code of a slip.
    Slip,
    /// 变更审批: a change of number or account that a supervisor has approved.
    Change,
}

impl VerificationMethod {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            VerificationMethod::Counter => "counter",
            VerificationMethod::Door => "door",
            VerificationMethod::Slip => "slip",
            VerificationMethod::Change => "change",
        }
    }

    /// By stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        use VerificationMethod as M;
        [M::Counter, M::Door, M::Slip, M::Change].into_iter().find(|method| method.name() == name)
    }

    /// The level it makes.
    pub fn assurance(self) -> Assurance {
        match self {
            VerificationMethod::Slip => Assurance::IdMatched,
            VerificationMethod::Counter | VerificationMethod::Door | VerificationMethod::Change => {
                Assurance::InPerson
            }
        }
    }
}

/// 所验证件: what the staff member had in their hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdDocument {
    /// 居民身份证
    IdCard,
    /// 临时居民身份证
    TemporaryIdCard,
    /// 户口簿
    HouseholdRegister,
    /// 港澳台居民居住证
    ResidencePermit,
    /// 外国人永久居留身份证
    PermanentResidenceCard,
    /// 公安机关出具的证明, with its number.
    PoliceCertificate,
    /// 办件回执
    Slip,
}

/// 核验记录
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Id.
    pub id: Uuid,
    /// The account.
    pub person: Uuid,
    /// Who it turned out to be.
    pub identity: Verified,
    /// How.
    pub method: VerificationMethod,
    /// By which document.
    pub document: IdDocument,
    /// By whom; nobody where a slip did it.
    pub verified_by: Option<Uuid>,
    /// Their name.
    pub verifier: String,
    /// At which visit.
    pub visit: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
    /// When and why it ceased to hold.
    pub ended: Option<(DateTime<Utc>, String)>,
}

/// 已核验的身份
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// 姓名
    pub name: PersonName,
    /// 证件号码
    pub id_number: IdNumber,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_weaker_level_is_told_the_one_it_needs() {
        assert!(Assurance::InPerson.reaches(Assurance::IdMatched).is_ok());
        let told = Assurance::Phone.reaches(RealName::HOUSING.withdraw).unwrap_err();
        assert_eq!(told.code, "assurance_needed");
        assert_eq!(told.context, vec![("required", "in_person".into()), ("held", "phone".into())]);
    }

    #[test]
    fn names_lead_back() {
        for level in [Assurance::None, Assurance::Phone, Assurance::IdMatched, Assurance::InPerson] {
            assert_eq!(Assurance::from_name(level.name()), Some(level));
        }
    }
}
