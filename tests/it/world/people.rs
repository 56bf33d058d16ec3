//! People act over HTTP, in the words of the counter.

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use super::World;

/// Somebody signed in.
#[derive(Clone)]
pub struct Person {
    pub world: World,
    pub name: String,
    pub token: String,
    pub refresh_token: String,
    pub credentials: Value,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    /// The JSON body.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// Went well; the body is no JSON.
    #[track_caller]
    pub fn expect_ok(self) {
        assert_eq!(self.status, 200, "{}", self.text);
    }

    /// Insists on a status and answers the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// Insists on a refusal with that code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let problem = self.json();
        assert_eq!((self.status, problem["code"].as_str()), (status, Some(code)), "{}", self.text);
        let kind = self.headers["content-type"].to_str().unwrap().to_owned();
        assert!(kind.starts_with("application/problem+json"), "{kind}");
        assert_eq!(problem["status"], status);
        for member in ["type", "title", "detail", "instance"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {}", self.text);
        }
        problem
    }
}

/// A key nobody used before in this run.
pub fn fresh_key() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("key-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

impl Person {
    /// Signs in with a body of `POST /v1/sessions`.
    pub async fn sign_in(world: &World, name: &str, body: &Value) -> Self {
        let answer = send(world, Method::POST, "/v1/sessions", None, &[], Some(body)).await.expect(201);
        let text = |key: &str| answer[key].as_str().unwrap().to_owned();
        Person {
            world: world.clone(),
            name: name.to_owned(),
            token: text("access_token"),
            refresh_token: text("refresh_token"),
            credentials: body.clone(),
        }
    }

    /// Comes back another day: access tokens live a quarter of an hour, stories run over weeks.
    pub async fn comes_back(&self) -> Self {
        Self::sign_in(&self.world, &self.name, &self.credentials).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(&self.world, Method::GET, path, Some(&self.token), &[], None).await
    }

    pub async fn put(&self, path: &str, version: Option<i64>, body: &Value) -> Answer {
        let tag = version.map(|v| format!("\"{v}\""));
        let headers: Vec<(&str, &str)> = tag.iter().map(|tag| ("if-match", tag.as_str())).collect();
        send(&self.world, Method::PUT, path, Some(&self.token), &headers, Some(body)).await
    }

    /// Posts with a fresh idempotency key.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[("idempotency-key", &fresh_key())], body).await
    }

    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        send(&self.world, Method::POST, path, Some(&self.token), headers, Some(body)).await
    }

    /// Files a form at once; the case as the person sees it.
    #[track_caller]
    pub fn submits(&self, form: &Value) -> impl Future<Output = Value> + '_ {
        let body = json!({"region": super::LINKOU, "submit": true, "form": form});
        async move { self.post("/v1/applications", &body).await.expect(201) }
    }

    /// Files for somebody else, at the counter or the door.
    pub async fn submits_for(
        &self,
        applicant: &Value,
        region: &str,
        visit: Option<&str>,
        form: &Value,
    ) -> Answer {
        let mut body = json!({"region": region, "submit": true, "form": form, "applicant": applicant});
        if let Some(visit) = visit {
            body["visit"] = visit.into();
        }
        self.post("/v1/applications", &body).await
    }

    /// Does one thing to a case the person has just looked at.
    pub async fn tries(&self, case: &Value, action: Value) -> Answer {
        let id = case["id"].as_str().unwrap();
        let version = self.sees(id).await["version"].as_i64().unwrap_or(-1);
        let tag = format!("\"{version}\"");
        let headers = [("if-match", tag.as_str()), ("idempotency-key", &fresh_key())];
        self.post_with(&format!("/v1/applications/{id}/actions"), &headers, &action).await
    }

    /// Does one thing, which must work; the case afterwards.
    pub async fn does(&self, case: &Value, action: Value) -> Value {
        self.tries(case, action).await.expect(200)
    }

    /// Looks at a case.
    pub async fn sees(&self, id: &str) -> Value {
        self.get(&format!("/v1/applications/{id}")).await.json()
    }

    pub async fn accepts(&self, case: &Value) -> Value {
        self.does(case, json!({"action": "accept"})).await
    }

    pub async fn transfers(&self, case: &Value, departments: &[&str]) -> Value {
        self.does(case, json!({"action": "transfer", "departments": departments})).await
    }

    pub async fn agrees(&self, case: &Value) -> Value {
        self.does(case, json!({"action": "endorse", "opinion": "agree"})).await
    }

    pub async fn approves(&self, case: &Value) -> Value {
        self.does(case, json!({"action": "approve"})).await
    }

    pub async fn delivers_and_closes(&self, case: &Value) -> Value {
        self.does(case, json!({"action": "deliver", "method": "counter", "receiver": "申请人本人"})).await;
        self.does(case, json!({"action": "close"})).await
    }

    /// Asks, once, for all of it: what it is about and how to put it right.
    pub async fn asks_to_correct(&self, case: &Value, gaps: &[(&str, &str)]) -> Value {
        self.does(case, request_to_correct(gaps)).await
    }

    pub async fn corrects(&self, case: &Value, form: Option<&Value>) -> Value {
        self.does(case, json!({"action": "correct", "form": form})).await
    }

    pub async fn declines(&self, case: &Value, reason: &str, right_office: &str) -> Value {
        let no = json!({"action": "decline", "reason": reason, "basis": "行政许可法 32(2)", "right_office": right_office});
        self.does(case, no).await
    }

    pub async fn withdraws(&self, case: &Value, reason: &str) -> Value {
        self.does(case, json!({"action": "withdraw", "reason": reason})).await
    }

    /// The timeline as this person is shown it: the actions, in order.
    pub async fn timeline(&self, case: &Value) -> Vec<String> {
        let events =
            self.get(&format!("/v1/applications/{}/events", case["id"].as_str().unwrap())).await.expect(200);
        events.as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap().to_owned()).collect()
    }

    /// Records a visit at a door, with what the resident allowed there; the visit's id.
    pub async fn visits(&self, grid: &str, mandate: Option<&Value>) -> String {
        let visit = json!({
            "region": grid, "address": "林口社区中区12号", "latitude": 24.7361, "longitude": 118.5522, "mandate": mandate,
        });
        self.post("/v1/visits", &visit).await.expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// Uploads a file for a line of the checklist.
    pub async fn uploads(&self, case: &Value, material: &str, bytes: Vec<u8>) -> Answer {
        let id = case["id"].as_str().unwrap();
        let part = reqwest::multipart::Part::bytes(bytes).file_name("扫描件.png");
        let form = reqwest::multipart::Form::new().part("file", part);
        let request = self
            .world
            .client()
            .post(format!("{}/v1/applications/{id}/materials/{material}", self.world.base()))
            .bearer_auth(&self.token)
            .header("idempotency-key", fresh_key())
            .multipart(form);
        answer(request.send().await.unwrap()).await
    }

    /// The titles in the inbox, newest first.
    pub async fn inbox(&self) -> Vec<String> {
        let page = self.get("/v1/me/notices?limit=100").await.expect(200);
        page["items"].as_array().unwrap().iter().map(|n| n["title"].as_str().unwrap().to_owned()).collect()
    }
}

/// The body of a correction notice.
pub fn request_to_correct(gaps: &[(&str, &str)]) -> Value {
    let gaps: Vec<Value> = gaps.iter().map(|(about, how)| json!({"about": about, "how": how})).collect();
    json!({"action": "ask_to_correct", "gaps": gaps})
}

/// One request, by whoever holds the token.
pub async fn send(
    world: &World,
    method: Method,
    path: &str,
    token: Option<&str>,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Answer {
    let mut request = world.client().request(method, format!("{}{path}", world.base()));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    answer(request.send().await.unwrap()).await
}

/// Reads an answer to its end.
pub async fn answer(response: reqwest::Response) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}
