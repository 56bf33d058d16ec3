//! The parts of the disability-subsidy form: the person, the certificate with its number, the household,
//! other benefits, and who acts for the person.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::catalog::family::Relation;
use crate::catalog::violation::violation;
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::person_name::PersonName;

/// 补贴种类
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisabilitySubsidyKind {
    /// 困难残疾人生活补贴
    Living,
    /// 重度残疾人护理补贴
    Care,
}

/// 残疾类别, in the order of its digit on the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisabilityCategory {
    /// 视力残疾
    Visual,
    /// 听力残疾
    Hearing,
    /// 言语残疾
    Speech,
    /// 肢体残疾
    Physical,
    /// 智力残疾
    Intellectual,
    /// 精神残疾
    Mental,
    /// 多重残疾
    Multiple,
}

impl DisabilityCategory {
    /// The digit on the certificate.
    pub const fn digit(self) -> u8 {
        match self {
            DisabilityCategory::Visual => b'1',
            DisabilityCategory::Hearing => b'2',
            DisabilityCategory::Speech => b'3',
            DisabilityCategory::Physical => b'4',
            DisabilityCategory::Intellectual => b'5',
            DisabilityCategory::Mental => b'6',
            DisabilityCategory::Multiple => b'7',
        }
    }
}

/// 残疾人证
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisabilityCertificate {
    /// 证号: ID number, category digit, grade digit, and `B` with a digit on a re-issued one.
    #[schema(min_length = 20, max_length = 22, example = "35058219880417101542")]
    #[validate(custom(function = "laid_out"))]
    pub number: String,
    /// 残疾类别
    pub category: DisabilityCategory,
    /// 残疾等级, 1 the most severe.
    #[schema(minimum = 1, maximum = 4)]
    pub grade: u8,
    /// 发证日期
    pub issued_on: NaiveDate,
    /// 有效期至
    pub valid_until: NaiveDate,
}

/// 证号的组成部分
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisabilityNumber<'a> {
    /// The holder's ID number.
    pub id_number: &'a str,
    /// The category's digit.
    pub category: u8,
    /// The grade's digit.
    pub grade: u8,
}

impl DisabilityCertificate {
    /// The parts of the number; `None` when it is not laid out like one.
    pub fn parts(&self) -> Option<DisabilityNumber<'_>> {
        parts(&self.number)
    }
}

fn parts(number: &str) -> Option<DisabilityNumber<'_>> {
    let (id_number, rest) = number.split_at_checked(18)?;
    let (category, grade) = match *rest.as_bytes() {
        [category, grade] => (category, grade),
        [category, grade, b'B', again] if again.is_ascii_digit() => (category, grade),
        _ => return None,
    };
    let fits = (b'1'..=b'7').contains(&category) && (b'1'..=b'4').contains(&grade);
    (fits && IdNumber::parse(id_number).is_ok()).then_some(DisabilityNumber { id_number, category, grade })
}

fn laid_out(number: &str) -> Result<(), ValidationError> {
    match parts(number) {
        Some(_) => Ok(()),
        None => Err(violation(
            "disability_certificate_number",
            "残疾人证号应为18位身份证号码、1位类别（1至7）、1位等级（1至4），补发的再加B和次数。",
            "ID number, a digit 1–7 for the category, a digit 1–4 for the grade; re-issued ones add B and a digit.",
        )),
    }
}

/// 残疾人
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisabledPerson {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 户籍地址
    #[schema(min_length = 4, max_length = 120)]
    pub registered_address: String,
    /// 户籍在本街道
    pub registered_in_street: bool,
    /// 现居住地址
    #[schema(min_length = 4, max_length = 120)]
    pub residence_address: String,
    /// 联系电话
    pub phone: PhoneNumber,
}

/// 家庭困难类别
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisabilityHousehold {
    /// 最低生活保障家庭
    MinimumLiving,
    /// 低保边缘家庭
    Marginal,
    /// 特困供养人员
    Destitute,
    /// 以上都不是
    Other,
}

/// 已享受的其他待遇
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisabilityOtherBenefit {
    /// 工伤保险生活护理费
    WorkInjuryCare,
    /// 孤儿基本生活保障
    OrphanSupport,
    /// 老年、因公致残、离休等福利性生活补贴（津贴）
    WelfareLivingAllowance,
    /// 老年、因公致残、离休等福利性护理补贴（津贴）
    WelfareCareAllowance,
}

/// 代办人
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisabilityAgent {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 与残疾人的关系
    pub relation: Relation,
    /// 是法定监护人
    pub guardian: bool,
    /// 联系电话
    pub phone: PhoneNumber,
}
