//! 微信登录: a mini-program hands us a one-time code, WeChat tells us whose it is, or which telephone.
//! The session key that WeChat also returns is deliberately not part of the answer: nobody here needs it.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

/// 微信会话: who opened the mini-program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WechatSession {
    /// The person within this mini-program.
    pub openid: String,
    /// The person across the operator's WeChat accounts, when these are bound together.
    pub unionid: Option<String>,
}

/// 微信登录失败: why a code did not become a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WechatError {
    /// Made up, used before or older than five minutes: the client must log in again.
    CodeInvalid,
    /// WeChat considers this user a risk and refuses.
    Blocked,
    /// Asked too often; not before that has passed.
    TooOften(Duration),
    /// Our side is wrong, or the account lacks a right: an operator must act. The errcode and what it means.
    Misconfigured(i64, String),
    /// WeChat did not answer usably; whether the code is used up is not known.
    Unreachable(String),
}

/// 手机号: as WeChat knows it of the account.
#[derive(Clone, PartialEq, Eq)]
pub struct WechatPhone {
    /// Without country code.
    pub number: String,
    /// `86` for the mainland.
    pub country_code: String,
}

// The number must not reach a log.
impl fmt::Debug for WechatPhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WechatPhone").field("country_code", &self.country_code).finish_non_exhaustive()
    }
}

impl fmt::Display for WechatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CodeInvalid => write!(f, "the code is not valid any more"),
            Self::Blocked => write!(f, "WeChat blocks this user"),
            Self::TooOften(wait) => write!(f, "WeChat asks to wait {} s", wait.as_secs()),
            Self::Misconfigured(code, what) => write!(f, "WeChat refuses us with errcode {code}: {what}"),
            Self::Unreachable(what) => write!(f, "WeChat is unreachable: {what}"),
        }
    }
}

impl std::error::Error for WechatError {}

/// 微信: the login and the phone button of the mini-program.
pub trait Wechat: Send + Sync {
    /// Exchanges the code of `wx.login` for the person.
    fn code_to_session<'a>(&'a self, code: &'a str) -> BoxFuture<'a, Result<WechatSession, WechatError>>;

    /// Exchanges the code of the phone button, another than that of `wx.login`, for the number.
    fn phone_by_code<'a>(&'a self, code: &'a str) -> BoxFuture<'a, Result<WechatPhone, WechatError>>;
}

/// 本地微信: takes `dev:<openid>` and `dev:<11 digits>` at their word. For development and the demo only; production refuses it.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalWechat;

impl Wechat for LocalWechat {
    fn code_to_session<'a>(&'a self, code: &'a str) -> BoxFuture<'a, Result<WechatSession, WechatError>> {
        let session = code
            .strip_prefix("dev:")
            .filter(|openid| (1..=64).contains(&openid.len()))
            .filter(|openid| openid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'))
            .map(|openid| WechatSession { openid: openid.to_owned(), unionid: None })
            .ok_or(WechatError::CodeInvalid);
        Box::pin(std::future::ready(session))
    }

    fn phone_by_code<'a>(&'a self, code: &'a str) -> BoxFuture<'a, Result<WechatPhone, WechatError>> {
        let phone = code
            .strip_prefix("dev:")
            .filter(|number| number.len() == 11 && number.bytes().all(|b| b.is_ascii_digit()))
            .map(|number| WechatPhone { number: number.to_owned(), country_code: "86".to_owned() })
            .ok_or(WechatError::CodeInvalid);
        Box::pin(std::future::ready(phone))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_plain_dev_codes_are_believed() {
        let session = LocalWechat.code_to_session("dev:o-Li_01").await.unwrap();
        assert_eq!((session.openid.as_str(), session.unionid), ("o-Li_01", None));
        assert!(LocalWechat.code_to_session(&format!("dev:{}", "a".repeat(64))).await.is_ok());
        let long = format!("dev:{}", "a".repeat(65));
        for code in ["", "dev:", "o-Li_01", "DEV:o", "dev:李", "dev:a b", "dev:a/b", long.as_str()] {
            assert_eq!(LocalWechat.code_to_session(code).await, Err(WechatError::CodeInvalid), "{code:?}");
        }
        assert_eq!(LocalWechat.phone_by_code("dev:13805950077").await.unwrap().number, "13805950077");
        for code in ["13805950077", "dev:1380595007", "dev:1380595007x"] {
            assert_eq!(LocalWechat.phone_by_code(code).await, Err(WechatError::CodeInvalid), "{code:?}");
        }
    }
}
