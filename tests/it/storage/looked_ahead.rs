//! What is looked up at once for a long transaction holds for that one alone, and not for what it stores itself.

use std::sync::Arc;

use chrono::NaiveDate;
use tokio::sync::oneshot;
use uuid::Uuid;
use yichuang::domain::application::Application;
use yichuang::domain::id_number::IdNumber;
use yichuang::storage::keys::Keys;
use yichuang::storage::nobody::Look;
use yichuang::storage::{Conn, StorageError, applications, duplicates, real_names};

use crate::story;

fn is_unlike(conn: &Conn, draft: &Application, today: NaiveDate) -> bool {
    conn.unlike(draft, today).is_some()
}

story!(nobody_like_it_is_said_for_one_transaction_only, world, {
    let body = serde_json::json!({"region": crate::world::LINKOU, "form": world.form("birth_registration")});
    let resident = world.xiuying().await;
    let id: Uuid =
        resident.post("/v1/applications", &body).await.expect(201)["id"].as_str().unwrap().parse().unwrap();
    let db = world.office().db().clone();
    let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    let done = db.write(move |conn| {
        let draft = applications::find(conn, id)?.unwrap();
        let some = |text: &str| Some(text.to_owned());
        let (exact, sound, birth, house) = (some("exact"), some("sound"), some("birth"), None);
        let keys = Keys { exact, apart: false, sound, birth, house, edition: "now".to_owned() };
        let (service, applicant) = (draft.service.clone(), draft.applicant.clone());
        let form = Arc::new(draft.form.clone());
        let look =
            Arc::new(Look { application: id, service, applicant, form, on: today, keys: keys.clone() });
        duplicates::look_ahead(conn, &[&look])?;
        assert!(!is_unlike(conn, &draft, today), "nothing is remembered that is not forgotten");
        conn.gathering(false, |conn| {
            duplicates::look_ahead(conn, &[&look])?;
            assert!(is_unlike(conn, &draft, today));
            assert!(!is_unlike(conn, &draft, today.succ_opt().unwrap()), "another day, other keys");
            let mut changed = draft.clone();
            changed.form["mother"]["name"] = "林秀云".into();
            assert!(!is_unlike(conn, &changed, today));
            duplicates::insert(conn, id, &keys)?;
            assert!(!is_unlike(conn, &draft, today), "now there is one: itself");
            Ok::<_, StorageError>(())
        })?;
        conn.gathering(false, |conn| {
            duplicates::look_ahead(conn, &[&look])?;
            assert!(!is_unlike(conn, &draft, today), "it is found where it is stored");
            Ok::<_, StorageError>(())
        })
    });
    done.await.unwrap();
});

story!(who_is_verified_meanwhile_is_seen_by_looking_back, world, {
    let db = world.office().db().clone();
    if db.kind() == "sqlite" {
        // Nobody can be: this would wait for the transaction.
        return;
    }
    let ((looked, has_looked), (verified, is_verified)) = (oneshot::channel(), oneshot::channel());
    let look = tokio::spawn(async move {
        db.write(move |conn| {
            let own = IdNumber::parse("350582199412150025").unwrap();
            let other =
                IdNumber::synthesize("350582", NaiveDate::from_ymd_opt(1989, 3, 4).unwrap(), 1).unwrap();
            conn.gathering(true, |conn| {
                real_names::look_ahead(conn, &[&own, &other])?;
                assert!(real_names::holder(conn, &own)?.is_none());
                assert!(!real_names::held_since(conn, &[&own, &other])?);
                looked.send(()).unwrap();
                is_verified.blocking_recv().unwrap();
                assert!(!real_names::held_since(conn, &[&other])?);
                assert!(real_names::held_since(conn, &[&other, &own])?);
                Ok::<_, StorageError>(())
            })
        })
        .await
    });
    has_looked.await.unwrap();
    world.xiuying().await;
    verified.send(()).unwrap();
    look.await.unwrap().unwrap();
});
