//! Subscribe messages: what a template takes, and how often a user still wants to hear.

use std::collections::BTreeMap;

use serde_json::json;

use super::state::State;
use super::{Answer, Call, Refused};

/// The answer of the dialog: accepted templates get one message more, or no end of them.
pub(crate) fn consent(state: &mut State, openid: &str, ids: &[String], accept: bool) -> Answer {
    if ids.is_empty() {
        return Err(Refused::new(10001, "TmplIds can't be empty"));
    }
    if ids.len() > 3 {
        return Err(Refused::new(20003, "too many templates"));
    }
    let unknown = || Refused::new(20001, "No template data return");
    let kinds: Vec<bool> = ids
        .iter()
        .map(|id| state.templates.get(id).map(|template| template.long_term).ok_or_else(unknown))
        .collect::<Result<_, _>>()?;
    if kinds.iter().any(|kind| kinds.first() != Some(kind)) {
        return Err(Refused::new(20002, "Templates type must be same"));
    }
    let mut told = BTreeMap::new();
    for (id, long_term) in ids.iter().zip(kinds) {
        if accept {
            let quota = state.quotas.entry((openid.to_owned(), id.clone())).or_insert(Some(0));
            *quota = if long_term { None } else { quota.map(|left| left + 1) };
        }
        told.insert(id.clone(), if accept { "accept" } else { "reject" });
    }
    Ok(json!(told))
}

pub(crate) fn send(state: &mut State, call: &Call<'_>) -> Answer {
    state.tokens.check(call.asked("access_token"), state.now())?;
    let body = call.json()?;
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let (openid, id, page) = (text("touser"), text("template_id"), text("page"));
    if !state.users.contains_key(&openid) {
        return Err(Refused::new(40003, "invalid openid"));
    }
    let template = state.templates.get(&id).ok_or_else(|| Refused::new(40037, "invalid template_id"))?;
    let path = page.split('?').next().unwrap_or_default();
    if !path.is_empty() && !state.pages.contains(path) {
        return Err(Refused::new(41030, "invalid page"));
    }
    let invalid = |field: &str| Refused::new(47003, format!("argument invalid! data.{field}.value invalid"));
    for field in &template.fields {
        let value = body["data"][field]["value"].as_str().unwrap_or_default();
        if !fits(field.trim_end_matches(|c: char| c.is_ascii_digit()), value) {
            return Err(invalid(field));
        }
    }
    let given = body["data"].as_object().ok_or_else(|| invalid("data"))?;
    if let Some(field) = given.keys().find(|key| !template.fields.contains(key)) {
        return Err(invalid(field));
    }
    match state.quotas.get_mut(&(openid, id)) {
        None | Some(Some(0)) => Err(Refused::new(43101, "user refuse to accept the msg")),
        Some(quota) => {
            *quota = quota.map(|left| left - 1);
            Ok(json!({"errcode": 0, "errmsg": "ok", "msgid": state.chance.next() >> 11}))
        }
    }
}

fn is_chinese(letter: char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(&letter) || ('\u{20000}'..='\u{3ffff}').contains(&letter)
}

/// Whether a value fits its field's type.
fn fits(kind: &str, value: &str) -> bool {
    let length = value.chars().count();
    if value.is_empty() || value.chars().any(char::is_control) {
        return false;
    }
    let all = |allowed: fn(char) -> bool| value.chars().all(allowed);
    match kind {
        "thing" => length <= 20,
        "number" => length <= 32 && all(|c| c.is_ascii_digit() || c == '.'),
        "letter" => length <= 32 && all(|c| c.is_ascii_alphabetic()),
        "symbol" => length <= 5 && all(|c| !c.is_alphanumeric()),
        "character_string" => length <= 32 && !value.chars().any(is_chinese),
        "time" => value.contains(':') && !value.chars().any(char::is_alphabetic) || value.contains('年'),
        "date" => value.chars().any(|c| c.is_ascii_digit()) && value.contains(['-', '/', '.', '年']),
        "amount" => {
            let plain = value.trim_start_matches(['¥', '￥', '$']).trim_end_matches('元');
            plain.chars().count() <= 10 && plain.parse::<f64>().is_ok()
        }
        "phone_number" => {
            length <= 17 && all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')'))
        }
        "car_number" => length <= 8,
        "name" => length <= if value.chars().any(is_chinese) { 10 } else { 20 },
        "phrase" => length <= 5 && all(is_chinese),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn each_type_of_field_takes_what_it_takes() {
        let good = [
            ("thing", "生育登记已受理，请留意进度"),
            ("number", "12.5"),
            ("letter", "abc"),
            ("symbol", "!?"),
            ("character_string", "YC-2026-000123"),
            ("time", "2026-11-23 09:30"),
            ("time", "09:30"),
            ("date", "2026年11月23日"),
            ("amount", "¥400.00"),
            ("phone_number", "0595-85661234"),
            ("name", "林秀英"),
            ("name", "Twenty Letters Name"),
            ("phrase", "已受理"),
        ];
        for (kind, value) in good {
            assert!(fits(kind, value), "{kind} {value}");
        }
        let long = "长".repeat(21);
        let bad = [
            ("thing", long.as_str()),
            ("thing", ""),
            ("thing", "一\n二"),
            ("number", "十二"),
            ("letter", "a1"),
            ("symbol", "a"),
            ("character_string", "编号1"),
            ("time", "noon"),
            ("date", "tomorrow"),
            ("amount", "12345678901"),
            ("phone_number", "电话85661234"),
            ("name", "一二三四五六七八九十一"),
            ("phrase", "已经受理了吗"),
            ("phrase", "ok"),
            ("enum", "anything"),
        ];
        for (kind, value) in bad {
            assert!(!fits(kind, value), "{kind} {value}");
        }
    }
}
