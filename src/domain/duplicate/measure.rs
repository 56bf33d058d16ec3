//! 比对规则: how much each reason counts, and from where on two are likely the same. Data of the policy book.

use serde::{Deserialize, Serialize};

use super::reason::Reason;

/// Sections of a text that no form can hold.
pub const SECTION: &str = "\u{1f}";

/// 权重: how much each reason counts, of a hundred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// 证件号码相同
    pub same_id_number: u32,
    /// 姓名相同
    pub same_name: u32,
    /// 姓名读音相同
    pub name_sounds_alike: u32,
    /// 姓名差一字
    pub name_one_off: u32,
    /// 出生日期相同
    pub same_birth_date: u32,
    /// 配偶相同
    pub same_spouse: u32,
    /// 地址相同
    pub same_address: u32,
    /// 地址相近
    pub near_address: u32,
    /// 电话相同
    pub same_phone: u32,
    /// 涉及人员有相同
    pub shared_subjects: u32,
    /// 事由日期相近
    pub near_occasion: u32,
}

impl Weights {
    /// What one counts.
    pub fn of(&self, reason: Reason) -> u32 {
        match reason {
            Reason::SameIdNumber => self.same_id_number,
            Reason::SameName => self.same_name,
            Reason::NameSoundsAlike => self.name_sounds_alike,
            Reason::NameOneOff => self.name_one_off,
            Reason::SameBirthDate => self.same_birth_date,
            Reason::SameSpouse => self.same_spouse,
            Reason::SameAddress => self.same_address,
            Reason::NearAddress => self.near_address,
            Reason::SamePhone => self.same_phone,
            Reason::SharedSubjects => self.shared_subjects,
            Reason::NearOccasion => self.near_occasion,
        }
    }
}

/// 比对规则: when two count as likely the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// From this score on.
    pub threshold: u32,
    /// Occasions so many days apart may be one, told differently.
    pub occasion_days: i64,
    /// Filed so many days apart across the end of a year may be one.
    pub across_years_days: i64,
    /// 口音: endings and beginnings of syllables that are heard as others.
    pub accents: Vec<(String, String)>,
    /// How much each reason counts.
    pub weights: Weights,
}
