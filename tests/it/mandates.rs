//! Acting for somebody else on a mandate, and how mandates end.

use chrono::Duration;
use serde_json::{Value, json};

mod minors;
mod recusal;

use crate::story;
use crate::world::people::Person;
use crate::world::{LINKOU, STREET, World};
use yichuang::domain::lifecycle::Role;

const GRID: &str = "350582006001001";

/// 吴福来, old enough for the allowance of the sample form.
async fn grandmother(world: &World) -> (Person, Value) {
    let form = world.form("old_age_allowance");
    let number = form["elder"]["id_number"].as_str().unwrap().to_owned();
    let name = form["elder"]["name"].as_str().unwrap().to_owned();
    let person = world.resident("grandmother", &name, &number, "13805950003").await;
    (person, json!({"name": name, "id_number": number, "phone": "13805950003"}))
}

fn to(agent: (&str, &str), matters: &[&str]) -> Value {
    json!({"agent_name": agent.0, "agent_id_number": agent.1, "matters": matters, "valid_until": "2027-05-31"})
}

const XIUYING: (&str, &str) = ("林秀英", "350582199412150025");

async fn files_for(agent: &Person, applicant: &Value, service: &str) -> crate::world::people::Answer {
    agent.submits_for(applicant, LINKOU, None, &agent.world.form(service)).await
}

story!(a_daughter_acts_on_her_mothers_mandate_until_it_is_revoked, world, {
    let (mother, applicant) = grandmother(&world).await;
    let daughter = world.xiuying().await;
    let no = files_for(&daughter, &applicant, "old_age_allowance").await;
    assert_eq!(no.refused(422, "fields_invalid")["errors"][0]["code"], "not_in_household");

    let given = mother.post("/v1/me/mandates", &to(XIUYING, &["old_age_allowance"])).await.expect(201);
    assert_eq!((&given["given"], &given["agent"]), (&json!(true), &json!("林*英")));
    let other_matter = files_for(&daughter, &applicant, "medical_insurance").await;
    other_matter.refused(422, "fields_invalid");
    let case = files_for(&daughter, &applicant, "old_age_allowance").await.expect(201);
    let id = case["id"].as_str().unwrap();
    assert_eq!(mother.sees(id).await["status"], "submitted", "it is her mother's");
    assert_eq!(daughter.sees(id).await["status"], "submitted", "and she sees it as well");
    let taken = daughter.get("/v1/me/mandates").await.expect(200);
    assert_eq!((&taken[0]["id"], &taken[0]["given"]), (&given["id"], &json!(false)));

    let path = format!("/v1/me/mandates/{}/revocation", given["id"].as_str().unwrap());
    daughter.post(&path, &json!({})).await.refused(404, "not_found");
    assert_eq!(mother.post(&path, &json!({})).await.expect(200)["ended"], "revoked");
    mother.post(&path, &json!({})).await.refused(409, "mandate_ended");
    daughter.get(&format!("/v1/applications/{id}")).await.refused(404, "not_found");
    files_for(&daughter, &applicant, "old_age_allowance").await.refused(422, "fields_invalid");
    assert_eq!(mother.does(&case, json!({"action": "withdraw"})).await["status"], "withdrawn");
});

story!(whoever_is_nobody_yet_neither_gives_nor_uses_a_mandate, world, {
    let (mother, applicant) = grandmother(&world).await;
    let stranger = world.newcomer("xiuying", XIUYING.0, XIUYING.1, "13805950001").await;
    stranger
        .post("/v1/me/mandates", &to(("陈大文", "350582199003070016"), &["pension_insurance"]))
        .await
        .refused(409, "assurance_needed");
    mother.post("/v1/me/mandates", &to(XIUYING, &["old_age_allowance"])).await.expect(201);
    files_for(&stranger, &applicant, "old_age_allowance").await.refused(422, "fields_invalid");
    assert_eq!(stranger.get("/v1/me/mandates").await.expect(200), json!([]));

    // All that is wrong with one at once.
    let mut wrong = to(XIUYING, &["old_age_allowance", "flying"]);
    wrong["valid_until"] = "2028-01-01".into();
    let told = mother.post("/v1/me/mandates", &wrong).await.refused(422, "fields_invalid");
    let pointers: Vec<&str> =
        told["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/matters/1", "/valid_until"]);
    let own = to(
        (applicant["name"].as_str().unwrap(), applicant["id_number"].as_str().unwrap()),
        &["pension_insurance"],
    );
    mother.post("/v1/me/mandates", &own).await.refused(422, "fields_invalid");
});

story!(grown_up_relatives_pay_for_each_other_but_apply_themselves, world, {
    let (_, applicant) = grandmother(&world).await;
    let daughter = world.xiuying().await;
    let mut member = applicant.clone();
    member["relation"] = "parent".into();
    daughter.put("/v1/me/household", None, &json!({"members": [member]})).await.expect(204);
    files_for(&daughter, &applicant, "old_age_allowance").await.refused(409, "mandate_missing");
    let draft = json!({"region": LINKOU, "applicant": applicant, "form": world.form("medical_insurance")});
    daughter.post("/v1/applications", &draft).await.expect(201);
});

story!(a_mandate_is_used_up_with_its_last_matter, world, {
    let (clerk, worker) = (world.clerk("li", LINKOU).await, world.grid_worker("chen", GRID).await);
    let applicant = json!({"name": XIUYING.0, "id_number": XIUYING.1, "phone": "13805950001"});
    let mandate = json!({
        "principal_name": XIUYING.0, "principal_id_number": XIUYING.1, "evidence": "signature",
        "matters": ["birth_registration"], "valid_until": "2026-12-31",
    });
    let visit = worker.visits(GRID, Some(&mandate)).await;
    let form = world.form("birth_registration");
    let files = async || worker.submits_for(&applicant, GRID, Some(&visit), &form).await;
    let case = files().await.expect(201);
    clerk.accepts(&case).await;
    clerk.approves(&case).await;
    clerk.delivers_and_closes(&case).await;
    assert_eq!(files().await.refused(409, "mandate_ended")["why"], "completed");
    let principal = world.resident("xiuying", XIUYING.0, XIUYING.1, "13805950001").await;
    let hers = principal.get("/v1/me/mandates").await.expect(200);
    assert_eq!((&hers[0]["ended"], &hers[0]["done"]), (&json!("completed"), &json!(["birth_registration"])));
});

story!(a_death_and_a_leaving_end_what_they_end, world, {
    let (clerk, worker) = (world.clerk("li", LINKOU).await, world.grid_worker("chen", GRID).await);
    let security = world.staff("security", "安全员", Role::SecurityAdministrator, STREET, None).await;
    let principal = world.resident("xiuying", XIUYING.0, XIUYING.1, "13805950001").await;
    let at_the_door = |matter: &str| {
        json!({
            "principal_name": XIUYING.0, "principal_id_number": XIUYING.1, "evidence": "signature",
            "matters": [matter], "valid_until": "2026-12-31",
        })
    };
    worker.visits(GRID, Some(&at_the_door("birth_registration"))).await;
    let me = worker.get("/v1/me").await.expect(200);
    security.post(&format!("/v1/staff/{}/leave", me["id"].as_str().unwrap()), &json!({})).await.expect(200);
    let ended = principal.get("/v1/me/mandates").await.expect(200);
    assert_eq!(ended[0]["ended"], "agent_left");

    world.later(Duration::minutes(1));
    let successor = world.grid_worker("ma", GRID).await;
    let first = successor.visits(GRID, Some(&at_the_door("pension_insurance"))).await;
    successor.visits(GRID, Some(&at_the_door("medical_insurance"))).await;
    let path = format!("/v1/mandates/{first}/ending");
    clerk.post(&path, &json!({"why": "completed"})).await.refused(422, "fields_invalid");
    world
        .clerk("lingshui", "350582006007")
        .await
        .post(&path, &json!({"why": "revoked"}))
        .await
        .refused(404, "not_found");
    assert_eq!(
        clerk.post(&path, &json!({"why": "principal_died"})).await.expect(200)["ended"],
        "principal_died"
    );
    let all = principal.get("/v1/me/mandates").await.expect(200);
    let ends: Vec<&Value> = all.as_array().unwrap().iter().map(|mandate| &mandate["ended"]).collect();
    assert_eq!(ends, ["principal_died", "principal_died", "agent_left"], "both of them");
});
