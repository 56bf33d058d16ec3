//! Somebody who asks: everything goes through here, so that every answer is kept.

use reqwest::RequestBuilder;
use serde_json::Value;

use super::served::Run;
use crate::world::people::{Answer, fresh_key};

/// Somebody who asks; nobody without a token.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    pub run: &'a Run,
    pub token: Option<&'a str>,
}

impl Line<'_> {
    fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let request = self.run.request(method, path);
        match self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn asks(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut request = self.request(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        self.run.send(request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.asks("GET", path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.asks("POST", path, &[("idempotency-key", &fresh_key())], Some(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.asks("PUT", path, &[], Some(body)).await
    }

    pub async fn uploads(&self, case: &Value, material: &str, name: &str, bytes: Vec<u8>) -> Answer {
        let part = reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().part("file", part);
        let path = format!("/v1/applications/{}/materials/{material}", case["id"].as_str().unwrap());
        let request = self.request("POST", &path).header("idempotency-key", fresh_key());
        self.run.send(request.multipart(form)).await
    }

    /// Tries one thing with a case as it is now.
    pub async fn tries(&self, case: &Value, action: &Value) -> Answer {
        let path = format!("/v1/applications/{}", case["id"].as_str().unwrap());
        let version = self.get(&path).await.json()["version"].as_i64().unwrap_or(-1);
        let headers = [("if-match", &*format!("\"{version}\"")), ("idempotency-key", &fresh_key())];
        self.asks("POST", &format!("{path}/actions"), &headers, Some(action)).await
    }

    /// Does it, which must work.
    pub async fn does(&self, case: &Value, action: &Value) -> Value {
        let done = self.tries(case, action).await;
        assert_eq!(done.status, 200, "{action}: {}", done.text);
        done.json()
    }
}
