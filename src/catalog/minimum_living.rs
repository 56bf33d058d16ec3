//! 最低生活保障: a household whose income and property lie below the standard applies through one member.
//! 社会救助暂行办法 9-13; 最低生活保障审核确认办法（民发〔2021〕57号）. A first opinion hangs in the community for seven
//! days; the county (or the street by delegation) confirms and pays the difference by the month.

mod entitlement;
pub mod parts;
pub mod policy;
mod rules;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::family::{MaritalStatus, PayeeAccount};
use super::guide::{Alias, Guide, ItemType};
use super::household::Family;
use super::item::{Facts, Finding, ServiceItem};
use super::violation::truth_declared;
use crate::domain::application::Track;
use crate::domain::contact::PhoneNumber;
use crate::domain::deadline::Limit;
use crate::domain::lifecycle::ActionKind;
use crate::domain::limits::Limits;
use crate::domain::material::{MaterialRequirement, MaterialSource, Necessity};
use crate::domain::real_name::RealName;
use crate::domain::refusal::Refusal;
use crate::domain::text::{FieldError, Text};
use parts::{
    MinimumLivingHealth, MinimumLivingMember, MinimumLivingOutlay, MinimumLivingProperty,
    MinimumLivingSupporter, MinimumLivingWork,
};
pub use policy::MinimumLivingPolicy;

/// 最低生活保障
pub struct MinimumLiving;

const GUIDE: Guide = Guide {
    code: "minimum_living",
    version: 1,
    name: Text::fixed("最低生活保障申请", "Minimum living allowance"),
    aliases: &[Alias::current("低保"), Alias::current("城乡低保"), Alias::former("农村低保", 2021)],
    keywords: &["困难", "救助", "生活困难", "贫困", "补助", "单人保", "城镇低保", "低收入"],
    item_type: ItemType::Benefit,
    legal_basis: &["社会救助暂行办法 9, 10, 11, 12, 13, 45", "最低生活保障审核确认办法（民发〔2021〕57号）"],
    accepting: "社区便民服务中心",
    deciding: "晋江市民政局（可依法委托街道办事处审核确认）",
    departments: &["civil_affairs"],
    conditions: &[
        Text::fixed(
            "共同生活的家庭成员人均月收入低于当地低保标准，且家庭财产符合规定。",
            "Monthly income per head of those who live together is below the local standard, and so is their property.",
        ),
        Text::fixed(
            "以家庭为单位，由一名成员申请；困难的可由社区代为提出。",
            "The whole household applies through one member; the community may apply for those who cannot.",
        ),
        Text::fixed(
            "低保边缘家庭中的重度残疾人、重病患者可以单独申请。",
            "The severely disabled and the seriously ill of a marginal household may apply alone.",
        ),
        Text::fixed(
            "全体成员授权核对家庭经济状况；情况变化要及时报告。",
            "Every member authorises the check of means; changes have to be reported.",
        ),
    ],
    flow: &["申请", "接件", "受理", "经济状况核对与入户调查", "初审公示7天", "审核确认", "送达", "按月发放"],
    track: Track::Committed,
    limits: Limits {
        // 45 working days at most (民发〔2021〕57号).
        extension_working_days: 15,
        public_notice: Some(Limit::natural_days(7)),
        ..Limits::standard(Some(Limit::working_days(30)), Limit::working_days(30))
    },
    on_site_visits: 0,
    charges: false,
    fee: "不收费",
    result: Text::fixed("最低生活保障证或不予确认通知书", "Certificate, or a reasoned refusal in writing"),
    enquiries: "12345",
    complaints: "12345",
    real_name: RealName::BENEFIT,
    sample_data: true,
};

/// 单独申请的情形
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MinimumLivingGround {
    /// 一级、二级重度残疾
    SevereDisability,
    /// 三级智力、精神残疾
    MentalGradeThree,
    /// 重大疾病
    SeriousIllness,
}

/// 申请单位
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum MinimumLivingUnit {
    /// 家庭
    Household {},
    /// 单人户 of a marginal household.
    SinglePerson {
        /// 情形
        ground: MinimumLivingGround,
        /// 所在家庭已认定为低保边缘家庭
        marginal_household: bool,
    },
}

/// 最低生活保障申请表（含家庭经济状况申报及核对授权）
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MinimumLivingForm {
    /// 申请单位
    pub unit: MinimumLivingUnit,
    /// 家庭住址
    #[schema(min_length = 4, max_length = 120)]
    pub home_address: String,
    /// 联系电话
    pub phone: PhoneNumber,
    /// 申请人婚姻状况
    pub marital_status: MaritalStatus,
    /// 共同生活的家庭成员, the applicant among them.
    #[schema(min_items = 1, max_items = 20)]
    #[validate(nested)]
    pub members: Vec<MinimumLivingMember>,
    /// 赡养、抚养、扶养义务人 who live elsewhere.
    #[schema(max_items = 20)]
    pub supporters: Vec<MinimumLivingSupporter>,
    /// 家庭财产
    pub property: MinimumLivingProperty,
    /// 刚性支出
    #[schema(max_items = 20)]
    pub outlays: Vec<MinimumLivingOutlay>,
    /// 致困原因
    #[schema(min_length = 4, max_length = 500)]
    pub cause: String,
    /// 与经办人员、村（居）委会成员有近亲属关系: has to be told and is put on record.
    pub related_to_staff: bool,
    /// 收款账户 of a member.
    pub account: PayeeAccount,
    /// 申请人声明属实
    #[validate(custom(function = "truth_declared"))]
    pub declared_true: bool,
}

/// Age from which a pupil needs no proof of being at school: compulsory school is over.
const PROOF_OF_SCHOOL_FROM: u32 = 16;

impl ServiceItem for MinimumLiving {
    type Form = MinimumLivingForm;

    const GUIDE: Guide = GUIDE;

    fn rules(form: &Self::Form, facts: &Facts<'_>) -> Vec<FieldError> {
        rules::rules(form, facts.today, &facts.policies.minimum_living)
    }

    fn materials(form: &Self::Form, facts: &Facts<'_>) -> Vec<MaterialRequirement> {
        let fetched = Text::fixed(
            "由系统核对调取；调取不到再提供。",
            "Fetched by the data check; bring it only if that fails.",
        );
        let held = |code: &str, zh: &'static str, en: &'static str| {
            MaterialRequirement::required(code, Text::fixed(zh, en), fetched.clone())
                .from_source(MaterialSource::Government)
                .as_necessity(Necessity::Deferrable)
        };
        let own = |code: &str, zh: &'static str, en: &'static str, why: Text| {
            MaterialRequirement::required(code, Text::fixed(zh, en), why)
        };
        let any = |test: fn(&MinimumLivingMember) -> bool| form.members.iter().any(test);
        let mut list = vec![
            own(
                "signed_authorisation",
                "家庭经济状况核对授权书",
                "Signed authorisation of the check of means",
                Text::fixed(
                    "全体成年成员签字，未成年人由监护人签字。",
                    "Signed by every adult member, for a child by its guardian.",
                ),
            ),
            held("id_documents", "身份证、户口簿", "ID cards and household book"),
        ];
        if matches!(form.marital_status, MaritalStatus::Divorced) {
            list.push(held("divorce_papers", "离婚证或离婚判决书", "Divorce certificate or judgment"));
        }
        if any(|member| member.disability_grade.is_some()) {
            list.push(held("disability_certificate", "残疾人证", "Disability certificate"));
        }
        if any(|member| member.health == MinimumLivingHealth::SeriousIllness) {
            let why = Text::fixed("二级以上医院出具。", "By a hospital of the second grade or above.");
            list.push(own("diagnosis", "疾病诊断证明", "Diagnosis", why));
        }
        if form.members.iter().any(|member| {
            member.work == MinimumLivingWork::Student
                && member.id_number.age_on(facts.today) >= PROOF_OF_SCHOOL_FROM
        }) {
            let why =
                Text::fixed("成年在校子女计入共同生活成员。", "A grown-up child at school still counts.");
            list.push(
                own("school_proof", "在校证明", "Proof of being at school", why)
                    .as_necessity(Necessity::Deferrable),
            );
        }
        if form.members.iter().any(|member| !member.incomes.is_empty()) {
            let why = entitlement::forecast(form, facts.today, &facts.policies.minimum_living);
            let line = own("income_proof", "收入证明材料", "Proof of income", why);
            list.push(line.as_necessity(Necessity::Deferrable));
        }
        if !form.outlays.is_empty() {
            let why = Text::fixed("近12个月的票据或证明。", "Receipts of the last twelve months.");
            list.push(
                own("outlay_receipts", "刚性支出票据", "Receipts of special outlays", why)
                    .as_necessity(Necessity::Deferrable),
            );
        }
        if !form.supporters.is_empty() {
            let why = Text::fixed("写明给付金额或未给付的原因。", "Says what is paid, or why nothing is.");
            list.push(own("support_statement", "赡养、抚养、扶养情况说明", "Statement of support", why));
        }
        list
    }

    fn eligibility(form: &Self::Form, facts: &Facts<'_>) -> Vec<Finding> {
        entitlement::eligibility(form, facts.today, &facts.policies.minimum_living)
    }

    fn guard(_form: &Self::Form, action: ActionKind, facts: &Facts<'_>) -> Result<(), Refusal> {
        entitlement::guard(action, facts)
    }

    fn headline(form: &Self::Form) -> String {
        let applicant = rules::applicant(form).map(|member| member.name.masked()).unwrap_or_default();
        match form.unit {
            MinimumLivingUnit::Household {} => format!("低保 · {applicant} · {}人户", form.members.len()),
            MinimumLivingUnit::SinglePerson { .. } => format!("低保 · {applicant} · 单人户"),
        }
    }

    fn prefill(family: &Family) -> Value {
        json!({"phone": family.oneself().phone, "members": family.everybody_filled()})
    }

    fn sample() -> Value {
        json!({
            "unit": {"kind": "household"},
            "home_address": "福建省晋江市灵源街道林口社区东区31号",
            "phone": "13805950021",
            "marital_status": "married",
            "members": [
                sample_member("张志强", "35058219780621001X", "spouse", json!({
                    "health": "serious_illness", "disability_grade": 2, "work": "unable_to_work",
                    "incomes": [{"kind": "disability_subsidy", "monthly_fen": 20_000, "source": "残疾人两项补贴"}]
                })),
                sample_member("施美玲", "350582198011050029", "oneself", json!({
                    "health": "healthy", "work": "flexible",
                    "incomes": [{"kind": "wage", "monthly_fen": 180_000, "source": "社区保洁零工"}]
                })),
                sample_member("张小语", "350582201209180034", "child", json!({
                    "health": "healthy", "work": "student", "incomes": []
                }))
            ],
            "supporters": [
                {"name": "张阿花", "id_number": "35058219500101002X", "relation": "parent", "monthly_fen": 0}
            ],
            "property": {
                "deposits_fen": 350_000, "securities_fen": 0, "claims_fen": 0,
                "vehicles": [{"kind": "motorcycle", "plate": "闽C12345"}],
                "houses": [{"address": "福建省晋江市灵源街道林口社区东区31号", "area_dm2": 9_600, "used": "lived_in"}],
                "enterprises": [{"name": "晋江市某某鞋材店", "share_percent": 100, "operating": false}]
            },
            "outlays": [{"kind": "medical", "monthly_fen": 60_000, "note": "透析自付"}],
            "cause": "丈夫患病失去劳动能力，长期透析。",
            "related_to_staff": false,
            "account": {"holder": "施美玲", "number": "6222020000000000018", "bank": "晋江农商银行灵源支行"},
            "declared_true": true
        })
    }
}

fn sample_member(name: &str, id_number: &str, relation: &str, rest: Value) -> Value {
    let mut member = json!({
        "name": name, "id_number": id_number, "relation": relation,
        "registered_address": "福建省晋江市灵源街道林口社区东区31号", "registered_in_street": true,
        "destitute_support": false, "data_check_authorised": true
    });
    if let (Value::Object(member), Value::Object(rest)) = (&mut member, rest) {
        member.extend(rest);
    }
    member
}

#[cfg(test)]
mod tests;
