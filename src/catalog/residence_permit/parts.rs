//! The parts of the residence-permit form: the holder, the place, the ground, what is asked for, the agent.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::person_name::PersonName;

/// 申领人
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidenceHolder {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 常住户口所在地址
    #[schema(min_length = 4, max_length = 120)]
    pub registered_address: String,
    /// 户籍在本市 (晋江): then there is nothing to apply for.
    pub registered_in_city: bool,
    /// 联系电话
    pub phone: PhoneNumber,
}

/// 住所类型
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResidencePlaceKind {
    /// 租赁房屋
    Rented,
    /// 自有房屋
    Owned,
    /// 单位宿舍
    EmployerDormitory,
    /// 学校宿舍
    SchoolDormitory,
    /// 寄住亲友家
    WithRelatives,
}

/// 居住地
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidencePlace {
    /// 居住地住址
    #[schema(min_length = 4, max_length = 120)]
    pub address: String,
    /// 在本街道
    pub in_street: bool,
    /// 住所类型
    pub kind: ResidencePlaceKind,
    /// 居住登记日期
    pub registered_on: NaiveDate,
    /// 登记以来连续居住
    pub continuous: bool,
}

/// 申领依据
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ResidenceGround {
    /// 合法稳定就业
    Job {
        /// 用人单位或经营字号
        #[schema(min_length = 2, max_length = 80)]
        employer: String,
        /// 就业日期
        since: NaiveDate,
    },
    /// 合法稳定住所
    Home {
        /// 租赁期限至; left out for one's own home.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lease_until: Option<NaiveDate>,
    },
    /// 连续就读
    Study {
        /// 就读学校
        #[schema(min_length = 2, max_length = 80)]
        school: String,
        /// 入学日期
        since: NaiveDate,
    },
}

/// 已持有的居住证
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidencePermitHeld {
    /// 证件编号
    #[schema(min_length = 6, max_length = 32)]
    pub number: String,
    /// 签注有效期至: the day on which the present year of residence is full.
    pub endorsed_until: NaiveDate,
}

/// 换领补领原因
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResidenceReplaceReason {
    /// 损坏难以辨认 (换领)
    Damaged,
    /// 丢失 (补领)
    Lost,
}

/// 业务类型
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ResidencePurpose {
    /// 首次申领
    First {},
    /// 年度签注
    Endorse {
        /// 居住证
        permit: ResidencePermitHeld,
    },
    /// 住址变更
    ChangeAddress {
        /// 居住证
        permit: ResidencePermitHeld,
        /// 原住址
        #[schema(min_length = 4, max_length = 120)]
        previous_address: String,
        /// 搬迁日期
        moved_on: NaiveDate,
    },
    /// 换领、补领
    Replace {
        /// 居住证
        permit: ResidencePermitHeld,
        /// 原因
        reason: ResidenceReplaceReason,
    },
}

impl ResidencePurpose {
    /// The permit held, unless it is the first.
    pub fn permit(&self) -> Option<&ResidencePermitHeld> {
        match self {
            ResidencePurpose::First {} => None,
            ResidencePurpose::Endorse { permit }
            | ResidencePurpose::ChangeAddress { permit, .. }
            | ResidencePurpose::Replace { permit, .. } => Some(permit),
        }
    }
}

/// 代办关系
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResidenceAgentRelation {
    /// 监护人
    Guardian,
    /// 近亲属
    NearRelative,
}

/// 代办原因
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResidenceAgentReason {
    /// 未满16周岁
    Minor,
    /// 行动不便的老年人
    Elderly,
    /// 行动不便的残疾人
    Disabled,
    /// 其他行动不便
    HardToMove,
}

/// 代办人
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidenceAgent {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 与申领人的关系
    pub relation: ResidenceAgentRelation,
    /// 代办原因
    pub reason: ResidenceAgentReason,
    /// 联系电话
    pub phone: PhoneNumber,
}
