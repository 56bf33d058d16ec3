//! What bad input gets: a complete problem document, never a 500, and nothing is stored.

mod forms;
mod limits;
mod rare_names;
mod slow;

use reqwest::Method;
use serde_json::{Value, json};

use crate::races::applications;
use crate::story;
use crate::world::people::{Answer, Person, answer, fresh_key, send};
use crate::world::{LINKOU, World};

/// Posts bytes as they are.
async fn post_bytes(person: &Person, path: &str, kind: &str, bytes: impl Into<reqwest::Body>) -> Answer {
    let world = &person.world;
    let request = world.client().post(format!("{}{path}", world.base())).bearer_auth(&person.token);
    let request = request.header("idempotency-key", fresh_key()).header("content-type", kind).body(bytes);
    answer(request.send().await.unwrap()).await
}

fn filing(world: &World) -> Value {
    json!({"region": LINKOU, "submit": true, "form": world.form("birth_registration")})
}

const JSON: &str = "application/json";

story!(broken_json_is_refused_and_nothing_is_stored, world, {
    let resident = world.xiuying().await;
    let good = filing(&world).to_string();
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000)).into_bytes();
    let broken: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("half", good.as_bytes()[..good.len() / 2].to_vec()),
        ("not JSON", b"region=350582006001".to_vec()),
        ("two documents", format!("{good}{good}").into_bytes()),
        ("nested lists", deep("[", "]")),
        ("nested objects", format!("{}1{}", "{\"a\":".repeat(40_000), "}".repeat(40_000)).into_bytes()),
        ("half nested", b"[".repeat(100_000)),
        ("a lone surrogate", b"{\"region\":\"\\ud800\"}".to_vec()),
        ("invalid UTF-8", b"{\"region\":\"\xff\xfe\"}".to_vec()),
        ("overlong UTF-8", b"{\"region\":\"\xc0\x80\"}".to_vec()),
        ("GBK", b"{\"region\":\"\xc1\xd6\xbf\xda\"}".to_vec()),
        ("a raw NUL", b"{\"region\":\"\0\"}".to_vec()),
        ("a number without end", b"{\"region\":1e999}".to_vec()),
        ("a byte order mark", [b"\xef\xbb\xbf", good.as_bytes()].concat()),
    ];
    for (what, bytes) in broken {
        let answer = post_bytes(&resident, "/v1/applications", JSON, bytes).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.text);
        answer.refused(400, "malformed_json");
    }
    assert_eq!(applications(&world).await, 0);
    resident.get("/v1/me").await.expect(200);
});

/// What serde_json's features read into certain keys would be the sender's to say: nested without end, NUL unseen, and
/// what is stored not to be read again.
#[test]
fn no_key_means_anything_to_the_parser() {
    for key in ["$serde_json::private::RawValue", "$serde_json::private::Number"] {
        let body = json!({key: "1"});
        assert_eq!(serde_json::from_str::<Value>(&body.to_string()).unwrap(), body);
    }
}

story!(other_kinds_and_sizes_are_refused, world, {
    let resident = world.xiuying().await;
    let good = filing(&world).to_string();
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "", "multipart/form-data"]
    {
        let answer = post_bytes(&resident, "/v1/applications", kind, good.clone()).await;
        answer.refused(415, "unsupported_media_type");
    }
    for size in [300_000, 1_000_000, 4_000_000] {
        let mut large = filing(&world);
        large["form"]["mother"]["registered_address"] = "长".repeat(size / 3).into();
        let answer = post_bytes(&resident, "/v1/applications", JSON, large.to_string()).await;
        answer.refused(413, "body_too_large");
    }
    // The same, in pieces of unknown length.
    let pieces = (0..1000).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1000]));
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    post_bytes(&resident, "/v1/applications", JSON, stream).await.refused(413, "body_too_large");
    assert_eq!(applications(&world).await, 0);
    let kind = "application/json; charset=utf-8";
    post_bytes(&resident, "/v1/applications", kind, good).await.expect(201);
});

fn pointers(problem: &Value, code: &str) -> Vec<String> {
    let errors = problem["errors"].as_array().unwrap().iter();
    errors.filter(|e| e["code"] == code).map(|e| e["pointer"].as_str().unwrap().to_owned()).collect()
}

story!(nul_and_unknown_fields_are_named, world, {
    let resident = world.xiuying().await;
    let mut body = filing(&world);
    body["form"]["mother"]["registered_address"] = "灵源街道\u{0}林口".into();
    body["form"]["children"][0]["name"] = "吴\u{0}琪".into();
    let refused = resident.post("/v1/applications", &body).await.refused(422, "fields_invalid");
    let named = pointers(&refused, "control_character");
    assert_eq!(named, ["/form/children/0/name", "/form/mother/registered_address"]);

    let mut body = filing(&world);
    body["favour"] = true.into();
    let refused = resident.post("/v1/applications", &body).await.refused(422, "fields_invalid");
    assert_eq!(pointers(&refused, "unknown_field"), ["/favour"]);
    let mut body = filing(&world);
    body["form"]["mother"]["nick/na~me"] = "英".into();
    let refused = resident.post("/v1/applications", &body).await.refused(422, "fields_invalid");
    assert_eq!(pointers(&refused, "unknown_field"), ["/form/mother/nick~1na~0me"]);
    assert_eq!(applications(&world).await, 0);

    let case = resident.submits(&world.form("birth_registration")).await;
    let refused = resident.tries(&case, json!({"action": "withdraw", "because": "x"})).await;
    let refused = refused.refused(422, "fields_invalid");
    assert_eq!(pointers(&refused, "unknown_field"), ["/because"], "{refused}");
    let refused = resident.post("/v1/applications/search", &json!({"text": "林", "limt": 3})).await;
    assert_eq!(pointers(&refused.refused(422, "fields_invalid"), "unknown_field"), ["/limt"]);
    resident.get("/v1/applications?limt=3").await.refused(422, "query_invalid");
});

story!(addresses_that_are_none, world, {
    let resident = world.xiuying().await;
    let ask = |method: Method, path: &'static str| {
        let (world, token) = (world.clone(), resident.token.clone());
        async move { send(&world, method, path, Some(&token), &[], None).await }
    };
    for path in
        ["/", "/v1", "/v1/nothing", "/v1/applications/", "/v2/applications", "/v1/%ff", "/..%2f..%2fetc"]
    {
        ask(Method::GET, path).await.refused(404, "no_such_path");
        ask(Method::POST, path).await.refused(404, "no_such_path");
    }
    for (method, path, allow) in [
        (Method::DELETE, "/v1/applications", "GET, HEAD, POST"),
        (Method::PATCH, "/v1/applications/01890000-0000-7000-8000-000000000000", "GET, HEAD, PUT"),
        (Method::GET, "/v1/queue/claim", "POST"),
        (Method::POST, "/v1/me", "GET, HEAD"),
        (Method::PUT, "/v1/sessions/current", "DELETE"),
        (Method::POST, "/openapi.json", "GET, HEAD"),
        (Method::DELETE, "/healthz", "GET, HEAD"),
    ] {
        let answer = ask(method, path).await;
        assert_eq!(answer.headers.get("allow").and_then(|a| a.to_str().ok()), Some(allow), "{path}");
        answer.refused(405, "method_not_allowed");
    }
    for (path, status) in [("/healthz", 200), ("/v1/services", 200), ("/v1/me", 200), ("/v1/nothing", 404)] {
        let answer = ask(Method::HEAD, path).await;
        assert_eq!((answer.status, answer.text.as_str()), (status, ""), "{path}");
    }
    for id in ["x", "%00", "%ff%fe", "0", "..", "01890000-0000-7000-8000-00000000000g"] {
        let answer = resident.get(&format!("/v1/applications/{id}")).await;
        assert!(matches!(answer.status, 400 | 404), "{id}: {} {}", answer.status, answer.text);
        assert!(
            answer.headers["content-type"].to_str().unwrap().starts_with("application/problem+json"),
            "{id}"
        );
    }
});

story!(versions_are_named_and_fresh, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    let path = format!("/v1/applications/{}/actions", case["id"].as_str().unwrap());
    let key = fresh_key();
    let act = async |tag: Option<&str>| {
        let mut headers = vec![("idempotency-key", key.as_str())];
        headers.extend(tag.map(|tag| ("if-match", tag)));
        clerk.post_with(&path, &headers, &json!({"action": "accept"})).await
    };
    act(None).await.refused(428, "version_required");
    for tag in ["W/\"1\"", "1", "\"one\"", "*", "\"\"", "\"1\", \"2\"", "\"99999999999999999999\""] {
        act(Some(tag)).await.refused(412, "stale_version");
    }
    for tag in ["\"0\"", "\"2\"", "\"-1\""] {
        let stale = act(Some(tag)).await.refused(412, "stale_version");
        assert_eq!(
            (&stale["current_version"], &stale["application_status"]),
            (&json!(1), &json!("submitted"))
        );
    }
    let looked = clerk.get(&format!("/v1/applications/{}", case["id"].as_str().unwrap())).await;
    assert_eq!(looked.headers["etag"], "\"1\"");
    let done = act(Some("\"1\"")).await;
    assert_eq!(done.headers["etag"], "\"2\"");
    assert_eq!(done.expect(200)["status"], "accepted");
});

story!(what_the_status_does_not_allow, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    let refused = clerk.tries(&case, json!({"action": "approve"})).await.refused(409, "wrong_status");
    assert_eq!(refused["application_status"], "submitted");
    let allowed: Vec<&str> =
        refused["available_actions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for action in ["accept", "ask_to_correct", "decline", "withdraw"] {
        assert!(allowed.contains(&action), "{allowed:?}");
    }
    let refused = resident.tries(&case, json!({"action": "accept"})).await.refused(409, "wrong_status");
    assert_eq!(refused["available_actions"], json!(["withdraw"]));
    // The clock's own steps are nobody's.
    for action in ["deem_accept", "terminate", "remind", "close_notice"] {
        clerk.tries(&case, json!({"action": action})).await.refused(409, "wrong_status");
    }
    clerk.tries(&case, json!({"action": "burn"})).await.refused(422, "fields_invalid");
    clerk.tries(&case, json!(["accept"])).await.refused(422, "fields_invalid");
    assert_eq!(clerk.sees(case["id"].as_str().unwrap()).await["version"], 1);
});
