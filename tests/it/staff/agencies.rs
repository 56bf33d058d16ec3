//! A contract with an agency ends: its people are cut off in one act, and what they did can be handed over.

use serde_json::{Value, json};
use yichuang::domain::lifecycle::Role;

use super::{PASSWORD, security, sets_up, signs_in};
use crate::story;
use crate::world::people::Person;
use crate::world::{STREET, World};

const AGENCY: &str = "同心社会工作服务中心";
const GRID: &str = "350582006001001";

/// A grid worker of an agency, or of the street's own; the token of the session they open.
async fn worker(world: &World, security: &Person, username: &str, agency: Option<&str>) -> Person {
    let duty = json!({"role": "grid_worker", "region": GRID});
    let body = json!({"username": username, "name": "网格员", "agency": agency, "duties": [duty]});
    let opened = security.post("/v1/staff", &body).await.expect(201);
    assert_eq!(opened["agency"], json!(agency));
    sets_up(world, username, opened["setup_code"].as_str().unwrap(), PASSWORD).await.expect(200);
    let body = json!({"kind": "staff", "username": username, "password": PASSWORD});
    Person::sign_in(world, username, &body).await
}

fn visit() -> Value {
    json!({"region": GRID, "address": "中区12号", "latitude": 24.73, "longitude": 118.55})
}

story!(when_a_contract_ends_all_its_people_are_out_and_what_they_did_stays, world, {
    let security = security(&world).await;
    let auditor = world.staff("auditor", "审计员", Role::Auditor, STREET, None).await;
    let (one, two) = (
        worker(&world, &security, "tx-one", Some(AGENCY)).await,
        worker(&world, &security, "tx-two", Some(AGENCY)).await,
    );
    let own = worker(&world, &security, "own-one", None).await;
    let other = worker(&world, &security, "hm-one", Some("和睦社工服务社")).await;
    for person in [&one, &two, &own, &other] {
        person.post("/v1/visits", &visit()).await.expect(201);
    }
    let ends = async |agency: &str| security.post("/v1/agency-endings", &json!({"agency": agency})).await;
    ends("没有的机构").await.refused(422, "fields_invalid");
    one.post("/v1/agency-endings", &json!({"agency": AGENCY})).await.refused(403, "not_permitted");
    let closed = ends(AGENCY).await.expect(200);
    let names: Vec<&str> =
        closed.as_array().unwrap().iter().map(|member| member["username"].as_str().unwrap()).collect();
    assert_eq!(names, ["tx-one", "tx-two"]);
    for gone in [&one, &two] {
        gone.get("/v1/me").await.refused(401, "not_signed_in");
    }
    signs_in(&world, "10.0.0.9", "tx-one", PASSWORD, None).await.refused(401, "wrong_credentials");
    for stays in [&own, &other] {
        stays.get("/v1/me").await.expect(200);
    }
    assert_eq!(ends(AGENCY).await.expect(200), json!([]), "a second time there is nobody left");

    world.office().keep_audit().await.unwrap();
    let log = auditor.get(&format!("/v1/audit?agency={AGENCY}")).await.expect(200);
    let visits = log.as_array().unwrap().iter().filter(|entry| entry["operation"] == "POST /v1/visits");
    assert_eq!(visits.count(), 2);
    let all = auditor.get("/v1/audit?limit=100").await.expect(200);
    let ended = all.as_array().unwrap().iter().filter(|entry| entry["operation"] == "end agency");
    let fields: Vec<&Value> = ended.map(|entry| &entry["fields"]).collect();
    assert_eq!(fields, [&json!(format!("leases=0 agency={AGENCY}")); 2]);
    let nobody = auditor.get("/v1/audit?agency=%E6%B2%A1%E6%9C%89").await.expect(200);
    assert_eq!(nobody, json!([]));
    assert!(security.get(&format!("/v1/audit?agency={AGENCY}")).await.status == 403);
});
