//! Login: a code becomes an openid and a session key; and whether a session key is still the right one.

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use serde_json::json;

use super::state::{State, redeem};
use super::{Answer, Call, Refused};

const LOGINS_PER_MINUTE: usize = 100;

pub(crate) fn of_code(state: &mut State, call: &Call<'_>) -> Answer {
    state.authenticate(call.asked("appid"), call.asked("secret"), &call.address)?;
    if call.asked("grant_type") != "authorization_code" {
        return Err(Refused::new(40002, "invalid grant_type"));
    }
    let text = call.asked("js_code");
    if text.is_empty() {
        return Err(Refused::new(41008, "missing code"));
    }
    let (now, rotate, fresh) = (state.now(), state.rotate_session_keys, state.session_key());
    if let Some(openid) = state.login_codes.get(text).map(|code| code.openid.clone()) {
        let user = state.user(&openid);
        if user.blocked {
            return Err(Refused::new(40226, "code blocked"));
        }
        user.logins.retain(|at| now - at < 60);
        if user.logins.len() >= LOGINS_PER_MINUTE {
            return Err(Refused::new(45011, "api minute-quota reach limit"));
        }
        user.logins.push(now);
    }
    let openid = redeem(&mut state.login_codes, text, now, 40163)?;
    let user = state.user(&openid);
    if rotate {
        user.session_key = fresh;
    }
    let mut answer = json!({"openid": openid, "session_key": user.session_key});
    if let Some(unionid) = &user.unionid {
        answer["unionid"] = unionid.as_str().into();
    }
    Ok(answer)
}

pub(crate) fn check(state: &mut State, call: &Call<'_>) -> Answer {
    state.tokens.check(call.asked("access_token"), state.now())?;
    let user = state.users.get(call.asked("openid")).ok_or_else(|| Refused::new(40003, "invalid openid"))?;
    let right = call.asked("sig_method") == "hmac_sha256"
        && call.asked("signature") == signature(&user.session_key, call.body);
    if right {
        Ok(json!({"errcode": 0, "errmsg": "ok"}))
    } else {
        Err(Refused::new(87009, "invalid signature"))
    }
}

/// The key is the session key as text, not the bytes it stands for.
fn signature(session_key: &str, message: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, session_key.as_bytes());
    HEXLOWER.encode(hmac::sign(&key, message).as_ref())
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn the_published_signatures_of_the_user_state() {
        let key = "o0q0otL8aEzpcZL/FT9WsQ==";
        assert_eq!(
            signature(key, br#"{"foo":"bar"}"#),
            "654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b"
        );
        assert_eq!(signature(key, b""), "46e043c5525c2d817c44be603d30837a808a1d930d038f6fdc3e62a201fed128");
    }
}
