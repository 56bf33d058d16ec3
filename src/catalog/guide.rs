//! The guide (办事指南): what a service item tells everybody before they apply, after the elements of
//! the implementing list (GB/T 39046, 实施清单).

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::application::Track;
use crate::domain::limits::Limits;
use crate::domain::real_name::RealName;
use crate::domain::text::Text;

/// 事项类型 (GB/T 39046 A.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemType {
    /// 01 行政许可
    Licence,
    /// 05 行政给付
    Benefit,
    /// 07 行政确认
    Confirmation,
    /// 08 行政奖励
    Reward,
    /// 10 其他行政权力
    OtherPower,
    /// 20 公共服务
    PublicService,
}

impl ItemType {
    /// The two-digit code of the standard.
    pub const fn code(self) -> &'static str {
        match self {
            ItemType::Licence => "01",
            ItemType::Benefit => "05",
            ItemType::Confirmation => "07",
            ItemType::Reward => "08",
            ItemType::OtherPower => "10",
            ItemType::PublicService => "20",
        }
    }
}

/// 别名: what people call it, or called it until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Alias {
    /// The name.
    pub name: &'static str,
    /// First year of the name, if known.
    pub from_year: Option<i32>,
    /// Last year of the name; `None` while it is still used.
    pub until_year: Option<i32>,
}

impl Alias {
    /// A former name, until that year.
    pub const fn former(name: &'static str, until_year: i32) -> Self {
        Self { name, from_year: None, until_year: Some(until_year) }
    }

    /// A name in use.
    pub const fn current(name: &'static str) -> Self {
        Self { name, from_year: None, until_year: None }
    }
}

/// 办事指南
#[derive(Debug, Clone)]
pub struct Guide {
    /// Stable code of the item, part of the API.
    pub code: &'static str,
    /// Version of this guide; a running application keeps the one it was told.
    pub version: u32,
    /// 事项名称
    pub name: Text,
    /// 别名
    pub aliases: &'static [Alias],
    /// 关键词 for the search.
    pub keywords: &'static [&'static str],
    /// 事项类型
    pub item_type: ItemType,
    /// 设定依据
    pub legal_basis: &'static [&'static str],
    /// 受理机构
    pub accepting: &'static str,
    /// 决定机构: a community or a contractor is never one.
    pub deciding: &'static str,
    /// 联办机构: codes of the departments that review, in order; empty for an instant item.
    pub departments: &'static [&'static str],
    /// 受理条件
    pub conditions: &'static [Text],
    /// 办理流程
    pub flow: &'static [&'static str],
    /// 办件类型
    pub track: Track,
    /// 时限
    pub limits: Limits,
    /// 到办事现场次数
    pub on_site_visits: u8,
    /// 收费: whether a contribution is collected with it.
    pub charges: bool,
    /// 收费依据 or 不收费
    pub fee: &'static str,
    /// 办理结果
    pub result: Text,
    /// 咨询方式
    pub enquiries: &'static str,
    /// 监督投诉方式
    pub complaints: &'static str,
    /// 实名要求: how sure it must be who applies online.
    pub real_name: RealName,
    /// Numbers that could not be verified locally are marked as a sample.
    pub sample_data: bool,
}

impl Guide {
    /// Whether a search word hits the name, an alias, a keyword or the code.
    pub fn matches(&self, word: &str) -> bool {
        let word = word.trim().to_lowercase();
        let hit = |text: &str| text.to_lowercase().contains(&word);
        hit(self.code)
            || hit(&self.name.zh)
            || hit(&self.name.en)
            || self.aliases.iter().any(|alias| hit(alias.name))
            || self.keywords.iter().any(|keyword| hit(keyword))
    }
}
