//! At the door: why somebody comes, what came of it, what is left to do, on clocks that are wrong.

use chrono::{DateTime, Duration, FixedOffset};
use reqwest::Method;
use serde_json::{Value, json};
use yichuang::domain::lifecycle::Role;

use crate::story;
use crate::world::people::{Person, send};
use crate::world::{LINKOU, STREET, World};

const GRID: &str = "350582006001001";

fn at_door(house: &str) -> Value {
    json!({
        "region": GRID, "address": house, "latitude": 24.7361, "longitude": 118.5522, "accuracy": 9.5,
        "purpose": "care",
    })
}

async fn calls(worker: &Person, visit: &Value) -> Value {
    worker.post("/v1/visits", visit).await.expect(201)
}

async fn ends(worker: &Person, visit: &Value, report: &Value) -> crate::world::people::Answer {
    worker.post(&format!("/v1/visits/{}/outcome", visit["id"].as_str().unwrap()), report).await
}

async fn today(worker: &Person) -> Value {
    worker.get("/v1/field/today").await.expect(200)
}

fn addresses(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|visit| visit["address"].as_str().unwrap()).collect()
}

fn here(world: &World) -> DateTime<FixedOffset> {
    world.office().now().with_timezone(&FixedOffset::east_opt(8 * 3600).unwrap())
}

story!(a_morning_at_the_doors_is_one_look_at_the_telephone, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let first = calls(&worker, &at_door("中区1号")).await;
    assert!(first["purpose_text"]["zh"].as_str().unwrap().contains("您可以拒绝"), "{first}");
    world.later(Duration::minutes(10));
    let report = json!({
        "outcome": "home", "needs": [{"about": "需要轮椅", "by": "2026-11-30"}], "note": "独居，听力不好",
        "revisit_on": "2026-11-24",
    });
    let ended = ends(&worker, &first, &report).await.expect(200);
    assert_eq!(ended["report"]["needs"][0]["about"], "需要轮椅");
    ends(&worker, &first, &json!({"outcome": "refused"})).await.refused(409, "visit_ended");
    let second = calls(&worker, &at_door("中区2号")).await;
    ends(&worker, &second, &json!({"outcome": "absent", "revisit_on": "2026-11-24"})).await.expect(200);

    let mandate = json!({
        "principal_name": "林秀英", "principal_id_number": "350582199412150025", "evidence": "signature",
        "matters": ["birth_registration"], "valid_until": "2026-12-01",
    });
    let third = worker.visits(GRID, Some(&mandate)).await;
    let applicant = json!({"name": "林秀英", "id_number": "350582199412150025", "phone": "13805950001"});
    let form = world.form("birth_registration");
    let case = worker.submits_for(&applicant, GRID, Some(&third), &form).await.expect(201);
    let clerk = world.clerk("li", LINKOU).await;

    let day = today(&worker).await;
    assert_eq!(addresses(&day["visits"]).len(), 3);
    assert_eq!(day["revisits"], json!([]), "tomorrow");
    assert_eq!((&day["open"][0]["id"], &day["corrections"]), (&case["id"], &json!([])));
    assert_eq!(day["mandates"][0]["matters"], json!(["birth_registration"]));
    assert_eq!(day["progress"], json!({"visits": 3, "met": 1, "target": 20}));
    let gaps = json!({"action": "ask_to_correct", "gaps": [{"about": "household_books", "how": "请补首页"}]});
    clerk.does(&case, gaps).await;
    clerk.get("/v1/field/today").await.refused(403, "not_permitted");
    let day = today(&worker).await;
    assert_eq!((&day["corrections"][0]["id"], &day["open"]), (&case["id"], &json!([])));

    // The day after: two doors to come back to; whoever is met is off the list.
    world.later(Duration::days(1));
    let worker = worker.comes_back().await;
    let day = today(&worker).await;
    assert_eq!(addresses(&day["revisits"]), ["中区1号", "中区2号"]);
    assert_eq!(day["visits"], json!([]));
    let mut again = at_door("中区2号");
    again["follows"] = second["id"].clone();
    calls(&worker, &again).await;
    assert_eq!(addresses(&today(&worker).await["revisits"]), ["中区1号"]);

    let colleague = world.grid_worker("wang", GRID).await;
    ends(&colleague, &first, &json!({"outcome": "home"})).await.refused(404, "not_found");
    let mut foreign = at_door("中区3号");
    foreign["follows"] = second["id"].clone();
    colleague.post("/v1/visits", &foreign).await.refused(422, "fields_invalid");
    assert_eq!(today(&colleague).await["visits"], json!([]), "everybody has their own day");
});

story!(whoever_opens_the_door_sees_who_stands_there, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let shown = worker.post("/v1/me/credential", &json!({})).await.expect(201);
    let scans = async |token: &Value| {
        let body = json!({"token": token});
        send(&world, Method::POST, "/v1/credential-checks", None, &[], Some(&body)).await
    };
    let seen = scans(&shown["token"]).await.expect(200);
    assert_eq!((&seen["name"], &seen["agency"]), (&json!("网格小陈"), &Value::Null));
    assert_eq!(seen["grids"][0]["code"], GRID);
    assert_eq!(seen["items"].as_array().unwrap().len(), 10);
    // It says who somebody is and opens nothing; what opens something is no credential.
    let token = shown["token"].as_str().unwrap();
    send(&world, Method::GET, "/v1/visits", Some(token), &[], None).await.refused(401, "not_signed_in");
    for wrong in [json!(worker.token), json!("x.y.z"), json!(format!("{token}A")), json!(&token[1..])] {
        scans(&wrong).await.refused(404, "credential_invalid");
    }
    world.clerk("li", LINKOU).await.post("/v1/me/credential", &json!({})).await.refused(403, "not_permitted");
    world.later(Duration::minutes(9));
    scans(&shown["token"]).await.expect(200);
    world.later(Duration::minutes(1));
    scans(&shown["token"]).await.refused(404, "credential_invalid");
    // Whoever has left shows none, from that moment.
    let fresh = worker.comes_back().await;
    let shown = fresh.post("/v1/me/credential", &json!({})).await.expect(201);
    scans(&shown["token"]).await.expect(200);
    let id = fresh.get("/v1/me").await.expect(200)["id"].as_str().unwrap().to_owned();
    let security = world.staff("security", "安全员", Role::SecurityAdministrator, STREET, None).await;
    security.post(&format!("/v1/staff/{id}/leave"), &json!({})).await.expect(200);
    scans(&shown["token"]).await.refused(404, "credential_invalid");
    for _ in 0..20 {
        scans(&json!("x.y.z")).await;
    }
    scans(&json!("x.y.z")).await.refused(429, "too_many_requests");
});

story!(a_clock_that_is_years_off_is_put_right_and_said_so, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let now = here(&world);
    let wrong = |ahead: Duration| {
        let mut visit = at_door("中区1号");
        visit["started_at"] = json!((now - Duration::hours(2) + ahead).to_rfc3339());
        visit["sent_at"] = json!((now + ahead).to_rfc3339());
        visit
    };
    for (ahead, put_right) in [
        (Duration::zero(), 0),
        (Duration::minutes(4), 0),
        (Duration::days(800), -800 * 86_400),
        (Duration::days(-800), 800 * 86_400),
    ] {
        let visit = calls(&worker, &wrong(ahead)).await;
        assert_eq!(visit["skew_seconds"], put_right);
        let began: DateTime<FixedOffset> = visit["started_at"].as_str().unwrap().parse().unwrap();
        let small = if put_right == 0 { ahead } else { Duration::zero() };
        assert_eq!(began, now - Duration::hours(2) + small);
        assert_eq!(visit["received_at"], json!(now.to_rfc3339()), "what counts is when it came");
        let earlier = now - Duration::hours(3) + ahead;
        let report = json!({
            "outcome": "home", "ended_at": earlier.to_rfc3339(), "sent_at": (now + ahead).to_rfc3339(),
        });
        let told = ends(&worker, &visit, &report).await.refused(422, "fields_invalid");
        assert_eq!(told["errors"][0]["code"], "before_start");
    }
    let mut unsaid = wrong(Duration::days(800));
    unsaid.as_object_mut().unwrap().remove("sent_at");
    worker.post("/v1/visits", &unsaid).await.refused(422, "visit_in_future");
    let mut old = at_door("中区1号");
    old["started_at"] = json!((now - Duration::days(367)).to_rfc3339());
    worker.post("/v1/visits", &old).await.refused(422, "visit_too_old");
    let visit = calls(&worker, &at_door("中区4号")).await;
    for (report, codes) in [
        (json!({"outcome": "moved", "revisit_on": "2026-11-30"}), vec!["nobody_there"]),
        (
            json!({"outcome": "absent", "revisit_on": "2026-11-01", "needs": [{"about": "轮椅"}]}),
            vec!["not_ahead", "nobody_met"],
        ),
    ] {
        let told = ends(&worker, &visit, &report).await.refused(422, "fields_invalid");
        let errors = told["errors"].as_array().unwrap().iter();
        assert_eq!(errors.map(|error| error["code"].as_str().unwrap()).collect::<Vec<_>>(), codes);
    }
    for bad in [json!({}), json!({"outcome": "happy"}), json!({"outcome": "home", "needs": [{"about": ""}]})]
    {
        ends(&worker, &visit, &bad).await.refused(422, "fields_invalid");
    }
});
