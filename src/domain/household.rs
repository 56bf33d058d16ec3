//! 户册: who lives behind which door of a grid. The community keeps it; grid workers take along what of it
//! lies in their grids.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::contact::PhoneNumber;
use super::id_number::IdNumber;
use super::person_name::PersonName;
use super::region::Region;
use super::sensitive::Sensitive;
use super::text::{FieldError, Text};

/// 与户主关系, the main classes of GB/T 4761.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HouseholdRelation {
    /// 户主
    Head,
    /// 配偶
    Spouse,
    /// 子
    Son,
    /// 女
    Daughter,
    /// 孙子女、外孙子女
    Grandchild,
    /// 父母
    Parent,
    /// 祖父母、外祖父母
    Grandparent,
    /// 兄弟姐妹
    Sibling,
    /// 其他
    Other,
}

/// 户内人员
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseholdResident {
    /// 姓名
    pub name: PersonName,
    /// 证件号码
    pub id_number: IdNumber,
    /// 电话
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// 与户主关系
    pub relation: HouseholdRelation,
}

/// 户内人员名单
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HouseholdResidents {
    /// Everybody who lives there.
    #[schema(max_items = 30)]
    pub residents: Vec<HouseholdResident>,
}

/// 户
#[derive(Debug, Clone, PartialEq)]
pub struct Household {
    /// Id.
    pub id: Uuid,
    /// Counts its changes, from 1.
    pub version: i64,
    /// The grid.
    pub region: Region,
    /// House address.
    pub address: Sensitive<String>,
    /// Latitude and longitude, degrees, CGCS2000, where they are known.
    pub place: Option<(f64, f64)>,
    /// Everybody who lives there.
    pub residents: Vec<HouseholdResident>,
    /// What a visitor should know.
    pub note: Option<String>,
    /// When it was last changed, and by whom.
    pub updated: (DateTime<Utc>, Uuid),
}

impl Household {
    /// All that cannot be.
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.region.grid().is_none() {
            let detail = Text::fixed("请选择网格。", "Name a grid.");
            errors.push(FieldError::new("/region", "grid_needed", detail));
        }
        let mut heads = 0;
        for (index, resident) in self.residents.iter().enumerate() {
            let earlier = self.residents.iter().take(index);
            if earlier.clone().any(|other| other.id_number == resident.id_number) {
                let detail = Text::fixed("同一人只能登记一次。", "Nobody may be listed twice.");
                let at = format!("/residents/{index}/id_number");
                errors.push(FieldError::new(at, "duplicate_member", detail));
            }
            heads += usize::from(resident.relation == HouseholdRelation::Head);
            if resident.relation == HouseholdRelation::Head && heads > 1 {
                let detail = Text::fixed("一户只有一名户主。", "A household has one head.");
                errors.push(FieldError::new(format!("/residents/{index}/relation"), "second_head", detail));
            }
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn resident(number: &str, relation: HouseholdRelation) -> HouseholdResident {
        HouseholdResident {
            name: PersonName::parse("林秀英").unwrap(),
            id_number: IdNumber::parse(number).unwrap(),
            phone: None,
            relation,
        }
    }

    #[test]
    fn everything_that_cannot_be_is_told_at_once() {
        let (one, other) = ("350582199412150025", "350582199203070010");
        let mut household = Household {
            id: Uuid::nil(),
            version: 1,
            region: Region::parse("350582006001001").unwrap(),
            address: Sensitive::new("中区1号".to_owned()),
            place: None,
            residents: vec![
                resident(one, HouseholdRelation::Head),
                resident(other, HouseholdRelation::Spouse),
            ],
            note: None,
            updated: (DateTime::UNIX_EPOCH, Uuid::nil()),
        };
        assert_eq!(household.errors(), []);
        household.region = Region::parse("350582006001").unwrap();
        household.residents = vec![
            resident(one, HouseholdRelation::Head),
            resident(other, HouseholdRelation::Head),
            resident(one, HouseholdRelation::Son),
        ];
        let errors = household.errors();
        let told: Vec<(&str, &str)> =
            errors.iter().map(|error| (error.pointer.as_str(), error.code.as_ref())).collect();
        assert_eq!(
            told,
            [
                ("/region", "grid_needed"),
                ("/residents/1/relation", "second_head"),
                ("/residents/2/id_number", "duplicate_member")
            ]
        );
    }
}
