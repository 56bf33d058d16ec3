//! WeChat itself, over HTTPS. Facts that shape this file: business errors come as 200 with an `errcode`;
//! the access token and the secret travel in the address, so an address never reaches a log; a code is
//! used up by the first call that arrives, so nothing that carries one is repeated blindly.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use reqwest::{Client, RequestBuilder, redirect};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::AdapterError;
use super::clock::Clock;
use super::wechat::{Wechat, WechatError, WechatPhone, WechatSession};

/// Answers are a few hundred bytes.
const LARGEST_ANSWER: usize = 64 * 1024;
/// The stable token is renewed in its last five minutes; the old one lives through them.
const RENEW_BEFORE: i64 = 300;
/// After this long a per-minute limit has passed.
const MINUTE: Duration = Duration::from_secs(60);

/// 小程序: whom we are to WeChat.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WechatSettings {
    /// `https://api.weixin.qq.com`, a backup host or a simulator.
    pub base_url: String,
    /// The mini-program's id.
    pub appid: String,
    /// Its secret; never printed.
    pub secret: String,
    /// Seconds until a call is given up.
    pub answer_seconds: u64,
}

impl fmt::Debug for WechatSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WechatSettings")
            .field("base_url", &self.base_url)
            .field("appid", &self.appid)
            .finish()
    }
}

/// 访问令牌 of the account, and when to ask for the next one.
#[derive(Clone)]
struct Token {
    value: String,
    renew_at: DateTime<Utc>,
}

/// 微信接口
pub struct WechatApi {
    http: Client,
    settings: WechatSettings,
    clock: Arc<dyn Clock>,
    /// Held while a token is fetched: whoever needs one meanwhile waits for the same one.
    token: Mutex<Option<Token>>,
}

/// What WeChat answers when it refuses; the code is absent from some successes.
#[derive(Deserialize)]
struct Verdict {
    #[serde(default)]
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

#[derive(Deserialize)]
struct SessionAnswer {
    openid: String,
    #[serde(default)]
    unionid: Option<String>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: i64,
}

#[derive(Deserialize)]
struct PhoneAnswer {
    phone_info: PhoneInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhoneInfo {
    pure_phone_number: String,
    /// Documented as text, shown as a number.
    country_code: Value,
    watermark: Watermark,
}

#[derive(Deserialize)]
struct Watermark {
    appid: String,
}

/// A refusal that a new token may mend.
fn is_about_the_token(code: i64) -> bool {
    matches!(code, 40001 | 40014 | 42001)
}

fn refused(Verdict { errcode, errmsg }: Verdict, now: DateTime<Utc>) -> WechatError {
    match errcode {
        // 40163 is not in the endpoint's table but is what a code used twice is answered with.
        40029 | 40163 | 41008 => WechatError::CodeInvalid,
        40226 => WechatError::Blocked,
        44991 | 45011 => WechatError::TooOften(MINUTE),
        45009 => WechatError::TooOften(until_midnight(now)),
        -1 => WechatError::Unreachable("busy".to_owned()),
        // Free text: for the log, never matched on.
        code => WechatError::Misconfigured(code, errmsg.chars().take(200).collect()),
    }
}

/// Daily quotas are counted anew at midnight in Beijing.
fn until_midnight(now: DateTime<Utc>) -> Duration {
    let midnight = FixedOffset::east_opt(8 * 3600).and_then(|beijing| {
        let tomorrow = now.with_timezone(&beijing).date_naive().succ_opt()?;
        tomorrow.and_hms_opt(0, 0, 0)?.and_local_timezone(beijing).earliest()
    });
    midnight.and_then(|at| (at.to_utc() - now).to_std().ok()).unwrap_or(MINUTE)
}

impl WechatApi {
    /// Connects only when it is first asked something.
    pub fn new(settings: WechatSettings, clock: Arc<dyn Clock>) -> Result<Self, AdapterError> {
        let patience = Duration::from_secs(settings.answer_seconds);
        let http = Client::builder()
            .user_agent(concat!("yichuang/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(patience)
            .timeout(patience)
            .build()
            .map_err(|error| AdapterError::rejected(error.to_string()))?;
        Ok(Self { http, settings, clock, token: Mutex::new(None) })
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.settings.base_url.trim_end_matches('/'))
    }

    /// Sends once and reads a bounded answer.
    async fn ask(&self, request: RequestBuilder) -> Result<Vec<u8>, WechatError> {
        // An error shows its address otherwise, and with it the secret.
        let broken = |error: reqwest::Error| WechatError::Unreachable(error.without_url().to_string());
        let mut response = request.send().await.map_err(broken)?;
        if !response.status().is_success() {
            return Err(WechatError::Unreachable(format!("HTTP {}", response.status().as_u16())));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(WechatError::Unreachable("an answer without end".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn verdict(body: &[u8]) -> Result<Verdict, WechatError> {
        serde_json::from_slice(body).map_err(|_| WechatError::Unreachable("not a JSON object".to_owned()))
    }

    fn read<'a, T: Deserialize<'a>>(&self, body: &'a [u8]) -> Result<T, WechatError> {
        let verdict = Self::verdict(body)?;
        if verdict.errcode != 0 {
            return Err(refused(verdict, self.clock.now()));
        }
        serde_json::from_slice(body)
            .map_err(|_| WechatError::Unreachable("an answer of another shape".to_owned()))
    }

    async fn token(&self) -> Result<String, WechatError> {
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref().filter(|token| token.renew_at > self.clock.now()) {
            return Ok(token.value.clone());
        }
        let asked = json!({
            "grant_type": "client_credential",
            "appid": self.settings.appid,
            "secret": self.settings.secret,
        });
        let body = self.ask(self.http.post(self.address("/cgi-bin/stable_token")).json(&asked)).await?;
        let TokenAnswer { access_token, expires_in } = self.read(&body)?;
        let renew_at = self.clock.now() + TimeDelta::seconds((expires_in - RENEW_BEFORE).max(0));
        *held = Some(Token { value: access_token.clone(), renew_at });
        Ok(access_token)
    }

    /// Forgets the token that failed, and only that one: somebody else may have fetched the next already.
    async fn forget(&self, failed: &str) {
        let mut held = self.token.lock().await;
        if held.as_ref().is_some_and(|token| token.value == failed) {
            *held = None;
        }
    }

    /// A call that carries the token, once more if it was the token that failed: such a call had no effect.
    async fn ask_with_token(&self, path: &str, body: &Value) -> Result<Vec<u8>, WechatError> {
        let send = async |token: &str| {
            let request = self.http.post(self.address(path)).query(&[("access_token", token)]);
            self.ask(request.json(body)).await
        };
        let first = self.token().await?;
        let answer = send(&first).await?;
        if !is_about_the_token(Self::verdict(&answer)?.errcode) {
            return Ok(answer);
        }
        self.forget(&first).await;
        send(&self.token().await?).await
    }
}

impl Wechat for WechatApi {
    fn code_to_session<'a>(&'a self, code: &'a str) -> BoxFuture<'a, Result<WechatSession, WechatError>> {
        Box::pin(async move {
            let WechatSettings { appid, secret, .. } = &self.settings;
            let asked = [
                ("appid", appid.as_str()),
                ("secret", secret),
                ("js_code", code),
                ("grant_type", "authorization_code"),
            ];
            let body = self.ask(self.http.get(self.address("/sns/jscode2session")).query(&asked)).await?;
            let SessionAnswer { openid, unionid } = self.read(&body)?;
            Ok(WechatSession { openid, unionid })
        })
    }

    fn phone_by_code<'a>(&'a self, code: &'a str) -> BoxFuture<'a, Result<WechatPhone, WechatError>> {
        Box::pin(async move {
            let body =
                self.ask_with_token("/wxa/business/getuserphonenumber", &json!({"code": code})).await?;
            let PhoneAnswer { phone_info } = self.read(&body)?;
            if phone_info.watermark.appid != self.settings.appid {
                return Err(WechatError::Unreachable("the number of another mini-program".to_owned()));
            }
            let country_code = match &phone_info.country_code {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            Ok(WechatPhone { number: phone_info.pure_phone_number, country_code })
        })
    }
}
