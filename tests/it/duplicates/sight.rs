//! Who learns what through the question whether something is in already.

use serde_json::json;

use super::{GRID, NAMESAKE, XIUYING, applicant, candidates, draft_of, id, judges, namesakes_form};
use crate::story;
use crate::world::papers::id_number;
use crate::world::{LINGSHUI, LINKOU};

story!(strangers_learn_nothing, world, {
    let (resident, worker) = (world.xiuying().await, world.grid_worker("chen", GRID).await);
    let body = json!({"region": GRID, "submit": true, "form": world.form("birth_registration")});
    let filed = resident.post("/v1/applications", &body).await.expect(201);
    let draft = draft_of(&worker, NAMESAKE, &namesakes_form(&world)).await;
    let stranger = world.resident("linju", "林邻居", &id_number(8), "13805950088").await;
    let elsewhere = world.clerk("lingshui", LINGSHUI).await;
    let next_door = world.grid_worker("grid2", "350582006001002").await;
    for who in [&stranger, &elsewhere, &next_door] {
        for case in [&filed, &draft] {
            let path = format!("/v1/applications/{}/duplicates", id(case));
            who.get(&path).await.refused(404, "not_found");
            judges(who, case, if id(case) == id(&filed) { &draft } else { &filed }, "same")
                .await
                .refused(404, "not_found");
        }
    }
    // She is told of nobody who is only like her; the office is.
    assert_eq!(candidates(&resident, &filed).await, json!([]));
    judges(&resident, &filed, &draft, "different").await.refused(404, "not_found");
    // A namesake who files by telephone hears nothing either, and the window is told.
    let namesake = world.resident("ta", NAMESAKE.0, NAMESAKE.1, "13805950077").await;
    let body = json!({"region": GRID, "submit": true, "form": namesakes_form(&world)});
    let second = namesake.post("/v1/applications", &body).await.expect(201);
    assert_eq!(second["duplicate_suspected"], false, "{second}");
    let told = candidates(&namesake, &second).await.to_string();
    assert!(!told.contains(filed["receipt_no"].as_str().unwrap()) && !told.contains(XIUYING.1), "{told}");
    let clerk = world.clerk("li", LINKOU).await;
    assert_eq!(clerk.sees(id(&second)).await["duplicate_suspected"], true);
    assert_eq!(candidates(&clerk, &second).await[0]["application"], filed["id"]);
});

story!(of_what_a_worker_filed_for_them_residents_learn_the_slip, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let form = world.form("birth_registration");
    let draft = draft_of(&worker, XIUYING, &form).await;
    let filed = worker.does(&draft, json!({"action": "submit"})).await;
    let body = json!({"region": GRID, "submit": true, "form": form});
    // Who only says to be her learns that there is something, and nothing of it.
    let newcomer = world.newcomer("newcomer", XIUYING.0, XIUYING.1, "13805950001").await;
    newcomer.put("/v1/me/phone", None, &json!({"code": "dev:13805950001"})).await.expect(200);
    let refused = newcomer.post("/v1/applications", &body).await.refused(409, "duplicate_application");
    assert_eq!(refused["duplicates"], json!([]), "{refused}");
    // She herself is told its number, where it stands, when and through which door it came.
    let resident = world.xiuying().await;
    let refused = resident.post("/v1/applications", &body).await.refused(409, "duplicate_application");
    let other = &refused["duplicates"][0];
    assert_eq!((&other["receipt_no"], &other["status"]), (&filed["receipt_no"], &json!("submitted")));
    assert_eq!((&other["channel"], &other["filed_on"]), (&json!("doorstep"), &json!("2026-11-23")));
    assert!(!refused["detail"].as_str().unwrap().is_empty());
    // A clerk of another community has her document before them, and the slip is all there is to know.
    let elsewhere = world.clerk("lingshui", LINGSHUI).await;
    let refused =
        elsewhere.submits_for(&applicant(XIUYING), LINGSHUI, None, &world.form("birth_registration")).await;
    let refused = refused.refused(409, "duplicate_application");
    let other = &refused["duplicates"][0];
    assert_eq!((&other["application"], &other["fields"]), (&filed["id"], &json!([])), "{refused}");
    assert_eq!(other["receipt_no"], filed["receipt_no"]);
    elsewhere.get(&format!("/v1/applications/{}", id(&filed))).await.refused(404, "not_found");
    // That it is the same she may say, which ends her own draft only; for more somebody has to see both.
    let body = json!({"region": LINGSHUI, "applicant": applicant(XIUYING), "form": world.form("birth_registration")});
    let draft = elsewhere.post("/v1/applications", &body).await.expect(201);
    judges(&elsewhere, &draft, &filed, "different").await.refused(409, "other_elsewhere");
    let judged = judges(&elsewhere, &draft, &filed, "same").await.expect(200);
    assert_eq!((&judged["remaining"], &judged["receipt_no"]), (&filed["id"], &filed["receipt_no"]));
    assert_eq!(elsewhere.sees(id(&draft)).await["status"], "withdrawn");
    assert_eq!(worker.sees(id(&filed)).await["status"], "submitted");
    // Whoever does not know her number hears nothing of a woman of her name over there.
    let mut form = namesakes_form(&world);
    form["place"] = "residence".into();
    elsewhere.submits_for(&applicant(NAMESAKE), LINGSHUI, None, &form).await.expect(201);
});

story!(of_two_of_their_own_residents_say_it_themselves, world, {
    let resident = world.xiuying().await;
    let body = json!({"region": LINKOU, "submit": true, "form": world.form("birth_registration")});
    let filed = resident.post("/v1/applications", &body).await.expect(201);
    let again = json!({"region": LINKOU, "form": world.form("birth_registration")});
    let draft = resident.post("/v1/applications", &again).await.expect(201);
    assert_eq!(draft["duplicate_suspected"], true);
    let found = candidates(&resident, &draft).await;
    assert_eq!(found[0]["application"], filed["id"]);
    judges(&resident, &draft, &filed, "same").await.expect(200);
    assert_eq!(resident.sees(id(&draft)).await["status"], "withdrawn");
});
