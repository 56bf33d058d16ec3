//! Everything a client can do wrong, with personal data in the wrong place: one of each kind of refusal. A problem
//! says what is wrong and never repeats what was sent.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::line::Line;
use super::offices::Staff;
use super::people::{Resident, Tokens, minghe, yingying};
use super::served::Run;
use crate::world::people::fresh_key;
use crate::world::{LINGSHUI, LINKOU};

/// Bodies with a canary in every place that takes a text, a number, a list or an object.
fn garbled(good: &Value, canary: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    let mut at = vec![String::new()];
    while let Some(pointer) = at.pop() {
        let below = good.pointer(&pointer).unwrap();
        match below {
            Value::Object(object) => at.extend(object.keys().map(|key| format!("{pointer}/{key}"))),
            Value::Array(items) => at.extend((0..items.len()).map(|index| format!("{pointer}/{index}"))),
            _ => {}
        }
        let mut bad = good.clone();
        *bad.pointer_mut(&pointer).unwrap() = canary.clone();
        found.push(bad);
        if below.is_object() {
            let mut bad = good.clone();
            bad.pointer_mut(&pointer).unwrap()["surprise"] = canary.clone();
            found.push(bad);
        }
    }
    found
}

/// Every field of a body, wrong in four ways, to the operations that take it.
async fn wrong_fields(run: &Run, staff: &Staff, resident: &Line<'_>, one: &Resident, form: &Value) {
    let number: u64 = one.phone.parse().unwrap();
    let ill = format!("{}#", one.id_number);
    let (by, worker, clerk) = (staff.security.line(run), staff.worker.line(run), staff.clerk.line(run));
    let nobody = Line { run, token: None };
    let staff_in = json!({"username": "x1", "name": "某", "email": "x@mail.example", "duties": [{"role": "clerk", "region": LINKOU}]});
    let visit = json!({
        "region": LINKOU, "address": "某处", "latitude": 24.7, "longitude": 118.5, "mandate": {
            "principal_name": one.name, "principal_id_number": one.id_number, "matters": ["birth_registration"],
            "valid_until": "2099-12-31", "evidence": "signature", "witness_name": one.name,
        },
    });
    let filing = json!({"region": LINGSHUI, "submit": true, "applicant": one.applicant(), "form": form});
    let household = json!({"members": [{"name": one.name, "id_number": one.id_number, "phone": one.phone, "relation": "child"}]});
    for canary in [json!(ill), json!(number), json!([one.name]), json!({"surprise": one.address})] {
        for body in garbled(&one.identity(), &canary) {
            resident.put("/v1/me/identity", &body).await;
        }
        for body in garbled(&household, &canary) {
            resident.put("/v1/me/household", &body).await;
        }
        for body in garbled(&filing, &canary) {
            clerk.post("/v1/applications", &body).await;
        }
        for body in garbled(&visit, &canary) {
            worker.post("/v1/visits", &body).await;
        }
        // A name of staff is readable by design, so an ID number in its place would be too.
        for body in garbled(&staff_in, &canary).iter().filter(|_| !canary.is_string()) {
            by.post("/v1/staff", body).await;
        }
        for body in garbled(&json!({"applicant": one.applicant(), "form": form}), &canary) {
            nobody.post("/v1/services/birth_registration/check", &body).await;
        }
        for path in ["/v1/applications/search", "/v1/queue/claim", "/v1/me/phone", "/v1/me/applications"] {
            let good = json!({"text": "x", "service": "x", "status": "draft", "code": "x", "receipt_no": "x", "query_code": "x"});
            for body in garbled(&good, &canary) {
                let line = if path.contains("/me/") { resident } else { &clerk };
                line.asks(if path.contains("/me/") { "PUT" } else { "POST" }, path, &[], Some(&body)).await;
            }
        }
    }
}

/// Actions that do not fit, each with a canary in its words.
async fn wrong_actions(run: &Run, staff: &Staff, resident: &Line<'_>, one: &Resident, cases: &[Value]) {
    let clerk = staff.clerk.line(run);
    let official = staff.officials[0].line(run);
    let words = [one.name, &one.id_number, one.phone, one.address];
    for case in cases {
        for word in words {
            for action in [
                json!({"action": "transfer", "departments": [word], "note": word}),
                json!({"action": "ask_to_correct", "gaps": [{"about": "id_cards", "how": ""}, {"about": word, "how": 7}]}),
                json!({"action": "ask_to_correct", "gaps": [{"about": word, "how": word}]}),
                json!({"action": "check_materials", "verdicts": [{"material": word, "verdict": "qualified", "remark": word}]}),
                json!({"action": "accept_with_promise", "materials": [word], "within_working_days": 3}),
                json!({"action": "fulfil_promise", "material": word}),
                json!({"action": "deliver", "method": word, "receiver": word}),
                json!({"action": "resolve_objection", "index": 77, "upheld": true, "explanation": word}),
                json!({"action": word}),
            ] {
                for line in [&clerk, &official, resident] {
                    line.tries(case, &action).await;
                }
            }
        }
        let path = format!("/v1/applications/{}/actions", case["id"].as_str().unwrap());
        let act = json!({"action": "withdraw", "reason": one.address});
        for headers in [&[][..], &[("if-match", "\"999\"")], &[("if-match", one.phone)]] {
            let key = fresh_key();
            let headers: Vec<(&str, &str)> =
                headers.iter().copied().chain([("idempotency-key", &*key)]).collect();
            clerk.asks("POST", &path, &headers, Some(&act)).await;
        }
        let long = one.id_number.repeat(20);
        clerk.asks("POST", &path, &[("if-match", "\"1\""), ("idempotency-key", &long)], Some(&act)).await;
        resident.uploads(case, &one.id_number, one.name, one.address.as_bytes().to_vec()).await;
        for action in [
            json!({"action": "approve", "reason": one.id_number}),
            json!({"action": "reject", "reason": one.address, "basis": one.phone}),
            json!({"action": "decline", "reason": one.address, "basis": one.name, "right_office": one.phone}),
            json!({"action": "withdraw", "reason": one.id_number}),
        ] {
            for line in [&clerk, &official, resident] {
                line.tries(case, &action).await;
            }
        }
        resident.uploads(case, "id_cards", one.name, b"\x89PNG\r\n\x1A\n broken".to_vec()).await;
    }
}

/// Which refusals there have to be, and were.
const EXPECTED: [u16; 14] = [400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 422, 428, 429, 431];

/// Does everything wrong.
pub async fn makes(run: &Run, staff: &Staff, cases: &[Value], form: &Value) {
    let (one, two) = (yingying(), minghe());
    let tokens: Tokens = one.signs_in(run).await;
    let resident = tokens.line(run);
    wrong_fields(run, staff, &resident, &one, form).await;
    wrong_actions(run, staff, &resident, &one, cases).await;
    super::slips::makes(run, staff, &resident, &one, &two, &cases[2]).await;
    let told: BTreeSet<u16> = run.exchanges.lock().unwrap().iter().map(|exchange| exchange.status).collect();
    for status in EXPECTED {
        assert!(told.contains(&status), "no {status} among {told:?}");
    }
}
