//! The people on the pension form: who is insured, which group they belong to, and who pays.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalog::family::Relation;
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::person_name::PersonName;

/// 其他养老保险
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PensionOtherScheme {
    /// 未参加
    None,
    /// 职工基本养老保险
    Employee,
    /// 机关事业单位养老保险
    CivilService,
}

/// 特殊参保群体: groups for whom the government pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PensionAidCategory {
    /// 重度残疾人 (grades 1 and 2)
    SevereDisability,
    /// 特困人员
    Destitute,
    /// 最低生活保障对象
    MinimumLiving,
    /// 防止返贫监测对象
    Monitored,
}

/// 参保人
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PensionInsured {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 户籍地址
    #[schema(min_length = 4, max_length = 120)]
    pub registered_address: String,
    /// 户籍在本市
    pub registered_locally: bool,
    /// 现居住地址
    #[schema(min_length = 4, max_length = 120)]
    pub residence_address: String,
    /// 联系电话
    pub phone: PhoneNumber,
    /// 在校学生
    pub student: bool,
    /// 其他养老保险
    pub other_scheme: PensionOtherScheme,
    /// 已领取养老待遇
    pub drawing_pension: bool,
}

/// 缴费人: the insured or a relative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PensionPayer {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 与参保人的关系
    pub relation: Relation,
}
