//! Materials: what an item asks for, what was supplied, and the window's verdict on each.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::text::Text;

/// 材料必要性 (GB/T 39046).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Necessity {
    /// 必要
    Required,
    /// 非必要
    Optional,
    /// 容缺后补: may follow after acceptance against a promise.
    Deferrable,
}

/// 来源渠道 (GB/T 39046): who has to bring it. What the government holds must not be asked for
/// (国务院令716号 art 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MaterialSource {
    /// 申请人自备
    Applicant,
    /// 政府部门核发
    Government,
    /// 其他
    Other,
}

/// 材料要求: one line of the checklist that the applicant is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MaterialRequirement {
    /// Stable code inside the item, e.g. `appraisal_report`.
    pub code: String,
    /// Name in both languages.
    pub name: Text,
    /// Whether the application can do without it.
    pub necessity: Necessity,
    /// Who brings it.
    pub source: MaterialSource,
    /// Why this answer of the form makes it necessary, and what it must show.
    pub standard: Text,
}

impl MaterialRequirement {
    /// A material the application cannot be decided without.
    pub fn required(code: &str, name: Text, standard: Text) -> Self {
        let (necessity, source) = (Necessity::Required, MaterialSource::Applicant);
        Self { code: code.to_owned(), name, necessity, source, standard }
    }

    /// The same with another necessity.
    #[must_use]
    pub fn as_necessity(mut self, necessity: Necessity) -> Self {
        self.necessity = necessity;
        self
    }

    /// The same with another source.
    #[must_use]
    pub fn from_source(mut self, source: MaterialSource) -> Self {
        self.source = source;
        self
    }
}

/// 核验结论: what the window says of one material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 合格
    Qualified,
    /// 不合格
    Unqualified,
    /// 缺
    Missing,
    /// 免交: held by the government or not applicable.
    Waived,
}

/// 材料核验: the verdict on one material of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MaterialVerdict {
    /// Code on the checklist.
    #[schema(max_length = 64)]
    pub material: String,
    /// The conclusion.
    pub verdict: Verdict,
    /// What is wrong, for the applicant.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub remark: Option<String>,
}

/// 已交材料: one file that was supplied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppliedMaterial {
    /// Id of the file record.
    pub id: Uuid,
    /// The application it belongs to.
    pub application: Uuid,
    /// Code on the checklist.
    pub material: String,
    /// File name as the sender called it; never used as a path.
    pub file_name: String,
    /// Media type by content.
    pub media_type: String,
    /// Size in bytes.
    pub size: i64,
    /// SHA-256 of the content, lower-case hex; also its address in the blob store.
    pub sha256: String,
    /// Account that supplied it.
    pub supplied_by: Uuid,
    /// When.
    pub supplied_at: DateTime<Utc>,
}
