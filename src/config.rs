//! Settings: the compiled-in defaults, then a file, then the environment. A production that still
//! stands on embedded defaults does not start.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use crate::adapters::blob::BlobLimits;
use crate::adapters::mail_smtp::{SmtpSettings, SmtpTls};
use crate::catalog::pointers::checked;
use crate::catalog::policy::Policies;
use crate::domain::calendar::Calendar;
use crate::domain::region::RegionNames;
use crate::domain::retention::Schedule;
use crate::http::ServerSettings;
use crate::storage::StorageSettings;
use crate::usecases::{
    CounterSettings, FieldSettings, Knowledge, LimitSettings, Organisation, OutboxSettings,
    RetentionSettings, StaffSettings, TokenSettings,
};

mod sign_in;

pub use sign_in::{Secret, SignInKind, SignInSettings};

const DEFAULTS: &str = include_str!("../config/default.toml");
const CALENDARS: [&str; 3] = [
    include_str!("../config/calendar/2024.toml"),
    include_str!("../config/calendar/2025.toml"),
    include_str!("../config/calendar/2026.toml"),
];
const REGIONS: &str = include_str!("../config/regions.toml");
const ORGANISATION: &str = include_str!("../config/organisation.toml");
const RETENTION: &str = include_str!("../config/retention.toml");

/// 配置
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The HTTP server.
    pub server: ServerSettings,
    /// The database.
    pub storage: StorageSettings,
    /// Folders.
    pub data: DataSettings,
    /// Tokens and sessions.
    pub tokens: TokenSettings,
    /// The cache.
    pub cache: CacheSettings,
    /// Mail.
    pub mail: MailSettings,
    /// Texts to telephones.
    pub sms: PortSettings,
    /// Residents' sign-in.
    pub wechat: SignInSettings,
    /// Payment online.
    pub payment: PortSettings,
    /// Delivery of notices.
    pub outbox: OutboxSettings,
    /// Staff accounts.
    pub staff: StaffSettings,
    /// Rates and sizes.
    pub limits: LimitSettings,
    /// The window.
    pub counter: CounterSettings,
    /// The door.
    pub field: FieldSettings,
    /// What goes when.
    pub retention: RetentionSettings,
}

/// Folders on this machine.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSettings {
    /// Keys, files and local mail.
    pub folder: PathBuf,
    /// Data keys; empty: within it.
    pub key_folder: PathBuf,
    /// Own policy pages; empty for the compiled-in ones.
    pub policy_folder: String,
}

impl DataSettings {
    /// Where the data keys lie.
    pub fn key_folder(&self) -> PathBuf {
        let own = !self.key_folder.as_os_str().is_empty();
        if own { self.key_folder.clone() } else { self.folder.join("data-keys") }
    }
}

/// The cache.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheSettings {
    /// `redis://…`, or empty for the one in process.
    pub redis_url: String,
}

/// A port that has an embedded stand-in, or nothing behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortKind {
    /// The embedded stand-in.
    Local,
    /// Nothing: the product says that it is not offered.
    None,
}

/// Which adapter stands behind a port.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortSettings {
    /// The embedded stand-in or nothing.
    pub kind: PortKind,
}

/// Which mail adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// Files.
    Local,
    /// A mail server.
    Smtp,
}

/// Mail.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// Files or a server.
    pub kind: MailKind,
    smtp_host: String,
    smtp_port: u16,
    smtp_tls: SmtpTls,
    smtp_username: String,
    smtp_password: String,
    from: String,
}

// The password must not reach a log.
impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailSettings").field("kind", &self.kind).field("host", &self.smtp_host).finish()
    }
}

impl MailSettings {
    /// What the SMTP adapter needs.
    pub fn smtp(&self) -> SmtpSettings {
        SmtpSettings {
            host: self.smtp_host.clone(),
            port: self.smtp_port,
            tls: self.smtp_tls,
            username: self.smtp_username.clone(),
            password: self.smtp_password.clone(),
            from: self.from.clone(),
        }
    }
}

/// Why the settings cannot be used; never shows a secret.
#[derive(Debug)]
pub struct ConfigError(pub String);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Settings {
    /// Defaults, then `file`, then `YICHUANG_SECTION__KEY` variables.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut merged = parse(DEFAULTS, "default.toml")?;
        if let Some(path) = file {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|e| ConfigError(format!("{name}: {e}")))?;
            merge(&mut merged, parse(&text, &name)?, "")?;
        }
        for (name, value) in environment {
            let Some(key) = name.strip_prefix("YICHUANG_") else { continue };
            let Some((section, key)) = key.split_once("__") else { continue };
            set(&mut merged, &section.to_lowercase(), &key.to_lowercase(), &value)?;
        }
        let settings: Settings = Value::Table(merged).try_into().map_err(|e| ConfigError(format!("{e}")))?;
        settings.refuse_unsafe_production()?;
        Ok(settings)
    }

    fn refuse_unsafe_production(&self) -> Result<(), ConfigError> {
        if !self.server.production {
            return Ok(());
        }
        let mut missing = Vec::new();
        if self.storage.url.starts_with("sqlite:") {
            missing.push("storage.url (PostgreSQL)");
        } else if !cfg!(feature = "pg-tls") && !is_near(&self.storage.url) {
            missing.push("storage.url (a remote PostgreSQL needs a build with the feature pg-tls)");
        }
        if self.cache.redis_url.is_empty() {
            missing.push("cache.redis_url");
        }
        if self.mail.kind == MailKind::Local {
            missing.push("mail.kind (smtp)");
        }
        if self.sms.kind == PortKind::Local {
            missing.push("sms.kind (none)");
        }
        missing.extend(self.wechat.unsafe_keys());
        if self.payment.kind == PortKind::Local {
            missing.push("payment.kind (none)");
        }
        if !self.staff.second_factor_required {
            missing.push("staff.second_factor_required (true)");
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(ConfigError(format!("production still stands on embedded defaults: {}", missing.join(", "))))
    }

    /// Size limits of materials.
    pub fn blob_limits(&self) -> BlobLimits {
        BlobLimits { max_bytes: self.limits.max_file_bytes, max_pixels: self.limits.max_file_pixels }
    }

    /// Calendar, regions, departments and policy book.
    pub fn knowledge(&self) -> Result<Knowledge, ConfigError> {
        let said = |e: &dyn std::fmt::Display| ConfigError(e.to_string());
        let folder = Some(&self.data.policy_folder).filter(|f| !f.is_empty()).map(PathBuf::from);
        let own = |file: &str| folder.as_ref().and_then(|f| std::fs::read_to_string(f.join(file)).ok());
        Ok(Knowledge {
            calendar: Calendar::parse(&CALENDARS).map_err(|e| said(&e))?,
            regions: RegionNames::parse(REGIONS).map_err(|e| said(&e))?,
            organisation: toml::from_str::<Organisation>(ORGANISATION).map_err(|e| said(&e))?,
            retention: Schedule::parse(own("retention.toml").as_deref().unwrap_or(RETENTION))
                .map_err(|e| said(&e))?,
            policies: Policies::load(own).and_then(checked).map_err(|e| said(&e))?,
        })
    }
}

/// A database on this machine: over loopback or a socket.
fn is_near(url: &str) -> bool {
    let authority =
        url.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?']).next().unwrap_or_default());
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    matches!(host, "" | "localhost" | "127.0.0.1" | "[::1]") || host.starts_with("%2F")
}

/// Neither here nor below does an error show a line or a value of a file: it may be a password.
fn parse(text: &str, name: &str) -> Result<Table, ConfigError> {
    text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        ConfigError(format!("{name}, line {line}: not valid TOML"))
    })
}

fn unknown(key: &str) -> ConfigError {
    ConfigError(format!("no such setting: {key}"))
}

fn wrong_type(key: &str) -> ConfigError {
    ConfigError(format!("{key} has the wrong type"))
}

fn merge(into: &mut Table, from: Table, at: &str) -> Result<(), ConfigError> {
    for (key, value) in from {
        let name = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        match (into.get_mut(&key).ok_or_else(|| unknown(&name))?, value) {
            (Value::Table(inner), Value::Table(more)) => merge(inner, more, &name)?,
            (current, value) if current.same_type(&value) => *current = value,
            _ => return Err(wrong_type(&name)),
        }
    }
    Ok(())
}

fn set(table: &mut Table, section: &str, key: &str, text: &str) -> Result<(), ConfigError> {
    let name = format!("{section}.{key}");
    let current = table.get_mut(section).and_then(|section| section.get_mut(key));
    let current = current.ok_or_else(|| unknown(&name))?;
    *current = match current {
        Value::Integer(_) => Value::Integer(text.parse().map_err(|_| wrong_type(&name))?),
        Value::Boolean(_) => Value::Boolean(text.parse().map_err(|_| wrong_type(&name))?),
        _ => Value::String(text.to_owned()),
    };
    Ok(())
}
