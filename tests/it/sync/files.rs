//! Files that are late, that never come, or that belong nowhere.

use chrono::Duration;
use serde_json::json;
use sha2::{Digest, Sha256};
use yichuang::storage::{Conn, operations};

use super::{GRID, Phone, XIUYING};
use crate::story;
use crate::world::papers::png;

story!(filed_with_a_picture_still_on_its_way_and_it_says_so, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let clerk = world.clerk("li", "350582006001").await;
    let mut phone = Phone::new(&worker).await;
    let visit = phone.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = phone.drafts(visit, XIUYING, &world.form("birth_registration"));
    let hash = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect::<String>();
    let (photo, stray) = (png(7), png(8));
    phone.does(json!({"kind": "attach", "attachment": phone.new_id(), "application": draft,
        "material": "household_books", "file_name": "户口簿.png", "sha256": hash(&photo), "size": photo.len()}));
    phone.submits(draft);
    phone.syncs().await;
    let case = clerk.sees(&draft.to_string()).await;
    assert_eq!((&case["status"], &case["pending_files"]), (&json!("submitted"), &json!(["household_books"])));
    // Half of something, and something whole that nobody speaks of.
    phone.sends_piece(&hash(&stray), 0, stray.len(), stray.clone()).await.expect(200);
    phone.sends_piece(&"ab".repeat(32), 1, 600_000, vec![0; 262_144]).await.expect(200);
    let files = worker.get("/v1/uploads").await.expect(200);
    assert_eq!(files["pending"][0]["file_name"], "户口簿.png");
    assert_eq!(
        (&files["pending"][0]["overdue"], files["stray"].as_array().unwrap().len()),
        (&json!(false), 2)
    );
    assert_eq!(world.office().sweep_files().await.unwrap(), 0, "too early");

    world.later(Duration::days(15));
    let worker = worker.comes_back().await;
    phone.worker = worker.clone();
    assert_eq!(world.office().sweep_files().await.unwrap(), 2);
    assert_eq!(world.office().sweep_files().await.unwrap(), 0, "once");
    let files = worker.get("/v1/uploads").await.expect(200);
    assert_eq!(files["pending"][0]["overdue"], true);
    assert!(files["stray"].as_array().unwrap().iter().all(|stray| stray["swept_at"].is_string()), "{files}");
    let there = worker.get(&format!("/v1/uploads/{}", "ab".repeat(32))).await.expect(200);
    assert_eq!((&there["pieces"], &there["complete"]), (&json!([]), &json!(false)));
    // Late is better than never; and what was swept may come again.
    phone.sends_piece(&hash(&photo), 0, photo.len(), photo.clone()).await.expect(200);
    let clerk = clerk.comes_back().await;
    let case = clerk.sees(&draft.to_string()).await;
    assert_eq!(case["pending_files"], json!([]));
    phone.sends_piece(&hash(&stray), 0, stray.len(), stray.clone()).await.expect(200);
    phone.does(json!({"kind": "attach", "attachment": phone.new_id(), "application": draft,
        "material": "id_cards", "file_name": "身份证.png", "sha256": hash(&stray), "size": stray.len()}));
    phone.syncs().await;
    let files = worker.get(&format!("/v1/applications/{draft}/materials")).await.expect(200);
    assert_eq!(files.as_array().unwrap().len(), 2, "{files}");
    assert_eq!(worker.get("/v1/uploads").await.expect(200)["pending"], json!([]));
    let kept = files.as_array().unwrap().iter().find(|file| file["material"] == "id_cards").unwrap();
    let bytes = worker.get(&format!("/v1/materials/{}", kept["id"].as_str().unwrap())).await;
    assert_eq!(bytes.status, 200);
});

story!(what_is_erased_does_not_come_back_with_an_old_telephone, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let mut phone = Phone::new(&worker).await;
    let visit = phone.visits("中区1号", XIUYING, &["birth_registration"]);
    let draft = phone.drafts(visit, XIUYING, &world.form("birth_registration"));
    phone.submits(draft);
    let batch = phone.outbox.batch(world.office().now(), 100).unwrap();
    phone.syncs().await;
    worker.withdraws(&worker.sees(&draft.to_string()).await, "不办了").await;
    world.later(Duration::days(731));
    assert_eq!(world.office().erase_due().await.unwrap(), 1);
    let ids: Vec<uuid::Uuid> = phone.outbox.all().iter().map(|one| one.id).collect();
    let staff = worker.get("/v1/me").await;
    assert_eq!(staff.status, 401);
    phone.worker = worker.comes_back().await;
    let staff = phone.worker.get("/v1/me").await.expect(200)["id"].as_str().unwrap().parse().unwrap();
    let read = move |conn: &mut Conn| operations::of_ids(conn, staff, &ids);
    let kept = world.office().db().read(read).await.unwrap();
    assert_eq!(kept.len(), 3);
    assert!(kept.iter().filter(|one| one.kind != "start_visit").all(|one| one.sent().is_null()), "emptied");
    let again = phone.sends(&batch).await.expect(200);
    for verdict in again["verdicts"].as_array().unwrap() {
        assert_eq!((&verdict["verdict"], &verdict["first"]), (&json!("duplicate"), &json!("applied")));
    }
    phone.worker.get(&format!("/v1/applications/{draft}")).await.refused(404, "not_found");
    assert_eq!(phone.worker.get("/v1/applications").await.expect(200)["items"], json!([]));
});
