//! 个人信息权利: a copy of everything about me, and the end of my account.

use actix_web::{HttpResponse, get, post, web};

use super::extract::{Body, Signed};
use super::payments::EmptyIn;
use super::problem::Problem;
use crate::usecases::Office;
use crate::usecases::rights::{DeletionView, ExportView};

/// 本人信息副本: everything the system has about the account's holder (个人信息保护法 45).
#[utoipa::path(tag = "me", responses((status = 200, body = ExportView)), security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "own"}))))]
#[get("/v1/me/export")]
async fn export(office: web::Data<Office>, signed: Signed) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.export(signed.0.actor.clone()).await?))
}

/// 注销账号: at once; what the law makes us keep is named, with its term (个人信息保护法 47).
#[utoipa::path(tag = "me", request_body = EmptyIn, responses((status = 200, body = DeletionView)),
    security(("bearer" = [])),
    extensions(("x-authz" = json!({"roles": ["resident"], "scope": "own"}))))]
#[post("/v1/me/deletion")]
async fn delete(
    office: web::Data<Office>,
    signed: Signed,
    _body: Body<EmptyIn>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(office.delete_account(signed.0.actor.clone()).await?))
}

/// Adds the routes of this file.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(export).service(delete);
}
