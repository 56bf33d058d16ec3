//! The policy page of the housing aid: per quota year the window, the quota, the grant and the rules about
//! daughters and housing.

use chrono::NaiveDate;
use serde::Deserialize;

use super::parts::{AidProjectKind, HousingDifficulty};
use crate::catalog::house_rebuild::site::HouseGrade;
use crate::domain::payment::Fen;
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

impl HousingAidYear {
    /// 轮候顺序: less goes first; a difficulty that is not ranked comes last.
    pub fn rank(&self, difficulty: &HousingDifficulty) -> usize {
        let own = match difficulty {
            HousingDifficulty::Dangerous { .. } => HousingAidRank::Dangerous,
            HousingDifficulty::NoneOwned {} => HousingAidRank::NoneOwned,
            HousingDifficulty::Crowded { .. } => HousingAidRank::Crowded,
        };
        self.ranking.iter().position(|rank| *rank == own).unwrap_or(self.ranking.len())
    }
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
