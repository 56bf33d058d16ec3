//! Personal data where it does not belong: in addresses, methods, headers, names and codes; bodies that are cut,
//! large, of another kind or never end; one try too many.

use serde_json::{Value, json};

use super::line::Line;
use super::offices::Staff;
use super::people::Resident;
use super::served::Run;

pub async fn makes(
    run: &Run,
    staff: &Staff,
    resident: &Line<'_>,
    one: &Resident,
    two: &Resident,
    case: &Value,
) {
    addresses(run, staff, resident, one).await;
    credentials(run, resident, one).await;
    bodies(run, resident, one).await;
    // A neighbour asks for what is not his; the slip's code is guessed until nobody may guess any more.
    let nobody = Line { run, token: None };
    for guess in 0..6 {
        let code = format!("{}{guess}", &two.id_number[..7]);
        let body = json!({"receipt_no": case["receipt_no"], "query_code": code});
        nobody.post("/v1/progress", &body).await;
        nobody.post("/v1/progress", &json!({"receipt_no": one.id_number, "query_code": two.name})).await;
    }
    for action in [json!({"action": "accept"}), json!({"action": "decline", "reason": one.address})] {
        staff.colleague.line(run).tries(case, &action).await;
    }
    resident.get(&format!("/v1/applications/{}/accesses", case["id"].as_str().unwrap())).await;
    resident.get("/v1/audit").await.expect(403);
    resident.post("/v1/staff", &json!({"username": one.name, "name": one.name, "duties": []})).await;
}

/// In the path, the query, the method and in headers.
async fn addresses(run: &Run, staff: &Staff, resident: &Line<'_>, one: &Resident) {
    let nobody = Line { run, token: None };
    let clerk = staff.clerk.line(run);
    for word in [one.id_number.as_str(), one.phone, one.name, one.address, one.email, one.openid] {
        for line in [resident, &clerk, &nobody] {
            for path in [
                format!("/v1/applications/{word}"),
                format!("/v1/applications/{word}/events"),
                format!("/v1/materials/{word}"),
                format!("/v1/me/sessions/{word}"),
                format!("/v1/staff/{word}"),
                format!("/v1/services/{word}"),
                format!("/v1/{word}"),
                format!("/v1/applications?q={word}"),
                format!("/v1/applications?limit={word}"),
                format!("/v1/applications?cursor={word}"),
                format!("/v1/applications?status={word}"),
                format!("/v1/queue?older_than_days={word}"),
                format!("/v1/services?q={word}&cursor={word}"),
                format!("/v1/public-notices?community={word}"),
                format!("/v1/visit-plans?from={word}"),
                format!("/docs/{word}"),
            ] {
                line.get(&path).await;
            }
            line.post(&format!("/v1/payment-orders/{word}/begin"), &json!({})).await;
            line.post(&format!("/v1/visits/{word}/needs/{word}/done"), &json!({"note": word})).await;
            line.post("/v1/me/confirmations/preview", &json!({"ticket": word})).await;
            line.asks("DELETE", &format!("/v1/me/sessions/{word}"), &[], None).await;
        }
    }
    for header in
        ["user-agent", "referer", "cookie", "x-forwarded-for", "accept-language", "origin", "x-request-id"]
    {
        for word in [one.id_number.as_str(), one.phone, one.name] {
            nobody.asks("GET", "/v1/me", &[(header, word)], None).await.expect(401);
        }
    }
    for path in ["/v1/me", "/v1/applications", "/nowhere"] {
        nobody.asks(one.phone, path, &[], None).await;
        resident.asks(&one.id_number, path, &[], None).await;
    }
}

/// Wrong, stale, used and in the wrong field.
async fn credentials(run: &Run, resident: &Line<'_>, one: &Resident) {
    let nobody = Line { run, token: None };
    let token = resident.token.unwrap();
    run.hide("password", "Canary-mistyped-pass-6620");
    for (username, password) in [
        ("clerk-one", "Canary-mistyped-pass-6620"),
        ("Canary-mistyped-pass-6620", "clerk-one"),
        (one.id_number.as_str(), one.phone),
        (one.name, one.address),
    ] {
        let body = json!({"kind": "staff", "username": username, "password": password, "code": one.phone});
        nobody.post("/v1/sessions", &body).await.expect(401);
        let body =
            json!({"username": username, "setup_code": "Canary-mistyped-pass-6620", "password": password});
        nobody.post("/v1/staff-setup", &body).await;
    }
    let secret = json!({"kind": "refresh", "refresh_token": format!("01890000-0000-7000-8000-000000000000.{}", &token[..150])});
    nobody.post("/v1/sessions", &secret).await.expect(401);
    for code in [one.id_number.as_str(), one.openid, &format!("dev:{}", one.phone)] {
        nobody.post("/v1/sessions", &json!({"kind": "wechat", "code": code})).await.expect(401);
        resident.put("/v1/me/phone", &json!({"code": code})).await;
    }
    for bad in [format!("{token}x"), token.replace('.', ""), one.id_number.clone()] {
        Line { run, token: Some(&bad) }.get("/v1/me").await.expect(401);
    }
    nobody.get(&format!("/v1/me?access_token={token}")).await.expect(401);
    // Until the tries are used up.
    for _ in 0..12 {
        let body = json!({"kind": "staff", "username": one.phone, "password": "Canary-mistyped-pass-6620"});
        nobody.post("/v1/sessions", &body).await;
    }
}

/// Cut off, too large, of another kind, and never finished.
async fn bodies(run: &Run, resident: &Line<'_>, one: &Resident) {
    let token = resident.token.unwrap();
    let good = one.identity().to_string();
    let send = async |kind: &str, body: Vec<u8>| {
        let request = run.request("PUT", "/v1/me/identity").bearer_auth(token).header("content-type", kind);
        run.send(request.body(body)).await.status
    };
    let json = "application/json";
    assert_eq!(send(json, good.as_bytes()[..good.len() - 4].to_vec()).await, 400);
    assert_eq!(send(json, [good.as_bytes(), good.as_bytes()].concat()).await, 400);
    assert_eq!(send(json, [&good.as_bytes()[..20], b"\xff\xfe", &good.as_bytes()[20..]].concat()).await, 400);
    assert_eq!(send("text/plain", good.clone().into_bytes()).await, 415);
    assert_eq!(send(&format!("application/{}", one.phone), good.clone().into_bytes()).await, 415);
    assert_eq!(send(json, good.repeat(3000).into_bytes()).await, 413);
    let nul = good.replace(one.name, &format!("{}\\u0000{}", one.name, one.phone));
    assert_eq!(send(json, nul.into_bytes()).await, 422);
    let head = |length: &str| {
        format!(
            "PUT /v1/me/identity HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\nuser-agent: {}\r\n{length}\r\n\r\n{good}",
            one.id_number
        )
    };
    assert!(run.sends_raw(head("content-length: 9000").as_bytes()).starts_with("HTTP/1.1 408"));
    assert!(
        run.sends_raw(head(&format!("content-length: {}", one.phone)).as_bytes()).starts_with("HTTP/1.1 4")
    );
    assert!(
        run.sends_raw(head(&format!("{} {}", one.phone, one.id_number)).as_bytes())
            .starts_with("HTTP/1.1 400")
    );
    assert!(
        run.sends_raw(head(&format!("x: {}", one.address.repeat(4000))).as_bytes())
            .starts_with("HTTP/1.1 431")
    );
}
