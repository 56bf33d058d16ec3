//! The phone number button: its own code, its own single use.

use serde_json::json;

use super::state::{State, redeem};
use super::{Answer, Call, Refused};

pub(crate) fn of_code(state: &mut State, call: &Call<'_>) -> Answer {
    let now = state.now();
    state.tokens.check(call.asked("access_token"), now)?;
    let body = call.json()?;
    let code = body["code"].as_str().unwrap_or_default();
    // A used code is answered like an unknown one here.
    let openid = redeem(&mut state.phone_codes, code, now, 40029)?;
    if body["openid"].as_str().is_some_and(|named| named != openid) {
        return Err(Refused::new(40003, "invalid openid"));
    }
    let appid = state.start.appid.clone();
    let user = state.user(&openid);
    let pure = user.phone.clone().unwrap_or_default();
    let country = user.country_code.clone().unwrap_or_else(|| "86".to_owned());
    let full = if country == "86" { pure.clone() } else { format!("+{country}{pure}") };
    Ok(json!({
        "errcode": 0,
        "errmsg": "ok",
        "phone_info": {
            "phoneNumber": full,
            "purePhoneNumber": pure,
            "countryCode": country,
            "watermark": {"timestamp": now, "appid": appid},
        },
    }))
}
