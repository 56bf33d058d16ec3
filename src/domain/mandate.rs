//! A mandate: the ground on which somebody acts for somebody else (民法典 161, 165, 173): agent, matters, period
//! and evidence. It ends when everything is done or its time is over, when it is revoked, and with a death.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::id_number::IdNumber;
use super::person_name::PersonName;
use super::refusal::Refusal;
use super::region::Region;

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
    /// What of it is done.
    pub done: Vec<String>,
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

    /// Whether it carries `item` for that person on that day.
    pub fn carries(&self, item: &str, principal: &IdNumber, today: NaiveDate) -> Result<(), Refusal> {
        let refuse = |zh: &str, en: &str| Err(Refusal::conflict("mandate_missing", zh, en).on("民法典 165"));
        if &self.mandate.principal_id_number != principal {
            return refuse("授权人与申请人不一致。", "The mandate is somebody else's than the applicant's.");
        }
        if !self.mandate.matters.iter().any(|matter| matter == item) {
            return refuse("授权事项不包括本事项。", "The mandate does not cover this service item.");
        }
        if let Some(end) = self.end_on(today) {
            let (zh, en) = end.refusal();
            return Err(Refusal::conflict("mandate_ended", zh, en)
                .on("民法典 173")
                .with("why", end.name().into()));
        }
        if self.done.iter().any(|done| done == item) {
            let (zh, en) = MandateEnd::Completed.refusal();
            return Err(Refusal::conflict("mandate_ended", zh, en)
                .on("民法典 173")
                .with("why", "completed".into()));
        }
        if self.mandate.evidence == MandateEvidence::Fingerprint && self.mandate.witness_name.is_none() {
            return refuse("按手印需要见证人。", "A fingerprint needs a witness.");
        }
        Ok(())
    }

    /// One of its matters is done; with the last of them it ends.
    pub fn finish(&mut self, item: &str, at: DateTime<Utc>) {
        if !self.done.iter().any(|done| done == item) {
            self.done.push(item.to_owned());
        }
        if self.ended.is_none() && self.mandate.matters.iter().all(|matter| self.done.contains(matter)) {
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
