//! Signing in, refreshing and signing out.

use actix_web::{HttpRequest, HttpResponse, delete, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::extract::{Body, Signed, address};
use super::problem::Problem;
use crate::usecases::Office;
use crate::usecases::sessions::SignedIn;

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
        let SignedIn { access_token, expires_in, refresh_token } = signed;
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
        SessionIn::Staff { username, password } => office.sign_in_staff(username, password, &address).await?,
        SessionIn::Wechat { code } => office.sign_in_wechat(&code, &address).await?,
        SessionIn::Refresh { refresh_token } => office.refresh(&refresh_token).await?,
    };
    Ok(HttpResponse::Created().json(SessionView::from(signed)))
}

/// 退出登录: at once, everywhere.
#[utoipa::path(tag = "sessions", responses((status = 204)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident", "clerk", "grid_worker", "official", "supervisor", "administrator"], "scope": "own"}))))]
#[delete("/v1/sessions/current")]
async fn end(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    office.sign_out(signed.0.session).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(begin).service(end);
}
