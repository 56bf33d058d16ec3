//! Parts that several forms share: who belongs to a family, and the account money goes to.
//! One definition each, so that a household can be prefilled from one form into the next.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::bank_card::BankCard;
use crate::domain::id_number::{IdNumber, Sex};
use crate::domain::person_name::PersonName;

/// 与户主关系
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// 本人
    Oneself,
    /// 配偶
    Spouse,
    /// 子女
    Child,
    /// 父母
    Parent,
    /// 祖父母、外祖父母
    Grandparent,
    /// 孙子女、外孙子女
    Grandchild,
    /// 兄弟姐妹
    Sibling,
    /// 其他
    Other,
}

/// 婚姻状况
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MaritalStatus {
    /// 未婚
    Single,
    /// 已婚
    Married,
    /// 离异
    Divorced,
    /// 丧偶
    Widowed,
}

/// 家庭成员
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FamilyMember {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 与申请人或户主的关系
    pub relation: Relation,
}

/// 子女: without an ID number, for a child may not have one yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Child {
    /// 姓名
    pub name: PersonName,
    /// 性别
    pub sex: Sex,
    /// 出生日期
    pub birth_date: NaiveDate,
    /// 是否收养
    pub adopted: bool,
    /// 是否健在
    pub alive: bool,
}

/// 收款账户: the holder must be the beneficiary or their legal representative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayeeAccount {
    /// 户名
    pub holder: PersonName,
    /// 账号
    pub number: BankCard,
    /// 开户银行
    #[schema(min_length = 2, max_length = 60)]
    pub bank: String,
}

/// The same pointer for every element: `/children/3/birth_date`.
pub fn at(list: &str, index: usize, field: &str) -> String {
    format!("/{list}/{index}/{field}")
}

/// Indices of elements whose key stands in the list before.
pub fn repeated<T, K: PartialEq>(items: &[T], key: impl Fn(&T) -> K) -> Vec<usize> {
    let keys: Vec<K> = items.iter().map(key).collect();
    (0..keys.len()).filter(|&i| keys[..i].contains(&keys[i])).collect()
}
