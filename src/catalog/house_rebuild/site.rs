//! What a house form is made of: the household, its present homesteads, the appraisal, and the position
//! with its four sides. Areas in dm² (0.01 m²), so that no measure is rounded.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalog::family::{MaritalStatus, Relation};
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::person_name::PersonName;

/// 户主
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseHead {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 联系电话
    pub phone: PhoneNumber,
    /// 户籍地址
    #[schema(min_length = 4, max_length = 120)]
    pub registered_address: String,
    /// 婚姻状况
    pub marital_status: MaritalStatus,
    /// 本集体经济组织成员
    pub collective_member: bool,
}

/// 家庭成员, without the head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseMember {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 与户主关系
    pub relation: Relation,
    /// 婚姻状况
    pub marital_status: MaritalStatus,
    /// 户籍在本户
    pub registered_here: bool,
}

/// 结构形式
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HouseStructure {
    /// 石结构
    Stone,
    /// 砖混
    BrickConcrete,
    /// 框架
    Frame,
    /// 土木
    EarthTimber,
    /// 砖木
    BrickTimber,
}

/// 权属来源
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "proof", rename_all = "snake_case", deny_unknown_fields)]
pub enum HouseTitle {
    /// 不动产权证、宅基地使用证
    Certificate {
        /// 证号
        #[schema(min_length = 4, max_length = 60)]
        number: String,
    },
    /// 村(居)证明
    VillageProof {},
}

/// 现状用途: what became of a homestead the household has or had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HouseUse {
    /// 自住
    OwnUse,
    /// 空置
    Vacant,
    /// 出租
    RentedOut,
    /// 出卖
    Sold,
    /// 赠与
    GivenAway,
}

/// 现有宅基地及住房
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseHomestead {
    /// 坐落
    #[schema(min_length = 4, max_length = 120)]
    pub location: String,
    /// 权属来源
    pub title: HouseTitle,
    /// 宅基地面积, dm².
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub land_area_dm2: u32,
    /// 建筑面积, dm².
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub floor_area_dm2: u32,
    /// 层数
    #[schema(minimum = 1, maximum = 20)]
    pub storeys: u8,
    /// 结构形式
    pub structure: HouseStructure,
    /// 建成年份
    #[schema(minimum = 1700, maximum = 2100)]
    pub built_year: u16,
    /// 现状用途
    pub used: HouseUse,
    /// 本次申请翻建的危房
    pub to_be_rebuilt: bool,
}

/// 危险性等级 (JGJ 125-2016; 建村函〔2019〕200号)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HouseGrade {
    /// A级: safe.
    A,
    /// B级: single members dangerous.
    B,
    /// C级: dangerous in part.
    C,
    /// D级: dangerous as a whole.
    D,
}

/// 房屋安全鉴定
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseAppraisal {
    /// 鉴定等级
    pub grade: HouseGrade,
    /// 鉴定机构
    #[schema(min_length = 4, max_length = 60)]
    pub body: String,
    /// 报告编号
    #[schema(min_length = 2, max_length = 60)]
    pub report_no: String,
    /// 报告日期
    pub reported_on: NaiveDate,
}

/// 方位
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HouseSide {
    /// 东
    East,
    /// 南
    South,
    /// 西
    West,
    /// 北
    North,
}

/// 邻居意见 (民法典 288, 293)
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "answer", rename_all = "snake_case", deny_unknown_fields)]
pub enum HouseOpinion {
    /// 同意
    Agree {
        /// 签字日期
        signed_on: NaiveDate,
    },
    /// 不同意
    Disagree {
        /// 理由
        #[schema(min_length = 2, max_length = 300)]
        reason: String,
    },
    /// 联系不上
    Unreachable {
        /// 联系经过: how and when it was tried.
        #[schema(min_length = 2, max_length = 300)]
        tried: String,
    },
    /// 无邻户: a road, a field, a wall of one's own.
    NoNeighbour {},
}

/// 四邻之一
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseNeighbour {
    /// 方位
    pub side: HouseSide,
    /// 四至: what the plot borders on there.
    #[schema(min_length = 1, max_length = 60)]
    pub boundary: String,
    /// 邻户户主; left out where nobody lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PersonName>,
    /// 意见
    pub opinion: HouseOpinion,
}

/// 建房位置
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseSite {
    /// 社区
    #[schema(min_length = 2, max_length = 30)]
    pub community: String,
    /// 居民小组
    #[schema(min_length = 1, max_length = 30)]
    pub group: String,
    /// 经度 (CGCS2000), millionths of a degree.
    #[schema(minimum = 118_200_000, maximum = 118_900_000)]
    pub longitude_e6: u32,
    /// 纬度 (CGCS2000), millionths of a degree.
    #[schema(minimum = 24_300_000, maximum = 25_000_000)]
    pub latitude_e6: u32,
    /// 四至和四邻意见: each side once.
    #[schema(min_items = 4, max_items = 4)]
    pub neighbours: Vec<HouseNeighbour>,
}
