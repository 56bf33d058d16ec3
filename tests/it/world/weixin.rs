//! A simulated WeChat for a story: what a phone does, and the hand that steers the trial.

use std::sync::Arc;

use reqwest::Client;
use serde_json::{Value, json};
use yichuang::wechat_sim::{Simulator, Start};

use super::{Database, World};

const APPID: &str = "wxsim-lingyuan";
const SECRET: &str = "simulated-secret";
const KEY: &str = "steering";

/// Cheap to clone; the simulator ends with the last clone.
#[derive(Clone)]
pub struct Weixin(Arc<Inner>);

struct Inner {
    base: String,
    client: Client,
    server: actix_web::dev::ServerHandle,
}

impl Drop for Inner {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

impl Weixin {
    pub async fn start(seed: u64) -> Self {
        let (tell, told) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let start =
                    Start { appid: APPID.into(), secret: SECRET.into(), control_key: KEY.into(), seed };
                let (server, addresses) = Simulator::new(start).serve("127.0.0.1:0").unwrap();
                tell.send((server.handle(), addresses[0])).unwrap();
                server.await.unwrap();
            });
        });
        let (server, address) = told.await.unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self(Arc::new(Inner { base: format!("http://{address}"), client, server }))
    }

    /// What a product has to know to ask this WeChat.
    pub fn settings(&self) -> [(&str, &str); 4] {
        [
            ("YICHUANG_WECHAT__KIND", "api"),
            ("YICHUANG_WECHAT__BASE_URL", self.base()),
            ("YICHUANG_WECHAT__APPID", APPID),
            ("YICHUANG_WECHAT__SECRET", SECRET),
        ]
    }

    /// A world whose residents sign in with this WeChat.
    pub async fn world(&self, own: &[(&str, &str)]) -> World {
        let mut settings = self.settings().to_vec();
        settings.extend(own);
        World::with(Database::Sqlite, &settings).await.unwrap()
    }

    pub fn base(&self) -> &str {
        &self.0.base
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.0.client.post(format!("{}{path}", self.base())).header("x-sim-key", KEY);
        let answer = request.json(body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path} {body}");
        answer.json().await.unwrap()
    }

    /// `wx.login` on somebody's phone.
    pub async fn login(&self, openid: &str) -> String {
        let answer = self.post("/_client/login", &json!({"openid": openid})).await;
        answer["code"].as_str().unwrap().to_owned()
    }

    /// The phone number button.
    pub async fn phone(&self, openid: &str) -> String {
        let answer = self.post("/_client/phone", &json!({"openid": openid})).await;
        answer["code"].as_str().unwrap().to_owned()
    }

    pub async fn answers_dialog(&self, openid: &str, templates: &[&str], accept: bool) -> Value {
        let asked = json!({"openid": openid, "templates": templates, "accept": accept});
        self.post("/_client/subscriptions", &asked).await
    }

    pub async fn steer(&self, what: &str, body: Value) -> Value {
        self.post(&format!("/_sim/{what}"), &body).await
    }

    pub async fn trouble(&self, route: &str, action: Value) {
        self.steer("faults", json!({"route": route, "times": 1, "action": action})).await;
    }

    /// How often a route was asked, and how often it said yes.
    pub async fn asked(&self, route: &str) -> (usize, usize) {
        let journal = self.steer("journal", json!({})).await;
        let of_route: Vec<&Value> =
            journal.as_array().unwrap().iter().filter(|entry| entry["route"] == route).collect();
        (of_route.len(), of_route.iter().filter(|entry| entry["errcode"] == 0).count())
    }

    /// Asks the API itself, without the product in between.
    pub async fn raw(&self, method: reqwest::Method, path: &str, body: Option<&str>) -> Value {
        let request = self.0.client.request(method, format!("{}{path}", self.base()));
        let request = match body {
            Some(body) => request.body(body.to_owned()),
            None => request,
        };
        request.send().await.unwrap().json().await.unwrap()
    }

    /// A stable token, as the product gets it.
    pub async fn token(&self, force: bool) -> Value {
        let body = json!({
            "grant_type": "client_credential", "appid": APPID, "secret": SECRET, "force_refresh": force,
        });
        self.raw(reqwest::Method::POST, "/cgi-bin/stable_token", Some(&body.to_string())).await
    }
}
