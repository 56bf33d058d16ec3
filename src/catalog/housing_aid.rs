//! 二女户、独女户安居工程: a one-off grant towards a home for a couple with one or two daughters, a yearly
//! item with a quota. 人口与计划生育法 23, 27, 31 (whoever was entitled keeps the right); the local rules
//! were not found, so everything numeric is data.

mod entitlement;
mod materials;
pub mod parts;
pub mod policy;
mod rules;
mod steps;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::family::{Child, MaritalStatus, PayeeAccount};
use super::guide::{Alias, Guide, ItemType};
use super::household::Family;
use super::item::{Facts, Finding, Place, ServiceItem};
use super::violation::truth_declared;
use crate::domain::application::Track;
use crate::domain::deadline::Limit;
use crate::domain::lifecycle::ActionKind;
use crate::domain::limits::Limits;
use crate::domain::material::MaterialRequirement;
use crate::domain::real_name::RealName;
use crate::domain::refusal::Refusal;
use crate::domain::text::{FieldError, Text};
use materials::materials;
use parts::{AidCertificates, AidEarlierGrant, AidIncome, AidProject, AidSpouse, HousingDifficulty};
pub use policy::HousingAidPolicy;
use steps::guard;

/// 二女户、独女户安居工程
pub struct HousingAid;

const GUIDE: Guide = Guide {
    code: "housing_aid",
    version: 1,
    name: Text::fixed("二女户、独女户安居工程", "Housing aid for families with one or two daughters"),
    aliases: &[
        Alias::current("安居工程"),
        Alias::current("二女户安居工程"),
        Alias::current("独女户安居工程"),
        Alias::former("计生户安居工程", 2021),
    ],
    keywords: &["二女户", "独女户", "女儿", "计生", "安居", "建房补助", "奖励"],
    item_type: ItemType::Reward,
    legal_basis: &["人口与计划生育法 23, 27, 31", "福建省人口与计划生育条例"],
    accepting: "社区便民服务中心",
    deciding: "晋江市卫生健康局、晋江市财政局",
    departments: &["health", "finance"],
    conditions: &[
        Text::fixed(
            "农村独女户或二女户，持有独生子女父母光荣证或二女户证明，无违反生育政策记录。",
            "A rural family of one or two daughters with the certificate of its kind and no violation of the birth policy of its time.",
        ),
        Text::fixed(
            "无房、住危房或人均住房面积低于标准；未享受过建房、购房补助。",
            "Without a house, in a dangerous one, or with too little room per head; no housing grant before.",
        ),
        Text::fixed(
            "每年集中申报，有名额限制；超出名额的按住房困难程度轮候。",
            "A yearly round with a quota; beyond it one waits in the order of the difficulty.",
        ),
    ],
    flow: &[
        "申请",
        "社区核查",
        "接件",
        "受理",
        "部门审查",
        "公示",
        "决定",
        "送达",
        "拨付",
        "竣工核查",
        "办结",
    ],
    track: Track::Committed,
    limits: Limits {
        public_notice: Some(Limit::natural_days(7)),
        ..Limits::standard(None, Limit::working_days(30))
    },
    on_site_visits: 1,
    charges: false,
    fee: "不收费",
    result: Text::fixed(
        "安居工程补助决定（开工、竣工两次拨付）",
        "Decision on the grant, paid at the start and on completion",
    ),
    enquiries: "0595-12345",
    complaints: "12345",
    real_name: RealName::HOUSING,
    sample_data: true,
};

/// 安居工程申请表
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HousingAidForm {
    /// 申报年度
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    /// 社区
    #[schema(min_length = 2, max_length = 30)]
    pub community: String,
    /// 丈夫; left out by a widow or divorced wife.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub husband: Option<AidSpouse>,
    /// 妻子; left out by a widower or divorced husband.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wife: Option<AidSpouse>,
    /// 婚姻状况
    pub marital_status: MaritalStatus,
    /// 结婚登记日期
    pub married_on: NaiveDate,
    /// 子女: every child born or adopted, also one who died.
    #[schema(min_items = 1, max_items = 10)]
    pub children: Vec<Child>,
    /// 计生证件情况
    pub certificates: AidCertificates,
    /// 住房困难情形
    pub difficulty: HousingDifficulty,
    /// 收入情况
    pub income: AidIncome,
    /// 安居项目
    pub project: AidProject,
    /// 已享受的补助
    #[schema(max_items = 10)]
    pub earlier_grants: Vec<AidEarlierGrant>,
    /// 收款账户 of husband or wife.
    pub payee: PayeeAccount,
    /// 申请人声明属实
    #[validate(custom(function = "truth_declared"))]
    pub declared_true: bool,
}

impl HousingAidForm {
    /// 夫妻双方, whoever is on the form.
    pub fn spouses(&self) -> impl Iterator<Item = &AidSpouse> {
        self.husband.iter().chain(self.wife.iter())
    }
}

impl ServiceItem for HousingAid {
    type Form = HousingAidForm;

    const GUIDE: Guide = GUIDE;

    fn rules(form: &Self::Form, facts: &Facts<'_>) -> Vec<FieldError> {
        let mut errors = rules::rules(form, facts.today, &facts.policies.housing_aid);
        errors.extend(rules::household(form, facts));
        errors
    }

    fn materials(form: &Self::Form, _facts: &Facts<'_>) -> Vec<MaterialRequirement> {
        materials(form)
    }

    fn eligibility(form: &Self::Form, facts: &Facts<'_>) -> Vec<Finding> {
        entitlement::eligibility(form, &facts.policies.housing_aid)
    }

    fn guard(form: &Self::Form, action: ActionKind, facts: &Facts<'_>) -> Result<(), Refusal> {
        guard(form.year, action, facts)
    }

    fn place(form: &Self::Form, facts: &Facts<'_>) -> Option<Place> {
        facts.policies.housing_aid.of_year(form.year).map(|page| Place {
            round: page.year.to_string(),
            places: i64::from(page.quota),
            rank: page.rank(&form.difficulty),
        })
    }

    /// The applicant's name only: children are no matter for a queue.
    fn headline(form: &Self::Form) -> String {
        let name = form.spouses().next().map(|spouse| spouse.name.masked()).unwrap_or_default();
        format!("安居工程 · {name} · {} · {}年度", form.community, form.year)
    }

    fn prefill(family: &Family) -> Value {
        json!({
            "husband": family.husband(), "wife": family.wife(), "marital_status": family.marital_status(),
            "children": family.children_filled(),
        })
    }

    fn sample() -> Value {
        json!({
            "year": 2026,
            "community": "林口社区",
            "husband": {
                "name": "吴志明",
                "id_number": "350582197806120313",
                "phone": "13805950006",
                "registered_address": "福建省晋江市灵源街道林口社区南区6号",
                "registered_locally": true,
                "rural": true,
                "first_marriage": true
            },
            "wife": {
                "name": "蔡丽珠",
                "id_number": "35058219800923032X",
                "phone": "13805950007",
                "registered_address": "福建省晋江市灵源街道林口社区南区6号",
                "registered_locally": true,
                "rural": true,
                "first_marriage": true
            },
            "marital_status": "married",
            "married_on": "2002-10-01",
            "children": [
                {"name": "吴雅婷", "sex": "female", "birth_date": "2004-05-08", "adopted": false, "alive": true},
                {"name": "吴雅琳", "sex": "female", "birth_date": "2009-07-14", "adopted": false, "alive": true}
            ],
            "certificates": {
                "only_child_certificate": false,
                "two_daughters_certificate": true,
                "policy_violation": false
            },
            "difficulty": {"kind": "dangerous", "grade": "d", "report_no": "FJ-2026-0702"},
            "income": "low_income",
            "project": {
                "kind": "rebuild",
                "location": "林口社区南区6号",
                "floor_area_dm2": 24_000,
                "cost_fen": 36_000_000,
                "start_on": "2027-03-01",
                "finish_on": "2028-02-28"
            },
            "earlier_grants": [
                {"name": "计生家庭奖励扶助", "year": 2024, "amount_fen": 120_000, "for_housing": false}
            ],
            "payee": {"holder": "蔡丽珠", "number": "6217000000000000129", "bank": "晋江农商银行灵源支行"},
            "declared_true": true
        })
    }
}

#[cfg(test)]
mod tests;
