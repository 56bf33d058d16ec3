//! The committed items: through the departments, the site visit and the notice board to a decision.

use chrono::Duration;
use serde_json::{Value, json};
use yichuang::storage::counters;
use yichuang::usecases::Failure;

use crate::story;
use crate::world::papers::id_number;
use crate::world::people::Person;
use crate::world::{LINKOU, World};

/// The smallest picture that is one.
pub fn picture() -> Vec<u8> {
    const PNG: &str = "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000\
        000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082";
    (0..PNG.len()).step_by(2).map(|at| u8::from_str_radix(&PNG[at..at + 2], 16).unwrap()).collect()
}

/// Files it with its papers and takes it before the departments.
async fn goes_to_review(resident: &Person, clerk: &Person, form: &Value) -> Value {
    let case = resident.submits(form).await;
    for material in case["checklist"].as_array().unwrap().iter().filter(|m| m["necessity"] == "required") {
        resident.uploads(&case, material["code"].as_str().unwrap(), picture()).await.expect(201);
    }
    clerk.accepts(&case).await;
    let service = case["service"].as_str().unwrap();
    clerk.transfers(&case, yichuang::catalog::find(service).unwrap().guide().departments).await
}

/// A case before the departments, with an official of each.
async fn in_review(world: &World, service: &str) -> (Person, Person, Vec<Person>, Value) {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = goes_to_review(&resident, &clerk, &world.form(service)).await;
    let mut officials = Vec::new();
    for department in yichuang::catalog::find(service).unwrap().guide().departments {
        officials.push(world.official(department, department).await);
    }
    (resident, clerk, officials, case)
}

pub fn site_visit(stage: &str) -> Value {
    json!({"action": "record_site_visit", "visit": {
        "stage": stage, "date": "2026-11-23", "officers": ["王工", "李工"], "findings": "现场情况与申请一致", "passed": true,
    }})
}

async fn public_notice(world: &World, official: &Person, case: &Value) -> Value {
    let text = "林口社区居民申请事项公示，如有异议请于公示期内提出。";
    let case = official
        .does(case, json!({"action": "publish_notice", "text": text, "place": "林口社区公告栏"}))
        .await;
    assert_eq!(case["status"], "public_notice");
    official.tries(&case, json!({"action": "close_notice"})).await.refused(409, "deadline_not_reached");
    world.later(Duration::minutes(1));
    case
}

/// Ten days on; whoever was signed in signs in again.
async fn after_the_notice(world: &World, official: &Person, department: &str) -> Person {
    world.later(Duration::days(10));
    assert!(world.clock_strikes().await > 0);
    let _ = official;
    let body = json!({"kind": "staff", "username": department, "password": "a-long-password"});
    Person::sign_in(world, department, &body).await
}

story!(a_house_is_rebuilt, world, {
    let (_, clerk, officials, case) = in_review(&world, "house_rebuild").await;
    officials[0].tries(&case, json!({"action": "approve"})).await.expect(409);
    for official in &officials {
        official.agrees(&case).await;
    }
    officials[0].does(&case, site_visit("site_selection")).await;
    public_notice(&world, &officials[0], &case).await;
    let official = after_the_notice(&world, &officials[0], "agriculture").await;
    let case = official.approves(&case).await;
    assert_eq!(case["status"], "approved");
    let body = json!({"kind": "staff", "username": "li", "password": "a-long-password"});
    let clerk = Person::sign_in(&world, &clerk.name, &body).await;
    for stage in ["setting_out", "foundation", "completion"] {
        official.does(&case, site_visit(stage)).await;
    }
    assert_eq!(clerk.delivers_and_closes(&case).await["status"], "closed");
});

story!(a_department_sends_it_back_and_the_same_reviewer_gets_it_again, world, {
    let (resident, clerk, officials, case) = in_review(&world, "house_rebuild").await;
    officials[1].agrees(&case).await;
    let case = officials[0].does(&case, json!({"action": "send_back", "reason": "四至与图纸不符"})).await;
    assert_eq!(case["status"], "returned");
    assert!(clerk.inbox().await.iter().any(|title| title.starts_with("退回窗口")));
    let case = clerk.does(&case, json!({"action": "resubmit", "note": "已更正图纸"})).await;
    assert_eq!(case["reviews"][0]["again"], true);
    assert_eq!(case["reviews"][1]["pending"], false, "the other department's opinion stands");
    let rival = world.official("agriculture-2", "agriculture").await;
    rival
        .tries(&case, json!({"action": "endorse", "opinion": "agree"}))
        .await
        .refused(409, "another_reviewer");
    officials[0].agrees(&case).await;
    let seen = resident.sees(case["id"].as_str().unwrap()).await;
    assert_eq!(seen["reviews"][0]["reason"], Value::Null, "departments' exchange is their own");
});

story!(an_objection_holds_the_notice_open_and_an_upheld_one_prevents_the_grant, world, {
    let (_, _, officials, case) = in_review(&world, "house_rebuild").await;
    for official in &officials {
        official.agrees(&case).await;
    }
    officials[0].does(&case, site_visit("site_selection")).await;
    let case = public_notice(&world, &officials[0], &case).await;
    let board = format!("{}/v1/public-notices?community={LINKOU}", world.base());
    let board: Value = world.client().get(board).send().await.unwrap().json().await.unwrap();
    assert_eq!(board[0]["id"], case["id"]);
    assert!(!board.to_string().contains("350582199412150025"));

    let neighbour = world.resident("neighbour", "陈大文", "350582199003070016", "13805950009").await;
    let path = format!("/v1/public-notices/{}/objections", case["id"].as_str().unwrap());
    neighbour.post(&path, &json!({"reason": "占用公共通道"})).await.expect(201);
    let official = after_the_notice(&world, &officials[0], "agriculture").await;
    official.tries(&case, json!({"action": "close_notice"})).await.refused(409, "objections_open");
    let found =
        json!({"action": "resolve_objection", "index": 0, "upheld": true, "explanation": "确占公共通道一米"});
    official.does(&case, found).await;
    official.does(&case, json!({"action": "close_notice"})).await;
    official.tries(&case, json!({"action": "approve"})).await.expect(409);
    let refusal = json!({"action": "reject", "reason": "占用公共通道", "basis": "土地管理法 62"});
    let case = official.does(&case, refusal).await;
    assert_eq!(case["status"], "rejected");
    assert!(case["decision"]["remedies"].as_str().unwrap().contains("行政复议"));
});

story!(the_clock_stands_while_the_case_is_suspended_and_may_be_extended_once, world, {
    let (resident, _, officials, case) = in_review(&world, "house_rebuild").await;
    let before = case["clocks"]["statutory_by"]["date"].as_str().unwrap().to_owned();
    let pause =
        json!({"action": "suspend", "ground": "appraisal", "reason": "房屋安全复核鉴定", "working_days": 5});
    let case = officials[0].does(&case, pause).await;
    assert_eq!(case["clocks"]["statutory_by"]["paused"], true);
    world.later(Duration::days(8));
    assert!(world.clock_strikes().await > 0, "the end told to the applicant ends the suspension");
    let resident =
        Person::sign_in(&world, &resident.name, &json!({"kind": "wechat", "code": "dev:xiuying"})).await;
    let case = resident.sees(case["id"].as_str().unwrap()).await;
    assert_eq!(case["status"], "in_review");
    assert!(case["clocks"]["statutory_by"]["date"].as_str().unwrap() > before.as_str());
    let body = json!({"kind": "staff", "username": "agriculture", "password": "a-long-password"});
    let official = Person::sign_in(&world, "agriculture", &body).await;
    let longer = json!({"action": "extend", "reason": "案情复杂", "approved_by": "张主任"});
    official.does(&case, longer.clone()).await;
    official.tries(&case, longer).await.refused(409, "already_extended");
});

story!(the_families_get_their_aid, world, {
    let (_, _, officials, case) = in_review(&world, "housing_aid").await;
    for official in &officials {
        official.agrees(&case).await;
    }
    public_notice(&world, &officials[0], &case).await;
    let official = after_the_notice(&world, &officials[0], "health").await;
    assert_eq!(official.approves(&case).await["status"], "approved");
});

story!(the_last_places_go_by_rank_and_no_further, world, {
    let (_, clerk, officials, dangerous) = in_review(&world, "housing_aid").await;
    let mut form = world.form("housing_aid");
    form["difficulty"] = json!({"kind": "crowded", "floor_area_dm2": 6_000, "persons": 4});
    let neighbour = world.resident("linju", "林邻居", &id_number(8), "13805950088").await;
    let third = world.resident("disan", "蔡大文", &id_number(9), "13805950099").await;
    let crowded = goes_to_review(&neighbour, &clerk, &form).await;
    let dangerous_too = goes_to_review(&third, &clerk, &world.form("housing_aid")).await;
    for case in [&dangerous, &crowded, &dangerous_too] {
        for official in &officials {
            official.agrees(case).await;
        }
        public_notice(&world, &officials[0], case).await;
    }
    let official = after_the_notice(&world, &officials[0], "health").await;
    // Of the ten places of the year eight are gone.
    let taken = world.office().db().write(|conn| -> Result<(), Failure> {
        for _ in 0..8 {
            assert!(counters::take(conn, "places:housing_aid:350582006:2026", 10)?);
        }
        Ok(())
    });
    taken.await.unwrap();
    let approve = json!({"action": "approve"});
    let refused = official.tries(&crowded, approve.clone()).await.refused(409, "others_come_first");
    assert_eq!((&refused["left"], &refused["ahead"]), (&json!(2), &json!(2)));
    official.approves(&dangerous).await;
    official.tries(&crowded, approve.clone()).await.refused(409, "others_come_first");
    official.approves(&dangerous_too).await;
    official.tries(&crowded, approve.clone()).await.refused(409, "places_exhausted");
    assert_eq!(official.sees(crowded["id"].as_str().unwrap()).await["status"], "in_review");
});
