//! 相似理由: what makes two applications look like one, in words that stand beside the two.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::text::Text;

/// 相似理由: what two applications have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// 证件号码相同
    SameIdNumber,
    /// 姓名相同
    SameName,
    /// 姓名读音相同
    NameSoundsAlike,
    /// 姓名差一字
    NameOneOff,
    /// 出生日期相同
    SameBirthDate,
    /// 配偶相同
    SameSpouse,
    /// 地址相同
    SameAddress,
    /// 地址相近
    NearAddress,
    /// 电话相同
    SamePhone,
    /// 涉及人员有相同
    SharedSubjects,
    /// 事由日期相近
    NearOccasion,
}

impl Reason {
    /// What stands beside the two.
    pub fn text(self) -> Text {
        match self {
            Reason::SameIdNumber => Text::fixed("证件号码相同", "Same ID number"),
            Reason::SameName => Text::fixed("姓名相同", "Same name"),
            Reason::NameSoundsAlike => Text::fixed("姓名读音相同", "The names sound alike"),
            Reason::NameOneOff => Text::fixed("姓名仅差一字", "The names differ by one character"),
            Reason::SameBirthDate => Text::fixed("出生日期相同", "Same date of birth"),
            Reason::SameSpouse => Text::fixed("配偶相同", "Same spouse"),
            Reason::SameAddress => Text::fixed("地址相同", "Same address"),
            Reason::NearAddress => Text::fixed("地址相近", "Nearly the same address"),
            Reason::SamePhone => Text::fixed("联系电话相同", "Same telephone"),
            Reason::SharedSubjects => {
                Text::fixed("涉及人员或项目有相同", "Some of what it is about is the same")
            }
            Reason::NearOccasion => Text::fixed("事由日期相近", "The occasions are days apart"),
        }
    }
}
