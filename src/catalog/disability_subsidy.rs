//! 困难残疾人生活补贴、重度残疾人护理补贴 (残疾人两项补贴): one form for one or both. 国发〔2015〕52号; 残疾人保障法 48;
//! since 2021 it may be filed in any province, and the place of registration decides.

pub mod parts;
pub mod policy;
mod rules;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::family::{PayeeAccount, repeated};
use super::guide::{Alias, Guide, ItemType};
use super::household::Family;
use super::item::{Facts, Finding, ServiceItem};
use super::violation::{truth_declared, violation};
use crate::domain::application::Track;
use crate::domain::deadline::Limit;
use crate::domain::limits::Limits;
use crate::domain::material::{MaterialRequirement, MaterialSource, Necessity};
use crate::domain::real_name::RealName;
use crate::domain::text::{FieldError, Text};
use parts::{
    DisabilityAgent, DisabilityCertificate, DisabilityHousehold, DisabilityOtherBenefit,
    DisabilitySubsidyKind, DisabledPerson,
};
pub use policy::DisabilitySubsidyPolicy;

/// 残疾人两项补贴
pub struct DisabilitySubsidy;

const GUIDE: Guide = Guide {
    code: "disability_subsidy",
    version: 1,
    name: Text::fixed("困难残疾人生活补贴和重度残疾人护理补贴", "Living and care subsidies for the disabled"),
    aliases: &[
        Alias::current("残疾人两项补贴"),
        Alias::current("残疾补贴"),
        Alias::current("重残护理补贴"),
        Alias::current("残疾人生活补贴"),
    ],
    keywords: &["残疾", "残疾证", "护理", "低保", "重残", "补贴", "跨省通办"],
    item_type: ItemType::Benefit,
    legal_basis: &["国发〔2015〕52号", "残疾人保障法 48"],
    accepting: "社区便民服务中心",
    deciding: "晋江市民政局（晋江市残联审核残疾人证）",
    departments: &["disabled_federation", "civil_affairs"],
    conditions: &[
        Text::fixed(
            "持有有效残疾人证，户籍在本街道。",
            "Holder of a valid disability certificate, registered in this sub-district.",
        ),
        Text::fixed(
            "生活补贴：低保、低保边缘家庭中的残疾人；护理补贴：一级、二级残疾且需要长期照护。",
            "Living subsidy: the disabled in minimum-living or marginal households; care subsidy: grades 1 and 2 in need of lasting care.",
        ),
        Text::fixed(
            "特困供养人员和领取工伤生活护理费的不享受；与其他福利性津贴择高领取。",
            "Not for those supported as destitute or paid for care after a work injury; of similar allowances the higher one.",
        ),
        Text::fixed(
            "可跨省申请，由户籍地审核发放；自递交申请当月计发，不计入低保家庭收入。",
            "May be filed in another province, decided where registered; paid from the month of filing; no income for 低保.",
        ),
    ],
    flow: &["申请", "接件", "受理", "残联审核", "民政审定", "送达", "按月发放"],
    track: Track::Committed,
    limits: Limits { extension_working_days: 0, ..Limits::standard(None, Limit::working_days(20)) },
    on_site_visits: 0,
    charges: false,
    fee: "不收费",
    result: Text::fixed("残疾人两项补贴审定通知", "Notice of the subsidies"),
    enquiries: "12385",
    complaints: "12345",
    real_name: RealName::BENEFIT,
    sample_data: true,
};

/// 受理途径
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum DisabilityFiling {
    /// 本地申请
    Here {},
    /// 跨省通办: another province's window took it in and forwarded it.
    Forwarded {
        /// 异地受理窗口
        #[schema(min_length = 4, max_length = 80)]
        window: String,
        /// 转来日期
        forwarded_on: NaiveDate,
    },
}

/// 残疾人两项补贴申请审批表
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisabilitySubsidyForm {
    /// 申请补贴, one or both.
    #[schema(min_items = 1, max_items = 2)]
    #[validate(custom(function = "each_once"))]
    pub subsidies: Vec<DisabilitySubsidyKind>,
    /// 受理途径
    pub filing: DisabilityFiling,
    /// 残疾人
    pub person: DisabledPerson,
    /// 残疾人证
    #[validate(nested)]
    pub certificate: DisabilityCertificate,
    /// 家庭困难类别
    pub household: DisabilityHousehold,
    /// 需要长期照护 (six months and more), for the care subsidy.
    pub needs_lasting_care: bool,
    /// 已享受的其他待遇
    #[schema(max_items = 4)]
    pub other_benefits: Vec<DisabilityOtherBenefit>,
    /// 正在服刑
    pub serving_sentence: bool,
    /// 代办人; a minor needs a guardian.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<DisabilityAgent>,
    /// 收款账户 of the person or the guardian.
    pub account: PayeeAccount,
    /// 申请人声明属实
    #[validate(custom(function = "truth_declared"))]
    pub declared_true: bool,
}

impl DisabilitySubsidyForm {
    /// Whether that subsidy is asked for.
    pub fn asks(&self, kind: DisabilitySubsidyKind) -> bool {
        self.subsidies.contains(&kind)
    }
}

fn each_once(kinds: &[DisabilitySubsidyKind]) -> Result<(), ValidationError> {
    match repeated(kinds, |kind| *kind).is_empty() {
        true => Ok(()),
        false => Err(violation("duplicate_subsidy", "同一种补贴只能选一次。", "Choose each subsidy once.")),
    }
}

impl ServiceItem for DisabilitySubsidy {
    type Form = DisabilitySubsidyForm;

    const GUIDE: Guide = GUIDE;

    fn rules(form: &Self::Form, facts: &Facts<'_>) -> Vec<FieldError> {
        rules::rules(form, facts.today)
    }

    fn materials(form: &Self::Form, facts: &Facts<'_>) -> Vec<MaterialRequirement> {
        let fetched =
            Text::fixed("由系统调取；调取不到再上传。", "Fetched by the system; upload only if that fails.");
        let held = |code: &str, zh: &'static str, en: &'static str| {
            MaterialRequirement::required(code, Text::fixed(zh, en), fetched.clone())
                .from_source(MaterialSource::Government)
                .as_necessity(Necessity::Deferrable)
        };
        let own = |code: &str, zh: &'static str, en: &'static str, why: Text| {
            MaterialRequirement::required(code, Text::fixed(zh, en), why)
        };
        let mut list = vec![
            held("disability_certificate", "残疾人证", "Disability certificate"),
            held("id_documents", "身份证、户口簿", "ID card and household book"),
        ];
        if form.asks(DisabilitySubsidyKind::Living) {
            list.push(held(
                "hardship_proof",
                "低保或低保边缘家庭认定",
                "Recognition as 低保 or marginal household",
            ));
        }
        if !form.other_benefits.is_empty() {
            let why = Text::fixed("写明金额，用于择高。", "States the amounts, to choose the higher.");
            list.push(own("other_benefit_proof", "其他待遇领取证明", "Proof of the other benefits", why));
        }
        if let Some(agent) = &form.agent {
            let why = Text::fixed("他人代办时核对。", "Somebody else acts.");
            list.push(own("agent_id", "代办人身份证", "ID card of the agent", why));
            if agent.guardian {
                let why =
                    Text::fixed("证明监护关系；村（居）委会可出具指定文书。", "Shows the guardianship.");
                list.push(own("guardianship_proof", "监护证明", "Proof of guardianship", why));
            } else {
                let why = Text::fixed("本人签字或按手印。", "Signed or finger-printed by the person.");
                list.push(own("authorisation", "授权委托书", "Authorisation", why));
            }
        }
        if matches!(form.filing, DisabilityFiling::Forwarded { .. }) {
            let why = Text::fixed("异地受理窗口出具，随材料转来。", "By the window that took it in.");
            let slip = own("forwarding_slip", "跨省通办受理单", "Slip of the other province's window", why);
            list.push(slip.from_source(MaterialSource::Government));
        }
        let why = rules::forecast(form, facts.today, &facts.policies.disability_subsidy);
        list.push(own("account_proof", "收款账户信息", "Account details", why));
        list
    }

    fn eligibility(form: &Self::Form, facts: &Facts<'_>) -> Vec<Finding> {
        rules::eligibility(form, facts.today, &facts.policies.disability_subsidy)
    }

    fn headline(form: &Self::Form) -> String {
        let (living, care) =
            (form.asks(DisabilitySubsidyKind::Living), form.asks(DisabilitySubsidyKind::Care));
        let what = match (living, care) {
            (true, true) => "两项补贴",
            (true, false) => "生活补贴",
            _ => "护理补贴",
        };
        format!("残疾人补贴 · {} · {what}", form.person.name.masked())
    }

    fn prefill(family: &Family) -> Value {
        json!({"person": family.oneself()})
    }

    fn sample() -> Value {
        json!({
            "subsidies": ["living", "care"],
            "filing": {"kind": "here"},
            "person": {
                "name": "庄大勇",
                "id_number": "350582198804171015",
                "registered_address": "福建省晋江市灵源街道林口社区北区7号",
                "registered_in_street": true,
                "residence_address": "福建省晋江市灵源街道林口社区北区7号",
                "phone": "13805950041"
            },
            "certificate": {
                "number": "35058219880417101542",
                "category": "physical",
                "grade": 2,
                "issued_on": "2021-03-15",
                "valid_until": "2031-03-14"
            },
            "household": "minimum_living",
            "needs_lasting_care": true,
            "other_benefits": [],
            "serving_sentence": false,
            "agent": {
                "name": "庄秀云",
                "id_number": "350582197010102064",
                "relation": "sibling",
                "guardian": false,
                "phone": "13805950042"
            },
            "account": {"holder": "庄大勇", "number": "6222020000000000018", "bank": "晋江农商银行灵源支行"},
            "declared_true": true
        })
    }
}

#[cfg(test)]
mod tests;
