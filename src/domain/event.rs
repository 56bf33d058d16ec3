//! What happened to an application: the timeline, and who is to be told of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::lifecycle::{ActionKind, Role, Status};

/// 渠道: through which door it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 小程序
    MiniProgram,
    /// 窗口
    Counter,
    /// 上门
    Doorstep,
    /// 系统: the clock.
    System,
}

impl Channel {
    /// The stable name used in the API and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Channel::MiniProgram => "mini_program",
            Channel::Counter => "counter",
            Channel::Doorstep => "doorstep",
            Channel::System => "system",
        }
    }

    /// The channel of that stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::MiniProgram, Self::Counter, Self::Doorstep, Self::System]
            .into_iter()
            .find(|c| c.name() == name)
    }
}

/// 留痕: one entry of the timeline; its number is the version it made.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The application.
    pub application: Uuid,
    /// 1, 2, 3 …: the version of the application after it.
    pub sequence: i64,
    /// What was done.
    pub action: ActionKind,
    /// Status before.
    pub from: Status,
    /// Status after.
    pub to: Status,
    /// In which capacity.
    pub role: Role,
    /// By whom.
    pub actor: Uuid,
    /// Their name, kept as it was.
    pub actor_name: String,
    /// Through which door.
    pub channel: Channel,
    /// When.
    pub at: DateTime<Utc>,
    /// The particulars as recorded.
    pub detail: Value,
    /// Whether the resident's timeline shows it.
    pub public: bool,
}
