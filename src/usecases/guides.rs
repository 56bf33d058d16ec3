//! A service item as everybody may read it before they apply.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::catalog::Entry;
use crate::catalog::guide::{Alias, ItemType};
use crate::domain::application::Track;
use crate::domain::limits::Limits;
use crate::domain::real_name::RealName;
use crate::domain::text::Text;

/// 办事指南
#[derive(Debug, Serialize, ToSchema)]
pub struct GuideView {
    /// Stable code.
    code: &'static str,
    /// Version of the guide.
    version: u32,
    /// 事项名称
    name: Text,
    /// 别名
    aliases: Vec<Alias>,
    /// 事项类型
    item_type: ItemType,
    /// Its two-digit code of GB/T 39046 A.1.
    item_type_code: &'static str,
    /// 设定依据
    legal_basis: Vec<&'static str>,
    /// 受理机构
    accepting: &'static str,
    /// 决定机构
    deciding: &'static str,
    /// 联办机构, by code.
    departments: Vec<&'static str>,
    /// 受理条件
    conditions: Vec<Text>,
    /// 办理流程
    flow: Vec<&'static str>,
    /// 办件类型
    track: Track,
    /// 时限
    limits: Limits,
    /// 到办事现场次数
    on_site_visits: u8,
    /// Whether a contribution is collected.
    charges: bool,
    /// 收费
    fee: &'static str,
    /// 办理结果
    result: Text,
    /// 咨询方式
    enquiries: &'static str,
    /// 监督投诉方式
    complaints: &'static str,
    /// Some local numbers of this item are a sample and have to be set by the operator.
    sample_data: bool,
    /// 实名要求: the level a resident needs for each step.
    real_name: RealName,
    /// JSON Schema (2020-12) of the form, for rendering.
    #[schema(value_type = Object)]
    form_schema: Value,
    /// A form that passes every check.
    #[schema(value_type = Object)]
    sample: Value,
}

impl GuideView {
    /// Of an item.
    pub fn of(entry: &'static Entry) -> Self {
        let guide = entry.guide();
        Self {
            code: guide.code,
            version: guide.version,
            name: guide.name.clone(),
            aliases: guide.aliases.to_vec(),
            item_type: guide.item_type,
            item_type_code: guide.item_type.code(),
            legal_basis: guide.legal_basis.to_vec(),
            accepting: guide.accepting,
            deciding: guide.deciding,
            departments: guide.departments.to_vec(),
            conditions: guide.conditions.to_vec(),
            flow: guide.flow.to_vec(),
            track: guide.track,
            limits: guide.limits,
            on_site_visits: guide.on_site_visits,
            charges: guide.charges,
            fee: guide.fee,
            result: guide.result.clone(),
            enquiries: guide.enquiries,
            complaints: guide.complaints,
            sample_data: guide.sample_data,
            real_name: guide.real_name,
            form_schema: entry.shape().document().clone(),
            sample: entry.sample(),
        }
    }
}
