//! Who is who: levels, being seen in person, slips, and two people who claim one number.

use chrono::Duration;
use serde_json::{Value, json};

use crate::story;
use crate::world::papers::id_number;
use crate::world::people::Person;
use crate::world::{LINGSHUI, LINKOU, World};

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
    let form = world.form("birth_registration");
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

story!(two_people_claim_one_number, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let rival = world.newcomer("rival", "林秀英", NUMBER, "13805950008").await;
    let resident = newcomer(&world).await;
    is_seen(&resident, &clerk, "林秀英", NUMBER).await;
    let case = files(&resident, "birth_registration").await.expect(201);

    // Whoever only said so says it no longer, and cannot say it again.
    files(&rival, "birth_registration").await.refused(409, "identity_needed");
    rival.put("/v1/me/identity", None, &herself()).await.refused(409, "id_claimed");
    // Nor does a clerk decide alone who is whom.
    let code = shows_code(&rival).await;
    clerk.post("/v1/verifications", &seen(&code, "林秀英", NUMBER)).await.refused(409, "id_claimed");
    // Nor does she become somebody else.
    let other = json!({"name": "王小明", "id_number": id_number(5), "phone": "13805950001"});
    resident.put("/v1/me/identity", None, &other).await.refused(409, "identity_verified");
    let code = shows_code(&resident).await;
    let as_other = clerk.post("/v1/verifications", &seen(&code, "王小明", &id_number(5))).await;
    as_other.refused(409, "identity_verified");

    // It was her, with a new telephone: asked for at the counter, decided by the supervisor.
    let code = shows_code(&rival).await;
    let mut asked = json!({
        "region": LINKOU, "kind": "new_account", "code": code, "name": "林秀英", "id_number": NUMBER,
        "document": "id_card", "reason": "更换手机，旧微信号停用",
    });
    let change = clerk.post("/v1/identity-changes", &asked).await.expect(201);
    asked["region"] = LINGSHUI.into();
    clerk.post("/v1/identity-changes", &asked).await.refused(403, "not_permitted");
    let path = format!("/v1/identity-changes/{}/decision", change["id"].as_str().unwrap());
    let approval = json!({"approve": true, "reason": "人证一致"});
    clerk.post(&path, &approval).await.refused(404, "not_found");
    let supervisor = world.supervisor("watch").await;
    let waiting = supervisor.get("/v1/identity-changes").await.expect(200);
    assert_eq!(waiting[0]["id"], change["id"]);
    // The new account has no telephone yet: nothing changes.
    supervisor.post(&path, &approval).await.refused(409, "phone_needed");
    rival.put("/v1/me/phone", None, &json!({"code": "dev:13805950008"})).await.expect(200);
    assert_eq!(supervisor.post(&path, &approval).await.expect(200)["state"], "approved");
    supervisor.post(&path, &approval).await.refused(409, "already_decided");

    assert_eq!(rival.sees(case["id"].as_str().unwrap()).await["status"], "submitted");
    assert_eq!(level(&rival).await, "in_person");
    resident.get("/v1/me").await.refused(401, "not_signed_in");
    let back = resident.comes_back().await;
    assert_eq!(level(&back).await, "none");
    back.get(&format!("/v1/applications/{}", case["id"].as_str().unwrap())).await.refused(404, "not_found");
});

story!(a_slip_gives_way_to_whoever_comes_with_the_document, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let filed =
        clerk.submits_for(&herself(), LINKOU, None, &world.form("medical_insurance")).await.expect(201);
    let slip = json!({"receipt_no": filed["receipt_no"], "query_code": filed["query_code"]});
    let finder = world.newcomer("finder", "林秀英", NUMBER, "13805950008").await;
    finder.put("/v1/me/applications", None, &slip).await.expect(200);
    assert_eq!(level(&finder).await, "id_matched");
    let resident = world.newcomer("xiuying", "林大妹", &id_number(6), "13805950001").await;
    is_seen(&resident, &clerk, "林秀英", NUMBER).await;
    assert_eq!((level(&finder).await, level(&resident).await), ("none".to_owned(), "in_person".to_owned()));
    assert_eq!(resident.sees(filed["id"].as_str().unwrap()).await["status"], "submitted");
});

story!(the_police_correct_a_number, world, {
    let (clerk, supervisor) = (world.clerk("li", LINKOU).await, world.supervisor("watch").await);
    let resident = newcomer(&world).await;
    is_seen(&resident, &clerk, "林秀英", NUMBER).await;
    let right = id_number(44);
    let mut asked = json!({
        "region": LINKOU, "kind": "corrected_number", "name": "林秀英", "id_number": right,
        "former_id_number": NUMBER, "document": "id_card", "reason": "与他人重号，公安更正",
    });
    let told = clerk.post("/v1/identity-changes", &asked).await.refused(422, "fields_invalid");
    assert_eq!(told["errors"][0]["code"], "document_unfit");
    asked["document"] = "police_certificate".into();
    asked["document_no"] = "晋公更字2026第12号".into();
    let refused = clerk.post("/v1/identity-changes", &asked).await.expect(201);
    let decision =
        |change: &Value| format!("/v1/identity-changes/{}/decision", change["id"].as_str().unwrap());
    let no = json!({"approve": false, "reason": "证明编号查无"});
    assert_eq!(supervisor.post(&decision(&refused), &no).await.expect(200)["state"], "refused");
    let mine = resident.get("/v1/me").await.expect(200);
    assert_eq!(mine["identity"]["id_number"], "350582********0025", "nothing has changed");

    world.later(Duration::minutes(1));
    // Filed under the former number before it was known.
    let filed =
        clerk.submits_for(&herself(), LINKOU, None, &world.form("birth_registration")).await.expect(201);
    let change = clerk.post("/v1/identity-changes", &asked).await.expect(201);
    supervisor.post(&decision(&change), &json!({"approve": true, "reason": "已核实"})).await.expect(200);
    let mine = resident.get("/v1/me").await.expect(200);
    let tail = &right[14..];
    assert!(mine["identity"]["id_number"].as_str().unwrap().ends_with(tail), "{mine}");
    assert_eq!(resident.sees(filed["id"].as_str().unwrap()).await["status"], "submitted", "still hers");
    let records = resident.get("/v1/me/verifications").await.expect(200);
    let methods: Vec<&str> =
        records.as_array().unwrap().iter().map(|r| r["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["change", "counter"], "what was is kept");
    assert!(records[1]["ended_at"].is_string());
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
