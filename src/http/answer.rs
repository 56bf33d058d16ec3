//! Answers and pages: JSON with an ETag where there is a version, and opaque keyset cursors.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::problem::Problem;
use crate::domain::refusal::Refusal;
use crate::usecases::once::Answer;

/// A JSON answer with the version as its ETag.
pub fn versioned<T: Serialize>(value: &T, version: i64) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ETAG, format!("\"{version}\""))).json(value)
}

/// The answer of something done once, the same every time.
pub fn once(answer: Answer) -> HttpResponse {
    #[derive(Deserialize)]
    struct Versioned {
        version: Option<i64>,
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    response.content_type("application/json");
    if answer.replayed {
        response.insert_header(("idempotency-replayed", "true"));
    }
    if let Ok(Versioned { version: Some(version) }) = serde_json::from_str(&answer.body) {
        response.insert_header((header::ETAG, format!("\"{version}\"")));
    }
    response.body(answer.body)
}

/// 分页
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Lines per page, 1 to 100; 20 if left out.
    pub limit: Option<i64>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// 一页
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    /// The lines.
    pub items: Vec<T>,
    /// For the next page; absent on the last.
    pub next_cursor: Option<String>,
}

/// A position of a keyset: an instant and an id.
pub type Position = (DateTime<Utc>, Uuid);

/// Instants a list can have: both databases know those from 1970 to the year 9999.
const POSITIONS: std::ops::Range<i64> = 0..253_402_300_800_000_000;

/// Reads a cursor that this server gave out.
pub fn position(cursor: Option<&str>) -> Result<Option<Position>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let read = || -> Option<Position> {
        let (micros, id) = cursor.split_once('.')?;
        let micros = i64::from_str_radix(micros, 36).ok().filter(|micros| POSITIONS.contains(micros))?;
        let at = DateTime::from_timestamp_micros(micros)?;
        Some((at, id.parse().ok()?))
    };
    let refuse =
        || Refusal::invalid("cursor_invalid", "翻页标记无效，请从第一页开始。", "Not a cursor of this list.");
    read().map(Some).ok_or_else(|| refuse().into())
}

/// How many lines were asked for.
pub fn size(limit: Option<i64>) -> Result<i64, Problem> {
    match limit.unwrap_or(20) {
        limit @ 1..=100 => Ok(limit),
        _ => Err(Refusal::invalid("limit_invalid", "每页 1 至 100 条。", "1 to 100 lines a page.").into()),
    }
}

/// A page out of one line more than was asked for, which tells whether there is a next one.
pub fn page<T>(mut items: Vec<T>, limit: i64, at: impl Fn(&T) -> Position) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(|last| cursor(at(last)));
    Page { items, next_cursor }
}

fn cursor((at, id): Position) -> String {
    let mut micros = at.timestamp_micros();
    let mut text = Vec::new();
    while micros > 0 {
        // A digit below 36 always is a character.
        let digit = u32::try_from(micros % 36).unwrap_or(0);
        text.push(char::from_digit(digit, 36).unwrap_or('0'));
        micros /= 36;
    }
    text.reverse();
    format!("{}.{id}", text.into_iter().collect::<String>())
}
