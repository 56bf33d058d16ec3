//! The principal scans a ticket at the door with their own account, sees who asks for what, agrees or does not.

use chrono::Duration;
use serde_json::{Value, json};
use yichuang::domain::lifecycle::Role;

use super::{GRID, XIUYING, asking, at, kept, mandate};
use crate::story;
use crate::world::STREET;
use crate::world::people::{Answer, Person};

async fn ticket(worker: &Person, visit: &str) -> Value {
    at(visit, worker, "confirmation-tickets", &json!({})).await.expect(201)["ticket"].clone()
}

async fn scans(who: &Person, ticket: &Value, agree: bool) -> Answer {
    who.post("/v1/me/confirmations", &json!({"ticket": ticket, "agree": agree})).await
}

async fn previews(who: &Person, ticket: &Value) -> Answer {
    who.post("/v1/me/confirmations/preview", &json!({"ticket": ticket})).await
}

story!(the_principal_scans_sees_and_agrees, world, {
    let (worker, colleague) = (world.grid_worker("chen", GRID).await, world.grid_worker("wang", GRID).await);
    let visit = worker.visits(GRID, Some(&mandate())).await;
    at(&visit, &colleague, "confirmation-tickets", &json!({})).await.refused(404, "not_found");
    let shown = ticket(&worker, &visit).await;
    let unverified = world.newcomer("xiuying2", "林秀英", XIUYING, "13805950001").await;
    previews(&unverified, &shown).await.refused(409, "assurance_needed");
    let principal = world.xiuying().await;
    let stranger = world.resident("jianguo", "吴建国", "350582199203070010", "13805950002").await;
    for agree in [true, false] {
        let told = scans(&stranger, &shown, agree).await.refused(403, "not_the_principal");
        assert!(!told.to_string().contains("林"), "{told}");
    }
    previews(&stranger, &shown).await.refused(403, "not_the_principal");
    previews(&worker, &shown).await.refused(403, "not_permitted");

    let seen = previews(&principal, &shown).await.expect(200);
    assert_eq!((&seen["worker"], &seen["agency"]), (&json!("网格小陈"), &Value::Null));
    assert_eq!(seen["matters"][0]["code"], "birth_registration");
    assert_eq!(kept(&worker, &visit).await, json!(["signature", 1]), "looking changes nothing");
    // It confirms and opens nothing else, and nothing else confirms.
    let credential = worker.post("/v1/me/credential", &json!({})).await.expect(201)["token"].clone();
    for wrong in [credential.clone(), json!(worker.token), json!(principal.token), json!("x.y.z")] {
        scans(&principal, &wrong, true).await.refused(404, "ticket_invalid");
    }
    let (tokens, now) = (&world.office().outside().tokens, world.office().now());
    assert!(tokens.ticketed(credential.as_str().unwrap(), now).is_none());
    let ticket = shown.as_str().unwrap();
    assert!(tokens.ticketed(ticket, now).is_some() && tokens.vouched(ticket, now).is_none());
    assert!(tokens.verify(ticket, now).is_none());
    let scan = json!({"token": shown});
    worker.post("/v1/credential-checks", &scan).await.refused(404, "credential_invalid");

    let agreed = scans(&principal, &shown, true).await.expect(200);
    assert_eq!((&agreed["evidence"], &agreed["evidence_level"]), (&json!("wechat_scan"), &json!(3)));
    assert_eq!(kept(&worker, &visit).await, json!(["wechat_scan", 3]));
    scans(&principal, &shown, true).await.refused(409, "confirmed_before");
    at(&visit, &worker, "confirmation-tickets", &json!({})).await.refused(409, "confirmed_before");
    at(&visit, &worker, "confirmation-codes", &asking()).await.refused(409, "confirmed_before");
    let auditor = world.staff("audit", "三员之一", Role::Auditor, STREET, None).await;
    let log = auditor.get("/v1/audit?limit=100").await.expect(200).to_string();
    assert!(
        log.contains("confirm mandate") && log.contains("evidence=wechat_scan before=signature"),
        "{log}"
    );
});

story!(whoever_does_not_agree_takes_it_back, world, {
    let (worker, principal) = (world.grid_worker("chen", GRID).await, world.xiuying().await);
    let visit = worker.visits(GRID, Some(&mandate())).await;
    let shown = ticket(&worker, &visit).await;
    assert_eq!(scans(&principal, &shown, false).await.expect(200)["ended"], "revoked");
    scans(&principal, &shown, true).await.refused(409, "mandate_ended");
    assert_eq!(worker.inbox().await, ["居民未同意授权"]);
    let applicant = json!({"name": "林秀英", "id_number": XIUYING, "phone": "13805950001"});
    let form = world.form("birth_registration");
    let told = worker.submits_for(&applicant, GRID, Some(&visit), &form).await;
    assert_eq!(told.refused(409, "mandate_ended")["why"], "revoked");
    let auditor = world.staff("audit", "三员之一", Role::Auditor, STREET, None).await;
    let log = auditor.get("/v1/audit?limit=100").await.expect(200).to_string();
    assert!(log.contains("end mandate") && log.contains("why=revoked"), "{log}");
});

story!(a_ticket_ends_with_its_minutes_its_visit_and_its_worker, world, {
    let (worker, principal) = (world.grid_worker("chen", GRID).await, world.xiuying().await);
    let visit = worker.visits(GRID, Some(&mandate())).await;
    let shown = ticket(&worker, &visit).await;
    world.later(Duration::minutes(9));
    previews(&principal, &shown).await.expect(200);
    world.later(Duration::minutes(1));
    scans(&principal, &shown, true).await.refused(404, "ticket_invalid");
    let shown = ticket(&worker, &visit).await;
    at(&visit, &worker, "outcome", &json!({"outcome": "home"})).await.expect(200);
    scans(&principal, &shown, true).await.refused(409, "visit_ended");
    scans(&principal, &shown, false).await.refused(409, "visit_ended");
    at(&visit, &worker, "confirmation-tickets", &json!({})).await.refused(409, "visit_ended");
    assert_eq!(kept(&worker, &visit).await, json!(["signature", 1]));
    let visit = worker.visits(GRID, Some(&mandate())).await;
    let shown = ticket(&worker, &visit).await;
    let id = worker.get("/v1/me").await.expect(200)["id"].as_str().unwrap().to_owned();
    let security = world.staff("security", "安全员", Role::SecurityAdministrator, STREET, None).await;
    security.post(&format!("/v1/staff/{id}/leave"), &json!({})).await.expect(200);
    scans(&principal, &shown, true).await.refused(404, "ticket_invalid");
});
