//! What residents do in the run: identity, household, drafts, papers, corrections, money, the door, the slip.

use serde_json::{Value, json};

use super::line::Line;
use super::offices::{GRID, Staff};
use super::papers::{birth, house, pension};
use super::people::{Resident, Tokens, id_number, minghe, qiuyan, yingying};
use super::served::{Run, files};
use crate::world::papers::png;
use crate::world::people::fresh_key;

pub const PHOTO: &[u8] = b"canary-bytes-within-a-photograph-30917";

/// A picture with a comment in it.
fn photo(number: u8) -> Vec<u8> {
    let mut file = png(number);
    let end = file.len() - 12;
    let comment = [&u32::try_from(PHOTO.len()).unwrap().to_be_bytes()[..], b"tEXt", PHOTO, b"CRC4"].concat();
    file.splice(end..end, comment);
    file
}

fn filing(form: &Value, submit: bool) -> Value {
    json!({"region": GRID, "submit": submit, "form": form})
}

fn slip(run: &Run, case: &Value) -> Value {
    run.hide("query code", case["query_code"].as_str().unwrap());
    json!({"receipt_no": case["receipt_no"], "query_code": case["query_code"]})
}

/// Says who she is, whom she files for, lets WeChat vouch for her telephone, and is seen in person.
async fn moves_in(run: &Run, resident: &Resident, clerk: &Line<'_>) -> Tokens {
    resident.hidden(run);
    run.weixin.steer("users", json!({"openid": resident.openid, "phone": resident.verified})).await;
    let tokens = resident.signs_in(run).await;
    let line = tokens.line(run);
    line.put("/v1/me/identity", &resident.identity()).await.expect(204);
    let code = run.weixin.phone(resident.openid).await;
    run.hide("WeChat code", &code);
    line.put("/v1/me/phone", &json!({"code": code})).await.expect(200);
    let shown = line.post("/v1/me/binding-code", &json!({})).await.expect(201);
    run.hide("binding code", shown["code"].as_str().unwrap());
    let seen = json!({
        "code": shown["code"], "name": resident.name, "id_number": resident.id_number, "document": "id_card",
    });
    clerk.post("/v1/verifications", &seen).await.expect(201);
    line.get("/v1/me/verifications").await.expect(200);
    let (id, name) = (id_number((2019, 2, 11), 100 + u16::from(resident.phone.as_bytes()[9])), "雏雀待哺");
    run.hide("ID number", &id);
    run.hide("name", name);
    let member = json!({"name": name, "id_number": id, "phone": resident.phone, "relation": "grandchild"});
    line.put("/v1/me/household", &json!({"members": [member]})).await.expect(204);
    for path in ["/v1/me", "/v1/me/household", "/v1/me/sessions"] {
        line.get(path).await.expect(200);
    }
    tokens
}

/// A birth: drafted, continued, filed, corrected, decided and handed over.
async fn registers(run: &Run, mother: &Line<'_>, form: &Value, clerk: &Line<'_>) -> Value {
    let mut half = form.clone();
    half.as_object_mut().unwrap().remove("pregnancy");
    let draft = mother.post("/v1/applications", &filing(&half, false)).await.expect(201);
    let path = format!("/v1/applications/{}", draft["id"].as_str().unwrap());
    let saved = mother.asks("PUT", &path, &[("if-match", "\"0\"")], Some(&json!({"form": form}))).await;
    assert!(saved.status == 200 || saved.status == 412, "{}", saved.text);
    if saved.status == 412 {
        mother.asks("PUT", &path, &[("if-match", "\"1\"")], Some(&json!({"form": form}))).await.expect(200);
    }
    run.hide("file name", "雀巢合影-金雀莺莺.png");
    mother.uploads(&draft, "id_cards", "雀巢合影-金雀莺莺.png", photo(61)).await.expect(201);
    let case = mother.does(&draft, &json!({"action": "submit"})).await;
    let how = "请补雀巢里户口簿第四页";
    run.hide("words", how);
    let gaps = json!([{"about": "household_books", "how": how}]);
    clerk.does(&case, &json!({"action": "ask_to_correct", "gaps": gaps})).await;
    let books = mother.uploads(&case, "household_books", "雀巢户口簿.png", photo(62)).await.expect(201);
    mother.does(&case, &json!({"action": "correct", "form": form})).await;
    clerk.does(&case, &json!({"action": "accept"})).await;
    let path = format!("/v1/materials/{}", books["id"].as_str().unwrap());
    assert_eq!(clerk.get(&path).await.status, 200);
    clerk.does(&case, &json!({"action": "approve", "reason": how})).await;
    run.hide("name in a form", "雀代领人");
    clerk.does(&case, &json!({"action": "deliver", "method": "counter", "receiver": "雀代领人"})).await;
    clerk.does(&case, &json!({"action": "close"})).await
}

/// A pension year: filed, accepted, paid wrongly at the counter and rightly online.
async fn pays(run: &Run, payer: &Line<'_>, form: &Value, clerk: &Line<'_>) {
    let case = payer.post("/v1/applications", &filing(form, true)).await.expect(201);
    supplies(payer, &case).await;
    clerk.does(&case, &json!({"action": "accept"})).await;
    let path = format!("/v1/applications/{}/payment-orders", case["id"].as_str().unwrap());
    let orders = payer.get(&path).await.expect(200);
    let order = format!("/v1/payment-orders/{}", orders[0]["id"].as_str().unwrap());
    run.hide("name in a form", "鹤代缴人");
    let money = json!({
        "amount_fen": 1, "method": "card", "voucher_no": "POS-CANARY-1", "payer": "鹤代缴人",
        "paid_at": chrono::Utc::now().to_rfc3339(),
    });
    clerk.post(&format!("{order}/postings"), &money).await.expect(201);
    payer.post(&format!("{order}/begin"), &json!({})).await.expect(200);
    payer.post(&format!("{order}/local-wallet"), &json!({})).await.expect(200);
    clerk.does(&case, &json!({"action": "approve"})).await;
}

/// A house: filed with its papers and accepted.
async fn rebuilds(run: &Run, head: &Line<'_>, (who, place): (&Resident, &str), clerk: &Line<'_>) -> Value {
    let mut form = house(run, who);
    form["homesteads"][0]["location"] = place.into();
    let case = head.post("/v1/applications", &filing(&form, true)).await.expect(201);
    supplies(head, &case).await;
    clerk.does(&case, &json!({"action": "accept"})).await
}

/// Every paper that is required.
async fn supplies(line: &Line<'_>, case: &Value) {
    let required =
        case["checklist"].as_array().unwrap().iter().filter(|line| line["necessity"] == "required");
    for requirement in required {
        line.uploads(case, requirement["code"].as_str().unwrap(), "a.png", photo(63)).await.expect(201);
    }
}

/// The same once more at the counter: refused, looked at side by side, and taken back.
async fn looks_twice(clerk: &Line<'_>, who: &Resident, form: &Value, closed: &Value) {
    let mut body = filing(form, true);
    body["applicant"] = who.applicant();
    clerk.post("/v1/applications", &body).await.expect(409);
    body["submit"] = false.into();
    let draft = clerk.post("/v1/applications", &body).await.expect(201);
    let path = format!("/v1/applications/{}/duplicates", draft["id"].as_str().unwrap());
    clerk.get(&path).await.expect(200);
    let same = json!({"verdict": "same", "reason": "已办结"});
    clerk.post(&format!("{path}/{}", closed["id"].as_str().unwrap()), &same).await.expect(200);
}

/// At the door of somebody who has no WeChat: plan, mandate, filing, and the slip that she binds later.
async fn at_the_door(run: &Run, staff: &Staff, who: &Resident, form: &Value) -> Value {
    let worker = staff.worker.line(run);
    run.hide("name in a form", "雁见证人");
    let on = (chrono::Utc::now() + chrono::Duration::days(1)).date_naive().to_string();
    let plan = json!({
        "region": GRID, "address": who.address, "latitude": 24.731_587, "longitude": 118.552_694, "on": on,
        "purpose": "service",
    });
    let plan = worker.post("/v1/visit-plans", &plan).await.expect(201);
    staff.supervisor.line(run).get("/v1/visit-plans").await.expect(200);
    let visit = json!({
        "region": GRID, "address": who.address, "latitude": 24.731_587, "longitude": 118.552_694,
        "plan": plan["id"],
        "mandate": {
            "principal_name": who.name, "principal_id_number": who.id_number, "matters": ["birth_registration"],
            "valid_until": "2099-12-31", "evidence": "fingerprint", "witness_name": "雁见证人",
        },
    });
    run.hide("place", "24.731587");
    run.hide("place", "118.552694");
    let visit = worker.post("/v1/visits", &visit).await.expect(201);
    worker.get("/v1/visits").await.expect(200);
    says_yes(run, &worker, who, visit["id"].as_str().unwrap()).await;
    let mut body = filing(form, true);
    body["applicant"] = who.applicant();
    body["visit"] = visit["id"].clone();
    worker.post("/v1/applications", &body).await.expect(201)
}

/// A code by telephone, told wrong and right; a ticket nobody scans.
async fn says_yes(run: &Run, worker: &Line<'_>, who: &Resident, visit: &str) {
    let path = |what: &str| format!("/v1/visits/{visit}/{what}");
    let shown = worker.post(&path("confirmation-tickets"), &json!({})).await.expect(201);
    run.hide("ticket", shown["ticket"].as_str().unwrap());
    worker.post("/v1/credential-checks", &json!({"token": shown["ticket"]})).await.expect(404);
    let asked = json!({
        "phone": who.phone, "principal_name": who.name, "principal_id_number": who.id_number,
        "matters": ["birth_registration"],
    });
    worker.post(&path("confirmation-codes"), &asked).await.expect(201);
    let text = files(&run.data().join("sms")).pop().unwrap();
    let text: Value = serde_json::from_slice(&std::fs::read(text).unwrap()).unwrap();
    let code: String =
        text["text"].as_str().unwrap().split("确认码 ").nth(1).unwrap().chars().take(6).collect();
    // Six digits are found everywhere; with what stands around them where they are told, they are not.
    run.hide("confirmation code", format!("确认码 {code}"));
    run.hide("confirmation code", json!({"code": code}).to_string());
    run.hide("confirmation code", format!("{visit}:{code}"));
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    worker.post(&path("confirmations"), &json!({"code": wrong})).await.expect(422);
    worker.post(&path("confirmations"), &json!({"code": code})).await.expect(200);
}

/// Everything a resident can do; the cases that are left at the end.
pub async fn lives(run: &Run, staff: &Staff) -> Vec<Value> {
    let (one, two, three) = (yingying(), minghe(), qiuyan());
    let clerk = staff.clerk.line(run);
    let (first, second) = (moves_in(run, &one, &clerk).await, moves_in(run, &two, &clerk).await);
    let mother = first.line(run);
    let father = (&*id_number((1989, 7, 23), 613), &*id_number((1990, 1, 9), 571));
    let form = birth(run, &one, ("云雀登高", father.0, "雀小啼鸣"));
    let closed = registers(run, &mother, &form, &clerk).await;
    pays(run, &second.line(run), &pension(run, &two, "6222029175306248817"), &clerk).await;

    let rebuilt = rebuilds(run, &mother, (&one, "灵水社区东区20号"), &clerk).await;
    let waiting = rebuilds(run, &mother, (&one, "灵水社区东区22号"), &clerk).await;
    looks_twice(&clerk, &one, &form, &closed).await;
    let departments =
        json!({"action": "transfer", "departments": ["agriculture", "natural_resources", "housing"]});
    clerk.does(&rebuilt, &departments).await;
    super::offices::departments(run, staff, &rebuilt, &second.line(run)).await;

    let form = birth(run, &three, ("归雁北去", father.1, "雁小归南"));
    let visited = at_the_door(run, staff, &three, &form).await;
    let shown = slip(run, &visited);
    Line { run, token: None }.post("/v1/progress", &shown).await.expect(200);
    super::along::takes_along(run, staff, &three).await;
    let third = moves_in(run, &three, &clerk).await;
    third.line(run).put("/v1/me/applications", &shown).await.expect(200);
    let gaps =
        json!({"action": "ask_to_correct", "gaps": [{"about": "household_books", "how": "请补户口簿"}]});
    clerk.does(&visited, &gaps).await;
    third.line(run).does(&visited, &json!({"action": "correct"})).await;
    for words in [one.name, &one.id_number, rebuilt["receipt_no"].as_str().unwrap()] {
        clerk.post("/v1/applications/search", &json!({"text": words})).await.expect(200);
    }
    clerk.post("/v1/queue/claim", &json!({})).await.expect(200);
    for line in [&mother, &clerk] {
        line.get("/v1/me/notices?limit=100").await.expect(200);
        line.get(&format!("/v1/applications/{}/events", closed["id"].as_str().unwrap())).await.expect(200);
        line.get("/v1/applications?limit=100").await.expect(200);
    }
    let check =
        json!({"applicant": one.applicant(), "form": birth(run, &one, ("云雀登高", father.0, "雀小啼鸣"))});
    Line { run, token: None }.post("/v1/services/birth_registration/check", &check).await.expect(200);
    comes_and_goes(run, &two, &second).await;
    vec![closed, rebuilt, visited, waiting]
}

/// Sessions are refreshed, copied and ended.
async fn comes_and_goes(run: &Run, who: &Resident, tokens: &Tokens) {
    let nobody = Line { run, token: None };
    let refresh = |token: &str| json!({"kind": "refresh", "refresh_token": token});
    let next = Tokens::of(run, &refresh(&tokens.refresh)).await;
    let last = Tokens::of(run, &refresh(&next.refresh)).await;
    // The one before the last is a copy in somebody else's hands: the session ends.
    nobody.post("/v1/sessions", &refresh(&tokens.refresh)).await.expect(401);
    nobody.post("/v1/sessions", &refresh(&last.refresh)).await.expect(401);
    let other = who.signs_in(run).await;
    other
        .line(run)
        .asks("DELETE", "/v1/sessions/current", &[("idempotency-key", &fresh_key())], None)
        .await
        .expect(204);
}
