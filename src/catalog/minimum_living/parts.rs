//! The household on the minimum-living form: its members with their income, its property, its special
//! outlays, and the relatives who do not live with it but owe it support. All amounts by the month, in fen.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::catalog::family::Relation;
use crate::catalog::violation::violation;
use crate::domain::id_number::IdNumber;
use crate::domain::payment::Fen;
use crate::domain::person_name::PersonName;

/// 健康状况
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MinimumLivingHealth {
    /// 健康
    Healthy,
    /// 慢性病
    ChronicIllness,
    /// 重大疾病
    SeriousIllness,
}

/// 就业状况
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MinimumLivingWork {
    /// 在职
    Employed,
    /// 灵活就业
    Flexible,
    /// 务农
    Farming,
    /// 有劳动能力但未就业
    Jobless,
    /// 学龄前或在校
    Student,
    /// 退休
    Retired,
    /// 无劳动能力
    UnableToWork,
}

/// 收入种类 (民发〔2021〕57号)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MinimumLivingIncomeKind {
    /// 工资性收入
    Wage,
    /// 经营净收入
    Business,
    /// 财产净收入 (rent, interest, dividends)
    Property,
    /// 养老金、离退休金
    Pension,
    /// 其他转移净收入
    Transfer,
    /// 其他收入
    Other,
    /// 优待抚恤金
    Preferential,
    /// 计划生育奖励与扶助金
    FamilyPlanningAward,
    /// 高龄津贴
    OldAgeAllowance,
    /// 残疾人两项补贴
    DisabilitySubsidy,
    /// 奖助学金
    Scholarship,
}

/// 收入
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MinimumLivingIncome {
    /// 种类
    pub kind: MinimumLivingIncomeKind,
    /// 月均收入, fen.
    #[schema(value_type = i64, minimum = 1, maximum = 100_000_000)]
    pub monthly_fen: Fen,
    /// 来源, e.g. the employer.
    #[schema(min_length = 1, max_length = 60)]
    pub source: String,
}

/// 共同生活的家庭成员
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MinimumLivingMember {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 与申请人的关系
    pub relation: Relation,
    /// 户籍地址
    #[schema(min_length = 4, max_length = 120)]
    pub registered_address: String,
    /// 户籍在本街道
    pub registered_in_street: bool,
    /// 健康状况
    pub health: MinimumLivingHealth,
    /// 残疾等级 of the disability certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 4)]
    pub disability_grade: Option<u8>,
    /// 就业状况
    pub work: MinimumLivingWork,
    /// 收入, every kind once.
    #[schema(max_items = 11)]
    pub incomes: Vec<MinimumLivingIncome>,
    /// 已纳入特困人员供养
    pub destitute_support: bool,
    /// 授权核对家庭经济状况: by each member, for a child by its guardian.
    #[validate(custom(function = "authorised"))]
    pub data_check_authorised: bool,
}

fn authorised(given: &bool) -> Result<(), ValidationError> {
    if *given {
        return Ok(());
    }
    Err(violation(
        "not_authorised",
        "每位成员都须授权核对家庭经济状况，否则无法受理。",
        "Every member has to authorise the check of the household's means.",
    ))
}

/// 车辆种类
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MinimumLivingVehicleKind {
    /// 汽车
    Car,
    /// 货车、工程车
    Truck,
    /// 船舶
    Boat,
    /// 摩托车
    Motorcycle,
    /// 电动车
    Electric,
    /// 残疾人代步车
    DisabilityVehicle,
    /// 农用机械
    FarmMachine,
}

/// 机动车辆
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MinimumLivingVehicle {
    /// 种类
    pub kind: MinimumLivingVehicleKind,
    /// 号牌, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 5, max_length = 12)]
    pub plate: Option<String>,
}

/// 房屋用途
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MinimumLivingHouseUse {
    /// 自住
    LivedIn,
    /// 出租
    Let,
    /// 空置
    Vacant,
    /// 商铺、厂房
    Commercial,
    /// 已倒塌或鉴定为D级危房
    Uninhabitable,
}

/// 房屋
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MinimumLivingHouse {
    /// 坐落
    #[schema(min_length = 4, max_length = 120)]
    pub address: String,
    /// 建筑面积, in units of 0.01 m² (dm²).
    #[schema(minimum = 1, maximum = 10_000_000)]
    pub area_dm2: u32,
    /// 用途
    pub used: MinimumLivingHouseUse,
}

/// 企业、个体工商户
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MinimumLivingEnterprise {
    /// 名称
    #[schema(min_length = 2, max_length = 80)]
    pub name: String,
    /// 出资比例, percent.
    #[schema(minimum = 0, maximum = 100)]
    pub share_percent: u8,
    /// 是否在经营
    pub operating: bool,
}

/// 家庭财产
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MinimumLivingProperty {
    /// 现金、存款, fen.
    #[schema(value_type = i64, minimum = 0, maximum = 100_000_000_000i64)]
    pub deposits_fen: Fen,
    /// 证券、基金、理财、商业保险现金价值, fen.
    #[schema(value_type = i64, minimum = 0, maximum = 100_000_000_000i64)]
    pub securities_fen: Fen,
    /// 债权, fen.
    #[schema(value_type = i64, minimum = 0, maximum = 100_000_000_000i64)]
    pub claims_fen: Fen,
    /// 机动车辆
    #[schema(max_items = 20)]
    pub vehicles: Vec<MinimumLivingVehicle>,
    /// 房屋
    #[schema(max_items = 20)]
    pub houses: Vec<MinimumLivingHouse>,
    /// 企业、个体工商户
    #[schema(max_items = 20)]
    pub enterprises: Vec<MinimumLivingEnterprise>,
}

/// 刚性支出种类
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MinimumLivingOutlayKind {
    /// 医疗自付
    Medical,
    /// 残疾康复、照护
    Rehabilitation,
    /// 教育
    Education,
    /// 就业成本
    Employment,
    /// 其他
    Other,
}

/// 刚性支出
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MinimumLivingOutlay {
    /// 种类
    pub kind: MinimumLivingOutlayKind,
    /// 月均支出, fen.
    #[schema(value_type = i64, minimum = 1, maximum = 100_000_000)]
    pub monthly_fen: Fen,
    /// 说明
    #[schema(min_length = 1, max_length = 120)]
    pub note: String,
}

/// 不共同生活的赡养、抚养、扶养义务人
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MinimumLivingSupporter {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 与申请人的关系
    pub relation: Relation,
    /// 每月给付, fen; 0 when nothing is paid.
    #[schema(value_type = i64, minimum = 0, maximum = 100_000_000)]
    pub monthly_fen: Fen,
}
