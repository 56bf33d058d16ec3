//! Letters through an SMTP server. The password travels only over TLS or stays on this machine.
//! A refusal of the letter is final; a refusal of *us* (login, server busy) is not the letter's fault.

use std::fmt;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use futures_util::future::BoxFuture;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransportBuilder, Error as SmtpError, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use serde::Deserialize;
use tokio::runtime::Handle;

use super::AdapterError;
use super::mail::{Mail, OutgoingMail, compose};

/// One step of the conversation with the server; the whole letter may take three such steps' time.
const PATIENCE: Duration = Duration::from_secs(5);

/// 加密方式: how the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// Not at all; only to this machine.
    None,
    /// Required after a plain greeting (port 587).
    Starttls,
    /// From the first byte (port 465).
    Tls,
}

/// 邮件服务器配置: where letters are handed in.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// The server's name, which its certificate must carry.
    pub host: String,
    /// The server's port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// Empty when the server wants no login.
    #[serde(default)]
    pub username: String,
    /// Never printed.
    #[serde(default)]
    pub password: String,
    /// The sender, with or without a name.
    pub from: String,
}

impl fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("username", &self.username)
            .field("password", &"***")
            .field("from", &self.from)
            .finish()
    }
}

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// 邮件服务器: sends through SMTP, a few connections kept open.
pub struct SmtpMail {
    from: Mailbox,
    builder: AsyncSmtpTransportBuilder,
    /// The pool needs a runtime to be made and to be dropped, so it comes with the one it was made in.
    pool: OnceLock<(Transport, Handle)>,
}

impl SmtpMail {
    /// Checks the settings; connects only when the first letter is sent.
    pub fn new(settings: &SmtpSettings) -> Result<Self, AdapterError> {
        let host = settings.host.as_str();
        let from = settings.from.parse().map_err(|_| AdapterError::rejected("not a sender's address"))?;
        let parameters =
            || TlsParameters::new(host.to_owned()).map_err(|error| AdapterError::rejected(error.to_string()));
        let tls = match settings.tls {
            SmtpTls::None if !is_this_machine(host) => {
                return Err(AdapterError::rejected("mail without TLS may only go to this machine"));
            }
            SmtpTls::None => Tls::None,
            SmtpTls::Starttls => Tls::Required(parameters()?),
            SmtpTls::Tls => Tls::Wrapper(parameters()?),
        };
        let mut builder = Transport::builder_dangerous(host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(PATIENCE))
            .pool_config(PoolConfig::new().max_size(4));
        if !settings.username.is_empty() {
            builder =
                builder.credentials(Credentials::new(settings.username.clone(), settings.password.clone()));
        }
        Ok(Self { from, builder, pool: OnceLock::new() })
    }
}

impl Mail for SmtpMail {
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> BoxFuture<'a, Result<(), AdapterError>> {
        Box::pin(async move {
            let letter = compose(mail, &self.from)?;
            let (transport, _) = self.pool.get_or_init(|| (self.builder.clone().build(), Handle::current()));
            let transport = transport.clone();
            // In a task of its own: lettre puts a connection back into its pool even when the sending was
            // dropped half-way, and the next letter would then read this one's answers.
            let sending = tokio::spawn(async move { transport.send(letter).await });
            match tokio::time::timeout(PATIENCE * 3, sending).await {
                Ok(Ok(Ok(_))) => Ok(()),
                Ok(Ok(Err(error))) => Err(told(&error)),
                Ok(Err(stopped)) => Err(AdapterError::Unreachable(stopped.to_string())),
                Err(_) => Err(AdapterError::Unreachable("no answer in time".to_owned())),
            }
        })
    }
}

impl Drop for SmtpMail {
    fn drop(&mut self) {
        if let Some((transport, runtime)) = self.pool.take() {
            let _inside = runtime.enter();
            drop(transport);
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn told(error: &SmtpError) -> AdapterError {
    // 530 to 538 refuse our login: the operator mends that and the letter goes out after all.
    let refuses_us = error.status().is_some_and(|code| matches!(u16::from(code), 530..=538));
    let said = match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    // A mismatch of our settings with the server (no common login, no TLS) mends likewise.
    if error.is_permanent() && !refuses_us {
        AdapterError::rejected(said)
    } else {
        AdapterError::Unreachable(said)
    }
}

#[cfg(test)]
#[path = "mail_smtp_tests.rs"]
mod tests;
