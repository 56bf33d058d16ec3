//! What devices send that cannot be, or that is late: each gets its verdict, and nothing is dropped.

use chrono::Duration;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use yichuang::domain::lifecycle::Role;

use super::{GRID, Phone, XIUYING};
use crate::story;
use crate::world::STREET;
use crate::world::papers::png;

fn codes(answer: &Value) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of = |verdict: &Value| (word(&verdict["verdict"]), word(&verdict["obstacle"]["code"]));
    answer["verdicts"].as_array().unwrap().iter().map(of).collect()
}

story!(each_bad_operation_has_its_verdict_and_spoils_no_other, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let mut phone = Phone::new(&worker).await;
    let visit = phone.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = phone.drafts(visit, XIUYING, &world.form("birth_registration"));
    phone.syncs().await;
    let (at, device) = ("2026-11-23T09:00:00+08:00", phone.outbox.device());
    let one = |deed: Value| json!({"id": phone.new_id(), "sequence": 5, "at": at, "deed": deed});
    let edit = |now: Value| {
        let change = json!({"pointer": "/mother/name", "was": "林秀英", "now": now});
        json!({"kind": "edit_draft", "application": draft, "changes": [change]})
    };
    let mut future = one(edit(json!("林")));
    future["base"] = json!(99);
    let mut foreign = phone.outbox.all()[1].operation.clone();
    foreign["id"] = json!(phone.new_id());
    foreign["deed"]["application"] = json!(phone.new_id());
    foreign["deed"]["region"] = json!("350582006007001");
    let mut outdated = phone.outbox.all()[1].operation.clone();
    outdated["id"] = json!(phone.new_id());
    outdated["deed"]["application"] = json!(phone.new_id());
    outdated["deed"]["form_version"] = json!(3);
    let mut reused = phone.outbox.all()[1].operation.clone();
    reused["deed"]["form"] = json!({});
    let mut newer = one(json!({"kind": "submit", "application": draft}));
    newer["mood"] = json!("good");
    let batch = json!({"device": device, "sent_at": at, "operations": [
        json!("x"), json!({}), json!({"id": "nonsense"}),
        one(json!({"kind": "fly"})),
        one(json!({"kind": "submit", "application": phone.new_id()})),
        one(edit(Value::Null)).as_object().map(|o| { let mut o = o.clone(); o["deed"]["changes"][0]["pointer"] = json!("/children/99/name"); Value::from(o) }),
        future, foreign, outdated, reused, newer,
        one(json!({"kind": "attach", "attachment": phone.new_id(), "application": draft, "material": "household_books",
                   "file_name": "大.jpg", "sha256": "1".repeat(64), "size": 200_000_000})),
    ]});
    let told = phone.sends(&batch).await.expect(200);
    let quarantined = |code: &str| ("quarantined".to_owned(), code.to_owned());
    assert_eq!(
        codes(&told),
        [
            quarantined("fields_invalid"),
            quarantined("fields_invalid"),
            quarantined("fields_invalid"),
            quarantined("fields_invalid"),
            quarantined("not_found"),
            quarantined("fields_invalid"),
            quarantined("base_from_future"),
            quarantined("not_permitted"),
            quarantined("form_outdated"),
            quarantined("operation_id_reused"),
            ("applied".to_owned(), String::new()),
            quarantined("file_too_large"),
        ],
        "{told:#}"
    );
    for verdict in told["verdicts"].as_array().unwrap() {
        assert!(verdict["text"]["zh"].as_str().is_some_and(|text| !text.is_empty()));
        assert_eq!(verdict["remedy"].is_null(), verdict["verdict"] == "applied");
    }
    assert_eq!(told["gaps"], json!([[3, 4]]), "two were made, the fifth has come");
    let again = phone.sends(&batch).await.expect(200);
    assert!(again["verdicts"].as_array().unwrap().iter().all(|v| v["verdict"] == "duplicate"), "{again}");
    // A person can look at all of it.
    let own = worker.get("/v1/field/box").await.expect(200);
    assert_eq!(own.as_array().unwrap().len(), 11, "{own:#}");
    // The whole batch: too many, no device, somebody else's device.
    let many = json!({"device": device, "sent_at": at, "operations": vec![json!({}); 100_000]});
    let refused = phone.sends(&many).await;
    assert_eq!(refused.status, 413);
    let stranger = world.grid_worker("wang", GRID).await;
    let mut theirs = Phone::new(&stranger).await;
    theirs.outbox = yichuang::field_client::Outbox::in_memory(device);
    theirs.sends(&batch).await.refused(422, "fields_invalid");
    let clerk = world.clerk("li", "350582006001").await;
    clerk.post_with("/v1/sync", &[], &batch).await.refused(403, "not_permitted");
});

story!(what_is_wrong_around_the_operations_is_wrong_with_all_of_them, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let mut phone = Phone::new(&worker).await;
    phone.visits("中区1号", XIUYING, &["birth_registration"]);
    let visit = phone.outbox.all()[0].operation.clone();
    let (device, at) = (phone.outbox.device(), "2026-11-23T09:00:00+08:00");
    let with = |operations: &str| {
        format!(r#" {{"sent_at": "{at}", "device": "{device}", "operations": [{operations}]}}"#)
    };
    let and = |more: &str| with("").replacen('{', &format!(r#"{{"mood": {more}, "#), 1);
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for (text, status, code) in [
        (with("1,"), 400, "malformed_json"),
        (with(r#"{"sequence": 1e999}"#), 400, "malformed_json"),
        (with(r#""\ud800""#), 400, "malformed_json"),
        (with(&deep), 400, "malformed_json"),
        (with(r#""a\u0000b""#), 422, "fields_invalid"),
        (with("").replace("operations", "works"), 422, "fields_invalid"),
        (with("").replace('[', "{").replace(']', "}"), 422, "fields_invalid"),
        (with("").replace(at, "yesterday"), 422, "fields_invalid"),
        (with("").replace(&device.to_string(), &device.simple().to_string()), 422, "fields_invalid"),
        (and("1e999"), 400, "malformed_json"),
        (and(r#""\ud800""#), 400, "malformed_json"),
        (and(&deep), 400, "malformed_json"),
        (and(r#""\u0000""#), 422, "fields_invalid"),
        ("[]".to_owned(), 422, "fields_invalid"),
        (format!(r#"["{device}", "{at}", []]"#), 422, "fields_invalid"),
    ] {
        phone.sends_text(&text).await.refused(status, code);
    }
    let all = phone.sends_text("{}").await.refused(422, "fields_invalid");
    assert_eq!(all["errors"].as_array().map(Vec::len), Some(3), "{all:#}");
    // A newer app may say more.
    assert_eq!(phone.sends_text(&and(r#""good""#)).await.expect(200)["verdicts"], json!([]));
    // However it is written, it is the same; what is said twice counts as it is said last.
    let told = phone.sends_text(&with(&format!("{visit:#}"))).await.expect(200);
    assert_eq!(codes(&told), [("applied".to_owned(), String::new())]);
    let twice = with(&visit.to_string()).replacen('{', r#"{"operations": 7, "#, 1);
    assert_eq!(phone.sends_text(&twice).await.expect(200)["verdicts"][0]["verdict"], "duplicate");
});

story!(clocks_that_are_off_lose_nothing, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let phone = Phone::new(&worker).await;
    let now = world.office().now();
    let device = phone.outbox.device();
    for (case, (told, sent, clock)) in [
        (now - Duration::hours(2), now, "right"),
        (now + Duration::days(800), now + Duration::days(800), "put_right"),
        (now - Duration::days(800), now - Duration::days(800), "put_right"),
        (now - Duration::days(800), now, "unreliable"),
        (now + Duration::days(800), now, "unreliable"),
    ]
    .into_iter()
    .enumerate()
    {
        let visit = phone.new_id();
        let at = |back: i64| (told - Duration::minutes(back)).to_rfc3339();
        let begin = json!({"id": phone.new_id(), "sequence": case * 2 + 1, "at": at(30), "deed": {
            "kind": "start_visit", "visit": visit, "region": GRID, "address": "中区1号", "latitude": 24.7, "longitude": 118.5,
        }});
        // The clock ran backwards before the end.
        let end = json!({"id": phone.new_id(), "sequence": case * 2 + 2, "at": at(50), "after": [begin["id"]],
            "deed": {"kind": "end_visit", "visit": visit, "outcome": "home"}});
        let batch = json!({"device": device, "sent_at": sent.to_rfc3339(), "operations": [begin, end]});
        let told = phone.sends(&batch).await.expect(200);
        for verdict in told["verdicts"].as_array().unwrap() {
            assert_eq!(
                (&verdict["verdict"], &verdict["clock"]),
                (&json!("applied"), &json!(clock)),
                "{told}"
            );
        }
    }
});

story!(a_grid_that_was_lost_and_a_telephone_that_was_lost, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let mut phone = Phone::new(&worker).await;
    let visit = phone.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = phone.drafts(visit, XIUYING, &world.form("birth_registration"));
    let id = worker.get("/v1/me").await.expect(200)["id"].as_str().unwrap().to_owned();
    let security = world.staff("security", "安全员", Role::SecurityAdministrator, STREET, None).await;
    let duties = json!({"duties": [{"role": "grid_worker", "region": "350582006001002"}]});
    security.put(&format!("/v1/staff/{id}/duties"), None, &duties).await.expect(200);
    phone.worker = worker.comes_back().await;
    phone.syncs().await;
    for one in phone.outbox.all() {
        let verdict = one.verdict.as_ref().unwrap();
        assert_eq!(verdict["verdict"], "held", "{verdict}");
    }
    assert_eq!(phone.verdict(phone.outbox.all()[0].id)["obstacle"]["code"], "handed_over");
    phone.worker.get(&format!("/v1/applications/{draft}")).await.refused(404, "not_found");
    let device = phone.outbox.device();
    phone.worker.post(&format!("/v1/devices/{device}/ending"), &json!({"why": "lost"})).await.expect(200);
    let late = phone.submits(draft);
    phone.syncs().await;
    assert_eq!(phone.verdict(late)["obstacle"]["code"], "device_revoked");
});

story!(a_mandate_counts_as_of_the_day_at_the_door, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let mut phone = Phone::new(&worker).await;
    let visit = phone.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = phone.drafts(visit, XIUYING, &world.form("birth_registration"));
    let filed = phone.submits(draft);
    // Two months later the telephone finds a network; the mandate has ended on the last day of the year.
    world.later(Duration::days(60));
    let late = phone.drafts(visit, XIUYING, &world.form("birth_registration"));
    phone.worker = phone.worker.comes_back().await;
    phone.syncs().await;
    assert_eq!(phone.verdict(filed)["verdict"], "applied", "{}", phone.verdict(filed));
    let receipt = phone.verdict(filed)["outcome"]["receipt_no"].as_str().unwrap().to_owned();
    assert!(receipt.contains("-20270122-"), "received when it came: {receipt}");
    let late =
        phone.outbox.all().iter().find(|one| one.operation["deed"]["application"] == json!(late)).unwrap();
    assert_eq!(late.verdict.as_ref().unwrap()["obstacle"]["code"], "mandate_ended");
});

story!(a_draft_waits_for_the_mandate_it_was_made_under, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let mut phone = Phone::new(&worker).await;
    let visit = phone.new_id();
    phone.does(json!({"kind": "start_visit", "visit": visit, "region": GRID, "address": "中区1号",
        "latitude": 24.7, "longitude": 118.5}));
    phone.does(json!({"kind": "record_mandate", "visit": visit, "mandate": {
        "principal_name": XIUYING.0, "principal_id_number": XIUYING.1, "evidence": "signature",
        "matters": ["birth_registration"], "valid_until": "2026-12-31"}}));
    phone.drafts(visit, XIUYING, &world.form("birth_registration"));
    // The mandate comes last.
    let mut batch = phone.outbox.batch(world.office().now(), 100).unwrap();
    let late = batch["operations"].as_array_mut().unwrap().remove(1);
    let told = phone.sends(&batch).await.expect(200);
    assert_eq!(
        (&told["verdicts"][0]["verdict"], &told["verdicts"][1]["verdict"]),
        (&json!("applied"), &json!("held"))
    );
    batch["operations"] = json!([late]);
    let told = phone.sends(&batch).await.expect(200);
    assert_eq!(
        (&told["verdicts"][0]["verdict"], &told["released"][0]["verdict"]),
        (&json!("applied"), &json!("applied"))
    );
});

story!(a_photograph_comes_in_pieces_in_any_order_before_or_after_its_record, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let mut phone = Phone::new(&worker).await;
    let visit = phone.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = phone.drafts(visit, XIUYING, &world.form("birth_registration"));
    let photo = png(7);
    let mut large = b"%PDF-1.7\n".to_vec();
    large.resize(600_000, b'x');
    large.extend(b"\n%%EOF\n");
    let hash = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect::<String>();
    let attach = |phone: &mut Phone, bytes: &[u8]| {
        let attachment = phone.new_id();
        phone.does(json!({"kind": "attach", "attachment": attachment, "application": draft, "material": "household_books",
            "file_name": "户口簿", "sha256": hash(bytes), "size": bytes.len()}))
    };
    // Before its record: kept.
    let sent = phone.sends_piece(&hash(&photo), 0, photo.len(), photo.clone()).await.expect(200);
    assert_eq!(sent["complete"], true);
    attach(&mut phone, &photo);
    attach(&mut phone, &large);
    phone.submits(draft);
    phone.syncs().await;
    let files = async || {
        worker.get(&format!("/v1/applications/{draft}/materials")).await.expect(200).as_array().unwrap().len()
    };
    assert_eq!(files().await, 1, "filed, one picture still on its way");
    // After it, backwards, one piece twice.
    let pieces: Vec<&[u8]> = large.chunks(262_144).collect();
    for index in [2, 1, 1] {
        let told = phone
            .sends_piece(&hash(&large), index, large.len(), pieces[index as usize].to_vec())
            .await
            .expect(200);
        assert_eq!(told["complete"], false);
    }
    let there = worker.get(&format!("/v1/uploads/{}", hash(&large))).await.expect(200);
    assert_eq!(there["pieces"], json!([1, 2]));
    // Bytes that are not those: all of it again.
    let mut wrong = pieces[0].to_vec();
    wrong[100] ^= 1;
    phone.sends_piece(&hash(&large), 0, large.len(), wrong).await.refused(422, "hash_mismatch");
    assert_eq!(files().await, 1);
    for (index, piece) in pieces.iter().enumerate() {
        phone
            .sends_piece(&hash(&large), u32::try_from(index).unwrap(), large.len(), piece.to_vec())
            .await
            .expect(200);
    }
    assert_eq!(files().await, 2);
    phone.sends_piece(&hash(&large), 0, 200_000_000, vec![0; 262_144]).await.refused(422, "file_too_large");
    phone.sends_piece(&hash(&large), 9, large.len(), vec![0; 10]).await.refused(422, "piece_unfit");
    phone.sends_piece("nonsense", 0, 10, vec![0; 10]).await.refused(422, "hash_malformed");
    assert_eq!(phone.sends_piece(&hash(b"x"), 0, 300_000, vec![0; 262_145]).await.status, 413);
});
