//! What is looked up at once for a long transaction holds for that one alone, and not for what it stores itself.

use std::sync::Arc;

use chrono::NaiveDate;
use uuid::Uuid;
use yichuang::domain::application::Application;
use yichuang::storage::keys::Keys;
use yichuang::storage::nobody::Look;
use yichuang::storage::{Conn, StorageError, applications, duplicates};

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
