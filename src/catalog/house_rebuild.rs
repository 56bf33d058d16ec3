//! 危房翻建: a household asks to rebuild its dangerous house at its own cost (not the subsidy of 危房改造,
//! so no bank account is asked). 土地管理法 62, 78; 同法实施条例 34; 城乡规划法 41; 民法典 288, 293;
//! 行政许可法 34, 36, 42; 农经发〔2019〕6号.

mod entitlement;
mod materials;
pub mod plan;
pub mod policy;
mod rules;
mod sample;
pub mod site;
mod steps;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::guide::{Alias, Guide, ItemType};
use super::household::Family;
use super::item::{Facts, Finding, ServiceItem};
use super::violation::truth_declared;
use crate::domain::application::Track;
use crate::domain::deadline::Limit;
use crate::domain::id_number::IdNumber;
use crate::domain::lifecycle::ActionKind;
use crate::domain::limits::Limits;
use crate::domain::material::MaterialRequirement;
use crate::domain::person_name::PersonName;
use crate::domain::real_name::RealName;
use crate::domain::refusal::Refusal;
use crate::domain::text::{FieldError, Text};
use materials::materials;
use plan::HousePlan;
pub use policy::HouseRebuildPolicy;
use site::{HouseAppraisal, HouseGrade, HouseHead, HouseHomestead, HouseMember, HouseSite};
use steps::guard;

/// 危房翻建
pub struct HouseRebuild;

const GUIDE: Guide = Guide {
    code: "house_rebuild",
    version: 1,
    name: Text::fixed("危房翻建", "Rebuilding a dangerous house"),
    aliases: &[
        Alias::current("农村宅基地和村民住宅建设审批"),
        Alias::current("村民住宅建设"),
        Alias::current("农村建房审批"),
        Alias::former("农村私人建房审批", 2019),
    ],
    keywords: &["危房", "翻建", "建房", "宅基地", "盖房", "重建", "四邻", "规划许可", "鉴定"],
    item_type: ItemType::Licence,
    legal_basis: &[
        "土地管理法 62, 78",
        "土地管理法实施条例 34",
        "城乡规划法 41",
        "民法典 288, 293",
        "行政许可法 34, 36, 42",
        "农经发〔2019〕6号",
    ],
    accepting: "社区便民服务中心",
    deciding: "灵源街道办事处",
    departments: &["agriculture", "natural_resources", "housing"],
    conditions: &[
        Text::fixed(
            "房屋经鉴定为C级或D级；一户一宅；出卖、出租、赠与住宅后再申请的不予批准。",
            "The house is appraised C or D; one household, one homestead; whoever sold, let or gave a house away gets no new one.",
        ),
        Text::fixed(
            "已经居民小组或村(居)讨论同意并在集体内公示；四邻意见齐全。",
            "The collective has discussed and agreed to it and put up its notice; the four neighbours were asked.",
        ),
        Text::fixed(
            "20个工作日内决定，经批准可延长10日；集中联合审查的45日，可延长15日（行政许可法 42）。",
            "Decided within 20 working days, 10 more with approval; joint handling 45 and 15 (行政许可法 42).",
        ),
    ],
    flow: &[
        "申请",
        "接件",
        "受理",
        "联合审查",
        "选址踏勘",
        "公示",
        "决定",
        "送达",
        "放线",
        "基槽验线",
        "竣工验收",
        "办结",
    ],
    track: Track::Committed,
    limits: Limits {
        public_notice: Some(Limit::natural_days(7)),
        ..Limits::standard(Some(Limit::working_days(20)), Limit::working_days(20))
    },
    on_site_visits: 1,
    charges: false,
    fee: "不收费（行政许可法 58）",
    result: Text::fixed(
        "农村宅基地批准书、乡村建设规划许可证",
        "Homestead approval and rural building permit",
    ),
    enquiries: "0595-12345",
    complaints: "12345",
    real_name: RealName::HOUSING,
    sample_data: true,
};

/// 建设方式
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HouseBuildKind {
    /// 原址翻建
    SameSite,
    /// 改建
    Alter,
    /// 扩建
    Extend,
    /// 异地新建
    NewSite,
}

/// 许可证种类: land of a former village may lie inside the urban planning area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HousePermit {
    /// 乡村建设规划许可证
    Rural,
    /// 建设工程规划许可证
    Urban,
}

/// 集体讨论和公示 (土地管理法实施条例 34)
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseCollective {
    /// 讨论会议日期
    pub met_on: NaiveDate,
    /// 讨论同意
    pub agreed: bool,
    /// 村内公示起
    pub notice_from: NaiveDate,
    /// 村内公示止
    pub notice_to: NaiveDate,
}

/// 旧宅处置
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HouseClearance {
    /// 拆除旧房
    Demolish,
    /// 拆除并退回宅基地
    GiveBack,
}

/// 旧宅处置承诺
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseCommitment {
    /// 处置方式
    pub clearance: HouseClearance,
    /// 完成日期
    pub by: NaiveDate,
}

/// 共有人、继承人
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseCoOwner {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 同意翻建
    pub consents: bool,
}

/// 农村宅基地和建房(规划许可)申请表
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseRebuildForm {
    /// 户主
    pub head: HouseHead,
    /// 家庭成员, without the head.
    #[schema(max_items = 15)]
    pub members: Vec<HouseMember>,
    /// 因分户申请
    pub splits_household: bool,
    /// 现有宅基地及住房, also those sold, let or given away.
    #[schema(min_items = 1, max_items = 5)]
    pub homesteads: Vec<HouseHomestead>,
    /// 共有人、继承人 of the house.
    #[schema(max_items = 15)]
    pub co_owners: Vec<HouseCoOwner>,
    /// 房屋安全鉴定
    pub appraisal: HouseAppraisal,
    /// 建设方式
    pub kind: HouseBuildKind,
    /// 建房位置
    pub site: HouseSite,
    /// 拟建情况
    pub plan: HousePlan,
    /// 许可证种类
    pub permit: HousePermit,
    /// 集体讨论和公示
    pub collective: HouseCollective,
    /// 旧宅处置承诺
    pub commitment: HouseCommitment,
    /// 申请人声明属实
    #[validate(custom(function = "truth_declared"))]
    pub declared_true: bool,
}

impl HouseRebuildForm {
    /// 建房人口: the head and everybody registered with the household.
    pub fn persons(&self) -> usize {
        1 + self.members.iter().filter(|member| member.registered_here).count()
    }
}

impl ServiceItem for HouseRebuild {
    type Form = HouseRebuildForm;

    const GUIDE: Guide = GUIDE;

    fn rules(form: &Self::Form, facts: &Facts<'_>) -> Vec<FieldError> {
        rules::rules(form, facts.today, &facts.policies.house_rebuild)
    }

    fn materials(form: &Self::Form, _facts: &Facts<'_>) -> Vec<MaterialRequirement> {
        materials(form)
    }

    fn eligibility(form: &Self::Form, facts: &Facts<'_>) -> Vec<Finding> {
        entitlement::eligibility(form, facts.today, &facts.policies.house_rebuild)
    }

    fn guard(_form: &Self::Form, action: ActionKind, facts: &Facts<'_>) -> Result<(), Refusal> {
        guard(action, facts)
    }

    fn headline(form: &Self::Form) -> String {
        let kind = match form.kind {
            HouseBuildKind::SameSite => "原址翻建",
            HouseBuildKind::Alter => "改建",
            HouseBuildKind::Extend => "扩建",
            HouseBuildKind::NewSite => "异地新建",
        };
        let grade = match form.appraisal.grade {
            HouseGrade::A => "A",
            HouseGrade::B => "B",
            HouseGrade::C => "C",
            HouseGrade::D => "D",
        };
        format!("危房翻建 · {} · {} · {grade}级 · {kind}", form.head.name.masked(), form.site.community)
    }

    fn prefill(family: &Family) -> Value {
        serde_json::json!({"head": family.oneself(), "members": family.members_filled()})
    }

    fn sample() -> Value {
        sample::sample()
    }
}

#[cfg(test)]
mod tests;
