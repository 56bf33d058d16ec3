//! The simulator keeps the rules it simulates: asked directly, without the product in between.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::weixin::Weixin;

async fn login(weixin: &Weixin, own: &[(&str, &str)]) -> Value {
    let mut asked = [
        ("appid", "wxsim-lingyuan"),
        ("secret", "simulated-secret"),
        ("grant_type", "authorization_code"),
        ("js_code", "x"),
    ];
    for (key, value) in own {
        asked.iter_mut().filter(|(name, _)| name == key).for_each(|(_, old)| *old = value);
    }
    let query: Vec<String> = asked.iter().map(|(key, value)| format!("{key}={value}")).collect();
    weixin.raw(Method::GET, &format!("/sns/jscode2session?{}", query.join("&")), None).await
}

async fn sends(weixin: &Weixin, token: &str, body: &Value) -> i64 {
    let path = format!("/cgi-bin/message/subscribe/send?access_token={token}");
    weixin.raw(Method::POST, &path, Some(&body.to_string())).await["errcode"].as_i64().unwrap()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("{key}: {value}")).to_owned()
}

#[tokio::test]
async fn credentials_are_looked_at_in_wechats_order() {
    let weixin = Weixin::start(11).await;
    let cases = [
        (vec![("appid", "other"), ("secret", "wrong"), ("grant_type", "wrong")], 40013),
        (vec![("appid", "")], 41002),
        (vec![("secret", "wrong"), ("grant_type", "wrong")], 40125),
        (vec![("secret", "")], 41004),
        (vec![("grant_type", "wrong")], 40002),
        (vec![("js_code", "")], 41008),
        (vec![], 40029),
    ];
    for (own, errcode) in cases {
        assert_eq!(login(&weixin, &own).await["errcode"], errcode, "{own:?}");
    }
    weixin.steer("account", json!({"allowed_addresses": ["10.0.0.1"]})).await;
    assert_eq!(login(&weixin, &[]).await["errcode"], 40164);
    assert_eq!(weixin.token(false).await["errcode"], 40164);
}

#[tokio::test]
async fn a_login_gives_an_openid_and_a_session_key_without_an_errcode() {
    let weixin = Weixin::start(12).await;
    weixin.steer("users", json!({"openid": "xiuying", "unionid": "u-1"})).await;
    let code = weixin.login("xiuying").await;
    let answer = login(&weixin, &[("js_code", &code)]).await;
    assert_eq!((text(&answer, "openid"), text(&answer, "unionid")), ("xiuying".to_owned(), "u-1".to_owned()));
    assert!(answer.get("errcode").is_none() && text(&answer, "session_key").len() == 24, "{answer}");
    assert_eq!(login(&weixin, &[("js_code", &code)]).await["errcode"], 40163);
    let again = login(&weixin, &[("js_code", &weixin.login("xiuying").await)]).await;
    assert_eq!(again["session_key"], answer["session_key"]);
    weixin.steer("account", json!({"rotate_session_keys": true})).await;
    let rotated = login(&weixin, &[("js_code", &weixin.login("xiuying").await)]).await;
    assert_ne!(rotated["session_key"], answer["session_key"]);
    for _ in 4..100 {
        let code = weixin.login("xiuying").await;
        assert_eq!(login(&weixin, &[("js_code", &code)]).await["openid"], "xiuying");
    }
    let code = weixin.login("xiuying").await;
    assert_eq!(login(&weixin, &[("js_code", &code)]).await["errcode"], 45011);
    weixin.steer("clock", json!({"advance_seconds": 60})).await;
    assert_eq!(login(&weixin, &[("js_code", &code)]).await["openid"], "xiuying");
}

#[tokio::test]
async fn tokens_live_overlap_and_die_as_documented() {
    let weixin = Weixin::start(13).await;
    let works = async |token: &str| {
        let path = format!("/wxa/business/getuserphonenumber?access_token={token}");
        weixin.raw(Method::POST, &path, Some("{\"code\":\"x\"}")).await["errcode"].as_i64().unwrap()
    };
    let pass = async |seconds: i64| weixin.steer("clock", json!({"advance_seconds": seconds})).await;
    assert_eq!((works("").await, works("garbage").await), (41001, 40014));
    let first = text(&weixin.token(false).await, "access_token");
    assert_eq!(works(&first).await, 40029, "the token passes, the code does not");
    pass(6800).await;
    let same = weixin.token(false).await;
    assert_eq!((text(&same, "access_token"), same["expires_in"].as_i64()), (first.clone(), Some(400)));
    pass(200).await;
    let second = text(&weixin.token(false).await, "access_token");
    assert_ne!(second, first);
    assert_eq!((works(&first).await, works(&second).await), (40029, 40029), "both live");
    pass(200).await;
    assert_eq!((works(&first).await, works(&second).await), (42001, 40029));
    // A forced refresh ends the old one at once, but not twice within thirty seconds, and twenty times a day.
    let third = text(&weixin.token(true).await, "access_token");
    assert_eq!((works(&second).await, works(&third).await), (40001, 40029));
    assert_eq!(text(&weixin.token(true).await, "access_token"), third);
    for _ in 1..20 {
        pass(30).await;
        assert!(weixin.token(true).await.get("errcode").is_none());
    }
    pass(30).await;
    assert_eq!(weixin.token(true).await["errcode"], 45009);
    // The classic endpoint knows nothing of it, and gives another one each time.
    let classic = async || {
        let path = "/cgi-bin/token?grant_type=client_credential&appid=wxsim-lingyuan&secret=simulated-secret";
        text(&weixin.raw(Method::GET, path, None).await, "access_token")
    };
    let (old, new) = (classic().await, classic().await);
    assert_eq!((works(&old).await, works(&new).await), (40029, 40029));
    pass(300).await;
    assert_eq!((works(&old).await, works(&new).await), (40001, 40029));
    let get = weixin.raw(Method::GET, "/cgi-bin/stable_token", None).await;
    let empty = weixin.raw(Method::POST, "/cgi-bin/stable_token", Some("")).await;
    let broken = weixin.raw(Method::POST, "/cgi-bin/stable_token", Some("{")).await;
    assert_eq!(
        (&get["errcode"], &empty["errcode"], &broken["errcode"]),
        (&json!(43002), &json!(44002), &json!(47001))
    );
}

#[tokio::test]
async fn messages_are_bounded_by_consent_and_by_their_template() {
    let weixin = Weixin::start(14).await;
    let token = text(&weixin.token(false).await, "access_token");
    weixin.steer("templates", json!({"id": "once", "fields": ["thing1", "time2"]})).await;
    weixin
        .steer("templates", json!({"id": "always", "long_term": true, "fields": ["thing1", "time2"]}))
        .await;
    weixin.steer("account", json!({"pages": ["pages/progress/index"]})).await;
    let message = |id: &str, thing: &str| {
        json!({
            "touser": "xiuying", "template_id": id, "page": "pages/progress/index?id=1",
            "data": {"thing1": {"value": thing}, "time2": {"value": "2026-11-23 09:00"}},
        })
    };
    assert_eq!(sends(&weixin, &token, &message("once", "已受理")).await, 40003);
    weixin.login("xiuying").await;
    assert_eq!(sends(&weixin, &token, &message("gone", "已受理")).await, 40037);
    assert_eq!(sends(&weixin, &token, &message("once", "已受理")).await, 43101);
    weixin.answers_dialog("xiuying", &["once"], true).await;
    weixin.answers_dialog("xiuying", &["once"], true).await;
    weixin.answers_dialog("xiuying", &["once"], false).await;
    assert_eq!(weixin.answers_dialog("xiuying", &["once", "always"], true).await["errCode"], 20002);
    let mut elsewhere = message("once", "已受理");
    elsewhere["page"] = json!("pages/unpublished");
    assert_eq!(sends(&weixin, &token, &elsewhere).await, 41030);
    assert_eq!(sends(&weixin, &token, &message("once", &"长".repeat(21))).await, 47003);
    let mut strange = message("once", "已受理");
    strange["data"]["number3"] = json!({"value": "1"});
    assert_eq!(sends(&weixin, &token, &strange).await, 47003);
    let left: Vec<i64> = [
        sends(&weixin, &token, &message("once", "已受理")).await,
        sends(&weixin, &token, &message("once", "已办结")).await,
        sends(&weixin, &token, &message("once", "再来")).await,
    ]
    .to_vec();
    assert_eq!(left, [0, 0, 43101], "one message for each consent");
    weixin.answers_dialog("xiuying", &["always"], true).await;
    for _ in 0..5 {
        assert_eq!(sends(&weixin, &token, &message("always", "已受理")).await, 0);
    }
}

#[tokio::test]
async fn the_hand_that_steers_needs_its_key_and_the_machine_its_own_address() {
    let weixin = Weixin::start(15).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(format!("{}/_sim/journal", weixin.base())).body("{}").send().await.unwrap();
    assert_eq!(answer.status(), 403);
    let start = yichuang::wechat_sim::Start {
        appid: "wxsim".to_owned(),
        secret: "s".to_owned(),
        control_key: "k".to_owned(),
        seed: 1,
    };
    assert!(yichuang::wechat_sim::Simulator::new(start).serve("0.0.0.0:0").is_err());
}
