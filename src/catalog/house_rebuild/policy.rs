//! The policy page of house building: areas, storeys and height by effective date, and the site visits with
//! the step before which each must have been passed (福建 四到场).

use chrono::NaiveDate;
use serde::Deserialize;

use super::plan::HouseLand;
use super::site::HouseGrade;

/// 政策参数: the page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HouseRebuildPolicy {
    /// 各版标准
    pub editions: Vec<HouseEdition>,
}

/// 一版标准
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HouseEdition {
    /// 生效日期
    pub from: NaiveDate,
    /// 失效日期; open while in force.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// Whether a number in it could not be verified locally.
    pub sample: bool,
    /// 依据
    pub source: String,
    /// 用地面积标准 by the number of persons.
    pub area_bands: Vec<HouseAreaBand>,
    /// 层数上限
    pub storeys: u8,
    /// 高度上限, cm.
    pub height_cm: u32,
    /// 建筑面积上限, dm².
    pub floor_area_dm2: u32,
    /// Grades that may be rebuilt.
    pub dangerous_grades: Vec<HouseGrade>,
    /// 鉴定报告有效月数
    pub appraisal_valid_months: u32,
    /// 村内公示最少天数
    pub village_notice_days: u32,
    /// 建设工期上限, months.
    pub build_within_months: u32,
    /// 旧宅处置期限, months after completion.
    pub clear_within_months: u32,
    /// 到场
    pub visits: Vec<HouseVisit>,
}

/// 用地面积标准
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HouseAreaBand {
    /// Up to so many persons.
    pub persons_to: usize,
    /// 用地面积, dm².
    pub land_dm2: u32,
    /// 利用未利用地的可增加面积, dm².
    pub unused_land_extra_dm2: u32,
}

/// 到场要求
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HouseVisit {
    /// Stage of the visit, as it is recorded.
    pub stage: String,
    /// 名称
    pub name: String,
    /// The step before which it belongs.
    pub before: HouseVisitBefore,
}

/// 到场时点
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HouseVisitBefore {
    /// 准予以前
    Approve,
    /// 办结以前
    Close,
}

impl HouseRebuildPolicy {
    /// The edition in force on a day.
    pub fn on(&self, day: NaiveDate) -> Option<&HouseEdition> {
        self.editions.iter().find(|edition| edition.from <= day && edition.to.is_none_or(|end| day <= end))
    }
}

impl HouseEdition {
    /// 用地面积上限 for so many persons on such land, dm².
    pub fn land_limit(&self, persons: usize, land: &HouseLand) -> u32 {
        let band = self.area_bands.iter().find(|band| persons <= band.persons_to);
        let extra = |band: &HouseAreaBand| match land {
            HouseLand::Unused {} => band.unused_land_extra_dm2,
            HouseLand::ConstructionLand {} | HouseLand::Farmland { .. } => 0,
        };
        band.map_or(0, |band| band.land_dm2 + extra(band))
    }
}
