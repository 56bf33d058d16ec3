//! Residents sign in with WeChat: what they see when a code is good, stale, used, lost on the way, or when
//! WeChat itself has a bad day. All of it over a simulated WeChat that shares no code with the product.

mod rules;

use reqwest::Method;
use serde_json::{Value, json};

use crate::chance::seed;
use crate::world::World;
use crate::world::people::{Answer, Person, send};
use crate::world::weixin::Weixin;

const LOGIN: &str = "/sns/jscode2session";
const TOKEN: &str = "/cgi-bin/stable_token";
const PHONE: &str = "/wxa/business/getuserphonenumber";

async fn sign_in(world: &World, code: &str) -> Answer {
    let body = json!({"kind": "wechat", "code": code});
    send(world, Method::POST, "/v1/sessions", None, &[], Some(&body)).await
}

async fn resident(world: &World, weixin: &Weixin, openid: &str) -> Person {
    let body = json!({"kind": "wechat", "code": weixin.login(openid).await});
    Person::sign_in(world, openid, &body).await
}

async fn account(person: &Person) -> String {
    person.get("/v1/me").await.expect(200)["id"].as_str().unwrap().to_owned()
}

async fn binds_phone(person: &Person, code: &str) -> Answer {
    person.put("/v1/me/phone", None, &json!({"code": code})).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_phone_is_the_same_account() {
    let weixin = Weixin::start(1).await;
    let world = weixin.world(&[]).await;
    let first = resident(&world, &weixin, "xiuying").await;
    let again = resident(&world, &weixin, "xiuying").await;
    let other = resident(&world, &weixin, "jianguo").await;
    assert_eq!(account(&first).await, account(&again).await);
    assert_ne!(account(&first).await, account(&other).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_good_once_and_for_five_minutes() {
    let weixin = Weixin::start(2).await;
    let world = weixin.world(&[]).await;
    let code = weixin.login("xiuying").await;
    sign_in(&world, &code).await.expect(201);
    sign_in(&world, &code).await.refused(401, "wechat_code_invalid");
    let late = weixin.login("xiuying").await;
    weixin.steer("clock", json!({"advance_seconds": 300})).await;
    sign_in(&world, &late).await.refused(401, "wechat_code_invalid");
    for made_up in ["dev:xiuying", "x", "秀英", &"a".repeat(256)] {
        sign_in(&world, made_up).await.refused(401, "wechat_code_invalid");
    }
    // A code of the other button is no login, and the other way round.
    sign_in(&world, &weixin.phone("xiuying").await).await.refused(401, "wechat_code_invalid");
    let person = resident(&world, &weixin, "xiuying").await;
    binds_phone(&person, &weixin.login("xiuying").await).await.refused(422, "fields_invalid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_refusal_of_wechat_is_told_in_its_own_way() {
    let weixin = Weixin::start(3).await;
    let world = weixin.world(&[]).await;
    let told = [
        (40029, 401, "wechat_code_invalid"),
        (40163, 401, "wechat_code_invalid"),
        (41008, 401, "wechat_code_invalid"),
        (40226, 401, "wechat_blocked"),
        (44991, 429, "too_many_requests"),
        (45009, 429, "too_many_requests"),
        (45011, 429, "too_many_requests"),
    ];
    for (errcode, status, code) in told {
        weixin.trouble(LOGIN, json!({"errcode": errcode})).await;
        let answer = sign_in(&world, &weixin.login("xiuying").await).await;
        assert_eq!(answer.headers.contains_key("retry-after"), status == 429, "{errcode}");
        answer.refused(status, code);
    }
    // Whatever only an operator can mend, and whatever passes, is the same to a resident: not now.
    let ours = [-1, 40001, 40002, 40013, 40125, 40164, 40243, 41002, 41004, 43002, 48001, 89503, 99999];
    for errcode in ours {
        weixin.trouble(LOGIN, json!({"errcode": errcode})).await;
        sign_in(&world, &weixin.login("xiuying").await).await.expect(503);
    }
    weixin.steer("users", json!({"openid": "risky", "blocked": true})).await;
    sign_in(&world, &weixin.login("risky").await).await.refused(401, "wechat_blocked");
    let person = resident(&world, &weixin, "xiuying").await;
    weixin.trouble(PHONE, json!({"errcode": 45009})).await;
    let problem =
        binds_phone(&person, &weixin.phone("xiuying").await).await.refused(429, "too_many_requests");
    // Nine in the morning in the story: fifteen hours until the quota is counted anew.
    assert_eq!(problem["retry_after"], 15 * 3600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_an_answer_is_never_believed() {
    let weixin = Weixin::start(4).await;
    let world = weixin.world(&[("YICHUANG_WECHAT__ANSWER_SECONDS", "1")]).await;
    let endless = format!("{{\"openid\":\"{}\"}}", "x".repeat(70_000));
    let bad_days = [
        json!({"status": 500}),
        json!({"status": 302}),
        json!({"body": ""}),
        json!({"body": "<html>"}),
        json!({"body": "[]"}),
        json!({"body": "{}"}),
        json!({"body": "{\"openid\": 7}"}),
        json!({"body": endless}),
        json!({"cut": "before"}),
        json!({"cut": "after"}),
        json!({"delay_ms": 1500}),
    ];
    for action in bad_days {
        weixin.trouble(LOGIN, action.clone()).await;
        let answer = sign_in(&world, &weixin.login("xiuying").await).await;
        assert_eq!(answer.status, 503, "{action}: {}", answer.text);
    }
    // A code whose answer was lost is used up; the phone simply logs in again.
    weixin.trouble(LOGIN, json!({"cut": "after"})).await;
    let lost = weixin.login("xiuying").await;
    sign_in(&world, &lost).await.expect(503);
    sign_in(&world, &lost).await.refused(401, "wechat_code_invalid");
    resident(&world, &weixin, "xiuying").await;
    // A success with errcode 0 and fields nobody knows is a success.
    let body =
        json!({"errcode": 0, "errmsg": "ok", "openid": "new", "session_key": "k", "more": [1]}).to_string();
    weixin.trouble(LOGIN, json!({"body": body})).await;
    sign_in(&world, "any").await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_telephone_that_wechat_vouches_for() {
    let weixin = Weixin::start(5).await;
    let world = weixin.world(&[]).await;
    weixin.steer("users", json!({"openid": "xiuying", "phone": "13805950077"})).await;
    weixin.steer("users", json!({"openid": "mother", "phone": "13805950077"})).await;
    let person = resident(&world, &weixin, "xiuying").await;
    let code = weixin.phone("xiuying").await;
    assert_eq!(binds_phone(&person, &code).await.expect(200), json!({"phone": "138****0077"}));
    let problem = binds_phone(&person, &code).await.refused(422, "fields_invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/code");
    // One number serves a whole family.
    let mother = resident(&world, &weixin, "mother").await;
    binds_phone(&mother, &weixin.phone("mother").await).await.expect(200);
    // Country codes come as text or as a number; foreign numbers go to the counter.
    let answer = |country: Value, number: &str, appid: &str| {
        let info = json!({
            "phoneNumber": number, "purePhoneNumber": number, "countryCode": country,
            "watermark": {"timestamp": 1, "appid": appid},
        });
        json!({"body": json!({"errcode": 0, "errmsg": "ok", "phone_info": info}).to_string()})
    };
    let person = resident(&world, &weixin, "jianguo").await;
    weixin.trouble(PHONE, answer(json!(86), "13805950078", "wxsim-lingyuan")).await;
    binds_phone(&person, "any").await.expect(200);
    for (country, number) in [(json!("852"), "91234567"), (json!("86"), "059585661234")] {
        weixin.trouble(PHONE, answer(country, number, "wxsim-lingyuan")).await;
        let problem = binds_phone(&person, "any").await.refused(422, "fields_invalid");
        assert_eq!(problem["errors"][0]["code"], "phone_not_supported");
    }
    // A number with another mini-program's watermark is nobody's.
    weixin.trouble(PHONE, answer(json!("86"), "13805950079", "wx0000000000000000")).await;
    binds_phone(&person, "any").await.expect(503);
    // Each costs money: five an hour.
    binds_phone(&person, "any").await.refused(422, "fields_invalid");
    binds_phone(&person, "any").await.refused(429, "too_many_requests");
    world
        .clerk("li", crate::world::LINKOU)
        .await
        .put("/v1/me/phone", None, &json!({"code": "x"}))
        .await
        .expect(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn however_many_need_a_token_one_is_fetched() {
    let weixin = Weixin::start(6).await;
    let world = weixin.world(&[("YICHUANG_LIMITS__PHONE_CODES_PER_HOUR", "100")]).await;
    let mut people = Vec::new();
    for n in 0..16 {
        people.push(resident(&world, &weixin, &format!("resident-{n}")).await);
    }
    let all_bind = async || {
        let mut tasks = tokio::task::JoinSet::new();
        for person in people.clone() {
            let weixin = weixin.clone();
            tasks.spawn(async move {
                let code = weixin.phone(&person.name).await;
                binds_phone(&person, &code).await.expect(200);
            });
        }
        tasks.join_all().await;
    };
    all_bind().await;
    assert_eq!(weixin.asked(TOKEN).await, (1, 1));
    // Revoked at night: everybody fails on the old one, one fetches the next, nobody throws that away.
    weixin.steer("revocation", json!({})).await;
    all_bind().await;
    assert_eq!(weixin.asked(TOKEN).await, (2, 2));
    // Renewed before it ends.
    world.later(chrono::Duration::seconds(7200 - 300));
    let person = people[0].comes_back_with(&weixin).await;
    binds_phone(&person, &weixin.phone("resident-0").await).await.expect(200);
    assert_eq!(weixin.asked(TOKEN).await.0, 3);
    // A token that is refused again is not asked for without end.
    weixin.steer("faults", json!({"route": PHONE, "times": 2, "action": {"errcode": 40001}})).await;
    let (calls, tokens) = (weixin.asked(PHONE).await.0, weixin.asked(TOKEN).await.0);
    binds_phone(&person, &weixin.phone("resident-0").await).await.expect(503);
    assert_eq!((weixin.asked(PHONE).await.0, weixin.asked(TOKEN).await.0), (calls + 2, tokens + 1));
}

impl Person {
    async fn comes_back_with(&self, weixin: &Weixin) -> Person {
        resident(&self.world, weixin, &self.name).await
    }
}

/// Whatever goes wrong, one phone is one account, and who is told "signed in" is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_sign_ins_on_a_bad_day() {
    eprintln!("YICHUANG_SEED={}", seed());
    let weixin = Weixin::start(seed()).await;
    let world = weixin.world(&[]).await;
    let bad =
        [json!({"cut": "before"}), json!({"cut": "after"}), json!({"errcode": -1}), json!({"status": 502})];
    for action in bad {
        weixin.steer("faults", json!({"route": LOGIN, "probability": 0.15, "action": action})).await;
    }
    let mut accounts = std::collections::BTreeMap::new();
    let (mut done, mut failed) = (0, 0);
    for n in 0..100 {
        let openid = format!("resident-{}", n % 5);
        let answer = sign_in(&world, &weixin.login(&openid).await).await;
        match answer.status {
            201 => {
                let token = answer.json()["access_token"].as_str().unwrap().to_owned();
                let me = send(&world, Method::GET, "/v1/me", Some(&token), &[], None).await.expect(200);
                assert_eq!(accounts.entry(openid).or_insert_with(|| me["id"].clone()), &me["id"]);
                done += 1;
            }
            503 => failed += 1,
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert!(done > 20 && failed > 20, "{done} signed in, {failed} not: not the day it should be");
    assert_eq!(weixin.asked(LOGIN).await.0, 100, "a code is never sent twice");
}
