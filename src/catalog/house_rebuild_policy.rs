//! The policy page of house building: areas, storeys and height by effective date, and the site visits with
//! the step before which each must have been passed (福建 四到场).

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

use super::house_rebuild_plan::HouseLand;
use super::house_rebuild_site::HouseGrade;
use super::item::Facts;
use crate::domain::lifecycle::ActionKind;
use crate::domain::refusal::Refusal;
use crate::domain::review::{PublicNotice, SiteVisit};

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

/// What must have happened before a step; everything missing is told at once.
pub fn guard(action: ActionKind, facts: &Facts<'_>) -> Result<(), Refusal> {
    let visits = facts.policies.house_rebuild.on(facts.today).map_or(&[][..], |edition| &edition.visits);
    match action {
        ActionKind::Accept | ActionKind::AcceptWithPromise => appraisal_supplied(facts),
        ActionKind::Approve => {
            let mut missing = unpassed(visits, HouseVisitBefore::Approve, facts.site_visits);
            missing.extend(notice_gap(facts.notice));
            refuse(missing, "行政许可法 34, 36; 农经发〔2019〕6号")
        }
        // Whether the decision was a grant is not among the facts; but the ground is only staked out
        // after a grant, so a case with such a visit is a granted one. A granted case that was never
        // staked out closes unbuilt: the permit lapses.
        ActionKind::Close => {
            let after: Vec<_> =
                visits.iter().filter(|visit| visit.before == HouseVisitBefore::Close).collect();
            let begun =
                facts.site_visits.iter().any(|done| after.iter().any(|visit| visit.stage == done.stage));
            let missing =
                if begun { unpassed(visits, HouseVisitBefore::Close, facts.site_visits) } else { Vec::new() };
            refuse(missing, "农经发〔2019〕6号; 土地管理法 62")
        }
        _ => Ok(()),
    }
}

fn appraisal_supplied(facts: &Facts<'_>) -> Result<(), Refusal> {
    if facts.supplied.iter().any(|code| code == "appraisal_report") {
        return Ok(());
    }
    Err(Refusal::conflict(
        "appraisal_missing",
        "未提交房屋安全鉴定报告，不能受理，也不能容缺。",
        "Without the appraisal report it cannot be accepted, not even against a promise.",
    )
    .on("JGJ 125-2016; 建村函〔2019〕200号"))
}

/// Names of the visits of that step whose latest record is not a pass: a later failure undoes a pass.
fn unpassed(
    visits: &[HouseVisit],
    before: HouseVisitBefore,
    done: &[SiteVisit],
) -> Vec<(String, &'static str)> {
    let wanted = visits.iter().filter(|visit| visit.before == before);
    let passed =
        |stage: &str| done.iter().rev().find(|visit| visit.stage == stage).is_some_and(|visit| visit.passed);
    wanted
        .filter(|visit| !passed(&visit.stage))
        .map(|visit| (format!("“{}”到场核查未通过", visit.name), "a site visit has not been passed"))
        .collect()
}

fn notice_gap(notice: Option<&PublicNotice>) -> Option<(String, &'static str)> {
    let Some(notice) = notice.filter(|notice| notice.closed_at.is_some()) else {
        return Some(("公示尚未结束".to_owned(), "the public notice is not over"));
    };
    let upheld = |resolution: &crate::domain::review::Resolution| resolution.upheld;
    let founded = notice.objections.iter().any(|objection| objection.resolution.as_ref().is_some_and(upheld));
    founded.then(|| ("公示异议成立".to_owned(), "an objection was upheld"))
}

fn refuse(missing: Vec<(String, &'static str)>, basis: &'static str) -> Result<(), Refusal> {
    if missing.is_empty() {
        return Ok(());
    }
    let (zh, mut en): (Vec<String>, Vec<&str>) = missing.into_iter().unzip();
    en.dedup();
    let detail = format!("还不能办理此步：{}。", zh.join("；"));
    Err(Refusal::conflict("steps_missing", detail, format!("Not yet possible: {}.", en.join("; ")))
        .on(basis)
        .with("missing", Value::from(zh)))
}
