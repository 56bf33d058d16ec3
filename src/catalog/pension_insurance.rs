//! 城乡居民基本养老保险缴费 (the former 新农保): one person chooses a tier and pays for the year, raises the
//! tier within the year, or makes up missed years. 社会保险法 20-22; 国发〔2014〕8号; 社会保险经办条例 6, 10.

mod entitlement;
pub mod person;
pub mod policy;
mod rules;

use chrono::Datelike;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::family::{PayeeAccount, Relation, repeated};
use super::guide::{Alias, Guide, ItemType};
use super::household::Family;
use super::item::{Facts, Finding, ServiceItem};
use super::violation::{truth_declared, violation};
use crate::domain::application::Track;
use crate::domain::deadline::Limit;
use crate::domain::lifecycle::ActionKind;
use crate::domain::limits::Limits;
use crate::domain::material::{MaterialRequirement, MaterialSource, Necessity};
use crate::domain::payment::{Fen, Quote};
use crate::domain::real_name::RealName;
use crate::domain::refusal::Refusal;
use crate::domain::text::{FieldError, Text};
use person::{PensionAidCategory, PensionInsured, PensionPayer};
pub use policy::PensionInsurancePolicy;
use policy::quote;

/// 城乡居民基本养老保险缴费
pub struct PensionInsurance;

const GUIDE: Guide = Guide {
    code: "pension_insurance",
    version: 1,
    name: Text::fixed("城乡居民基本养老保险缴费", "Resident pension: contribution"),
    aliases: &[
        Alias::former("新农保", 2014),
        Alias::former("新型农村社会养老保险", 2014),
        Alias::former("城镇居民社会养老保险", 2014),
        Alias::current("居民养老"),
        Alias::current("城乡居保"),
    ],
    keywords: &["养老", "社保", "档次", "补缴", "缴费", "退休金", "变更档次", "代缴"],
    item_type: ItemType::PublicService,
    legal_basis: &["社会保险法 20, 21, 22", "国发〔2014〕8号", "社会保险经办条例 6, 10, 12, 18"],
    accepting: "社区便民服务中心",
    deciding: "晋江市社会保险经办机构（缴费由税务部门征收）",
    departments: &[],
    conditions: &[
        Text::fixed(
            "本地户籍，年满16周岁未满60周岁（不含在校学生），未参加职工或机关事业单位养老保险。",
            "Registered here, from 16 and under 60, no pupil or student, in neither the employee nor the civil-service pension.",
        ),
        Text::fixed(
            "按自然年度缴费，一人一年一次；当年内可补差提高档次。",
            "Once per person and calendar year; within the year the tier may be raised by paying the difference.",
        ),
        Text::fixed(
            "补缴年度不享受政府补贴；年满60周岁的只能补缴。",
            "Made-up years earn no subsidy; from 60 on only missed years can be paid.",
        ),
    ],
    flow: &["申请", "接件", "受理", "核定应缴", "缴费", "办结"],
    track: Track::Instant,
    limits: Limits::standard(Some(Limit::working_days(10)), Limit::working_days(1)),
    on_site_visits: 0,
    charges: true,
    fee: "按所选档次缴费；政府另有补贴（国发〔2014〕8号）",
    result: Text::fixed("缴费凭证", "Proof of contribution"),
    enquiries: "12333",
    complaints: "12345",
    real_name: RealName::LIGHT,
    sample_data: true,
};

/// 年度与档次
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PensionYear {
    /// 年度
    #[schema(minimum = 2009, maximum = 2100)]
    pub year: i32,
    /// 档次, fen.
    pub tier_fen: Fen,
}

/// 业务类型
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PensionPurpose {
    /// 当年缴费
    Contribute {
        /// 缴费档次, fen.
        tier_fen: Fen,
    },
    /// 变更档次 within the year.
    ChangeTier {
        /// 已缴档次, fen.
        paid_tier_fen: Fen,
        /// 新档次, fen.
        tier_fen: Fen,
    },
    /// 补缴
    MakeUp {
        /// 补缴年度
        #[schema(min_items = 1, max_items = 15)]
        years: Vec<PensionYear>,
    },
}

/// 城乡居民基本养老保险参保缴费表
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PensionInsuranceForm {
    /// 办理年度: the calendar year.
    #[schema(minimum = 2009, maximum = 2100)]
    pub year: i32,
    /// 参保人
    pub insured: PensionInsured,
    /// 缴费人
    pub payer: PensionPayer,
    /// 业务类型
    pub purpose: PensionPurpose,
    /// 已缴年度, empty at the first enrolment.
    #[schema(max_items = 60)]
    #[validate(custom(function = "no_year_twice"))]
    pub paid_years: Vec<PensionYear>,
    /// 特殊参保群体, every one that applies.
    #[schema(max_items = 4)]
    pub aid_categories: Vec<PensionAidCategory>,
    /// 社会保障卡银行账户, for the pension later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<PayeeAccount>,
    /// 申请人声明属实
    #[validate(custom(function = "truth_declared"))]
    pub declared_true: bool,
}

fn no_year_twice(years: &[PensionYear]) -> Result<(), ValidationError> {
    match repeated(years, |paid| paid.year).is_empty() {
        true => Ok(()),
        false => Err(violation("duplicate_year", "同一年度只能填一次。", "List each year once.")),
    }
}

impl ServiceItem for PensionInsurance {
    type Form = PensionInsuranceForm;

    const GUIDE: Guide = GUIDE;

    fn rules(form: &Self::Form, facts: &Facts<'_>) -> Vec<FieldError> {
        rules::rules(form, facts.today, &facts.policies.pension_insurance)
    }

    fn materials(form: &Self::Form, _facts: &Facts<'_>) -> Vec<MaterialRequirement> {
        let line = |code: &str, zh: &'static str, en: &'static str, why: Text, source| {
            MaterialRequirement::required(code, Text::fixed(zh, en), why)
                .from_source(source)
                .as_necessity(Necessity::Deferrable)
        };
        let fetched =
            Text::fixed("由系统调取；调取不到再上传。", "Fetched by the system; upload only if that fails.");
        let held = |code, zh, en| line(code, zh, en, fetched.clone(), MaterialSource::Government);
        let mut list = vec![held("id_documents", "身份证、户口簿", "ID card and household book")];
        if form.payer.relation != Relation::Oneself {
            let why = Text::fixed("他人代缴时核对缴费人。", "Somebody else pays.");
            list.push(line(
                "payer_id",
                "缴费人身份证",
                "ID card of the payer",
                why,
                MaterialSource::Applicant,
            ));
        }
        if !form.aid_categories.is_empty() {
            list.push(held("aid_proof", "特殊群体身份认定", "Proof of belonging to an aided group"));
        }
        if matches!(form.purpose, PensionPurpose::MakeUp { .. }) {
            let why = Text::fixed(
                "补缴不享受政府补贴，须本人知悉签字。",
                "Says that made-up years earn no subsidy; signed.",
            );
            let name = Text::fixed("补缴申请表", "Application to make up years");
            list.push(MaterialRequirement::required("make_up_application", name, why));
        }
        list
    }

    fn eligibility(form: &Self::Form, facts: &Facts<'_>) -> Vec<Finding> {
        entitlement::eligibility(form, facts.today, &facts.policies.pension_insurance)
    }

    /// Nobody is asked for money for something they are not entitled to.
    fn guard(form: &Self::Form, action: ActionKind, facts: &Facts<'_>) -> Result<(), Refusal> {
        let accepts = matches!(action, ActionKind::Accept | ActionKind::AcceptWithPromise);
        if accepts && !facts.paid {
            Self::quote(form, facts)?;
        }
        Ok(())
    }

    fn quote(form: &Self::Form, facts: &Facts<'_>) -> Result<Option<Quote>, Refusal> {
        entitlement::payable(form, facts.today, &facts.policies.pension_insurance)?;
        let edition = facts.policies.pension_insurance.of_year(facts.today.year());
        Ok(edition.map(|edition| quote(edition, form, facts.today)))
    }

    fn headline(form: &Self::Form) -> String {
        let what = match &form.purpose {
            PensionPurpose::Contribute { tier_fen } => format!("{}元档", tier_fen.0 / 100),
            PensionPurpose::ChangeTier { tier_fen, .. } => format!("改{}元档", tier_fen.0 / 100),
            PensionPurpose::MakeUp { years } => format!("补缴{}年", years.len()),
        };
        format!("居民养老 · {} · {}年度 · {what}", form.insured.name.masked(), form.year)
    }

    fn prefill(family: &Family) -> Value {
        let own = family.oneself();
        let payer = json!({"name": own.name, "id_number": own.id_number, "relation": "oneself"});
        json!({"insured": own, "payer": payer})
    }

    fn sample() -> Value {
        json!({
            "year": 2026,
            "insured": {
                "name": "许文斌",
                "id_number": "350582197512120414",
                "registered_address": "福建省晋江市灵源街道灵水社区西区8号",
                "registered_locally": true,
                "residence_address": "福建省晋江市灵源街道灵水社区西区8号",
                "phone": "13805950003",
                "student": false,
                "other_scheme": "none",
                "drawing_pension": false
            },
            "payer": {"name": "许文斌", "id_number": "350582197512120414", "relation": "oneself"},
            "purpose": {"kind": "contribute", "tier_fen": 100_000},
            "paid_years": [{"year": 2024, "tier_fen": 50_000}, {"year": 2025, "tier_fen": 100_000}],
            "aid_categories": ["severe_disability"],
            "account": {"holder": "许文斌", "number": "6222020000000000018", "bank": "晋江农商银行灵源支行"},
            "declared_true": true
        })
    }
}

#[cfg(test)]
mod tests;
