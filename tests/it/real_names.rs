//! Who is who: levels, being seen in person, slips, and two people who claim one number.

mod rivals;

use chrono::Duration;
use serde_json::{Value, json};

use crate::story;
use crate::world::papers::{another_child, id_number};
use crate::world::people::Person;
use crate::world::{LINKOU, World};

const NUMBER: &str = "350582199412150025";
const GRID: &str = "350582006001001";

fn herself() -> Value {
    json!({"name": "林秀英", "id_number": NUMBER, "phone": "13805950001"})
}

async fn newcomer(world: &World) -> Person {
    world.newcomer("xiuying", "林秀英", NUMBER, "13805950001").await
}

async fn shows_code(resident: &Person) -> String {
    let shown = resident.post("/v1/me/binding-code", &json!({})).await.expect(201);
    shown["code"].as_str().unwrap().to_owned()
}

fn seen(code: &str, name: &str, number: &str) -> Value {
    json!({"code": code, "name": name, "id_number": number, "document": "id_card"})
}

/// Shows the code at the counter, with the document.
async fn is_seen(resident: &Person, staff: &Person, name: &str, number: &str) -> Value {
    let code = shows_code(resident).await;
    staff.post("/v1/verifications", &seen(&code, name, number)).await.expect(201)
}

async fn files(resident: &Person, service: &str) -> crate::world::people::Answer {
    let new = json!({"region": LINKOU, "submit": true, "form": resident.world.form(service)});
    resident.post("/v1/applications", &new).await
}

async fn level(resident: &Person) -> String {
    resident.get("/v1/me").await.expect(200)["assurance"].as_str().unwrap().to_owned()
}

story!(what_staff_filed_appears_as_soon_as_she_is_seen, world, {
    let (resident, clerk) = (newcomer(&world).await, world.clerk("li", LINKOU).await);
    let case =
        clerk.submits_for(&herself(), LINKOU, None, &world.form("birth_registration")).await.expect(201);
    let path = format!("/v1/applications/{}", case["id"].as_str().unwrap());
    resident.get(&path).await.refused(404, "not_found");

    let done = is_seen(&resident, &clerk, "林秀英", NUMBER).await;
    assert_eq!((&done["adopted"], &done["verification"]["assurance"]), (&json!(1), &json!("in_person")));
    assert!(!done.to_string().contains(NUMBER), "the number stays masked: {done}");
    assert_eq!(resident.get(&path).await.expect(200)["status"], "submitted");
    assert_eq!(resident.inbox().await[0], "实名核验完成");
    let records = resident.get("/v1/me/verifications").await.expect(200);
    assert_eq!((&records[0]["verifier"], &records[0]["method"]), (&json!("窗口小李"), &json!("counter")));

    // From now on at once, whoever files it.
    let worker = world.grid_worker("chen", GRID).await;
    let mandate = json!({
        "principal_name": "林秀英", "principal_id_number": NUMBER, "evidence": "signature",
        "matters": ["birth_registration"], "valid_until": "2026-12-31",
    });
    let visit = worker.visits(GRID, Some(&mandate)).await;
    let form = another_child(&world.form("birth_registration"), 1);
    let next = worker.submits_for(&herself(), GRID, Some(&visit), &form).await.expect(201);
    assert_eq!(resident.sees(next["id"].as_str().unwrap()).await["status"], "submitted");
    assert_eq!(next["submissions"][0]["assurance"], "in_person");
});

story!(each_step_asks_for_its_level, world, {
    let (resident, clerk) = (newcomer(&world).await, world.clerk("li", LINKOU).await);
    assert_eq!(level(&resident).await, "none");
    let told = files(&resident, "birth_registration").await.refused(409, "assurance_needed");
    assert_eq!((&told["required"], &told["held"]), (&json!("phone"), &json!("none")));
    // A draft takes nothing.
    let draft = json!({"region": LINKOU, "form": world.form("house_rebuild")});
    let draft = resident.post("/v1/applications", &draft).await.expect(201);

    resident.put("/v1/me/phone", None, &json!({"code": "dev:13805950001"})).await.expect(200);
    assert_eq!(level(&resident).await, "phone");
    let filed = files(&resident, "birth_registration").await.expect(201);
    assert_eq!(filed["submissions"][0]["assurance"], "phone");
    let told = resident.tries(&draft, json!({"action": "submit"})).await.refused(409, "assurance_needed");
    assert_eq!(told["required"], "id_matched");

    // The slip of what was filed at the counter, where her document was seen.
    let slip =
        clerk.submits_for(&herself(), LINKOU, None, &world.form("medical_insurance")).await.expect(201);
    let slip = json!({"receipt_no": slip["receipt_no"], "query_code": slip["query_code"]});
    resident.put("/v1/me/applications", None, &slip).await.expect(200);
    assert_eq!(level(&resident).await, "id_matched");
    let house = resident.does(&draft, json!({"action": "submit"})).await;
    let told = resident.tries(&house, json!({"action": "withdraw"})).await;
    assert_eq!(told.refused(409, "assurance_needed")["required"], "in_person");

    is_seen(&resident, &clerk, "林秀英", NUMBER).await;
    assert_eq!(resident.does(&house, json!({"action": "withdraw"})).await["status"], "withdrawn");
    let guide = resident.get("/v1/services/house_rebuild").await.expect(200);
    assert_eq!(guide["real_name"]["withdraw"], "in_person", "everybody can read it beforehand");
});

story!(codes_are_short_lived_good_once_and_not_to_be_guessed, world, {
    let (resident, clerk) = (newcomer(&world).await, world.clerk("li", LINKOU).await);
    let verify = async |code: &str| clerk.post("/v1/verifications", &seen(code, "林秀英", NUMBER)).await;
    let wrong = async |code: &str| {
        let told = verify(code).await.refused(422, "fields_invalid");
        assert_eq!(told["errors"][0]["code"], "binding_code_invalid");
    };
    wrong("ABCDEFGHJK").await;
    let old = shows_code(&resident).await;
    let code = shows_code(&resident).await;
    wrong(&old).await;
    world.later(Duration::minutes(10));
    wrong(&code).await;
    let code = shows_code(&resident).await;
    let mut bad = seen(&code, "林秀英", NUMBER);
    bad["document"] = "slip".into();
    clerk.post("/v1/verifications", &bad).await.refused(422, "fields_invalid");
    verify(&code.to_lowercase()).await.expect(201);
    wrong(&code).await;
    // A resident verifies nobody.
    resident.post("/v1/verifications", &seen(&code, "林秀英", NUMBER)).await.refused(403, "not_permitted");
    for _ in 0..60 {
        let told = verify("ABCDEFGHJK").await;
        if told.status == 429 {
            return assert!(told.headers.contains_key("retry-after"));
        }
    }
    panic!("a clerk may guess for ever");
});

story!(one_telephone_serves_a_whole_family, world, {
    for (openid, serial) in [("mother", 11), ("son", 12), ("aunt", 13)] {
        let member = world.newcomer(openid, "林秀英", &id_number(serial), "13805950001").await;
        member.put("/v1/me/phone", None, &json!({"code": "dev:13805950001"})).await.expect(200);
        assert_eq!(level(&member).await, "phone");
    }
});

story!(a_slip_of_the_pen_at_the_counter_binds_nobody, world, {
    let (resident, clerk) = (newcomer(&world).await, world.clerk("li", LINKOU).await);
    let code = resident.post("/v1/me/binding-code", &json!({})).await.expect(201)["code"].clone();
    for (name, number) in
        [("陈大文", "350582199003070016"), ("林秀瑛", NUMBER), ("林秀英", "350582199003070016")]
    {
        let told = clerk.post("/v1/verifications", &seen(code.as_str().unwrap(), name, number)).await;
        let told = told.refused(422, "fields_invalid");
        assert_eq!(told["errors"][0]["code"], "identity_differs");
        assert!(!told.to_string().contains(NUMBER) && !told.to_string().contains("林秀英"), "{told}");
    }
    assert_eq!(level(&resident).await, "none");
    // The code is still good for whoever it is.
    clerk.post("/v1/verifications", &seen(code.as_str().unwrap(), "林秀英", NUMBER)).await.expect(201);
    assert_eq!(level(&resident).await, "in_person");
});
