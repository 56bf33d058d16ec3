//! The same without a network: what was filed meanwhile is told with the verdict, and a person decides.

use serde_json::{Value, json};

use super::{GRID, NAMESAKE, XIUYING, candidates, id, namesakes_form, open};
use crate::story;
use crate::sync::Phone;
use crate::world::LINKOU;

story!(drafted_offline_what_she_filed_by_telephone_it_ends_as_hers, world, {
    let (resident, worker) = (world.xiuying().await, world.grid_worker("chen", GRID).await);
    let mut phone = Phone::new(&worker).await;
    let form = world.form("birth_registration");
    let body = json!({"region": GRID, "submit": true, "form": form});
    let filed = resident.post("/v1/applications", &body).await.expect(201);
    let visit = phone.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = phone.drafts(visit, XIUYING, &form);
    let submit = phone.submits(draft);
    let later = phone.does(json!({
        "kind": "attach", "attachment": phone.new_id(), "application": draft, "material": "household_books",
        "file_name": "户口簿.jpg", "sha256": "0".repeat(64), "size": 1000,
    }));
    phone.syncs().await;
    let is_draft = |one: &&yichuang::field_client::Sent| one.operation["deed"]["kind"] == "create_draft";
    let created = phone.outbox.all().iter().find(is_draft).unwrap().id;
    let early = phone.verdict(created);
    assert_eq!(early["verdict"], "applied");
    assert_eq!(
        early["outcome"]["duplicates"],
        json!([{"id": filed["id"], "receipt_no": filed["receipt_no"]}])
    );
    let conflict = phone.verdict(submit);
    assert_eq!(conflict["verdict"], "conflict", "{conflict}");
    assert_eq!(conflict["obstacle"]["code"], "duplicate_application");
    let other = &conflict["obstacle"]["context"]["duplicates"][0];
    assert_eq!((&other["application"], &other["exact"]), (&filed["id"], &json!(true)), "{conflict}");
    assert_eq!(other["reasons"][0]["code"], "same_id_number");
    assert!(!other["fields"].as_array().unwrap().is_empty() && !conflict.to_string().contains(XIUYING.1));
    assert!(conflict["remedy"]["zh"].as_str().unwrap().contains("同一事项"));
    assert_eq!(phone.verdict(later)["verdict"], "held", "waits for the filing");

    let judged = phone.does_on(
        None,
        Some(submit),
        json!({
            "kind": "judge_duplicate", "application": draft, "other": filed["id"], "verdict": "same",
            "reason": "本人昨晚已在手机提交",
        }),
    );
    let again = phone.submits(draft);
    phone.syncs().await;
    for operation in [judged, again] {
        let verdict = phone.verdict(operation);
        assert_eq!(verdict["verdict"], "duplicate", "{verdict}");
        assert_eq!(
            (&verdict["outcome"]["id"], &verdict["outcome"]["status"]),
            (&filed["id"], &json!("submitted"))
        );
    }
    assert_ne!(phone.verdict(later)["verdict"], "held", "{}", phone.verdict(later));
    let clerk = world.clerk("li", LINKOU).await;
    assert_eq!(open(&clerk).await, [id(&filed)]);
    assert_eq!(clerk.sees(&draft.to_string()).await["status"], "withdrawn");
    // Said again by another device of hers: nothing is done twice.
    let mut second = Phone::new(&worker).await;
    let repeated = second.does(json!({
        "kind": "judge_duplicate", "application": draft, "other": filed["id"], "verdict": "same", "reason": "同一事项",
    }));
    second.syncs().await;
    assert_eq!(second.verdict(repeated)["verdict"], "duplicate", "{}", second.verdict(repeated));
});

story!(judged_different_offline_both_go_on, world, {
    let (resident, worker) = (world.xiuying().await, world.grid_worker("chen", GRID).await);
    let mut phone = Phone::new(&worker).await;
    let body = json!({"region": GRID, "submit": true, "form": world.form("birth_registration")});
    let filed = resident.post("/v1/applications", &body).await.expect(201);
    let visit = phone.visits("中区1号", NAMESAKE, &["birth_registration"]);
    let draft = phone.drafts(visit, NAMESAKE, &namesakes_form(&world));
    let submit = phone.submits(draft);
    phone.syncs().await;
    let conflict = phone.verdict(submit);
    assert_eq!(conflict["obstacle"]["code"], "duplicate_suspected", "{conflict}");
    let judge = |verdict: &str, reason: &str| json!({"kind": "judge_duplicate", "application": draft, "other": filed["id"], "verdict": verdict, "reason": reason});
    let unread = phone.does(judge("perhaps", "看着像"));
    let empty = phone.does(judge("same", ""));
    let judged = phone.does_on(None, Some(submit), judge("different", "同名邻居，当面核对证件"));
    let again = phone.submits(draft);
    phone.syncs().await;
    for bad in [unread, empty] {
        assert_eq!(phone.verdict(bad)["verdict"], "quarantined", "{}", phone.verdict(bad));
    }
    assert_eq!(phone.verdict(judged)["verdict"], "applied", "{}", phone.verdict(judged));
    let done = phone.verdict(again);
    assert_eq!(
        (&done["verdict"], &done["outcome"]["status"]),
        (&json!("applied"), &json!("submitted")),
        "{done}"
    );
    let clerk = world.clerk("li", LINKOU).await;
    assert_eq!(open(&clerk).await.len(), 2);
    let found = candidates(&clerk, &filed).await;
    assert_eq!(found[0]["verdict"]["reason"], "同名邻居，当面核对证件");
    assert_eq!(found[0]["exact"], Value::Bool(false));
});
