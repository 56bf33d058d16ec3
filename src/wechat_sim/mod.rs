//! A WeChat to try things out with: the calls of api.weixin.qq.com that the product needs, with real expiry,
//! single use, quotas and errors, and with faults on demand. It shares no code with the adapter that talks
//! to it, or one mistake would pass on both sides. Not reproduced: risk control, the wording of `errmsg`,
//! undocumented rate windows, permissions of account categories.

mod chance;
mod control;
mod credentials;
mod faults;
mod messages;
mod phone;
mod session;
mod state;
mod tokens;

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use futures_util::stream;
use serde_json::{Value, json};

use faults::{Action, Cut};
use state::{Entry, State};

/// What a simulator is started with.
#[derive(Debug, Clone)]
pub struct Start {
    /// The mini-program's id.
    pub appid: String,
    /// Its secret.
    pub secret: String,
    /// Opens the control plane, in the header `x-sim-key`.
    pub control_key: String,
    /// Of everything that is left to chance; the same seed gives the same run.
    pub seed: u64,
}

/// 模拟微信; cheap to clone.
#[derive(Clone)]
pub struct Simulator(Arc<Mutex<State>>);

/// A refusal as WeChat words it: 200 with an errcode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused(pub i64, pub String);

impl Refused {
    pub(crate) fn new(code: i64, why: impl Into<String>) -> Self {
        Self(code, why.into())
    }
}

pub(crate) type Answer = Result<Value, Refused>;

impl Simulator {
    /// A fresh one.
    pub fn new(start: Start) -> Self {
        Self(Arc::new(Mutex::new(State::new(start))))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Binds, to this machine only, and starts serving; the server runs when the answer is awaited.
    pub fn serve(&self, bind: &str) -> std::io::Result<(actix_web::dev::Server, Vec<SocketAddr>)> {
        if bind.to_socket_addrs()?.any(|address| !address.ip().is_loopback()) {
            let why = "the simulator listens on this machine only";
            return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, why));
        }
        let sim = self.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(sim.clone()))
                .app_data(web::PayloadConfig::new(1 << 20))
                .configure(control::routes)
                .default_service(web::to(api))
        })
        .workers(1)
        .shutdown_timeout(1)
        .bind(bind)?;
        let addresses = server.addrs();
        Ok((server.run(), addresses))
    }
}

/// One call of the API as it came.
pub(crate) struct Call<'a> {
    pub post: bool,
    pub query: Vec<(String, String)>,
    pub body: &'a [u8],
    pub address: String,
}

impl Call<'_> {
    pub fn asked(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The body of a call that must be POST and JSON.
    pub fn json(&self) -> Answer {
        match (self.post, self.body.is_empty()) {
            (false, _) => Err(Refused::new(43002, "require POST method")),
            (true, true) => Err(Refused::new(44002, "empty post data")),
            (true, false) => serde_json::from_slice(self.body)
                .ok()
                .filter(Value::is_object)
                .ok_or_else(|| Refused::new(47001, "data format error")),
        }
    }
}

async fn api(sim: web::Data<Simulator>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let route = request.path().to_owned();
    let fault = sim.state().fault(&route);
    if let Some(Action { delay_ms: Some(millis), .. }) = fault {
        actix_web::rt::time::sleep(Duration::from_millis(millis)).await;
    }
    let query = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let call = Call {
        post: request.method() == actix_web::http::Method::POST,
        query: query.map(web::Query::into_inner).unwrap_or_default(),
        body: &body,
        address: request.peer_addr().map(|peer| peer.ip().to_string()).unwrap_or_default(),
    };
    let refused = fault.as_ref().and_then(|fault| fault.errcode).map(|code| Refused::new(code, "on request"));
    let unheard =
        fault.as_ref().is_some_and(|fault| fault.cut == Some(Cut::Before) || fault.status.is_some());
    let answer = match refused {
        Some(refused) => Err(refused),
        None if unheard => Err(Refused::new(-1, "not heard")),
        None => answer(&mut sim.state(), &route, &call),
    };
    let errcode = answer.as_ref().err().map_or(0, |refused| refused.0);
    sim.state().enter(Entry { route, errcode, cut: fault.as_ref().is_some_and(|fault| fault.cut.is_some()) });
    if let Some(Action { cut: Some(_), .. }) = fault {
        return cut_off();
    }
    if let Some(Action { status: Some(status), .. }) = fault {
        let status = actix_web::http::StatusCode::from_u16(status).unwrap_or_default();
        return HttpResponse::build(status).body("<html>on request</html>");
    }
    if let Some(Action { body: Some(body), .. }) = fault {
        return HttpResponse::Ok().content_type("application/json").body(body);
    }
    HttpResponse::Ok().json(answer.unwrap_or_else(
        |Refused(code, why)| json!({"errcode": code, "errmsg": format!("{why} rid: 0000-sim")}),
    ))
}

fn answer(state: &mut State, route: &str, call: &Call<'_>) -> Answer {
    match route {
        "/sns/jscode2session" => session::of_code(state, call),
        "/wxa/checksession" => session::check(state, call),
        "/cgi-bin/token" => credentials::classic(state, call),
        "/cgi-bin/stable_token" => credentials::stable(state, call),
        "/wxa/business/getuserphonenumber" => phone::of_code(state, call),
        "/cgi-bin/message/subscribe/send" => messages::send(state, call),
        _ => Err(Refused::new(40066, "invalid url")),
    }
}

/// An answer that breaks off: the caller never learns how its call ended.
fn cut_off() -> HttpResponse {
    let broken = stream::once(std::future::ready(Err::<web::Bytes, std::io::Error>(
        std::io::ErrorKind::ConnectionReset.into(),
    )));
    HttpResponse::Ok().content_type("application/json").no_chunking(64).streaming(broken)
}
