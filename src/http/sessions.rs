//! Signing in, refreshing and signing out.

use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, delete, get, post, put, web};
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::applications::known;
use super::auditing::Noted;
use super::extract::{Body, Signed, address};
use super::problem::Problem;
use crate::domain::refusal::Refusal;
use crate::usecases::Office;
use crate::usecases::clocks_view::local;
use crate::usecases::sessions::SignedIn;
use crate::usecases::setting_up::PasswordChange;

/// 登录
#[derive(Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum SessionIn {
    /// 工作人员
    Staff {
        /// Sign-in name.
        #[schema(min_length = 1, max_length = 64)]
        username: String,
        /// Password.
        #[schema(min_length = 1, max_length = 256)]
        password: String,
        /// Six digits of the authenticator app, for whom it is set up; each is good once.
        #[serde(default)]
        #[schema(max_length = 16)]
        code: Option<String>,
    },
    /// 居民
    Wechat {
        /// The code of `wx.login`.
        #[schema(min_length = 1, max_length = 256)]
        code: String,
    },
    /// 续期
    Refresh {
        /// The refresh token of the answer before; it changes at every use.
        #[schema(min_length = 1, max_length = 256)]
        refresh_token: String,
    },
}

impl Validate for SessionIn {
    fn validate(&self) -> Result<(), validator::ValidationErrors> {
        Ok(())
    }
}

/// 登录凭据
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    /// For the Authorization header: `Bearer …`.
    access_token: String,
    /// Seconds until it expires.
    expires_in: i64,
    /// For the next access token.
    refresh_token: String,
}

impl From<SignedIn> for SessionView {
    fn from(signed: SignedIn) -> Self {
        let SignedIn { access_token, expires_in, refresh_token, .. } = signed;
        Self { access_token, expires_in, refresh_token }
    }
}

/// 登录: staff by password, residents by WeChat code, either again by refresh token.
#[utoipa::path(tag = "sessions", request_body = SessionIn,
    responses((status = 201, body = SessionView)),
    extensions(("x-authz" = json!({"roles": ["anonymous"], "scope": "public"}))))]
#[post("/v1/sessions")]
async fn begin(
    office: web::Data<Office>,
    request: HttpRequest,
    body: Body<SessionIn>,
) -> Result<HttpResponse, Problem> {
    let address = address(&request);
    let signed = match body.value {
        SessionIn::Staff { username, password, code } => {
            office.sign_in_staff(username, password, code, &address).await?
        }
        SessionIn::Wechat { code } => office.sign_in_wechat(&code, &address).await?,
        SessionIn::Refresh { refresh_token } => office.refresh(&refresh_token).await?,
    };
    request.extensions_mut().insert(Noted { actor: Some(signed.account), ..Noted::default() });
    Ok(HttpResponse::Created().json(SessionView::from(signed)))
}

/// 退出登录: at once, everywhere.
#[utoipa::path(tag = "sessions", responses((status = 204)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official", "supervisor", "administrator", "security_administrator", "auditor"], "scope": "own"}))))]
#[delete("/v1/sessions/current")]
async fn end(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    office.sign_out(signed.0.session).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// 修改密码
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordIn {
    /// The password until now.
    #[validate(length(min = 1, max = 200))]
    password: String,
    /// At least ten characters.
    #[validate(length(min = 1, max = 200))]
    new_password: String,
    /// Six digits of the authenticator app, for whom it is set up.
    #[serde(default)]
    #[validate(length(max = 16))]
    code: Option<String>,
}

/// 修改密码: one's own; all other sessions end.
#[utoipa::path(tag = "sessions", request_body = PasswordIn, responses((status = 204)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["clerk", "grid_worker", "official", "supervisor", "administrator", "security_administrator", "auditor"], "scope": "own"}))))]
#[put("/v1/me/password")]
async fn change_password(
    office: web::Data<Office>,
    request: HttpRequest,
    signed: Signed,
    body: Body<PasswordIn>,
) -> Result<HttpResponse, Problem> {
    let PasswordIn { password, new_password, code } = body.value;
    let change = PasswordChange { current: password, new: new_password, code };
    office.change_password(&signed.0.actor, signed.0.session, change, &address(&request)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// 会话, one of somebody's own.
#[derive(Serialize, ToSchema)]
pub struct OwnSessionView {
    /// Id.
    id: Uuid,
    /// `mini_program`, `desk` or `field`.
    client: &'static str,
    /// When it began.
    created_at: DateTime<FixedOffset>,
    /// When it was last refreshed.
    used_at: DateTime<FixedOffset>,
    /// When it ends at the latest.
    expires_at: DateTime<FixedOffset>,
    /// Whether it is the one that asks.
    current: bool,
}

/// 我的会话: where I am signed in, the newest first.
#[utoipa::path(tag = "sessions", responses((status = 200, body = Vec<OwnSessionView>)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official", "supervisor", "administrator", "security_administrator", "auditor"], "scope": "own"}))))]
#[get("/v1/me/sessions")]
async fn mine(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    let sessions = office.sessions(signed.0.actor.id).await?.into_iter().map(|session| OwnSessionView {
        id: session.id,
        client: session.client.name(),
        created_at: local(session.created_at),
        used_at: local(session.used_at),
        expires_at: local(session.expires_at),
        current: session.id == signed.0.session,
    });
    Ok(HttpResponse::Ok().json(sessions.collect::<Vec<_>>()))
}

/// 注销会话: ends one of my sessions at once, everywhere.
#[utoipa::path(tag = "sessions", params(("id" = Uuid, Path)), responses((status = 204)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official", "supervisor", "administrator", "security_administrator", "auditor"], "scope": "own"}))))]
#[delete("/v1/me/sessions/{id}")]
async fn end_one(
    office: web::Data<Office>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    if office.end_session(signed.0.actor.id, known(&id)?).await? {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(Refusal::not_found().into())
    }
}

/// 公钥: verifies access tokens elsewhere (RFC 7517).
#[utoipa::path(tag = "sessions", responses((status = 200, body = Value)),
    extensions(("x-authz" = json!({"roles": ["anonymous"], "scope": "public"}))))]
#[get("/.well-known/jwks.json")]
async fn public_keys(office: web::Data<Office>) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=60")).json(office.public_keys())
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(begin)
        .service(change_password)
        .service(end)
        .service(mine)
        .service(end_one)
        .service(public_keys);
}
