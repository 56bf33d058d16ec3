//! The two planes that are not WeChat's: what a phone would do, and the hand that steers a trial.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Simulator;
use super::faults::Fault;
use super::messages::consent;
use super::state::{Code, Template, User};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Who {
    openid: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Subscription {
    openid: String,
    templates: Vec<String>,
    accept: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    advance_seconds: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    #[serde(default)]
    allowed_addresses: Option<Vec<String>>,
    #[serde(default)]
    rotate_session_keys: Option<bool>,
    #[serde(default)]
    pages: Vec<String>,
}

async fn login(sim: web::Data<Simulator>, who: web::Json<Who>) -> HttpResponse {
    let mut state = sim.state();
    let openid = state.user(&who.openid).openid.clone();
    let (code, issued) = (state.chance.word(32), state.now());
    state.login_codes.insert(code.clone(), Code { openid, issued, used: false });
    HttpResponse::Ok().json(json!({"code": code}))
}

async fn phone(sim: web::Data<Simulator>, who: web::Json<Who>) -> HttpResponse {
    let mut state = sim.state();
    let openid = state.user(&who.openid).openid.clone();
    let (code, issued) = (state.chance.word(64), state.now());
    state.phone_codes.insert(code.clone(), Code { openid, issued, used: false });
    HttpResponse::Ok().json(json!({"code": code}))
}

async fn subscriptions(sim: web::Data<Simulator>, asked: web::Json<Subscription>) -> HttpResponse {
    let answer = consent(&mut sim.state(), &asked.openid, &asked.templates, asked.accept);
    HttpResponse::Ok()
        .json(answer.unwrap_or_else(|refused| json!({"errCode": refused.0, "errMsg": refused.1})))
}

fn steered(sim: &Simulator, request: &HttpRequest) -> bool {
    let shown = request.headers().get("x-sim-key").and_then(|value| value.to_str().ok());
    shown == Some(sim.state().start.control_key.as_str())
}

async fn steer(
    sim: web::Data<Simulator>,
    request: HttpRequest,
    what: web::Path<String>,
    body: web::Bytes,
) -> HttpResponse {
    if !steered(&sim, &request) {
        return HttpResponse::Forbidden().finish();
    }
    match apply(&sim, &what, &body) {
        Ok(answer) => HttpResponse::Ok().json(answer),
        Err(why) => HttpResponse::BadRequest().body(why),
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn apply(sim: &Simulator, what: &str, body: &[u8]) -> Result<Value, String> {
    let mut state = sim.state();
    match what {
        "users" => {
            let mut user: User = read(body)?;
            user.session_key = state.session_key();
            state.users.insert(user.openid.clone(), user);
        }
        "templates" => {
            let template: Template = read(body)?;
            state.templates.insert(template.id.clone(), template);
        }
        "clock" => state.ahead += read::<Clock>(body)?.advance_seconds,
        "faults" => {
            let fault: Fault = read(body)?;
            state.faults.push(fault);
        }
        "peace" => state.faults.clear(),
        "revocation" => {
            let now = state.now();
            state.tokens.revoke(now);
        }
        "account" => {
            let account: Account = read(body)?;
            state.allowed = account.allowed_addresses.unwrap_or_else(|| state.allowed.clone());
            state.rotate_session_keys = account.rotate_session_keys.unwrap_or(state.rotate_session_keys);
            state.pages.extend(account.pages);
        }
        "journal" => return Ok(json!(state.journal)),
        _ => return Err(format!("nothing is called {what}")),
    }
    Ok(json!({}))
}

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/_client/login", web::post().to(login))
        .route("/_client/phone", web::post().to(phone))
        .route("/_client/subscriptions", web::post().to(subscriptions))
        .route("/_sim/{what}", web::post().to(steer));
}
