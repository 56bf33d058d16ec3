//! Staff accounts: nobody has a default password, nobody decides with a password alone, and who leaves is out.

mod agencies;
mod passwords;

use reqwest::Method;
use serde_json::{Value, json};
use yichuang::domain::lifecycle::Role;
use yichuang::usecases::second_factor::code_at;

use crate::story;
use crate::world::papers::another_child;
use crate::world::people::{Answer, Person, send};
use crate::world::{Database, LINKOU, STREET, World};

async fn security(world: &World) -> Person {
    world.staff("security", "安全员", Role::SecurityAdministrator, STREET, None).await
}

async fn public(world: &World, path: &str, from: &str, body: &Value) -> Answer {
    send(world, Method::POST, path, None, &[("x-forwarded-for", from)], Some(body)).await
}

async fn signs_in(world: &World, from: &str, username: &str, password: &str, code: Option<&str>) -> Answer {
    let body = json!({"kind": "staff", "username": username, "password": password, "code": code});
    public(world, "/v1/sessions", from, &body).await
}

async fn sets_up(world: &World, username: &str, code: &str, password: &str) -> Answer {
    let body = json!({"username": username, "setup_code": code, "password": password});
    public(world, "/v1/staff-setup", "10.0.0.1", &body).await
}

fn official(username: &str) -> Value {
    let duty = json!({"role": "official", "region": STREET, "department": "housing"});
    json!({"username": username, "name": "审批员", "duties": [duty]})
}

const PASSWORD: &str = "three-fine-words";

impl World {
    fn code(&self, secret: &str) -> String {
        code_at(secret, self.office().now().timestamp()).unwrap()
    }
}

story!(a_new_official_sets_a_password_and_a_second_factor, world, {
    let security = security(&world).await;
    let opened = security.post("/v1/staff", &official("zhang")).await.expect(201);
    assert_eq!((&opened["set_up"], &opened["second_factor"]), (&json!(false), &json!(false)));
    let code = opened["setup_code"].as_str().unwrap();
    security.post("/v1/staff", &official("zhang")).await.refused(409, "username_taken");
    for guess in ["password", PASSWORD] {
        let told = signs_in(&world, "10.0.0.2", "zhang", guess, None).await;
        told.refused(401, "wrong_credentials");
    }
    for (password, told) in [
        ("short", "password_too_short"),
        ("my-name-is-Zhang", "password_too_easy"),
        ("1111111111", "password_too_easy"),
    ] {
        sets_up(&world, "zhang", code, password).await.refused(422, told);
    }
    sets_up(&world, "zhang", "a-wrong-code", PASSWORD).await.refused(401, "setup_code_invalid");
    let told = sets_up(&world, "zhang", code, PASSWORD).await.expect(200);
    let secret = told["secret"].as_str().unwrap();
    assert!(told["uri"].as_str().unwrap().starts_with("otpauth://totp/Yichuang:zhang?secret="), "{told}");
    sets_up(&world, "zhang", code, "another-fine-word").await.refused(401, "setup_code_invalid");

    let tries = async |code: Option<&str>| signs_in(&world, "10.0.0.2", "zhang", PASSWORD, code).await;
    tries(None).await.refused(401, "second_factor_needed");
    for wrong in ["000000", "12345", "１２３４５６"] {
        tries(Some(wrong)).await.refused(401, "second_factor_wrong");
    }
    let now = world.code(secret);
    tries(Some(&now)).await.expect(201);
    tries(Some(&now)).await.refused(401, "second_factor_wrong");
    world.later(chrono::Duration::seconds(30));
    tries(Some(&now)).await.refused(401, "second_factor_wrong");
    tries(Some(&world.code(secret))).await.expect(201);
    // The step before is refused too, once a later one was used; and an old one always.
    tries(Some(&code_at(secret, world.office().now().timestamp() - 30).unwrap()))
        .await
        .refused(401, "second_factor_wrong");
    world.later(chrono::Duration::seconds(90));
    tries(Some(&code_at(secret, world.office().now().timestamp() - 60).unwrap()))
        .await
        .refused(401, "second_factor_wrong");
    // The code that sets up ends after three days.
    let opened = security.post("/v1/staff", &official("wang")).await.expect(201);
    world.later(chrono::Duration::hours(72));
    let late = opened["setup_code"].as_str().unwrap();
    sets_up(&world, "wang", late, PASSWORD).await.refused(401, "setup_code_invalid");
});

story!(a_forgotten_password_is_reset_and_everything_before_it_is_void, world, {
    let security = security(&world).await;
    let clerk = world.clerk("li", LINKOU).await;
    let everybody = security.get("/v1/staff").await.expect(200);
    let li = everybody.as_array().unwrap().iter().find(|member| member["username"] == "li").unwrap();
    let path = format!("/v1/staff/{}/reset", li["id"].as_str().unwrap());
    let reset = security.post(&path, &json!({})).await.expect(200);
    clerk.get("/v1/me").await.refused(401, "not_signed_in");
    signs_in(&world, "10.0.0.2", "li", "a-long-password", None).await.refused(401, "wrong_credentials");
    let told = sets_up(&world, "li", reset["setup_code"].as_str().unwrap(), PASSWORD).await.expect(200);
    assert_eq!(told["secret"], Value::Null, "a clerk's work needs no second factor");
    signs_in(&world, "10.0.0.2", "li", PASSWORD, None).await.expect(201);
});

story!(who_leaves_is_out_at_once_and_the_work_goes_on, world, {
    let security = security(&world).await;
    let (li, chen) = (world.clerk("li", LINKOU).await, world.clerk("chen", LINKOU).await);
    let far = world.clerk("far", "350582006007").await;
    let resident = world.xiuying().await;
    for child in 0..2 {
        resident.submits(&another_child(&world.form("birth_registration"), child)).await;
    }
    let held = li.post("/v1/queue/claim", &json!({})).await.expect(200);
    let id =
        async |person: &Person| person.get("/v1/me").await.expect(200)["id"].as_str().unwrap().to_owned();
    let (li_id, chen_id, far_id) = (id(&li).await, id(&chen).await, id(&far).await);
    let leave = async |successor: Value| {
        security.post(&format!("/v1/staff/{li_id}/leave"), &json!({"successor": successor})).await
    };
    for unfit in [far_id.as_str(), &li_id, &id(&security).await, "01890000-0000-7000-8000-000000000000"] {
        leave(json!(unfit)).await.refused(422, "fields_invalid");
    }
    li.get("/v1/me").await.expect(200);
    let left = leave(json!(chen_id)).await.expect(200);
    assert_eq!(left["active"], false);
    li.get("/v1/me").await.refused(401, "not_signed_in");
    let body = json!({"kind": "refresh", "refresh_token": li.refresh_token});
    public(&world, "/v1/sessions", "10.0.0.2", &body).await.refused(401, "refresh_invalid");
    signs_in(&world, "10.0.0.2", "li", "a-long-password", None).await.refused(401, "wrong_credentials");
    let case = chen.get(&format!("/v1/applications/{}", held["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(case["holder"]["name"], "窗口小李", "handed over (both are called that)");
    chen.accepts(&case).await;
    // Once gone, there is nobody to change; without a successor the work goes back into the queue.
    leave(json!(null)).await.refused(404, "not_found");
    let own = chen.post("/v1/queue/claim", &json!({})).await.expect(200);
    security.post(&format!("/v1/staff/{chen_id}/leave"), &json!({})).await.expect(200);
    let zhao = world.clerk("zhao", LINKOU).await;
    let claims = async || zhao.post("/v1/queue/claim", &json!({})).await.expect(200)["id"].clone();
    let (one, two) = (claims().await, claims().await);
    assert!([&one, &two].contains(&&own["id"]) && [&one, &two].contains(&&held["id"]), "{one} {two}");
});

story!(duties_are_separated_and_every_change_of_them_is_on_record, world, {
    let security = security(&world).await;
    let auditor = world.staff("auditor", "审计员", Role::Auditor, STREET, None).await;
    let clerk = world.clerk("li", LINKOU).await;
    let me =
        async |person: &Person| person.get("/v1/me").await.expect(200)["id"].as_str().unwrap().to_owned();
    let clerk_id = me(&clerk).await;
    let duties = async |id: &str, duties: Value| {
        security.put(&format!("/v1/staff/{id}/duties"), None, &json!({"duties": duties})).await
    };
    let duty = |role: &str| json!({"role": role, "region": STREET});
    for both in [["auditor", "security_administrator"], ["administrator", "clerk"], ["clerk", "auditor"]] {
        let told = duties(&clerk_id, json!([duty(both[0]), duty(both[1])])).await;
        told.refused(422, "duties_not_separated");
    }
    duties(&clerk_id, json!([duty("official")])).await.refused(422, "department_unknown");
    duties(&clerk_id, json!([duty("resident")])).await.refused(422, "duty_unknown");
    duties(&me(&security).await, json!([duty("clerk")])).await.refused(409, "own_account");
    clerk.get("/v1/me").await.expect(200);
    duties(&clerk_id, json!([duty("clerk"), duty("supervisor")])).await.expect(200);
    clerk.get("/v1/me").await.refused(401, "not_signed_in");
    let again = clerk.comes_back().await;
    assert_eq!(again.get("/v1/me").await.expect(200)["grants"].as_array().unwrap().len(), 2);
    for other in [&auditor, &again] {
        other.get("/v1/staff").await.refused(403, "not_permitted");
        other.post("/v1/staff", &official("x1")).await.refused(403, "not_permitted");
    }
    let log = auditor.get("/v1/audit?limit=100").await.expect(200);
    let changes: Vec<&Value> =
        log.as_array().unwrap().iter().filter(|entry| entry["operation"] == "change duties").collect();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0]["subject"], json!(clerk_id));
    assert_eq!(changes[0]["fields"], "roles=clerk to clerk,supervisor");
    assert_eq!(changes[0]["name"], "安全员");
});

async fn behind_a_proxy(database: Database, own: &[(&str, &str)]) -> Option<World> {
    let mut settings = vec![("YICHUANG_SERVER__TRUSTED_PROXIES", "127.0.0.1")];
    settings.extend(own);
    World::with(database, &settings).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_is_stopped_and_nobody_locks_somebody_else_out() {
    let own = [("YICHUANG_LIMITS__SIGN_IN_FROM_STRANGERS", "30")];
    let world = behind_a_proxy(Database::Sqlite, &own).await.unwrap();
    world.clerk("li", LINKOU).await;
    signs_in(&world, "10.1.0.1", "li", "a-long-password", None).await.expect(201);
    // One address: ten tries, then not even the right password.
    for _ in 0..10 {
        signs_in(&world, "10.2.0.1", "li", "a-guess-or-two", None).await.refused(401, "wrong_credentials");
    }
    let told = signs_in(&world, "10.2.0.1", "li", "a-long-password", None).await;
    assert!(told.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
    told.refused(429, "too_many_requests");
    // A crowd of addresses is stopped by the account …
    let mut stopped = 0;
    for address in 0..60 {
        let told = signs_in(&world, &format!("10.3.0.{address}"), "li", "a-guess-or-two", None).await;
        stopped += u32::from(told.status == 429);
    }
    assert!(stopped >= 30, "{stopped}");
    // … and the clerk at her own desk does not notice.
    signs_in(&world, "10.1.0.1", "li", "a-long-password", None).await.expect(201);
    signs_in(&world, "10.4.0.1", "li", "a-long-password", None).await.refused(429, "too_many_requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_it_is_required_nobody_decides_with_a_password_alone() {
    let own = [("YICHUANG_STAFF__SECOND_FACTOR_REQUIRED", "true")];
    let world = behind_a_proxy(Database::Sqlite, &own).await.unwrap();
    world.clerk("li", LINKOU).await;
    for (username, role, department) in [
        ("zhang", Role::Official, Some("housing")),
        ("wang", Role::Supervisor, None),
        ("root", Role::Administrator, None),
        ("sec", Role::SecurityAdministrator, None),
        ("aud", Role::Auditor, None),
    ] {
        let new = yichuang::usecases::staff::NewStaff {
            username: username.to_owned(),
            name: "某人".to_owned(),
            password: PASSWORD.to_owned(),
            role,
            region: yichuang::domain::region::Region::parse(STREET).unwrap(),
            department: department.map(str::to_owned),
            email: None,
        };
        world.office().add_staff(new).await.unwrap();
        signs_in(&world, "10.0.0.2", username, PASSWORD, None).await.refused(401, "second_factor_missing");
    }
}
