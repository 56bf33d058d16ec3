//! What a housing aid form is made of: husband and wife, the certificates as mere facts, the housing
//! difficulty and the project. Health facts are booleans only (个人信息保护法 28).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalog::house_rebuild::site::HouseGrade;
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::payment::Fen;
use crate::domain::person_name::PersonName;

/// 夫或妻
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AidSpouse {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 联系电话
    pub phone: PhoneNumber,
    /// 户籍地址
    #[schema(min_length = 4, max_length = 120)]
    pub registered_address: String,
    /// 户籍在本街道
    pub registered_locally: bool,
    /// 农业户口或本集体经济组织成员
    pub rural: bool,
    /// 初婚
    pub first_marriage: bool,
}

/// 计生证件情况: whether a document exists, never what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AidCertificates {
    /// 持有独生子女父母光荣证
    pub only_child_certificate: bool,
    /// 持有二女户节育措施证明
    pub two_daughters_certificate: bool,
    /// 有违反生育政策记录
    pub policy_violation: bool,
}

/// 住房困难情形
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum HousingDifficulty {
    /// 无房
    NoneOwned {},
    /// 危房
    Dangerous {
        /// 鉴定等级
        grade: HouseGrade,
        /// 鉴定报告编号
        #[schema(min_length = 2, max_length = 60)]
        report_no: String,
    },
    /// 人均住房面积过小
    Crowded {
        /// 现住房建筑面积, dm².
        #[schema(minimum = 1, maximum = 1_000_000)]
        floor_area_dm2: u32,
        /// 同住人口
        #[schema(minimum = 1, maximum = 30)]
        persons: u32,
    },
}

/// 收入情况
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AidIncome {
    /// 低保
    MinimumLiving,
    /// 低收入
    LowIncome,
    /// 一般
    Ordinary,
}

/// 建设方式
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AidProjectKind {
    /// 新建
    NewBuild,
    /// 翻建
    Rebuild,
    /// 购房
    Purchase,
}

/// 安居项目
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AidProject {
    /// 建设方式
    pub kind: AidProjectKind,
    /// 地点
    #[schema(min_length = 4, max_length = 120)]
    pub location: String,
    /// 建筑面积, dm².
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub floor_area_dm2: u32,
    /// 预计造价或房价, fen.
    pub cost_fen: Fen,
    /// 计划开工或签约日期
    pub start_on: NaiveDate,
    /// 计划竣工或入住日期
    pub finish_on: NaiveDate,
    /// 建房审批的收件编号: the application for the same house, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 6, max_length = 40)]
    pub building_receipt_no: Option<String>,
}

/// 已享受的补助
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AidEarlierGrant {
    /// 名称
    #[schema(min_length = 2, max_length = 60)]
    pub name: String,
    /// 年份
    #[schema(minimum = 1980, maximum = 2100)]
    pub year: i32,
    /// 金额, fen.
    pub amount_fen: Fen,
    /// 属于建房、购房补助
    pub for_housing: bool,
}
