//! What each person can get done, one file per noun. Knows no HTTP. Each change is one transaction, without adapters.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use crate::adapters::blob::Blobs;
use crate::adapters::cache::Cache;
use crate::adapters::checkpoints::Checkpoints;
use crate::adapters::clock::Clock;
use crate::adapters::mail::Mail;
use crate::adapters::payment::LocalPayments;
use crate::adapters::pieces::Pieces;
use crate::adapters::sms::Sms;
use crate::adapters::tokens::Tokens;
use crate::adapters::wechat::Wechat;
use crate::catalog::policy::Policies;
use crate::domain::application::Desk;
use crate::domain::calendar::Calendar;
use crate::domain::client::Client;
use crate::domain::region::RegionNames;
use crate::domain::retention::Schedule;
use crate::storage::Db;

pub mod acting;
pub mod agencies;
pub mod announcing;
pub mod applicants;
pub mod arrivals;
pub mod attachments;
pub mod auditing;
pub mod authority;
pub mod binding;
pub mod case;
pub mod checkpoints;
pub mod clock;
pub mod clocks_view;
pub mod confirmation_codes;
pub mod confirming;
pub mod credentials;
pub mod deeds;
pub mod devices;
pub mod doing;
pub mod dossiers;
pub mod drafts;
pub mod duplicates;
pub mod duplicates_view;
pub mod failure;
pub mod field;
pub mod filing;
mod foreseeing;
pub mod guides;
pub mod hand_over;
pub mod households;
pub mod identity_changes;
pub mod judging;
pub mod judging_offline;
pub mod mandates;
pub mod masking;
pub mod materials;
pub mod me;
pub mod merging;
pub mod needs;
pub mod notify;
pub mod numbers;
pub mod once;
pub mod online_payments;
pub mod operations;
pub mod organisation;
pub mod outbox;
pub mod pack_entries;
pub mod packs;
pub mod payments;
pub mod places;
pub mod plans;
mod portions;
pub mod preparing;
pub mod progress;
pub mod public_notices;
pub mod queue;
pub mod rationing;
pub mod refreshing;
pub mod resealing;
pub mod reserved_numbers;
pub mod retention;
pub mod revealing;
pub mod rights;
pub mod scanning;
pub mod second_factor;
pub mod services;
pub mod sessions;
pub mod setting_up;
pub mod staff;
mod steps;
pub mod sweeping;
pub mod syncing;
pub mod uploads;
pub mod verdicts;
pub mod verifying;
pub mod view;
pub mod visits;
pub mod weighing;

pub use crate::storage::applications::Search;
pub use crate::storage::audit::AuditFilter;
pub use crate::storage::queue::QueueFilter;
pub use failure::Failure;
pub use field::FieldSettings;
pub use organisation::{Department, Organisation};
pub use queue::CounterSettings;
pub use rationing::LimitSettings;
pub use retention::RetentionSettings;

/// Tokens and sessions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSettings {
    /// Issuer of every access token.
    pub issuer: String,
    /// Life of an access token, minutes.
    pub access_minutes: i64,
    /// A resident's session ends after that many days, or when it was not refreshed for `…_idle_days`.
    pub mini_program_days: i64,
    /// Days without a refresh.
    pub mini_program_idle_days: i64,
    /// A session at a desk ends after that many hours.
    pub desk_hours: i64,
    /// Minutes without a refresh.
    pub desk_idle_minutes: i64,
    /// A grid worker's session ends after that many days.
    pub field_days: i64,
    /// Days without a refresh.
    pub field_idle_days: i64,
}

impl TokenSettings {
    /// How long a session lasts at the most, and how long without a refresh.
    pub fn patience(&self, client: Client) -> (TimeDelta, TimeDelta) {
        match client {
            Client::MiniProgram => {
                (TimeDelta::days(self.mini_program_days), TimeDelta::days(self.mini_program_idle_days))
            }
            Client::Desk => (TimeDelta::hours(self.desk_hours), TimeDelta::minutes(self.desk_idle_minutes)),
            Client::Field => (TimeDelta::days(self.field_days), TimeDelta::days(self.field_idle_days)),
        }
    }
}

/// Staff accounts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffSettings {
    /// Whether officials, supervisors and administrators need a second factor, or only who has one.
    pub second_factor_required: bool,
}

/// Delivery of notices.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboxSettings {
    /// Seconds between looks.
    pub poll_seconds: u64,
    /// Hours after which a mail is visibly dead.
    pub give_up_hours: i64,
}

/// What the house knows: calendar, places, departments, policies.
#[derive(Debug, Clone)]
pub struct Knowledge {
    /// Working days.
    pub calendar: Calendar,
    /// Names of places.
    pub regions: RegionNames,
    /// Departments.
    pub organisation: Organisation,
    /// Amounts, tiers, limits.
    pub policies: Policies,
    /// How long what is kept.
    pub retention: Schedule,
}

/// The adapters in use.
#[derive(Clone)]
pub struct Outside {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Rate limits and revocations.
    pub cache: Arc<dyn Cache>,
    /// Mail.
    pub mail: Arc<dyn Mail>,
    /// Texts to telephones, if any are sent.
    pub sms: Option<Arc<dyn Sms>>,
    /// Files.
    pub blobs: Arc<dyn Blobs>,
    /// Files on their way.
    pub pieces: Arc<dyn Pieces>,
    /// Residents' sign-in, if offered.
    pub wechat: Option<Arc<dyn Wechat>>,
    /// Contributions paid online, if offered.
    pub payments: Option<Arc<LocalPayments>>,
    /// Access tokens.
    pub tokens: Arc<Tokens>,
    /// Checkpoints over what has happened.
    pub checkpoints: Arc<Checkpoints>,
}

/// Settings the use cases need.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Tokens and sessions.
    pub tokens: TokenSettings,
    /// Staff accounts.
    pub staff: StaffSettings,
    /// Rates and sizes.
    pub limits: LimitSettings,
    /// Delivery of notices.
    pub outbox: OutboxSettings,
    /// The window.
    pub counter: CounterSettings,
    /// The door.
    pub field: FieldSettings,
    /// What goes when.
    pub retention: RetentionSettings,
}

struct Inner {
    db: Db,
    outside: Outside,
    knowledge: Knowledge,
    rules: Rules,
    numbers: numbers::Numbers,
    authority: authority::Authority,
    waiting: auditing::Waiting,
}

/// 便民服务中心: the assembled product, as the use cases see it. Cheap to clone.
#[derive(Clone)]
pub struct Office(Arc<Inner>);

impl Office {
    /// Assembles it.
    pub fn new(db: Db, outside: Outside, knowledge: Knowledge, rules: Rules) -> Self {
        let (numbers, authority) = (numbers::Numbers::default(), authority::Authority::default());
        let waiting = auditing::Waiting::default();
        Self(Arc::new(Inner { db, outside, knowledge, rules, numbers, authority, waiting }))
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The adapters.
    pub fn outside(&self) -> &Outside {
        &self.0.outside
    }

    /// Calendar, places, departments, policies.
    pub fn knowledge(&self) -> &Knowledge {
        &self.0.knowledge
    }

    /// Settings.
    pub fn rules(&self) -> &Rules {
        &self.0.rules
    }

    fn numbers(&self) -> &numbers::Numbers {
        &self.0.numbers
    }

    fn waiting(&self) -> &auditing::Waiting {
        &self.0.waiting
    }

    fn authority(&self) -> &authority::Authority {
        &self.0.authority
    }

    /// The instant by the injected clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.outside.clock.now()
    }

    /// That instant on the working-day calendar.
    pub fn desk(&self, now: DateTime<Utc>) -> Desk<'_> {
        Desk { now, calendar: &self.0.knowledge.calendar }
    }
}

/// An id for one request, for logs and error answers.
pub fn request_id() -> String {
    crate::adapters::clock::new_id(crate::adapters::clock::SystemClock.now()).to_string()
}
