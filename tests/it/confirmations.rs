//! A filing confirmed at the door: recorded on paper, by a code on a telephone, by the principal's own account.

use chrono::Duration;
use serde_json::{Value, json};

mod scanning;

use crate::story;
use crate::world::World;
use crate::world::people::{Answer, Person, fresh_key};

const GRID: &str = "350582006001001";
const XIUYING: &str = "350582199412150025";

fn mandate() -> Value {
    json!({
        "principal_name": "林秀英", "principal_id_number": XIUYING, "evidence": "signature",
        "matters": ["birth_registration", "medical_insurance"], "valid_until": "2026-12-01",
    })
}

fn asking() -> Value {
    json!({
        "phone": "13805950001", "principal_name": "林秀英", "principal_id_number": XIUYING,
        "matters": ["medical_insurance", "birth_registration"],
    })
}

fn with(mut value: Value, key: &str, new: Value) -> Value {
    value[key] = new;
    value
}

async fn at(visit: &str, worker: &Person, what: &str, body: &Value) -> Answer {
    worker.post(&format!("/v1/visits/{visit}/{what}"), body).await
}

/// The texts sent so far, the latest last where time went by between them.
fn texts(world: &World) -> Vec<Value> {
    let Ok(folder) = std::fs::read_dir(world.folder().join("sms")) else { return Vec::new() };
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()).collect()
}

fn code_in(text: &Value) -> String {
    let text = text["text"].as_str().unwrap();
    let digits: Vec<char> = text.split("确认码 ").nth(1).unwrap().chars().take(6).collect();
    digits.into_iter().collect()
}

/// A code that it is not.
fn not(code: &str) -> Value {
    json!({"code": format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)})
}

async fn kept(worker: &Person, visit: &str) -> Value {
    let visits = worker.get("/v1/visits").await.expect(200);
    let found = visits.as_array().unwrap().iter().find(|line| line["id"] == visit).unwrap();
    json!([found["mandate"]["evidence"], found["mandate_level"]])
}

story!(a_mandate_is_recorded_while_somebody_stands_there, world, {
    let (worker, colleague) = (world.grid_worker("chen", GRID).await, world.grid_worker("wang", GRID).await);
    let visit = worker.visits(GRID, None).await;
    let applicant = json!({"name": "林秀英", "id_number": XIUYING, "phone": "13805950001"});
    let form = world.form("birth_registration");
    worker.submits_for(&applicant, GRID, Some(&visit), &form).await.refused(409, "mandate_missing");
    at(&visit, &colleague, "mandate", &mandate()).await.refused(404, "not_found");

    let hash = "0".repeat(64);
    let unfit = with(with(mandate(), "evidence", json!("recording")), "image_sha256", json!(hash));
    for (wrong, pointer) in [
        (with(mandate(), "evidence", json!("in_app")), "/evidence"),
        (with(mandate(), "evidence", json!("sms_code")), "/evidence"),
        (with(mandate(), "evidence", json!("wechat_scan")), "/evidence"),
        (with(mandate(), "evidence", json!("fingerprint")), "/witness_name"),
        (with(mandate(), "image_sha256", json!("abc")), "/image_sha256"),
        (unfit, "/image_sha256"),
    ] {
        let told = at(&visit, &worker, "mandate", &wrong).await.refused(422, "fields_invalid");
        assert_eq!(told["errors"][0]["pointer"], pointer, "{told}");
    }
    let pressed = with(with(mandate(), "evidence", json!("fingerprint")), "image_sha256", json!(hash));
    let pressed = with(pressed, "witness_name", json!("吴建国"));
    let told = at(&visit, &worker, "mandate", &pressed).await.expect(201);
    assert_eq!((&told["mandate"]["image_sha256"], &told["mandate_level"]), (&json!(hash), &json!(1)));
    at(&visit, &worker, "mandate", &mandate()).await.refused(409, "mandate_recorded");
    worker.submits_for(&applicant, GRID, Some(&visit), &form).await.expect(201);

    world.later(Duration::seconds(1));
    let inline = worker.visits(GRID, Some(&mandate())).await;
    at(&inline, &worker, "mandate", &mandate()).await.refused(409, "mandate_recorded");
    let over = worker.visits(GRID, None).await;
    at(&over, &worker, "outcome", &json!({"outcome": "home"})).await.expect(200);
    at(&over, &worker, "mandate", &mandate()).await.refused(409, "visit_ended");
    let principal = world.xiuying().await;
    let hers = principal.get("/v1/me/mandates").await.expect(200);
    assert_eq!(hers.as_array().unwrap().len(), 2);
    assert_eq!((&hers[0]["evidence"], &hers[0]["evidence_level"]), (&json!("signature"), &json!(1)));
});

story!(a_code_on_the_telephone_says_who_asks_for_what, world, {
    let (worker, colleague) = (world.grid_worker("chen", GRID).await, world.grid_worker("wang", GRID).await);
    let principal = world.xiuying().await;
    let bare = worker.visits(GRID, None).await;
    at(&bare, &worker, "confirmation-codes", &asking()).await.refused(409, "mandate_missing");
    let visit = worker.visits(GRID, Some(&mandate())).await;
    at(&visit, &colleague, "confirmation-codes", &asking()).await.refused(404, "not_found");
    let mut wrong = with(with(asking(), "principal_name", json!("王小明")), "phone", json!("059585661234"));
    wrong["principal_id_number"] = json!("350582199003070016");
    wrong["matters"] = json!(["medical_insurance"]);
    let told = at(&visit, &worker, "confirmation-codes", &wrong).await.refused(422, "fields_invalid");
    assert_eq!(told["errors"].as_array().unwrap().len(), 4, "{told}");
    at(&visit, &worker, "confirmations", &json!({"code": "123456"}))
        .await
        .refused(409, "confirmation_code_missing");
    assert_eq!(texts(&world), [Value::Null; 0], "nothing went out so far");

    let sent = at(&visit, &worker, "confirmation-codes", &asking()).await.expect(201);
    assert_eq!(sent["phone"], "138****0001");
    let text = texts(&world).pop().unwrap();
    assert_eq!(text["phone"], "13805950001");
    for part in ["网格小陈", "生育登记", "医疗保险", "告诉上门的"] {
        assert!(text["text"].as_str().unwrap().contains(part), "{part}: {text}");
    }
    assert!(!text["text"].as_str().unwrap().contains("林秀英"), "{text}");
    let code = code_in(&text);
    let told = at(&visit, &worker, "confirmations", &not(&code)).await.refused(422, "fields_invalid");
    assert_eq!(
        (&told["errors"][0]["code"], &told["tries_left"]),
        (&json!("confirmation_code_wrong"), &json!(4))
    );
    at(&visit, &colleague, "confirmations", &json!({"code": code})).await.refused(404, "not_found");
    assert_eq!(kept(&worker, &visit).await, json!(["signature", 1]));

    // Another code takes the place of the first.
    world.later(Duration::seconds(1));
    at(&visit, &worker, "confirmation-codes", &asking()).await.expect(201);
    let second = code_in(&texts(&world).pop().unwrap());
    if second != code {
        at(&visit, &worker, "confirmations", &json!({"code": code})).await.refused(422, "fields_invalid");
    }
    let key = fresh_key();
    let path = format!("/v1/visits/{visit}/confirmations");
    let again =
        async || worker.post_with(&path, &[("idempotency-key", &key)], &json!({"code": second})).await;
    assert_eq!(again().await.expect(200)["mandate"]["evidence"], "sms_code");
    let replayed = again().await;
    assert_eq!(replayed.headers["idempotency-replayed"], "true");
    replayed.expect(200);
    assert_eq!(kept(&worker, &visit).await, json!(["sms_code", 2]));
    at(&visit, &worker, "confirmations", &json!({"code": second}))
        .await
        .refused(409, "confirmation_code_missing");
    at(&visit, &worker, "confirmation-codes", &asking()).await.refused(409, "confirmed_before");
    assert_eq!(principal.inbox().await[0], "授权已凭短信确认", "whoever's telephone it was");
    let hers = principal.get("/v1/me/mandates").await.expect(200);
    assert_eq!((&hers[0]["evidence"], &hers[0]["evidence_level"]), (&json!("sms_code"), &json!(2)));
});

story!(five_tries_ten_minutes_and_few_texts, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let visit = worker.visits(GRID, Some(&mandate())).await;
    let send = async || {
        world.later(Duration::seconds(1));
        at(&visit, &worker, "confirmation-codes", &asking()).await
    };
    let latest = || code_in(&texts(&world).pop().unwrap());
    send().await.expect(201);
    let code = latest();
    for left in [4, 3, 2, 1, 0] {
        let told = at(&visit, &worker, "confirmations", &not(&code)).await.refused(422, "fields_invalid");
        assert_eq!(told["tries_left"], left);
    }
    at(&visit, &worker, "confirmations", &json!({"code": code}))
        .await
        .refused(409, "confirmation_code_spent");
    assert_eq!(kept(&worker, &visit).await, json!(["signature", 1]), "the right one, but the sixth");
    send().await.expect(201);
    let code = latest();
    let wrong = not(&code);
    let tries = (0..40).map(|_| at(&visit, &worker, "confirmations", &wrong));
    let compared = futures_util::future::join_all(tries).await.into_iter().filter(|told| told.status == 422);
    assert_eq!(compared.count(), 5, "rivals share the five");
    at(&visit, &worker, "confirmations", &json!({"code": code}))
        .await
        .refused(409, "confirmation_code_spent");
    for bad in [json!({"code": "12345"}), json!({"code": "abcdef"}), json!({})] {
        at(&visit, &worker, "confirmations", &bad).await.refused(422, "fields_invalid");
    }
    send().await.expect(201);
    let code = latest();
    world.later(Duration::minutes(10));
    at(&visit, &worker, "confirmations", &json!({"code": code}))
        .await
        .refused(409, "confirmation_code_expired");
    // One telephone is not rung all day, whoever asks, whatever is asked.
    for _ in 0..2 {
        send().await.expect(201);
    }
    send().await.refused(429, "too_many_requests");
    let colleague = world.grid_worker("wang", GRID).await;
    let theirs = colleague.visits(GRID, Some(&mandate())).await;
    at(&theirs, &colleague, "confirmation-codes", &asking()).await.refused(429, "too_many_requests");
    assert_eq!(texts(&world).len(), 5);

    let code = latest();
    at(&visit, &worker, "outcome", &json!({"outcome": "home"})).await.expect(200);
    at(&visit, &worker, "confirmations", &json!({"code": code})).await.refused(409, "visit_ended");
    send().await.refused(409, "visit_ended");
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_has_few_texts_sent_however_many_telephones() {
    let few = [("YICHUANG_LIMITS__CONFIRMATIONS_PER_HOUR", "2")];
    let world = World::with(crate::world::Database::Sqlite, &few).await.unwrap();
    let worker = world.grid_worker("chen", GRID).await;
    let visit = worker.visits(GRID, Some(&mandate())).await;
    for (phone, status) in [("13805950011", 201), ("13805950012", 201), ("13805950013", 429)] {
        let body = with(asking(), "phone", json!(phone));
        at(&visit, &worker, "confirmation-codes", &body).await.expect(status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_telephone_network_no_code_is_promised() {
    let world = World::with(crate::world::Database::Sqlite, &[("YICHUANG_SMS__KIND", "none")]).await.unwrap();
    let worker = world.grid_worker("chen", GRID).await;
    let visit = worker.visits(GRID, Some(&mandate())).await;
    at(&visit, &worker, "confirmation-codes", &asking()).await.refused(409, "sms_not_offered");
    at(&visit, &worker, "confirmation-tickets", &json!({})).await.expect(201);
}
