//! 结论: what became of an operation done offline, in one word.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 结论: what became of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 已办
    Applied,
    /// 重复: came before, or somebody did the same before; nothing is done twice.
    Duplicate,
    /// 已合并: others had changed other fields.
    Merged,
    /// 冲突: others had changed the same; nothing was overwritten.
    Conflict,
    /// 等待: for what it builds on, or for a person.
    Held,
    /// 存疑: cannot succeed as it is; kept.
    Quarantined,
}

impl Verdict {
    const ALL: [Verdict; 6] = [
        Verdict::Applied,
        Verdict::Duplicate,
        Verdict::Merged,
        Verdict::Conflict,
        Verdict::Held,
        Verdict::Quarantined,
    ];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Applied => "applied",
            Verdict::Duplicate => "duplicate",
            Verdict::Merged => "merged",
            Verdict::Conflict => "conflict",
            Verdict::Held => "held",
            Verdict::Quarantined => "quarantined",
        }
    }

    /// The verdict of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }

    /// Whether its effect stands, so that what builds on it may go on.
    pub fn stands(self) -> bool {
        match self {
            Verdict::Applied | Verdict::Duplicate | Verdict::Merged => true,
            Verdict::Conflict | Verdict::Held | Verdict::Quarantined => false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_verdict_is_found_by_its_name() {
        for verdict in Verdict::ALL {
            assert_eq!(Verdict::from_name(verdict.name()), Some(verdict));
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.name());
        }
    }
}
