//! The two endpoints that give out access tokens, which know nothing of each other.

use serde_json::json;

use super::state::State;
use super::tokens::LIFE;
use super::{Answer, Call, Refused};

/// The old token lives on for that long beside the new one.
const OVERLAP: i64 = 300;
const FORCED_APART: i64 = 30;
const FORCED_PER_DAY: usize = 20;

/// A new token at every call; the one before lives five minutes more.
pub(crate) fn classic(state: &mut State, call: &Call<'_>) -> Answer {
    if call.asked("grant_type") != "client_credential" {
        return Err(Refused::new(40002, "invalid grant_type"));
    }
    state.authenticate(call.asked("appid"), call.asked("secret"), &call.address)?;
    let now = state.now();
    let before = state.tokens.classic.take();
    state.tokens.end(before, now + OVERLAP);
    let value = state.tokens.issue(&mut state.chance, now);
    state.tokens.classic = Some(value.clone());
    Ok(json!({"access_token": value, "expires_in": LIFE}))
}

/// The same token while it lives, renewed in its last five minutes; a forced refresh ends the old one.
pub(crate) fn stable(state: &mut State, call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    state.authenticate(text("appid"), text("secret"), &call.address)?;
    if text("grant_type") != "client_credential" {
        return Err(Refused::new(40002, "invalid grant_type"));
    }
    let now = state.now();
    let tokens = &mut state.tokens;
    let left = match tokens.stable.clone().and_then(|value| tokens.find(&value)) {
        Some(token) => token.expires - now,
        None => 0,
    };
    let mut renew = left <= OVERLAP;
    if body["force_refresh"].as_bool().unwrap_or(false) {
        tokens.forced.retain(|at| now - at < 86_400);
        if tokens.forced.len() >= FORCED_PER_DAY {
            return Err(Refused::new(45009, "reach max api daily quota limit"));
        }
        if tokens.forced.last().is_none_or(|last| now - last >= FORCED_APART) {
            tokens.forced.push(now);
            let before = tokens.stable.take();
            tokens.end(before, now);
            renew = true;
        }
    }
    if !renew && let Some(value) = &tokens.stable {
        return Ok(json!({"access_token": value, "expires_in": left}));
    }
    let value = tokens.issue(&mut state.chance, now);
    tokens.stable = Some(value.clone());
    Ok(json!({"access_token": value, "expires_in": LIFE}))
}
