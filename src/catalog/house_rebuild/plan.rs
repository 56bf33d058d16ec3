//! The building planned on a house form: sizes, land, drawing and builder. Areas in dm² (0.01 m²).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::site::HouseStructure;
use crate::domain::contact::PhoneNumber;
use crate::domain::credit_code::CreditCode;
use crate::domain::person_name::PersonName;

/// 屋面形式
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HouseRoof {
    /// 平屋面
    Flat,
    /// 坡屋面
    Pitched,
}

/// 用地类型
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum HouseLand {
    /// 现有建设用地
    ConstructionLand {},
    /// 未利用地
    Unused {},
    /// 农用地: needs the conversion of 土地管理法 44 first.
    Farmland {
        /// 农用地转用批准文号, once there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(min_length = 4, max_length = 60)]
        conversion_no: Option<String>,
    },
}

/// 图纸来源
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum HouseDrawing {
    /// 通用图集
    Standard {
        /// 图集编号
        #[schema(min_length = 2, max_length = 40)]
        number: String,
    },
    /// 委托设计
    Designed {
        /// 设计单位或设计人
        #[schema(min_length = 2, max_length = 60)]
        designer: String,
        /// 资质或注册证号
        #[schema(min_length = 2, max_length = 40)]
        licence_no: String,
    },
}

/// 施工方
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum HouseBuilder {
    /// 乡村建设工匠
    Craftsman {
        /// 姓名
        name: PersonName,
        /// 培训合格证号
        #[schema(min_length = 4, max_length = 40)]
        certificate_no: String,
        /// 联系电话
        phone: PhoneNumber,
    },
    /// 施工企业
    Company {
        /// 名称
        #[schema(min_length = 4, max_length = 60)]
        name: String,
        /// 统一社会信用代码
        credit_code: CreditCode,
        /// 资质证书号
        #[schema(min_length = 4, max_length = 40)]
        certificate_no: String,
    },
}

/// 拟建情况
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HousePlan {
    /// 申请用地面积, dm².
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub land_area_dm2: u32,
    /// 占地(基底)面积, dm².
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub footprint_dm2: u32,
    /// 建筑面积, dm².
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub floor_area_dm2: u32,
    /// 层数
    #[schema(minimum = 1, maximum = 20)]
    pub storeys: u8,
    /// 建筑高度, cm.
    #[schema(minimum = 200, maximum = 10_000)]
    pub height_cm: u32,
    /// 结构形式
    pub structure: HouseStructure,
    /// 屋面形式
    pub roof: HouseRoof,
    /// 用地类型
    pub land: HouseLand,
    /// 图纸来源
    pub drawing: HouseDrawing,
    /// 施工方
    pub builder: HouseBuilder,
    /// 计划开工日期
    pub start_on: NaiveDate,
    /// 计划竣工日期
    pub finish_on: NaiveDate,
}
