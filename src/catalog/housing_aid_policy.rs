//! The policy page of the housing aid: per quota year the window, the quota, the grant and the rules about
//! daughters and housing, and the steps that hang on them.

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

use super::house_rebuild_site::HouseGrade;
use super::housing_aid_parts::AidProjectKind;
use super::item::Facts;
use crate::domain::lifecycle::ActionKind;
use crate::domain::payment::Fen;
use crate::domain::refusal::Refusal;
use crate::domain::text::Text;

/// 政策参数: the page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HousingAidPolicy {
    /// 各年度
    pub years: Vec<HousingAidYear>,
}

/// 年度政策
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HousingAidYear {
    /// 申报年度
    pub year: i32,
    /// Whether a number in it could not be verified locally.
    pub sample: bool,
    /// 依据
    pub source: String,
    /// 申报期起
    pub window_from: NaiveDate,
    /// 申报期止
    pub window_to: NaiveDate,
    /// 名额
    pub quota: u32,
    /// Fewest daughters.
    pub least_daughters: usize,
    /// Most daughters.
    pub most_daughters: usize,
    /// Whether an adopted daughter is admitted.
    pub admits_adopted: bool,
    /// Whether a child who died still counts.
    pub counts_deceased: bool,
    /// 限农村户籍
    pub rural_only: bool,
    /// Grades that count as dangerous.
    pub dangerous_grades: Vec<HouseGrade>,
    /// 人均住房面积 below which a family lives crowded, dm².
    pub crowded_below_dm2: u32,
    /// 工期上限, months.
    pub finish_within_months: u32,
    /// 补助标准
    pub grants: Vec<HousingAidGrant>,
    /// 轮候顺序
    pub ranking: Vec<HousingAidRank>,
}

/// 补助标准
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HousingAidGrant {
    /// For which kind of project.
    pub kind: AidProjectKind,
    /// 开工拨付, fen.
    pub start_fen: Fen,
    /// 竣工拨付, fen.
    pub completion_fen: Fen,
}

/// 轮候类别
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HousingAidRank {
    /// 危房
    Dangerous,
    /// 无房
    NoneOwned,
    /// 拥挤
    Crowded,
}

impl HousingAidPolicy {
    /// The page of a quota year.
    pub fn of_year(&self, year: i32) -> Option<&HousingAidYear> {
        self.years.iter().find(|page| page.year == year)
    }

    /// Whether one may apply for that year on that day.
    pub fn is_open(&self, year: i32, today: NaiveDate) -> bool {
        self.of_year(year).is_some_and(|page| (page.window_from..=page.window_to).contains(&today))
    }

    /// 可申报年度 on a day.
    pub fn open_years(&self, today: NaiveDate) -> Vec<i32> {
        self.years.iter().map(|page| page.year).filter(|year| self.is_open(*year, today)).collect()
    }

    /// Why one cannot apply for that year on that day.
    pub fn closed(&self, year: i32, today: NaiveDate) -> Text {
        if let Some(page) = self.of_year(year) {
            let (from, to) = (page.window_from, page.window_to);
            return Text::new(
                format!("{year}年度申报期为{from}至{to}。"),
                format!("Applications for {year}: {from} to {to}."),
            );
        }
        let open: Vec<String> = self.open_years(today).iter().map(i32::to_string).collect();
        Text::new(
            format!("没有{year}年度的申报安排；目前可申报：{}。", open.join("、")),
            format!("There is no round for {year}; open now: {}.", open.join(", ")),
        )
    }
}

/// Step rules: a draft must not outlive the window; a grant needs the finished notice.
pub fn guard(year: i32, action: ActionKind, facts: &Facts<'_>) -> Result<(), Refusal> {
    let policy = &facts.policies.housing_aid;
    match action {
        ActionKind::Submit if !policy.is_open(year, facts.today) => {
            let text = policy.closed(year, facts.today);
            Err(Refusal::conflict("window_closed", text.zh, text.en)
                .on("安居工程年度申报安排")
                .with("open_years", Value::from(policy.open_years(facts.today))))
        }
        ActionKind::Approve => notice_over(facts),
        ActionKind::Close => completed(facts),
        _ => Ok(()),
    }
}

fn notice_over(facts: &Facts<'_>) -> Result<(), Refusal> {
    let Some(notice) = facts.notice.filter(|notice| notice.closed_at.is_some()) else {
        return Err(Refusal::conflict(
            "notice_not_over",
            "公示尚未结束，不能准予。",
            "The public notice is not over, so it cannot be granted.",
        )
        .on("公示期满"));
    };
    let mut resolutions = notice.objections.iter().filter_map(|objection| objection.resolution.as_ref());
    if resolutions.any(|resolution| resolution.upheld) {
        return Err(Refusal::conflict(
            "objection_upheld",
            "公示异议成立，不能准予。",
            "An objection was upheld, so it cannot be granted.",
        )
        .on("行政许可法 36"));
    }
    Ok(())
}

/// Once somebody went to look at the finished home, the last look must have been satisfactory.
fn completed(facts: &Facts<'_>) -> Result<(), Refusal> {
    match facts.site_visits.iter().rev().find(|visit| visit.stage == "completion") {
        Some(visit) if !visit.passed => Err(Refusal::conflict(
            "completion_not_passed",
            "竣工核查未通过，不能办结。",
            "The home was not found complete, so the case cannot be closed.",
        )),
        Some(_) | None => Ok(()),
    }
}
