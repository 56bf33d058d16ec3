//! What a list shows of an application, without its form and its dossier.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::id_number::IdNumber;
use super::lifecycle::Status;
use super::person_name::PersonName;
use super::region::Region;

/// 办件摘要
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Id.
    pub id: Uuid,
    /// Version.
    pub version: i64,
    /// Code of the service item.
    pub service: String,
    /// Community or grid.
    pub region: Region,
    /// Where it stands.
    pub status: Status,
    /// Given at the first submission.
    pub receipt_no: Option<String>,
    /// 申请人
    pub applicant_name: PersonName,
    /// 证件号码
    pub id_number: IdNumber,
    /// The line a clerk sees in the queue.
    pub headline: String,
    /// The deadline of the present step, as of the last act.
    pub due_at: Option<DateTime<Utc>>,
    /// When the draft was made.
    pub created_at: DateTime<Utc>,
}
