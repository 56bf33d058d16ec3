//! What breaks in the run: WeChat has bad days, the disk gives back what was never written, the database hangs up.
//! The log tells of it, and tells nothing else. And somebody tries to write the log himself.

use serde_json::{Value, json};
use uuid::Uuid;
use yichuang::storage::{Conn, Db, StorageError};
use yichuang::vault::Cell;

use super::line::Line;
use super::offices::Staff;
use super::people::{Resident, yingying};
use super::served::Run;
use crate::world::LINKOU;

/// WeChat refuses, stammers, hangs up and is silent, with codes and secrets on the way.
pub async fn wechat(run: &Run) {
    let one = yingying();
    let nobody = Line { run, token: None };
    let tokens = one.signs_in(run).await;
    let bad_days = [
        json!({"errcode": 40125}),
        json!({"errcode": 40164}),
        json!({"errcode": 45011}),
        json!({"errcode": -1}),
        json!({"status": 500}),
        json!({"status": 302}),
        json!({"body": "<html>"}),
        json!({"body": format!("{{\"openid\": {}, \"session_key\": \"canary-session-key-88214\"}}", one.phone)}),
        json!({"cut": "before"}),
        json!({"cut": "after"}),
        json!({"delay_ms": 20_000}),
    ];
    run.hide("WeChat session key", "canary-session-key-88214");
    for action in bad_days {
        for (route, phone) in [("/sns/jscode2session", false), ("/wxa/business/getuserphonenumber", true)] {
            run.weixin.trouble(route, action.clone()).await;
            let code =
                if phone { run.weixin.phone(one.openid).await } else { run.weixin.login(one.openid).await };
            run.hide("WeChat code", &code);
            let told = if phone {
                tokens.line(run).put("/v1/me/phone", &json!({"code": code})).await
            } else {
                nobody.post("/v1/sessions", &json!({"kind": "wechat", "code": code})).await
            };
            assert!(matches!(told.status, 422 | 429 | 503), "{action} {route}: {}", told.text);
        }
    }
    run.hide("WeChat token", run.weixin.token(false).await["access_token"].as_str().unwrap());
}

/// Rows that were changed, and one that was sealed well but is no longer what its column holds.
pub async fn storage(run: &Run, db: &Db, staff: &Staff, cases: &[Value], one: &Resident) {
    let (clerk, tokens) = (staff.clerk.line(run), one.signs_in(run).await);
    let id: Uuid = cases[0]["id"].as_str().unwrap().parse().unwrap();
    let ill = json!({"guide_version": one.phone, "track": one.name, "limits": one.id_number}).to_string();
    let cell = Cell { table: "applications", column: "dossier", row: id.as_bytes() };
    let sealed: String =
        db.vault().seal(cell, ill.as_bytes()).unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
    let (bytes, key) = match db.kind() {
        "sqlite" => (format!("x'{sealed}'"), format!("x'{}'", id.simple())),
        _ => (format!("'\\x{sealed}'"), format!("'{id}'")),
    };
    let path = format!("/v1/applications/{id}");
    tampers(db, format!("UPDATE applications SET dossier = {bytes} WHERE id = {key}")).await;
    clerk.get(&path).await.expect(500);
    for swap in [
        "UPDATE applications SET form = dossier".to_owned(),
        "UPDATE applications SET applicant_phone = applicant_id_number".to_owned(),
        format!("UPDATE applications SET applicant_name = '#7' WHERE id = {key}"),
        "UPDATE people SET phone = id_number".to_owned(),
        "UPDATE outbox SET address = last_error WHERE last_error IS NOT NULL".to_owned(),
    ] {
        tampers(db, swap).await;
        for line in [&clerk, &tokens.line(run)] {
            line.get(&path).await.expect(500);
            line.get("/v1/applications?limit=100").await;
            line.get("/v1/me").await;
        }
    }
    if db.kind() == "postgres" {
        let hang_up = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()";
        tampers(db, hang_up.to_owned()).await;
        for _ in 0..20 {
            clerk.post("/v1/applications/search", &json!({"text": one.id_number})).await;
        }
    }
}

async fn tampers(db: &Db, sql: String) {
    db.write(move |conn: &mut Conn| conn.execute(&sql)).await.or_else(hung_up).unwrap();
}

/// Hanging everybody up may take our own line too.
fn hung_up(error: StorageError) -> Result<(), StorageError> {
    if matches!(error, StorageError::Unavailable(_)) { Ok(()) } else { Err(error) }
}

pub const FORGED: &str = "forged-entry-51907";

/// Line breaks, terminal escapes and separators wherever a text can be put.
pub async fn forgers(run: &Run, staff: &Staff) {
    let ill = format!(
        "x\r\n{{\"level\":\"ERROR\",\"fields\":{{\"message\":\"{FORGED}\"}}}}\n\u{1b}[31m\u{7f}\u{85}\u{2028}\u{2029}\u{202e}"
    );
    let (by, clerk, nobody) = (staff.security.line(run), staff.clerk.line(run), Line { run, token: None });
    let duty = json!([{"role": "clerk", "region": LINKOU}]);
    let short: String = ill.chars().filter(|c| !"{}\":,".contains(*c)).take(36).collect();
    by.post(
        "/v1/staff",
        &json!({"username": short, "name": ill.chars().take(60).collect::<String>(), "duties": duty}),
    )
    .await;
    nobody.post("/v1/sessions", &json!({"kind": "staff", "username": short, "password": ill})).await;
    nobody.post("/v1/sessions", &json!({"kind": "wechat", "code": ill})).await;
    nobody.post("/v1/staff-setup", &json!({"username": short, "setup_code": ill, "password": ill})).await;
    clerk.post("/v1/applications/search", &json!({"text": short})).await;
    clerk.post("/v1/applications", &json!({ill.clone(): ill, "region": ill})).await;
    nobody.post("/v1/progress", &json!({"receipt_no": short, "query_code": short})).await;
    let escaped: String = ill.bytes().map(|byte| format!("%{byte:02x}")).collect();
    for path in
        [format!("/v1/{escaped}"), format!("/v1/applications/{escaped}"), format!("/v1/services?q={escaped}")]
    {
        clerk.get(&path).await;
    }
    let header = "x\u{2028}\u{85}\u{202e}forged-entry-51907";
    for name in [
        "user-agent",
        "referer",
        "x-forwarded-for",
        "idempotency-key",
        "if-match",
        "accept-language",
        "authorization",
    ] {
        let request = run.request("POST", "/v1/queue/claim").header(name, header.as_bytes());
        run.send(request.header("content-type", "application/json").body("{}")).await;
    }
    for head in [
        format!(
            "GET /v1/me HTTP/1.1\r\nhost: x\r\nuser-agent: \x1b[31m{FORGED}\r\nconnection: close\r\n\r\n"
        ),
        format!("GET /\x1b[31m{FORGED} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"),
        format!("{FORGED} / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"),
        format!("GET / HTTP/1.1\nhost: x\nuser-agent: x\rlevel: {FORGED}\nconnection: close\n\n"),
    ] {
        run.sends_raw(head.as_bytes());
    }
}
