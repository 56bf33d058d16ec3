//! A member on the medical insurance form: who they are, as what they are insured, where they were
//! insured before, and which aids they belong to.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalog::family::Relation;
use crate::domain::id_number::{IdNumber, Sex};
use crate::domain::person_name::PersonName;

/// 参保人身份: a newborn may come before it has a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "document", rename_all = "snake_case", deny_unknown_fields)]
pub enum MedicalIdentity {
    /// 居民身份证、户口簿、居住证
    IdNumber {
        /// 公民身份号码
        id_number: IdNumber,
    },
    /// 出生医学证明
    BirthCertificate {
        /// 出生医学证明编号: a letter and nine digits.
        #[schema(pattern = "^[A-Z][0-9]{9}$")]
        certificate_no: String,
        /// 出生日期
        birth_date: NaiveDate,
        /// 性别
        sex: Sex,
    },
}

/// 参保类别
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "category", rename_all = "snake_case", deny_unknown_fields)]
pub enum InsuredAs {
    /// 成年居民
    Adult {},
    /// 学龄前儿童及其他不在校的未成年人
    Child {},
    /// 在校学生
    Student {
        /// 学校
        #[schema(min_length = 2, max_length = 60)]
        school: String,
        /// 当年新入学
        newly_enrolled: bool,
    },
    /// 新生儿
    Newborn {},
    /// 随迁子女: a parent is insured here.
    MigrantChild {
        /// 在本地参保的父或母
        insured_parent: IdNumber,
    },
    /// 居住证持有人
    ResidencePermitHolder {
        /// 居住证编号
        #[schema(min_length = 6, max_length = 30)]
        permit_no: String,
        /// 有效期至
        valid_until: NaiveDate,
    },
}

/// 原参保情况
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum PriorCoverage {
    /// 连续参保
    Continuous {},
    /// 首次参保
    FirstTime {},
    /// 中断
    Interrupted {
        /// 最后缴费年度
        #[schema(minimum = 2003, maximum = 2100)]
        last_paid_year: i32,
        /// 补缴修复年数: years paid in addition, each shortens the variable wait by one month.
        #[schema(minimum = 0, maximum = 30)]
        repaired_years: u8,
    },
    /// 职工医保转入
    FromEmployee {
        /// 职工医保停保日期
        ended_on: NaiveDate,
    },
}

/// 参保成员
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MedicalMember {
    /// 姓名
    pub name: PersonName,
    /// 身份
    pub identity: MedicalIdentity,
    /// 与缴费人的关系
    pub relation: Relation,
    /// 参保类别
    pub insured_as: InsuredAs,
    /// 资助类别, every one that applies.
    #[schema(max_items = 8)]
    pub subsidy_categories: Vec<MedicalAidCategory>,
    /// 原参保情况
    pub prior: PriorCoverage,
    /// 现正参加职工医保
    pub in_employee_insurance: bool,
}

impl MedicalMember {
    /// 出生日期
    pub fn birth_date(&self) -> NaiveDate {
        match &self.identity {
            MedicalIdentity::IdNumber { id_number } => id_number.birth_date(),
            MedicalIdentity::BirthCertificate { birth_date, .. } => *birth_date,
        }
    }
}

/// 资助类别: groups whose personal part is paid for them; one person may belong to several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MedicalAidCategory {
    /// 特困人员
    Destitute,
    /// 孤儿、事实无人抚养儿童
    Orphan,
    /// 最低生活保障对象
    MinimumLiving,
    /// 重度残疾人 (grades 1 and 2)
    SevereDisability,
    /// 防止返贫监测对象、返贫致贫人口
    Monitored,
    /// 计生特殊家庭成员
    SpecialFamily,
    /// 优抚对象
    Preferential,
    /// 低收入家庭60周岁以上老年人
    LowIncomeElderly,
}
