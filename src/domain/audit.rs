//! 审计: who looked at what or tried to, from where, how it ended. What was done to an application stands in its
//! timeline; here stand the requests, refused ones included.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// 审计记录: one or more requests of the same kind within a moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AuditEntry {
    /// Who; nobody before signing in.
    pub actor: Option<Uuid>,
    /// Their name, kept as it was.
    pub actor_name: String,
    /// Their roles by stable name, comma-separated.
    pub roles: String,
    /// Method and route, or the name of an act outside HTTP.
    pub operation: String,
    /// The application it was about.
    pub application: Option<Uuid>,
    /// Anything else it was about, by its id.
    pub subject: String,
    /// Which fields, comma-separated.
    pub fields: String,
    /// To what end, as stated.
    pub purpose: String,
    /// Network address.
    pub origin: String,
    /// HTTP status of the answer.
    pub status: u16,
}

/// 审计记录, as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// 1, 2, 3 … without a gap.
    pub number: i64,
    /// What.
    pub entry: AuditEntry,
    /// The first of the requests.
    pub at: DateTime<Utc>,
    /// The last of them.
    pub until: DateTime<Utc>,
    /// How many.
    pub count: i64,
}
