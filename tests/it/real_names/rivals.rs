//! Two people who claim one number, a number that the police correct, a person with another account.

use chrono::Duration;
use serde_json::{Value, json};

use super::{NUMBER, files, herself, is_seen, level, newcomer, seen, shows_code};
use crate::story;
use crate::world::papers::id_number;
use crate::world::people::Person;
use crate::world::{LINGSHUI, LINKOU};

story!(two_people_claim_one_number, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let rival = world.newcomer("rival", "林秀英", NUMBER, "13805950008").await;
    let resident = newcomer(&world).await;
    is_seen(&resident, &clerk, "林秀英", NUMBER).await;
    let case = files(&resident, "birth_registration").await.expect(201);

    // Whoever only said so says it no longer, and cannot say it again.
    files(&rival, "birth_registration").await.refused(409, "identity_needed");
    rival.put("/v1/me/identity", None, &herself()).await.refused(409, "id_claimed");
    // Nor does a clerk decide alone who is whom.
    let code = shows_code(&rival).await;
    clerk.post("/v1/verifications", &seen(&code, "林秀英", NUMBER)).await.refused(409, "id_claimed");
    // Nor does she become somebody else.
    let other = json!({"name": "王小明", "id_number": id_number(5), "phone": "13805950001"});
    resident.put("/v1/me/identity", None, &other).await.refused(409, "identity_verified");
    let code = shows_code(&resident).await;
    let as_other = clerk.post("/v1/verifications", &seen(&code, "王小明", &id_number(5))).await;
    as_other.refused(409, "identity_verified");

    // It was her, with a new telephone: asked for at the counter, decided by the supervisor.
    let code = shows_code(&rival).await;
    let mut asked = json!({
        "region": LINKOU, "kind": "new_account", "code": code, "name": "林秀英", "id_number": NUMBER,
        "document": "id_card", "reason": "更换手机，旧微信号停用",
    });
    let change = clerk.post("/v1/identity-changes", &asked).await.expect(201);
    asked["region"] = LINGSHUI.into();
    clerk.post("/v1/identity-changes", &asked).await.refused(403, "not_permitted");
    let path = format!("/v1/identity-changes/{}/decision", change["id"].as_str().unwrap());
    let approval = json!({"approve": true, "reason": "人证一致"});
    clerk.post(&path, &approval).await.refused(404, "not_found");
    let supervisor = world.supervisor("watch").await;
    let waiting = supervisor.get("/v1/identity-changes").await.expect(200);
    assert_eq!(waiting[0]["id"], change["id"]);
    // The new account has no telephone yet: nothing changes.
    supervisor.post(&path, &approval).await.refused(409, "phone_needed");
    rival.put("/v1/me/phone", None, &json!({"code": "dev:13805950008"})).await.expect(200);
    assert_eq!(supervisor.post(&path, &approval).await.expect(200)["state"], "approved");
    supervisor.post(&path, &approval).await.refused(409, "already_decided");

    assert_eq!(rival.sees(case["id"].as_str().unwrap()).await["status"], "submitted");
    assert_eq!(level(&rival).await, "in_person");
    resident.get("/v1/me").await.refused(401, "not_signed_in");
    let back = resident.comes_back().await;
    assert_eq!(level(&back).await, "none");
    back.get(&format!("/v1/applications/{}", case["id"].as_str().unwrap())).await.refused(404, "not_found");
});

story!(a_slip_gives_way_to_whoever_comes_with_the_document, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let filed =
        clerk.submits_for(&herself(), LINKOU, None, &world.form("medical_insurance")).await.expect(201);
    let slip = json!({"receipt_no": filed["receipt_no"], "query_code": filed["query_code"]});
    let finder = world.newcomer("finder", "林秀英", NUMBER, "13805950008").await;
    finder.put("/v1/me/applications", None, &slip).await.expect(200);
    assert_eq!(level(&finder).await, "id_matched");
    let body = json!({"kind": "wechat", "code": "dev:xiuying"});
    let resident = Person::sign_in(&world, "林秀英", &body).await;
    resident.put("/v1/me/phone", None, &json!({"code": "dev:13805950001"})).await.expect(200);
    let hers = json!({"name": "林秀英", "id_number": NUMBER, "phone": "13805950001"});
    resident.put("/v1/me/identity", None, &hers).await.refused(409, "id_claimed");
    is_seen(&resident, &clerk, "林秀英", NUMBER).await;
    assert_eq!((level(&finder).await, level(&resident).await), ("none".to_owned(), "in_person".to_owned()));
    assert_eq!(resident.sees(filed["id"].as_str().unwrap()).await["status"], "submitted");
});

story!(the_police_correct_a_number, world, {
    let (clerk, supervisor) = (world.clerk("li", LINKOU).await, world.supervisor("watch").await);
    let resident = newcomer(&world).await;
    is_seen(&resident, &clerk, "林秀英", NUMBER).await;
    let right = id_number(44);
    let mut asked = json!({
        "region": LINKOU, "kind": "corrected_number", "name": "林秀英", "id_number": right,
        "former_id_number": NUMBER, "document": "id_card", "reason": "与他人重号，公安更正",
    });
    let told = clerk.post("/v1/identity-changes", &asked).await.refused(422, "fields_invalid");
    assert_eq!(told["errors"][0]["code"], "document_unfit");
    asked["document"] = "police_certificate".into();
    asked["document_no"] = "晋公更字2026第12号".into();
    let refused = clerk.post("/v1/identity-changes", &asked).await.expect(201);
    let decision =
        |change: &Value| format!("/v1/identity-changes/{}/decision", change["id"].as_str().unwrap());
    let no = json!({"approve": false, "reason": "证明编号查无"});
    assert_eq!(supervisor.post(&decision(&refused), &no).await.expect(200)["state"], "refused");
    let mine = resident.get("/v1/me").await.expect(200);
    assert_eq!(mine["identity"]["id_number"], "350582********0025", "nothing has changed");

    world.later(Duration::minutes(1));
    // Filed under the former number before it was known.
    let filed =
        clerk.submits_for(&herself(), LINKOU, None, &world.form("birth_registration")).await.expect(201);
    let change = clerk.post("/v1/identity-changes", &asked).await.expect(201);
    supervisor.post(&decision(&change), &json!({"approve": true, "reason": "已核实"})).await.expect(200);
    let mine = resident.get("/v1/me").await.expect(200);
    let tail = &right[14..];
    assert!(mine["identity"]["id_number"].as_str().unwrap().ends_with(tail), "{mine}");
    assert_eq!(resident.sees(filed["id"].as_str().unwrap()).await["status"], "submitted", "still hers");
    let records = resident.get("/v1/me/verifications").await.expect(200);
    let methods: Vec<&str> =
        records.as_array().unwrap().iter().map(|r| r["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["change", "counter"], "what was is kept");
    assert!(records[1]["ended_at"].is_string());
});
