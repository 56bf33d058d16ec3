//! A mandate: the ground on which somebody acts for somebody else (民法典 161, 165, 173): agent, matters, period
//! and evidence. It ends when everything is done or its time is over, when it is revoked, and with a death.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::deadline::civil_date;
use super::id_number::IdNumber;
use super::person_name::PersonName;
use super::refusal::Refusal;
use super::region::Region;
use super::text::{FieldError, Text};

/// 授权方式: how the resident confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MandateEvidence {
    /// 手写签名
    Signature,
    /// 按手印, with a witness.
    Fingerprint,
    /// 录音录像
    Recording,
    /// 小程序确认: by the principal's own account, after it was verified.
    InApp,
    /// 短信确认码: by whoever holds a telephone.
    SmsCode,
    /// 微信扫码: at the door, by the principal's own account, after it was verified.
    WechatScan,
}

impl MandateEvidence {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            MandateEvidence::Signature => "signature",
            MandateEvidence::Fingerprint => "fingerprint",
            MandateEvidence::Recording => "recording",
            MandateEvidence::InApp => "in_app",
            MandateEvidence::SmsCode => "sms_code",
            MandateEvidence::WechatScan => "wechat_scan",
        }
    }

    /// 证明等级: how strongly it proves that it was the principal: 1 what only those at the door have seen, 2 a code
    /// that somebody else sent, 3 an account whose holder was verified.
    pub fn level(self) -> u8 {
        match self {
            MandateEvidence::Signature | MandateEvidence::Fingerprint | MandateEvidence::Recording => 1,
            MandateEvidence::SmsCode => 2,
            MandateEvidence::InApp | MandateEvidence::WechatScan => 3,
        }
    }

    /// Whether somebody wrote or pressed it, so that there is an image of it.
    fn on_paper(self) -> bool {
        matches!(self, MandateEvidence::Signature | MandateEvidence::Fingerprint)
    }
}

/// 授权: the resident lets the grid worker file for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mandate {
    /// Who gives it.
    pub principal_name: PersonName,
    /// Their ID number.
    pub principal_id_number: IdNumber,
    /// For which service items, by code.
    #[schema(min_items = 1, max_items = 20)]
    pub matters: Vec<String>,
    /// Last day on which it may be used.
    pub valid_until: NaiveDate,
    /// How it was confirmed.
    pub evidence: MandateEvidence,
    /// Witness, needed for a fingerprint.
    #[serde(default)]
    pub witness_name: Option<PersonName>,
    /// SHA-256 of the image of signature or fingerprint, whether it is there already or comes later.
    #[serde(default)]
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub image_sha256: Option<String>,
}

impl Mandate {
    /// All that is wrong with it as one that is recorded at a door.
    pub fn errors_at_the_door(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut say = |pointer: &str, code: &'static str, zh: &'static str, en: &'static str| {
            errors.push(FieldError::new(pointer, code, Text::fixed(zh, en)));
        };
        if self.evidence.level() > 1 {
            let zh = "上门授权须有签名、指印或录音录像。";
            let en = "A mandate given at the door needs a signature, a fingerprint or a recording.";
            say("/evidence", "evidence_unfit", zh, en);
        }
        if self.evidence == MandateEvidence::Fingerprint && self.witness_name.is_none() {
            say("/witness_name", "witness_needed", "按手印需要见证人。", "A fingerprint needs a witness.");
        }
        if self.image_sha256.is_some() && !self.evidence.on_paper() {
            let zh = "只有签名或指印才有影像。";
            say("/image_sha256", "image_unfit", zh, "Only a signature or fingerprint has an image.");
        }
        errors
    }
}

/// 代理人
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Agent {
    /// A member of staff, at a visit.
    Staff {
        /// Their account.
        id: Uuid,
    },
    /// Another resident.
    Person {
        /// 姓名
        name: PersonName,
        /// 证件号码
        id_number: IdNumber,
    },
}

/// 授权终止原因
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MandateEnd {
    /// 事项办结: everything it was for is done.
    Completed,
    /// 期限届满
    Expired,
    /// 撤销: by the principal.
    Revoked,
    /// 委托人死亡
    PrincipalDied,
    /// 代理人死亡
    AgentDied,
    /// 代理人离岗
    AgentLeft,
}

impl MandateEnd {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            MandateEnd::Completed => "completed",
            MandateEnd::Expired => "expired",
            MandateEnd::Revoked => "revoked",
            MandateEnd::PrincipalDied => "principal_died",
            MandateEnd::AgentDied => "agent_died",
            MandateEnd::AgentLeft => "agent_left",
        }
    }

    /// By stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        use MandateEnd as E;
        [E::Completed, E::Expired, E::Revoked, E::PrincipalDied, E::AgentDied, E::AgentLeft]
            .into_iter()
            .find(|end| end.name() == name)
    }

    /// What the agent is told.
    fn refusal(self) -> (&'static str, &'static str) {
        match self {
            MandateEnd::Completed => {
                ("授权事项已办结，授权终止。", "The matter is done and the mandate with it.")
            }
            MandateEnd::Expired => ("授权已过期。", "The mandate has expired."),
            MandateEnd::Revoked => ("授权已被撤销。", "The mandate was revoked."),
            MandateEnd::PrincipalDied => ("委托人已死亡，授权终止。", "The principal has died."),
            MandateEnd::AgentDied => ("代理人已死亡，授权终止。", "The agent has died."),
            MandateEnd::AgentLeft => ("代理人已离岗，授权终止。", "The agent no longer works here."),
        }
    }
}

/// A matter of a mandate that has come to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The service item.
    pub matter: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// 授权书: a mandate as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Id; that of the visit, where it was recorded at one.
    pub id: Uuid,
    /// Counts its changes.
    pub version: i32,
    /// Where it was recorded; nowhere in particular, if in the mini-program.
    pub region: Option<Region>,
    /// Who may act.
    pub agent: Agent,
    /// For whom, in what, until when.
    pub mandate: Mandate,
    /// What of it is done, and when it was.
    pub done: Vec<Done>,
    /// The visit it was recorded at.
    pub visit: Option<Uuid>,
    /// When it was given.
    pub created_at: DateTime<Utc>,
    /// When it ended before its time, and why.
    pub ended: Option<(DateTime<Utc>, MandateEnd)>,
}

impl Standing {
    /// Why it no longer holds on that day, if it does not.
    pub fn end_on(&self, today: NaiveDate) -> Option<MandateEnd> {
        let over = || (self.mandate.valid_until < today).then_some(MandateEnd::Expired);
        self.ended.map(|(_, why)| why).or_else(over)
    }

    /// Whether it carries what is done for that person in `item` at that moment: what was done before the matter
    /// ended was done by right, whenever it becomes known.
    pub fn carries(&self, item: &str, principal: &IdNumber, at: DateTime<Utc>) -> Result<(), Refusal> {
        let refuse = |zh: &str, en: &str| Err(Refusal::conflict("mandate_missing", zh, en).on("民法典 165"));
        if &self.mandate.principal_id_number != principal {
            return refuse("授权人与申请人不一致。", "The mandate is somebody else's than the applicant's.");
        }
        if !self.mandate.matters.iter().any(|matter| matter == item) {
            return refuse("授权事项不包括本事项。", "The mandate does not cover this service item.");
        }
        let by_right = |why: MandateEnd| {
            matches!(why, MandateEnd::Completed | MandateEnd::AgentLeft | MandateEnd::AgentDied)
        };
        let ended_later = self.ended.is_some_and(|(end, why)| at < end && by_right(why));
        let expired = (self.mandate.valid_until < civil_date(at)).then_some(MandateEnd::Expired);
        let ended = self.ended.map(|(_, why)| why).filter(|_| !ended_later).or(expired);
        let done = || self.done.iter().any(|done| done.matter == item && done.at <= at);
        if let Some(end) = ended.or_else(|| done().then_some(MandateEnd::Completed)) {
            let (zh, en) = end.refusal();
            let refusal = Refusal::conflict("mandate_ended", zh, en).on("民法典 173");
            return Err(refusal.with("why", end.name().into()));
        }
        if self.mandate.evidence == MandateEvidence::Fingerprint && self.mandate.witness_name.is_none() {
            return refuse("按手印需要见证人。", "A fingerprint needs a witness.");
        }
        Ok(())
    }

    /// One of its matters is done; with the last of them it ends.
    pub fn finish(&mut self, item: &str, at: DateTime<Utc>) {
        if !self.done.iter().any(|done| done.matter == item) {
            self.done.push(Done { matter: item.to_owned(), at });
        }
        if self.ended.is_none()
            && self.mandate.matters.iter().all(|matter| self.done.iter().any(|done| &done.matter == matter))
        {
            self.ended = Some((at, MandateEnd::Completed));
        }
    }

    /// Ends it, unless it has ended.
    pub fn end(&mut self, why: MandateEnd, at: DateTime<Utc>) -> bool {
        let holds = self.ended.is_none();
        if holds {
            self.ended = Some((at, why));
        }
        holds
    }
}

/// 监护关系
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Guardianship {
    /// 父母
    Parent,
    /// 祖父母、外祖父母
    Grandparent,
    /// 成年兄姐
    Sibling,
    /// 指定或协议监护人
    Appointed,
}

/// 法定代理人: acts for a minor (民法典 23, 27); under fourteen their consent to the use of personal data is
/// needed as well (个人信息保护法 31).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Representative {
    /// 姓名
    pub name: PersonName,
    /// 证件号码
    pub id_number: IdNumber,
    /// 与未成年人的关系
    pub relation: Guardianship,
    /// 同意处理该未成年人的个人信息
    pub consent: bool,
}
