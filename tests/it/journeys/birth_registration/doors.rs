//! One application, several doors: begun here, continued there, looked up without signing in.

use chrono::Duration;
use serde_json::{Value, json};

use super::xiuying_herself;
use crate::story;
use crate::world::people::{Answer, send};
use crate::world::{LINGSHUI, LINKOU, World};

async fn progress(world: &World, number: &str, code: &str) -> Answer {
    let slip = json!({"receipt_no": number, "query_code": code});
    send(world, reqwest::Method::POST, "/v1/progress", None, &[], Some(&slip)).await
}

story!(begun_on_the_phone_and_finished_at_the_counter, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let begun = json!({"service": "birth_registration", "place": "mother_registered"});
    let body = json!({"region": LINKOU, "submit": false, "form": begun});
    let draft = resident.post("/v1/applications", &body).await.expect(201);
    assert_eq!((&draft["status"], &draft["receipt_no"]), (&json!("draft"), &Value::Null));
    let path = format!("/v1/applications/{}", draft["id"].as_str().unwrap());
    let incomplete = resident.tries(&draft, json!({"action": "submit"})).await.refused(422, "fields_invalid");
    assert!(incomplete["errors"].as_array().unwrap().len() > 1, "everything missing at once");

    let full = json!({"form": world.form("birth_registration")});
    clerk.put(&path, None, &full).await.refused(428, "version_required");
    let saved = clerk.put(&path, draft["version"].as_i64(), &full).await.expect(200);
    assert_eq!(saved["form"]["child_order"], 2);
    let mut other_service = full.clone();
    other_service["form"]["service"] = "house_rebuild".into();
    let refused = clerk.put(&path, saved["version"].as_i64(), &other_service).await;
    assert_eq!(refused.refused(422, "fields_invalid")["errors"][0]["pointer"], "/form/service");
    let stale = resident.put(&path, draft["version"].as_i64(), &full).await.refused(412, "stale_version");
    assert_eq!(stale["current_version"], saved["version"]);

    let case = clerk.does(&saved, json!({"action": "submit"})).await;
    assert_eq!(case["status"], "submitted");
    assert_eq!(case["submissions"][0]["channel"], "counter", "each submission keeps its own door");
    let seen = resident.sees(draft["id"].as_str().unwrap()).await;
    assert_eq!(seen["status"], "submitted", "it is still hers");
    resident.put(&path, seen["version"].as_i64(), &full).await.refused(409, "wrong_status");
});

story!(filed_at_the_counter_and_bound_to_the_mini_program, world, {
    let resident = world.newcomer("xiuying", "林秀英", "350582199412150025", "13805950001").await;
    let clerk = world.clerk("li", LINKOU).await;
    let form = world.form("birth_registration");
    let case = clerk.submits_for(&xiuying_herself(), LINKOU, None, &form).await.expect(201);
    let id = case["id"].as_str().unwrap();
    let (number, code) = (case["receipt_no"].as_str().unwrap(), case["query_code"].as_str().unwrap());
    resident.get(&format!("/v1/applications/{id}")).await.refused(404, "not_found");

    let slip = json!({"receipt_no": number, "query_code": code});
    let bind = async |who: &crate::world::people::Person, slip: &Value| {
        who.put("/v1/me/applications", None, slip).await
    };
    let other = world.resident("other", "陈大文", "350582199003070016", "13805950009").await;
    bind(&other, &slip).await.refused(404, "not_found");
    let wrong = json!({"receipt_no": number, "query_code": "00000000"});
    bind(&resident, &wrong).await.refused(404, "not_found");
    let slipped = json!({"receipt_no": format!("{}9", &number[..number.len() - 1]), "query_code": code});
    if slipped["receipt_no"] != number {
        bind(&resident, &slipped).await.refused(404, "not_found");
    }
    // As somebody would type it from the slip: spaces for hyphens, small letters.
    let typed = json!({"receipt_no": number.replace('-', " "), "query_code": code.to_lowercase()});
    assert_eq!(bind(&resident, &typed).await.expect(200)["id"], id);
    assert_eq!(bind(&resident, &slip).await.expect(200)["id"], id, "binding twice changes nothing");

    world.later(Duration::minutes(1));
    let case = clerk.accepts(&case).await;
    assert_eq!(resident.sees(id).await["status"], "accepted");
    assert!(resident.inbox().await[0].starts_with("受理"), "from now on she is told");
    assert_eq!(resident.withdraws(&case, "填错了").await["status"], "withdrawn");
});

story!(a_slip_shows_the_progress_and_nothing_of_the_person, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    let (number, code) = (case["receipt_no"].as_str().unwrap(), case["query_code"].as_str().unwrap());
    let shown = progress(&world, number, code).await;
    for personal in ["林秀英", "秀英", "350582199412150025", "13805950001", "中区12号"] {
        assert!(!shown.text.contains(personal), "{}", shown.text);
    }
    let shown = shown.expect(200);
    assert_eq!((&shown["status"], &shown["service_name"]["zh"]), (&json!("submitted"), &json!("生育登记")));
    clerk.accepts(&case).await;
    assert_eq!(progress(&world, number, code).await.expect(200)["status"], "accepted");

    progress(&world, number, "ZZZZZZZZ").await.refused(404, "not_found");
    progress(&world, "350582006001-20261123-00099-0", code).await.refused(404, "not_found");
    for _ in 0..40 {
        if progress(&world, number, "ZZZZZZZZ").await.status == 429 {
            progress(&world, number, code).await.refused(429, "too_many_requests");
            return;
        }
    }
    panic!("codes can be guessed without end");
});

story!(another_communitys_window_does_not_see_it, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("zhang", LINGSHUI).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    clerk.get(&format!("/v1/applications/{}", case["id"].as_str().unwrap())).await.refused(404, "not_found");
    clerk.tries(&case, json!({"action": "accept"})).await.refused(404, "not_found");
    assert_eq!(clerk.get("/v1/applications").await.expect(200)["items"], json!([]));
});
