//! Everything the simulator remembers, in memory.

use std::collections::{HashMap, HashSet};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::chance::Chance;
use super::faults::{Action, Fault};
use super::tokens::Tokens;
use super::{Refused, Start};

/// Codes of `wx.login` and of the phone button live five minutes.
pub(crate) const CODE_LIFE: i64 = 5 * 60;

/// Somebody with WeChat on their phone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    pub openid: String,
    #[serde(default)]
    pub unionid: Option<String>,
    /// Without country code.
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub country_code: Option<String>,
    #[serde(default)]
    pub blocked: bool,
    #[serde(skip)]
    pub session_key: String,
    #[serde(skip)]
    pub logins: Vec<i64>,
}

/// A message template of the account; a field's name is its type and a number.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Template {
    pub id: String,
    /// Accepted once and for all; otherwise once per message.
    #[serde(default)]
    pub long_term: bool,
    pub fields: Vec<String>,
}

/// A code of `wx.login` or of the phone button.
pub(crate) struct Code {
    pub openid: String,
    pub issued: i64,
    pub used: bool,
}

/// One line of the journal: what was asked and how it ended.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    pub route: String,
    pub errcode: i64,
    pub cut: bool,
}

pub(crate) struct State {
    pub start: Start,
    pub chance: Chance,
    pub users: HashMap<String, User>,
    pub login_codes: HashMap<String, Code>,
    pub phone_codes: HashMap<String, Code>,
    pub tokens: Tokens,
    pub templates: HashMap<String, Template>,
    pub pages: HashSet<String>,
    /// Messages a user still accepts, by openid and template; `None` without end.
    pub quotas: HashMap<(String, String), Option<u32>>,
    /// Addresses that may ask for tokens; empty for every one.
    pub allowed: Vec<String>,
    /// A new login replaces the session key.
    pub rotate_session_keys: bool,
    pub faults: Vec<Fault>,
    pub journal: Vec<Entry>,
    /// Seconds the virtual clock is ahead.
    pub ahead: i64,
}

impl State {
    pub fn new(start: Start) -> Self {
        Self {
            chance: Chance::new(start.seed),
            start,
            users: HashMap::new(),
            login_codes: HashMap::new(),
            phone_codes: HashMap::new(),
            tokens: Tokens::default(),
            templates: HashMap::new(),
            pages: HashSet::new(),
            quotas: HashMap::new(),
            allowed: Vec::new(),
            rotate_session_keys: false,
            faults: Vec::new(),
            journal: Vec::new(),
            ahead: 0,
        }
    }

    /// Seconds since the epoch, on the virtual clock.
    pub fn now(&self) -> i64 {
        let real = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
        i64::try_from(real).unwrap_or(i64::MAX).saturating_add(self.ahead)
    }

    pub fn fault(&mut self, route: &str) -> Option<Action> {
        let chance = &mut self.chance;
        self.faults.iter_mut().find_map(|fault| fault.strikes(route, chance))
    }

    pub fn enter(&mut self, entry: Entry) {
        self.journal.push(entry);
    }

    /// A user; one nobody described gets a phone number by chance.
    pub fn user(&mut self, openid: &str) -> &mut User {
        let (phone, key) = (self.chance.next() % 1_000_000_000, self.session_key());
        self.users.entry(openid.to_owned()).or_insert_with(|| User {
            openid: openid.to_owned(),
            unionid: None,
            phone: Some(format!("13{phone:09}")),
            country_code: None,
            blocked: false,
            session_key: key,
            logins: Vec::new(),
        })
    }

    /// Sixteen bytes in base64.
    pub fn session_key(&mut self) -> String {
        format!("{}Q==", self.chance.word(21))
    }

    /// The mini-program's own credentials; its id is looked at before its secret.
    pub fn authenticate(&self, appid: &str, secret: &str, address: &str) -> Result<(), Refused> {
        if appid.is_empty() {
            return Err(Refused::new(41002, "appid missing"));
        }
        if appid != self.start.appid {
            return Err(Refused::new(40013, "invalid appid"));
        }
        if secret.is_empty() {
            return Err(Refused::new(41004, "appsecret missing"));
        }
        if secret != self.start.secret {
            return Err(Refused::new(40125, "invalid appsecret"));
        }
        if !self.allowed.is_empty() && !self.allowed.iter().any(|allowed| allowed == address) {
            return Err(Refused::new(40164, format!("invalid ip {address}, not in whitelist")));
        }
        Ok(())
    }
}

/// Takes a code; the second time it is refused as used.
pub(crate) fn redeem(
    codes: &mut HashMap<String, Code>,
    text: &str,
    now: i64,
    used_before: i64,
) -> Result<String, Refused> {
    let code = codes.get_mut(text).ok_or_else(|| Refused::new(40029, "invalid code"))?;
    if code.used {
        return Err(Refused::new(used_before, "code been used"));
    }
    if now - code.issued >= CODE_LIFE {
        return Err(Refused::new(40029, "invalid code"));
    }
    code.used = true;
    Ok(code.openid.clone())
}
