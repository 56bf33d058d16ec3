//! Where residents sign in: WeChat, its stand-in, or nowhere.

use serde::Deserialize;

use crate::adapters::wechat_api::WechatSettings;

/// Where residents sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInKind {
    /// The embedded stand-in.
    Local,
    /// WeChat.
    Api,
    /// Nowhere: the product says that it is not offered.
    None,
}

/// Residents' sign-in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInSettings {
    /// Which adapter.
    pub kind: SignInKind,
    base_url: String,
    appid: String,
    secret: Secret,
    answer_seconds: u64,
}

impl SignInSettings {
    /// What the WeChat adapter needs.
    pub fn wechat(&self) -> WechatSettings {
        WechatSettings {
            base_url: self.base_url.clone(),
            appid: self.appid.clone(),
            secret: self.secret.0.clone(),
            answer_seconds: self.answer_seconds,
        }
    }

    /// What production must not start with.
    pub(super) fn unsafe_keys(&self) -> Vec<&'static str> {
        let is =
            |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
        let host = self.base_url.strip_prefix("https://").unwrap_or_default().trim_end_matches('/');
        let official = host.ends_with(".weixin.qq.com") && !host.contains('/');
        match self.kind {
            SignInKind::None => Vec::new(),
            SignInKind::Local => vec!["wechat.kind (api or none)"],
            SignInKind::Api => [
                (official, "wechat.base_url (WeChat's own)"),
                (self.appid.strip_prefix("wx").is_some_and(|rest| is(rest, 16)), "wechat.appid"),
                (is(&self.secret.0, 32), "wechat.secret"),
            ]
            .into_iter()
            .filter_map(|(safe, key)| (!safe).then_some(key))
            .collect(),
        }
    }
}

/// A setting that is never printed.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
