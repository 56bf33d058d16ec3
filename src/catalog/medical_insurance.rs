//! 城乡居民基本医疗保险参保缴费 (the former 新农合): one payer enrols the members of a household and pays
//! the yearly contribution. 社会保险法 25; 国办发〔2021〕42号; 国办发〔2024〕38号; 社会保险经办条例 6, 10.

pub mod member;
pub mod policy;
mod quote;
mod rules;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::family::repeated;
use super::guide::{Alias, Guide, ItemType};
use super::household::Family;
use super::item::{Facts, Finding, ServiceItem};
use super::violation::{truth_declared, violation};
use crate::domain::application::Track;
use crate::domain::contact::PhoneNumber;
use crate::domain::deadline::Limit;
use crate::domain::id_number::IdNumber;
use crate::domain::lifecycle::ActionKind;
use crate::domain::limits::Limits;
use crate::domain::material::{MaterialRequirement, MaterialSource, Necessity};
use crate::domain::payment::Quote;
use crate::domain::person_name::PersonName;
use crate::domain::real_name::RealName;
use crate::domain::refusal::Refusal;
use crate::domain::text::{FieldError, Text};
use member::{InsuredAs, MedicalIdentity, MedicalMember, PriorCoverage};
pub use policy::MedicalInsurancePolicy;

/// 城乡居民基本医疗保险参保缴费
pub struct MedicalInsurance;

const GUIDE: Guide = Guide {
    code: "medical_insurance",
    version: 1,
    name: Text::fixed(
        "城乡居民基本医疗保险参保登记与缴费",
        "Resident medical insurance: enrolment and contribution",
    ),
    aliases: &[
        Alias::former("新农合", 2016),
        Alias::former("新型农村合作医疗", 2016),
        Alias::former("城镇居民医保", 2016),
        Alias::current("居民医保"),
        Alias::current("城乡居民医保"),
    ],
    keywords: &["医保", "看病", "报销", "参保", "缴费", "新生儿", "合作医疗", "断保", "等待期"],
    item_type: ItemType::PublicService,
    legal_basis: &["社会保险法 25", "国办发〔2021〕42号", "国办发〔2024〕38号", "社会保险经办条例 6, 10"],
    accepting: "社区便民服务中心",
    deciding: "晋江市医疗保障经办机构（缴费由税务部门征收）",
    departments: &[],
    conditions: &[
        Text::fixed(
            "本市户籍、未参加职工医保的居民；在泉学校学生；持本市有效居住证人员；随迁子女；新生儿。",
            "Registered residents outside the employee insurance, students of local schools, holders of a valid local residence permit, migrants' children, newborns.",
        ),
        Text::fixed(
            "集中参保期缴费，次年1月1日起享受待遇；逾期缴费或断保的，设待遇等待期。",
            "Paid in the central period, benefits begin on 1 January; after a late payment or a break there is a waiting period.",
        ),
        Text::fixed(
            "符合多项资助条件的，取最高一项，不叠加。",
            "Whoever fits several aids receives the best one, never the sum.",
        ),
    ],
    flow: &["申请", "接件", "受理", "核定应缴", "缴费", "办结"],
    track: Track::Instant,
    limits: Limits::standard(Some(Limit::working_days(10)), Limit::working_days(1)),
    on_site_visits: 0,
    charges: true,
    fee: "个人缴费按当年公布标准；财政另有补助（社会保险法 25）",
    result: Text::fixed("参保缴费凭证", "Proof of enrolment and contribution"),
    enquiries: "12393",
    complaints: "12345",
    real_name: RealName::LIGHT,
    sample_data: true,
};

/// 缴费方式: on whose account the payer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayingAs {
    /// 本人或户主
    Household,
    /// 亲属代缴, also from an employee's personal account.
    Relative,
    /// 村(居)集体代缴
    Collective,
}

/// 缴费人
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MedicalPayer {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 联系电话
    pub phone: PhoneNumber,
    /// 缴费身份
    pub paying_as: PayingAs,
}

/// 城乡居民基本医疗保险参保登记表
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MedicalInsuranceForm {
    /// 参保年度
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    /// 缴费人
    pub payer: MedicalPayer,
    /// 户籍或居住地址
    #[schema(min_length = 4, max_length = 120)]
    pub address: String,
    /// 参保成员
    #[schema(min_items = 1, max_items = 15)]
    #[validate(custom(function = "nobody_twice"))]
    pub members: Vec<MedicalMember>,
    /// 申请人声明属实
    #[validate(custom(function = "truth_declared"))]
    pub declared_true: bool,
}

fn nobody_twice(members: &[MedicalMember]) -> Result<(), ValidationError> {
    match repeated(members, |member| member.identity.clone()).is_empty() {
        true => Ok(()),
        false => Err(violation("duplicate_member", "同一人只能填写一次。", "Nobody may be listed twice.")),
    }
}

impl ServiceItem for MedicalInsurance {
    type Form = MedicalInsuranceForm;

    const GUIDE: Guide = GUIDE;

    fn rules(form: &Self::Form, facts: &Facts<'_>) -> Vec<FieldError> {
        rules::rules(form, facts.today, &facts.policies.medical_insurance)
    }

    fn materials(form: &Self::Form, _facts: &Facts<'_>) -> Vec<MaterialRequirement> {
        let any = |fits: &dyn Fn(&MedicalMember) -> bool| form.members.iter().any(fits);
        let held = |code: &str, zh: &'static str, en: &'static str| {
            let standard = Text::fixed(
                "由系统调取；调取不到再上传。",
                "Fetched by the system; upload only if that fails.",
            );
            MaterialRequirement::required(code, Text::fixed(zh, en), standard)
                .from_source(MaterialSource::Government)
                .as_necessity(Necessity::Deferrable)
        };
        let mut list =
            vec![held("id_documents", "参保人身份证或户口簿", "ID cards or household book of the insured")];
        if any(&|member| matches!(member.identity, MedicalIdentity::BirthCertificate { .. })) {
            let standard = Text::fixed("尚无身份号码的新生儿须提供。", "For a newborn without an ID number.");
            let name = Text::fixed("出生医学证明", "Medical certificate of birth");
            list.push(MaterialRequirement::required("birth_certificate", name, standard));
        }
        if any(&|member| matches!(member.insured_as, InsuredAs::Student { newly_enrolled: true, .. })) {
            let standard = Text::fixed(
                "新入学免等待期的依据，可用录取通知书。",
                "Why there is no wait; a letter of admission will do.",
            );
            let name = Text::fixed("学籍证明", "Proof of enrolment at school");
            list.push(
                MaterialRequirement::required("school_proof", name, standard)
                    .as_necessity(Necessity::Deferrable),
            );
        }
        if any(&|member| matches!(member.insured_as, InsuredAs::ResidencePermitHolder { .. })) {
            list.push(held("residence_permit", "居住证", "Residence permit"));
        }
        if any(&|member| matches!(member.insured_as, InsuredAs::MigrantChild { .. })) {
            list.push(held("parent_insurance", "父或母在本地参保记录", "Local insurance record of a parent"));
        }
        if any(&|member| !member.subsidy_categories.is_empty()) {
            list.push(held("aid_proof", "困难群体身份认定", "Proof of belonging to an aided group"));
        }
        if any(&|member| matches!(member.prior, PriorCoverage::FromEmployee { .. })) {
            list.push(held(
                "employee_record",
                "职工医保停保记录",
                "Record of the end of the employee insurance",
            ));
        }
        list
    }

    /// Nobody is insured twice; everything else is a question of period and amount.
    fn eligibility(form: &Self::Form, _facts: &Facts<'_>) -> Vec<Finding> {
        let double = form.members.iter().filter(|member| member.in_employee_insurance);
        double
            .map(|member| {
                let name = member.name.masked();
                Finding::new(
                    "in_employee_insurance",
                    "社会保险经办条例 6; 国办发〔2024〕38号",
                    Text::new(
                        format!("{name}正在参加职工医保，不能重复参保。"),
                        format!("{name} is in the employee insurance and cannot be insured twice."),
                    ),
                )
                .instead(Text::fixed(
                    "停保后三个月内可转入居民医保，不设等待期；职工个人账户可为家人缴费。",
                    "Within three months after leaving it they may come over without waiting; the personal account may pay for relatives.",
                ))
            })
            .collect()
    }

    /// A form that lay about may have outlived its period; what is already paid stays good.
    fn guard(form: &Self::Form, action: ActionKind, facts: &Facts<'_>) -> Result<(), Refusal> {
        match action {
            ActionKind::Submit if !facts.paid => {
                quote::quote(form, facts.today, &facts.policies.medical_insurance).map(|_| ())
            }
            ActionKind::Accept | ActionKind::AcceptWithPromise if !facts.paid => {
                Self::quote(form, facts).map(|_| ())
            }
            _ => Ok(()),
        }
    }

    /// Nobody is asked for money for an insurance they cannot have.
    fn quote(form: &Self::Form, facts: &Facts<'_>) -> Result<Option<Quote>, Refusal> {
        let findings = Self::eligibility(form, facts);
        if let Some(first) = findings.first() {
            let reasons: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
            return Err(Refusal::conflict("not_entitled", first.reason.zh.clone(), first.reason.en.clone())
                .on(first.rule)
                .with("reasons", Value::from(reasons)));
        }
        quote::quote(form, facts.today, &facts.policies.medical_insurance).map(Some)
    }

    fn headline(form: &Self::Form) -> String {
        format!("居民医保 · {} · {}年度 · {}人", form.payer.name.masked(), form.year, form.members.len())
    }

    fn prefill(family: &Family) -> Value {
        json!({"payer": family.oneself(), "members": family.insured_filled()})
    }

    fn sample() -> Value {
        json!({
            "year": 2027,
            "payer": {
                "name": "吴建国",
                "id_number": "350582199003070016",
                "phone": "13805950002",
                "paying_as": "household"
            },
            "address": "福建省晋江市灵源街道林口社区中区12号",
            "members": [
                {
                    "name": "吴建国",
                    "identity": {"document": "id_number", "id_number": "350582199003070016"},
                    "relation": "oneself",
                    "insured_as": {"category": "adult"},
                    "subsidy_categories": [],
                    "prior": {"state": "continuous"},
                    "in_employee_insurance": false
                },
                {
                    "name": "吴思琪",
                    "identity": {"document": "id_number", "id_number": "350582201806010041"},
                    "relation": "child",
                    "insured_as": {"category": "student", "school": "灵源中心小学", "newly_enrolled": false},
                    "subsidy_categories": [],
                    "prior": {"state": "continuous"},
                    "in_employee_insurance": false
                },
                {
                    "name": "吴水生",
                    "identity": {"document": "id_number", "id_number": "350582195108080052"},
                    "relation": "parent",
                    "insured_as": {"category": "adult"},
                    "subsidy_categories": ["low_income_elderly", "severe_disability"],
                    "prior": {"state": "interrupted", "last_paid_year": 2025, "repaired_years": 0},
                    "in_employee_insurance": false
                }
            ],
            "declared_true": true
        })
    }
}

#[cfg(test)]
mod tests;
