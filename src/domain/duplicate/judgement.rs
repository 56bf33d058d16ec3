//! 重复认定: what somebody who looked at two applications said about them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// 认定结论
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// 同一事项: one of the two goes.
    Same,
    /// 不同事项: both go on.
    Different,
}

impl Likeness {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Likeness::Same => "same",
            Likeness::Different => "different",
        }
    }

    /// By stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Likeness::Same, Likeness::Different].into_iter().find(|verdict| verdict.name() == name)
    }
}

/// 重复认定, kept with both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Its id.
    pub id: Uuid,
    /// Two applications, in whichever order.
    pub pair: (Uuid, Uuid),
    /// What they are.
    pub verdict: Likeness,
    /// Which of the two remains, where they are the same.
    pub remaining: Option<Uuid>,
    /// What was compared, so that a change of it raises the question anew.
    pub basis: Vec<u8>,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: Uuid,
    /// Their name.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Judgement {
    /// The one of the two that is not this.
    pub fn other(&self, than: Uuid) -> Uuid {
        if self.pair.0 == than { self.pair.1 } else { self.pair.0 }
    }
}
