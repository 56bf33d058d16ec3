//! 育儿补贴: money for every child under three, paid by the year. 育儿补贴制度实施方案 (2025-07-28);
//! 育儿补贴管理规范（试行）; 人口与计划生育法 27. The order of the child plays no part.

pub mod policy;
mod rules;

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
use crate::domain::contact::PhoneNumber;
use crate::domain::credit_code::CreditCode;
use crate::domain::deadline::Limit;
use crate::domain::id_number::IdNumber;
use crate::domain::limits::Limits;
use crate::domain::material::{MaterialRequirement, MaterialSource, Necessity};
use crate::domain::person_name::PersonName;
use crate::domain::real_name::RealName;
use crate::domain::text::{FieldError, Text};
pub use policy::ChildcareSubsidyPolicy;
use policy::entitlement;

/// 育儿补贴
pub struct ChildcareSubsidy;

const GUIDE: Guide = Guide {
    code: "childcare_subsidy",
    version: 1,
    name: Text::fixed("育儿补贴申领", "Childcare subsidy"),
    aliases: &[Alias::current("育儿补贴"), Alias::current("国家育儿补贴"), Alias::current("育儿津贴")],
    keywords: &["生孩子", "婴幼儿", "三岁以下", "宝宝", "补贴", "3600", "奶粉钱"],
    item_type: ItemType::Benefit,
    legal_basis: &["育儿补贴制度实施方案（2025）", "育儿补贴管理规范（试行）", "人口与计划生育法 27"],
    accepting: "社区便民服务中心",
    deciding: "晋江市卫生健康局",
    departments: &["health"],
    conditions: &[
        Text::fixed(
            "三周岁以下婴幼儿，户籍在本街道；一孩、二孩、三孩标准相同。",
            "A child under three registered in this sub-district; the same for a first, second or third child.",
        ),
        Text::fixed(
            "由父母一方或其他监护人申领；儿童福利机构可为所养育的儿童申领。",
            "Claimed by a parent or another guardian, or by the child-welfare institution that raises the child.",
        ),
        Text::fixed(
            "每孩每年3600元；2025年1月1日前出生的，按剩余月数折算。",
            "3,600 yuan per child and year; born before 2025-01-01: the months that remain.",
        ),
        Text::fixed("同一婴幼儿同一年度只能领取一次。", "Each child receives each year's subsidy once."),
    ],
    flow: &["申请", "接件", "受理", "初审", "审核确认", "发放", "办结"],
    track: Track::Committed,
    limits: Limits {
        extension_working_days: 0,
        ..Limits::standard(Some(Limit::working_days(30)), Limit::working_days(30))
    },
    on_site_visits: 0,
    charges: false,
    fee: "不收费",
    result: Text::fixed(
        "育儿补贴审核确认结果（按年发放至账户）",
        "Confirmation; paid once a year to the account",
    ),
    enquiries: "12345",
    complaints: "12345",
    real_name: RealName::BENEFIT,
    sample_data: true,
};

/// 申领人与婴幼儿的关系
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChildcareRelation {
    /// 父亲
    Father,
    /// 母亲
    Mother,
    /// 其他监护人
    OtherGuardian,
}

/// 申领人
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ChildcareClaimant {
    /// 父母或其他监护人
    Guardian {
        /// 姓名
        name: PersonName,
        /// 公民身份号码
        id_number: IdNumber,
        /// 与婴幼儿的关系
        relation: ChildcareRelation,
        /// 联系电话
        phone: PhoneNumber,
    },
    /// 儿童福利机构
    Institution {
        /// 机构名称
        #[schema(min_length = 4, max_length = 60)]
        name: String,
        /// 统一社会信用代码
        credit_code: CreditCode,
        /// 经办人姓名
        handler_name: PersonName,
        /// 经办人公民身份号码
        handler_id_number: IdNumber,
        /// 联系电话
        phone: PhoneNumber,
    },
}

/// 婴幼儿
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChildcareChild {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码: also tells the date of birth.
    pub id_number: IdNumber,
    /// 出生医学证明编号; left out for a birth abroad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 10, max_length = 10, example = "P350123456")]
    #[validate(custom(function = "certificate_number"))]
    pub birth_certificate_number: Option<String>,
    /// 户籍地址
    #[schema(min_length = 4, max_length = 120)]
    pub registered_address: String,
    /// 户籍在本街道
    pub registered_in_street: bool,
    /// 是否收养
    pub adopted: bool,
}

/// 育儿补贴申领表
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChildcareSubsidyForm {
    /// 补贴年度: a calendar year.
    #[schema(minimum = 2025, maximum = 2100)]
    pub year: i32,
    /// 申领人
    pub claimant: ChildcareClaimant,
    /// 婴幼儿
    #[validate(nested)]
    pub child: ChildcareChild,
    /// 已领取年度, here or elsewhere, whoever of the parents claimed it.
    #[schema(max_items = 4)]
    #[validate(custom(function = "no_year_twice"))]
    pub received_years: Vec<i32>,
    /// 收款账户 of the claimant or the child.
    pub account: PayeeAccount,
    /// 申请人声明属实
    #[validate(custom(function = "truth_declared"))]
    pub declared_true: bool,
}

/// A capital letter and nine digits.
fn certificate_number(number: &str) -> Result<(), ValidationError> {
    let rest = number.strip_prefix(|first: char| first.is_ascii_uppercase());
    match rest {
        Some(digits) if digits.len() == 9 && digits.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
        Some(_) | None => Err(violation(
            "birth_certificate_number",
            "出生医学证明编号为一个大写字母加9位数字。",
            "A birth certificate number is a capital letter and nine digits.",
        )),
    }
}

fn no_year_twice(years: &[i32]) -> Result<(), ValidationError> {
    match repeated(years, |year| *year).is_empty() {
        true => Ok(()),
        false => Err(violation("duplicate_year", "同一年度只能填一次。", "List each year once.")),
    }
}

impl ServiceItem for ChildcareSubsidy {
    type Form = ChildcareSubsidyForm;

    const GUIDE: Guide = GUIDE;

    fn rules(form: &Self::Form, facts: &Facts<'_>) -> Vec<FieldError> {
        rules::rules(form, facts.today, &facts.policies.childcare_subsidy)
    }

    fn materials(form: &Self::Form, facts: &Facts<'_>) -> Vec<MaterialRequirement> {
        let fetched =
            Text::fixed("由系统调取；调取不到再上传。", "Fetched by the system; upload only if that fails.");
        // What the government holds is not asked for (国务院令716号 7).
        let held = |code: &str, zh: &'static str, en: &'static str| {
            MaterialRequirement::required(code, Text::fixed(zh, en), fetched.clone())
                .from_source(MaterialSource::Government)
                .as_necessity(Necessity::Deferrable)
        };
        let own = |code: &str, zh: &'static str, en: &'static str, why: Text| {
            MaterialRequirement::required(code, Text::fixed(zh, en), why)
        };
        let mut list = match form.child.birth_certificate_number {
            Some(_) => vec![held("birth_certificate", "出生医学证明", "Medical certificate of birth")],
            None => vec![own(
                "foreign_birth_certificate",
                "境外出生证明及中文译本",
                "Foreign birth certificate with a translation",
                Text::fixed("未填出生医学证明编号的须提供。", "Asked because no domestic number was given."),
            )],
        };
        list.push(held("household_book", "婴幼儿户口簿", "Household book of the child"));
        match &form.claimant {
            ChildcareClaimant::Guardian { relation, .. } => {
                list.push(held("claimant_id", "申领人身份证", "ID card of the claimant"));
                if *relation == ChildcareRelation::OtherGuardian {
                    let why =
                        Text::fixed("证明监护关系（指定、委托或法院文书）。", "Shows the guardianship.");
                    list.push(own("guardianship_proof", "监护关系证明", "Proof of guardianship", why));
                }
            }
            ChildcareClaimant::Institution { .. } => {
                list.push(held(
                    "institution_registration",
                    "机构登记证书",
                    "Registration of the institution",
                ));
                let why = Text::fixed(
                    "证明由本机构养育并由经办人办理。",
                    "Shows who raises the child and who acts.",
                );
                list.push(own("institution_proof", "养育及委托证明", "Proof of care and authorisation", why));
            }
        }
        if form.child.adopted {
            list.push(held("adoption_certificate", "收养登记证", "Adoption certificate"));
        }
        // The amount is told here, because the guide can only state the rule.
        let due = entitlement(form, &facts.policies.childcare_subsidy, form.year);
        let year = form.year;
        let why = Text::new(
            format!("核对户名与账号；{year}年度按现行标准应发{due}元。"),
            format!("Holder and number; {due} yuan are due for {year} at the present rate."),
        );
        let name = Text::fixed("收款账户信息", "Account details");
        list.push(
            MaterialRequirement::required("account_proof", name, why).as_necessity(Necessity::Deferrable),
        );
        list
    }

    fn eligibility(form: &Self::Form, facts: &Facts<'_>) -> Vec<Finding> {
        rules::eligibility(form, facts.today, &facts.policies.childcare_subsidy)
    }

    fn headline(form: &Self::Form) -> String {
        format!("育儿补贴 · {} · {}年度", form.child.name.masked(), form.year)
    }

    fn prefill(family: &Family) -> Value {
        let child = family.youngest().map(|child| json!({"name": child.name, "id_number": child.id_number}));
        json!({"claimant": family.oneself(), "child": child})
    }

    fn sample() -> Value {
        json!({
            "year": 2026,
            "claimant": {
                "kind": "guardian",
                "name": "蔡晓燕",
                "id_number": "350582199508083023",
                "relation": "mother",
                "phone": "13805950011"
            },
            "child": {
                "name": "吴安安",
                "id_number": "350582202506150039",
                "birth_certificate_number": "V350123456",
                "registered_address": "福建省晋江市灵源街道灵水社区西区8号",
                "registered_in_street": true,
                "adopted": false
            },
            "received_years": [2025],
            "account": {"holder": "蔡晓燕", "number": "6222020000000000018", "bank": "晋江农商银行灵源支行"},
            "declared_true": true
        })
    }
}

#[cfg(test)]
mod tests;
