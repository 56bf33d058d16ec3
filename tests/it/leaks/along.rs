//! What a grid worker takes along: a household of the register, a pack, numbers to give away, and a batch that
//! was written where there was no network.

use serde_json::json;
use yichuang::adapters::clock::new_id;
use yichuang::field_client::DeviceKey;

use super::offices::{GRID, Staff};
use super::people::Resident;
use super::served::Run;

pub async fn takes_along(run: &Run, staff: &Staff, who: &Resident) {
    let (clerk, worker) = (staff.clerk.line(run), staff.worker.line(run));
    let now = chrono::Utc::now();
    let household = format!("/v1/households/{}", new_id(now));
    run.hide("remark", "门口有三只灰雁");
    let residents =
        [json!({"name": who.name, "id_number": who.id_number, "phone": who.phone, "relation": "head"})];
    let body = json!({"region": GRID, "address": who.address, "latitude": 24.731_587, "longitude": 118.552_694,
        "residents": residents, "note": "门口有三只灰雁"});
    clerk.put(&household, &body).await.expect(200);
    clerk.put(&household, &body).await.expect(428);
    let mut wrong = body.clone();
    wrong["residents"][0]["id_number"] = json!(format!("{}9", &who.id_number[..17]));
    wrong["region"] = json!("350582006007001");
    clerk.asks("PUT", &household, &[("if-match", "\"1\"")], Some(&wrong)).await.expect(422);

    let (key, device) = (DeviceKey::generate(), new_id(now));
    let secret: String = key.secret().iter().map(|byte| format!("{byte:02x}")).collect();
    run.hide("device key", secret);
    let named = json!({"id": device, "name": "外勤手机", "public_key": key.public()});
    worker.post("/v1/devices", &named).await.expect(201);
    let path = |what: &str| format!("/v1/devices/{device}/{what}");
    let numbers = worker.post(&path("numbers"), &json!({"region": GRID, "count": 2})).await.expect(201);
    for number in numbers.as_array().unwrap() {
        run.hide("query code", number["query_code"].as_str().unwrap());
    }
    let lent = worker.get(&path("pack-key")).await.expect(200);
    let (pack_key, _) = key.open(&lent).unwrap();
    run.hide("pack key", &pack_key);
    run.hide("pack key", pack_key.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    worker.get(&path("pack")).await.expect_ok();
    worker.get(&path("pack?bytes=16384")).await.expect_ok();
    let (visit, draft) = (new_id(now), new_id(now));
    run.hide("name in a form", "雁家后生");
    let operations = [
        json!({"id": new_id(now), "sequence": 1, "at": now.to_rfc3339(), "deed": {
            "kind": "start_visit", "visit": visit, "region": GRID, "address": who.address,
            "latitude": 24.731_587, "longitude": 118.552_694}}),
        json!({"id": new_id(now), "sequence": 2, "at": now.to_rfc3339(), "after": [new_id(now)], "deed": {
            "kind": "create_draft", "application": draft, "region": GRID, "service": "birth_registration",
            "visit": visit, "applicant": {"name": who.name, "id_number": who.id_number, "phone": who.phone},
            "form": {"mother": {"name": "雁家后生", "id_number": who.id_number}}}}),
    ];
    let batch = json!({"device": device, "sent_at": now.to_rfc3339(), "operations": operations});
    worker.post("/v1/sync", &batch).await.expect(200);
    worker.get("/v1/field/box").await.expect(200);
    worker.post(&path("ending"), &json!({"why": "lost"})).await.expect(200);
    worker.get(&path("pack")).await.expect(409);
}
