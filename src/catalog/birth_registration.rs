//! 生育登记 (the former 生育服务证): a couple or a single parent registers a birth, expected or past.
//! 人口与计划生育法 18; 福建省人口与计划生育条例 14; 闽卫人口〔2022〕47号; 居住证暂行条例 13(6).

mod rules;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::family::{Child, MaritalStatus};
use super::guide::{Alias, Guide, ItemType};
use super::household::Family;
use super::item::{Facts, Finding, ServiceItem};
use super::violation::{truth_declared, violation};
use crate::domain::application::Track;
use crate::domain::contact::PhoneNumber;
use crate::domain::deadline::Limit;
use crate::domain::id_number::IdNumber;
use crate::domain::limits::Limits;
use crate::domain::material::{MaterialRequirement, MaterialSource, Necessity};
use crate::domain::person_name::PersonName;
use crate::domain::real_name::RealName;
use crate::domain::text::{FieldError, Text};

/// 生育登记
pub struct BirthRegistration;

const GUIDE: Guide = Guide {
    code: "birth_registration",
    version: 1,
    name: Text::fixed("生育登记", "Birth registration"),
    aliases: &[
        Alias::former("生育服务证", 2021),
        Alias::former("准生证", 2015),
        Alias::current("生育服务登记"),
    ],
    keywords: &["生孩子", "怀孕", "一孩", "二孩", "三孩", "出生"],
    item_type: ItemType::OtherPower,
    legal_basis: &["人口与计划生育法 18", "福建省人口与计划生育条例 14", "闽卫人口〔2022〕47号"],
    accepting: "社区便民服务中心",
    deciding: "灵源街道办事处（卫健）",
    departments: &[],
    conditions: &[
        Text::fixed(
            "夫妻一方户籍地或现居住地在本街道；未婚生育同样可以登记。",
            "The household registration or residence of either parent is in this sub-district; unmarried parents may register too.",
        ),
        Text::fixed(
            "一般在生育前办理，或在生育后三个月内补办；逾期仍可补登。",
            "Normally before the birth or within three months after it; late registration is accepted.",
        ),
    ],
    flow: &["申请", "接件", "受理", "登记", "送达"],
    track: Track::Instant,
    limits: Limits::standard(None, Limit::working_days(1)),
    on_site_visits: 0,
    charges: false,
    fee: "不收费",
    result: Text::fixed("福建省生育登记服务单", "Fujian birth registration form"),
    enquiries: "0595-12345",
    complaints: "12345",
    real_name: RealName::LIGHT,
    sample_data: false,
};

/// 登记地: the place that verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationPlace {
    /// 女方户籍地
    MotherRegistered,
    /// 男方户籍地
    FatherRegistered,
    /// 现居住地
    Residence,
}

/// 父母一方
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BirthParent {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 户籍地址
    #[schema(min_length = 4, max_length = 120)]
    pub registered_address: String,
    /// 现居住地址
    #[schema(min_length = 4, max_length = 120)]
    pub residence_address: String,
    /// 联系电话
    pub phone: PhoneNumber,
}

/// 孕产情况
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Pregnancy {
    /// 尚未怀孕
    Planned {},
    /// 已怀孕
    Expecting {
        /// 预产期
        expected_on: NaiveDate,
    },
    /// 已生育
    Born {
        /// 出生日期
        born_on: NaiveDate,
        /// 本胎子女数
        #[schema(minimum = 1, maximum = 8)]
        children: u8,
    },
}

/// 福建省生育服务登记表
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "two_different_parents", skip_on_field_errors = false))]
pub struct BirthRegistrationForm {
    /// 登记地
    pub place: RegistrationPlace,
    /// 女方
    pub mother: BirthParent,
    /// 男方; left out by a single mother
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub father: Option<BirthParent>,
    /// 婚姻状况
    pub marital_status: MaritalStatus,
    /// 结婚登记日期
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub married_on: Option<NaiveDate>,
    /// 现有子女
    #[schema(max_items = 15)]
    pub children: Vec<Child>,
    /// 本次孩次, counting from 1
    #[schema(minimum = 1, maximum = 16)]
    pub child_order: u8,
    /// 孕产情况
    pub pregnancy: Pregnancy,
    /// 申请人声明属实
    #[validate(custom(function = "truth_declared"))]
    pub declared_true: bool,
}

fn two_different_parents(form: &BirthRegistrationForm) -> Result<(), ValidationError> {
    match &form.father {
        Some(father) if father.id_number == form.mother.id_number => Err(violation(
            "same_person",
            "男方与女方不能是同一人。",
            "The parents cannot be the same person.",
        )),
        Some(_) | None => Ok(()),
    }
}

impl ServiceItem for BirthRegistration {
    type Form = BirthRegistrationForm;

    const GUIDE: Guide = GUIDE;

    fn rules(form: &Self::Form, facts: &Facts<'_>) -> Vec<FieldError> {
        rules::rules(form, facts)
    }

    fn materials(form: &Self::Form, _facts: &Facts<'_>) -> Vec<MaterialRequirement> {
        // Certificates the government holds are fetched, not asked for (国务院令716号 7); they stand on the
        // list so that the window can ask for a copy only when fetching failed.
        let held = |code: &str, zh: &'static str, en: &'static str| {
            let standard = Text::fixed(
                "电子证照库调取；调取不到再上传。",
                "Fetched from the certificate store; upload only if that fails.",
            );
            MaterialRequirement::required(code, Text::fixed(zh, en), standard)
                .from_source(MaterialSource::Government)
                .as_necessity(Necessity::Deferrable)
        };
        let mut list = vec![
            held("id_cards", "双方身份证", "ID cards of both"),
            held("household_books", "双方户口簿", "Household books of both"),
        ];
        if form.marital_status == MaritalStatus::Married {
            list.push(held("marriage_certificate", "结婚证", "Marriage certificate"));
        }
        if matches!(form.pregnancy, Pregnancy::Born { .. }) {
            list.push(held("birth_certificate", "出生医学证明", "Medical certificate of birth"));
        }
        if form.place == RegistrationPlace::Residence {
            list.push(
                MaterialRequirement::required(
                    "residence_proof",
                    Text::fixed("居住证或居住证明", "Residence permit or proof of residence"),
                    Text::fixed(
                        "能证明现居住地在本街道。",
                        "Shows that the residence is in this sub-district.",
                    ),
                )
                .as_necessity(Necessity::Deferrable),
            );
        }
        list
    }

    /// Nothing about the number of children is a ground for refusal today.
    fn eligibility(_form: &Self::Form, _facts: &Facts<'_>) -> Vec<Finding> {
        Vec::new()
    }

    fn headline(form: &Self::Form) -> String {
        let partner =
            form.father.as_ref().map(|father| format!("、{}", father.name.masked())).unwrap_or_default();
        format!("生育登记 · {}{partner} · 第{}孩", form.mother.name.masked(), form.child_order)
    }

    fn prefill(family: &Family) -> Value {
        json!({
            "mother": family.wife(), "father": family.husband(), "marital_status": family.marital_status(),
            "children": family.children_filled(),
        })
    }

    fn sample() -> Value {
        json!({
            "place": "mother_registered",
            "mother": {
                "name": "林秀英",
                "id_number": "350582199412150025",
                "registered_address": "福建省晋江市灵源街道林口社区中区12号",
                "residence_address": "福建省晋江市灵源街道林口社区中区12号",
                "phone": "13805950001"
            },
            "father": {
                "name": "吴建国",
                "id_number": "350582199203070010",
                "registered_address": "福建省晋江市灵源街道灵水社区西区8号",
                "residence_address": "福建省晋江市灵源街道林口社区中区12号",
                "phone": "13805950002"
            },
            "marital_status": "married",
            "married_on": "2019-05-20",
            "children": [
                {"name": "吴思琪", "sex": "female", "birth_date": "2021-03-08", "adopted": false, "alive": true}
            ],
            "child_order": 2,
            "pregnancy": {"state": "expecting", "expected_on": "2027-02-10"},
            "declared_true": true
        })
    }
}
