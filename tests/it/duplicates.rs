//! One matter through two doors ends as one application; what only looks alike somebody looks at; and nobody learns
//! of a stranger that way.

mod bad;
mod offline;
mod races;
mod sight;

use chrono::Duration;
use serde_json::{Value, json};
use yichuang::storage::{Conn, StorageError};

use crate::storage::counted;
use crate::story;
use crate::world::people::{Answer, Person};
use crate::world::{LINKOU, World};

pub const GRID: &str = "350582006001001";
pub const XIUYING: (&str, &str) = ("林秀英", "350582199412150025");
/// Her neighbour of the same name, born on the same day.
pub const NAMESAKE: (&str, &str) = ("林秀英", "350582199412150105");

pub fn applicant(who: (&str, &str)) -> Value {
    json!({"name": who.0, "id_number": who.1, "phone": "13805950001"})
}

/// A visit at which somebody lets the worker file for them.
pub async fn visit_of(worker: &Person, who: (&str, &str)) -> String {
    let mandate = json!({
        "principal_name": who.0, "principal_id_number": who.1, "evidence": "signature",
        "matters": ["birth_registration", "medical_insurance"], "valid_until": "2026-12-31",
    });
    worker.visits(GRID, Some(&mandate)).await
}

/// A draft at the door.
pub async fn draft_of(worker: &Person, who: (&str, &str), form: &Value) -> Value {
    let visit = visit_of(worker, who).await;
    let body = json!({"region": GRID, "form": form, "applicant": applicant(who), "visit": visit});
    worker.post("/v1/applications", &body).await.expect(201)
}

pub fn id(case: &Value) -> &str {
    case["id"].as_str().unwrap()
}

pub async fn candidates(who: &Person, case: &Value) -> Value {
    who.get(&format!("/v1/applications/{}/duplicates", id(case))).await.expect(200)
}

pub async fn judges(who: &Person, case: &Value, other: &Value, verdict: &str) -> Answer {
    let path = format!("/v1/applications/{}/duplicates/{}", id(case), id(other));
    who.post(&path, &json!({"verdict": verdict, "reason": "与居民当面核对"})).await
}

/// What is in and not over, whoever may see it.
pub async fn open(clerk: &Person) -> Vec<String> {
    let page = clerk.get("/v1/applications?limit=100").await.expect(200);
    let over = |line: &&Value| !["draft", "withdrawn"].contains(&line["status"].as_str().unwrap());
    page["items"].as_array().unwrap().iter().filter(over).map(|line| id(line).to_owned()).collect()
}

/// The sample of 林秀英 as her neighbour of the same name would fill it in: same house, other people.
pub fn namesakes_form(world: &World) -> Value {
    let mut form = world.form("birth_registration");
    form["mother"]["id_number"] = NAMESAKE.1.into();
    form["father"]["id_number"] = "350582199003070016".into();
    form
}

story!(filed_last_night_by_telephone_and_told_at_the_door_today_it_is_one, world, {
    let (resident, worker) = (world.xiuying().await, world.grid_worker("chen", GRID).await);
    let form = world.form("birth_registration");
    let body = json!({"region": GRID, "submit": true, "form": form});
    let filed = resident.post("/v1/applications", &body).await.expect(201);
    assert_eq!(filed["duplicate_suspected"], false);
    world.later(Duration::hours(12));
    let (resident, worker) = (resident.comes_back().await, worker.comes_back().await);

    let draft = draft_of(&worker, XIUYING, &form).await;
    assert_eq!(draft["duplicate_suspected"], true, "{draft}");
    let found = candidates(&worker, &draft).await;
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    let other = &found[0];
    assert_eq!(
        (&other["exact"], &other["score"], &other["verdict"]),
        (&json!(true), &json!(100), &Value::Null)
    );
    assert_eq!((&other["application"], &other["receipt_no"]), (&filed["id"], &filed["receipt_no"]));
    assert_eq!((&other["channel"], &other["filed_on"]), (&json!("mini_program"), &json!("2026-11-23")));
    assert_eq!(other["reasons"][0]["code"], "same_id_number");
    assert_eq!(other["reasons"][0]["text"]["zh"], "证件号码相同");
    let fields = other["fields"].as_array().unwrap();
    let field = |pointer: &str| fields.iter().find(|field| field["pointer"] == pointer).unwrap();
    let number = field("/applicant/id_number");
    assert_eq!((&number["mine"], &number["same"]), (&number["theirs"], &json!(true)));
    assert_eq!(field("/form/pregnancy/expected_on")["theirs"], "2027-02-10");
    assert!(!found.to_string().contains(XIUYING.1), "masked as everywhere: {found}");

    let refused =
        worker.tries(&draft, json!({"action": "submit"})).await.refused(409, "duplicate_application");
    assert_eq!(refused["duplicates"][0]["receipt_no"], filed["receipt_no"], "{refused}");
    let judged = judges(&worker, &draft, &filed, "same").await.expect(200);
    assert_eq!((&judged["remaining"], &judged["status"]), (&filed["id"], &json!("submitted")));
    let gone = worker.sees(id(&draft)).await;
    assert_eq!((&gone["status"], &gone["duplicate_suspected"]), (&json!("withdrawn"), &json!(false)));
    assert_eq!(worker.timeline(&draft).await, ["withdraw"]);
    let clerk = world.clerk("li", LINKOU).await;
    assert_eq!(open(&clerk).await, [id(&filed)]);
    // It goes its way, and she sees it as hers.
    clerk.accepts(&filed).await;
    assert_eq!(resident.sees(id(&filed)).await["status"], "accepted");
    // Whoever looked at the other left a note with it as well.
    world.office().keep_audit().await.unwrap();
    let looks = resident.get(&format!("/v1/applications/{}/accesses", id(&filed))).await.expect(200);
    let by_worker = |look: &&Value| look["operation"] == "GET /v1/applications/{id}/duplicates";
    assert_eq!(looks.as_array().unwrap().iter().filter(by_worker).count(), 1, "{looks}");
});

story!(a_namesake_born_on_the_same_day_is_looked_at_and_goes_on, world, {
    let (resident, worker) = (world.xiuying().await, world.grid_worker("chen", GRID).await);
    let body = json!({"region": GRID, "submit": true, "form": world.form("birth_registration")});
    let filed = resident.post("/v1/applications", &body).await.expect(201);
    let draft = draft_of(&worker, NAMESAKE, &namesakes_form(&world)).await;
    let refused = worker.tries(&draft, json!({"action": "submit"})).await.refused(409, "duplicate_suspected");
    let codes: Vec<&str> = refused["duplicates"][0]["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| reason["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["same_name", "same_birth_date", "same_address", "same_phone"]);
    let judged = judges(&worker, &draft, &filed, "different").await.expect(200);
    assert_eq!((&judged["remaining"], &judged["by"]), (&draft["id"], &json!("网格小陈")));
    let second = worker.does(&draft, json!({"action": "submit"})).await;
    assert_eq!((&second["status"], &second["duplicate_suspected"]), (&json!("submitted"), &json!(false)));
    // Whoever looks later finds what was said, from either side.
    let clerk = world.clerk("li", LINKOU).await;
    for case in [&filed, &draft] {
        let found = candidates(&clerk, case).await;
        let said = &found[0]["verdict"];
        assert_eq!((&said["verdict"], &said["by"]), (&json!("different"), &json!("网格小陈")), "{found}");
        assert_eq!((&said["reason"], found.as_array().unwrap().len()), (&json!("与居民当面核对"), 1));
        assert_eq!(clerk.sees(id(case)).await["duplicate_suspected"], false);
    }
    assert_eq!(open(&clerk).await.len(), 2);
    // What was compared has changed: it is a question again.
    clerk.asks_to_correct(&second, &[("电话", "请更正")]).await;
    let mut form = namesakes_form(&world);
    form["father"]["id_number"] = "350582199203070010".into();
    worker.corrects(&second, Some(&form)).await;
    let found = candidates(&clerk, &second).await;
    assert_eq!((&found[0]["verdict"], &found[0]["exact"]), (&Value::Null, &json!(false)), "{found}");
    assert_eq!(clerk.sees(id(&second)).await["duplicate_suspected"], true);
});

story!(the_next_year_and_the_next_child_are_other_matters, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let mut form = world.form("childcare_subsidy");
    form["received_years"] = json!([]);
    form["year"] = 2025.into();
    clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.expect(201);
    form["year"] = 2026.into();
    let next = clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.expect(201);
    assert_eq!(candidates(&clerk, &next).await, json!([]));
    clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.refused(409, "duplicate_application");

    let mut form = world.form("birth_registration");
    clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.expect(201);
    form["pregnancy"]["expected_on"] = "2027-06-10".into();
    clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.expect(201);
    // Told a few days off it is likely the same.
    form["pregnancy"]["expected_on"] = "2027-06-13".into();
    let refused = clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await;
    let refused = refused.refused(409, "duplicate_suspected");
    let reasons = refused["duplicates"][0]["reasons"].to_string();
    assert!(reasons.contains("near_occasion"), "{reasons}");
    // By telephone it goes through, and the window looks.
    let resident = world.xiuying().await;
    let sent =
        resident.post("/v1/applications", &json!({"region": LINKOU, "submit": true, "form": form})).await;
    let sent = sent.expect(201);
    assert_eq!(clerk.sees(id(&sent)).await["duplicate_suspected"], true);
});

story!(what_was_given_up_or_refused_stands_in_nobodys_way, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let form = world.form("birth_registration");
    let first = clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.expect(201);
    clerk.withdraws(&first, "填错了").await;
    let second = clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.expect(201);
    clerk.declines(&second, "不在本街道", "邻街道便民服务中心").await;
    let third = clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.expect(201);
    clerk.accepts(&third).await;
    let no = json!({"action": "reject", "reason": "材料不实", "basis": "行政许可法 38"});
    clerk.does(&third, no).await;
    let fourth = clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.expect(201);
    clerk.delivers_and_closes(&third).await;
    // Granted it stands.
    clerk.accepts(&fourth).await;
    clerk.approves(&fourth).await;
    clerk.delivers_and_closes(&fourth).await;
    clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.refused(409, "duplicate_application");
});

story!(what_is_erased_leaves_no_key_and_no_verdict, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let form = world.form("birth_registration");
    let filed = clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.expect(201);
    let body = json!({"region": LINKOU, "form": form, "applicant": applicant(XIUYING)});
    let draft = clerk.post("/v1/applications", &body).await.expect(201);
    judges(&clerk, &draft, &filed, "same").await.expect(200);
    let told = crate::vault::said_by_the_tables(world.office().db()).await;
    assert!(!told.contains("与居民当面核对"), "a reason is sealed");
    clerk.withdraws(&filed, "不办了").await;
    let rows = async |table: &str| {
        let sql = format!("SELECT COUNT(*) AS value FROM {table}");
        let read = move |conn: &mut Conn| Ok::<_, StorageError>(counted(conn, &sql));
        world.office().db().read(read).await.unwrap()
    };
    assert_eq!((rows("application_keys").await, rows("duplicate_verdicts").await), (0, 1));
    world.later(Duration::days(732));
    while world.office().erase_due().await.unwrap() > 0 {}
    assert_eq!((rows("applications").await, rows("duplicate_verdicts").await), (0, 0));
});

story!(what_was_filed_before_there_were_keys_gets_them, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let form = world.form("birth_registration");
    let first = clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.expect(201);
    crate::vault::tampers(&world, "DELETE FROM application_keys").await;
    let unseen = clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.expect(201);
    crate::vault::tampers(&world, "DELETE FROM application_keys").await;
    // Two that are the same are found as such; neither is refused after the fact.
    assert_eq!(world.office().key_filed().await.unwrap(), 2);
    assert_eq!(world.office().key_filed().await.unwrap(), 0);
    assert_eq!(candidates(&clerk, &first).await[0]["application"], unseen["id"]);
    crate::vault::tampers(&world, "UPDATE application_keys SET edition = 'older'").await;
    assert_eq!(world.office().key_filed().await.unwrap(), 2, "by new rules anew");
    clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.refused(409, "duplicate_application");
    // What the new rules count no longer stands in nobody's way.
    let closed =
        "UPDATE applications SET status = 'terminated'; UPDATE application_keys SET edition = 'older'";
    crate::vault::tampers(&world, closed).await;
    assert_eq!(world.office().key_filed().await.unwrap(), 0);
    clerk.submits_for(&applicant(XIUYING), LINKOU, None, &form).await.expect(201);
});
