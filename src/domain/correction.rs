//! The one correction notice of 行政许可法 32(4): everything missing is told at once, and nothing that
//! was not on the first notice may be asked for later.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::deadline::Deadline;

/// 补正事项: one thing to correct and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// A material code of the checklist, or a JSON pointer into the form.
    #[schema(min_length = 1, max_length = 200)]
    pub about: String,
    /// What is missing or wrong, and how to put it right.
    #[schema(min_length = 1, max_length = 500)]
    pub how: String,
}

/// 补正告知书
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CorrectionNotice {
    /// Everything to correct.
    pub gaps: Vec<Gap>,
    /// When it was given.
    pub asked_at: DateTime<Utc>,
    /// Until when it is to be answered.
    pub reply_by: Deadline,
    /// Whether the warning before the end has gone out.
    pub warned_at: Option<DateTime<Utc>>,
    /// When it was answered, the last time.
    pub answered_at: Option<DateTime<Utc>>,
    /// How many times it was given; later rounds can only repeat gaps of the first.
    pub rounds: u32,
}

impl CorrectionNotice {
    /// The gaps of a further request that were not on the first notice.
    pub fn not_on_first<'a>(&self, gaps: &'a [Gap]) -> Vec<&'a Gap> {
        gaps.iter().filter(|gap| !self.gaps.iter().any(|first| first.about == gap.about)).collect()
    }
}

/// 容缺材料: a secondary material promised for later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Promise {
    /// Material code on the checklist.
    pub material: String,
    /// Until when it is promised.
    pub due: Deadline,
    /// When it came in.
    pub fulfilled_at: Option<DateTime<Utc>>,
}
