//! Visits that are planned, told, kept and called off; and what was noted at a door until it is looked after.

use chrono::Duration;
use serde_json::{Value, json};

use crate::story;
use crate::world::people::Person;
use crate::world::{LINGSHUI, STREET};
use yichuang::domain::lifecycle::Role;
use yichuang::storage::{Conn, Db, StorageError, StorageSettings};

const GRID: &str = "350582006001001";
const NEXT_GRID: &str = "350582006001002";

fn to(address: &str, on: &str) -> Value {
    json!({"region": GRID, "address": address, "purpose": "care", "on": on})
}

fn with(mut plan: Value, more: Value) -> Value {
    plan.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    plan
}

async fn plans(worker: &Person, plan: &Value) -> Value {
    worker.post("/v1/visit-plans", plan).await.expect(201)
}

fn cancelled(plan: &Value) -> String {
    format!("/v1/visit-plans/{}/cancellation", plan["id"].as_str().unwrap())
}

async fn keeps(worker: &Person, plan: &Value) -> crate::world::people::Answer {
    let visit = json!({
        "region": GRID, "address": "中区1号", "latitude": 24.7361, "longitude": 118.5522, "plan": plan["id"],
    });
    worker.post("/v1/visits", &visit).await
}

async fn day(worker: &Person, part: &str) -> Vec<String> {
    let today = worker.get("/v1/field/today").await.expect(200);
    let lines = today[part].as_array().unwrap().iter();
    lines.map(|line| line["address"].as_str().unwrap().to_owned()).collect()
}

async fn id(person: &Person) -> Value {
    person.get("/v1/me").await.expect(200)["id"].clone()
}

story!(a_day_is_planned_walked_and_kept_once, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let place = |north: f64, east: f64| json!({"latitude": north, "longitude": east});
    plans(&worker, &with(to("远处9号", "2026-11-23"), place(24.75, 118.55))).await;
    plans(&worker, &to("乙巷2号", "2026-11-23")).await;
    plans(&worker, &to("甲巷1号", "2026-11-23")).await;
    plans(&worker, &with(to("隔壁2号", "2026-11-23"), place(24.7362, 118.5522))).await;
    let first = with(to("中区1号", "2026-11-23"), json!({"not_before": "09:30", "not_after": "10:00"}));
    let first = plans(&worker, &with(first, place(24.7361, 118.5522))).await;
    assert_eq!((&first["state"], &first["not_before"]), (&json!("planned"), &json!("09:30")));
    let tomorrow = plans(&worker, &to("明天1号", "2026-11-24")).await;
    let order = ["中区1号", "隔壁2号", "远处9号", "乙巷2号", "甲巷1号"];
    assert_eq!(day(&worker, "planned").await, order, "the nearest next, the unknown last");

    // Many at the same moment, from a telephone that lost its patience.
    let all = futures_util::future::join_all((0..16).map(|_| keeps(&worker, &first))).await;
    assert!(all.iter().all(|answer| [201, 409].contains(&answer.status)), "{all:?}");
    let mut went = all.iter().filter(|answer| answer.status == 201);
    let visit = went.next().unwrap().json();
    assert!(went.next().is_none(), "kept once");
    keeps(&worker, &first).await.refused(409, "plan_kept");
    worker.post(&cancelled(&first), &json!({})).await.refused(409, "plan_kept");
    assert_eq!(day(&worker, "planned").await, ["远处9号", "隔壁2号", "乙巷2号", "甲巷1号"], "by address now");
    assert_eq!(worker.get("/v1/visits").await.expect(200).as_array().unwrap().len(), 1, "nothing halfway");
    let listed = worker.get("/v1/visit-plans").await.expect(200);
    assert_eq!(listed.as_array().unwrap().len(), 6);
    let kept = listed.as_array().unwrap().iter().find(|plan| plan["id"] == first["id"]).unwrap();
    assert_eq!((&kept["state"], &kept["visit"]), (&json!("kept"), &visit["id"]));
    let listed = worker.get("/v1/visit-plans?from=2026-11-24&to=2026-11-24").await.expect(200);
    assert_eq!((&listed[0]["id"], listed.as_array().unwrap().len()), (&tomorrow["id"], 1));

    // What was not done yesterday is there today, and what was called off is not.
    worker.post(&cancelled(&tomorrow), &json!({})).await.expect(200);
    worker.post(&cancelled(&tomorrow), &json!({})).await.refused(409, "plan_cancelled");
    keeps(&worker, &tomorrow).await.refused(409, "plan_cancelled");
    world.later(Duration::days(1));
    let worker = worker.comes_back().await;
    let today = worker.get("/v1/field/today").await.expect(200);
    assert_eq!(
        (today["planned"].as_array().unwrap().len(), &today["planned"][0]["overdue"]),
        (4, &json!(true))
    );
});

story!(a_plan_is_for_the_grid_of_who_calls, world, {
    let (worker, colleague) = (world.grid_worker("chen", GRID).await, world.grid_worker("wang", GRID).await);
    let next_door = world.grid_worker("ma", NEXT_GRID).await;
    let (watch, clerk) = (world.supervisor("watch").await, world.clerk("li", crate::world::LINKOU).await);
    let far = world.staff("far", "督导老张", Role::Supervisor, LINGSHUI, None).await;
    let plan = to("中区1号", "2026-11-23");
    for stranger in [&next_door, &clerk, &far] {
        stranger.post("/v1/visit-plans", &plan).await.refused(403, "not_permitted");
    }
    let own = plans(&worker, &with(plan.clone(), json!({"for_staff": id(&worker).await}))).await;
    for (who, whom) in [(&worker, &colleague), (&watch, &next_door), (&watch, &clerk)] {
        let foreign = with(plan.clone(), json!({"for_staff": id(whom).await}));
        let told = who.post("/v1/visit-plans", &foreign).await.refused(422, "fields_invalid");
        assert_eq!(told["errors"][0]["code"], "worker_unfit");
    }
    let told = watch.post("/v1/visit-plans", &plan).await.refused(422, "fields_invalid");
    assert_eq!(told["errors"][0]["pointer"], "/for_staff");
    let hers = plans(&watch, &with(plan.clone(), json!({"for_staff": id(&colleague).await}))).await;
    assert_eq!(day(&colleague, "planned").await, ["中区1号"]);

    // Whoever is sent somewhere may see what it is about.
    let case = world.xiuying().await.submits(&world.form("medical_insurance")).await;
    let about = with(plan.clone(), json!({"for_staff": id(&colleague).await, "about": case["id"]}));
    assert_eq!(watch.sees(case["id"].as_str().unwrap()).await["status"], "submitted");
    let told = watch.post("/v1/visit-plans", &about).await.refused(422, "fields_invalid");
    assert_eq!(told["errors"][0]["code"], "application_unknown");
    let seen = watch.get("/v1/visit-plans").await.expect(200);
    let address = |plan: &Value| {
        let line = seen.as_array().unwrap().iter().find(|line| line["id"] == plan["id"]).unwrap();
        line["address"].clone()
    };
    assert_eq!((address(&own), address(&hers)), (json!("中区***"), json!("中区1号")), "what she planned");
    let count = async |who: &Person| who.get("/v1/visit-plans").await.expect(200).as_array().unwrap().len();
    assert_eq!((count(&watch).await, count(&far).await, count(&worker).await), (2, 0, 1));
    clerk.get("/v1/visit-plans").await.refused(403, "not_permitted");
    worker.get("/v1/visit-plans?from=2026-11-23&to=2027-11-23").await.refused(422, "query_invalid");
    worker.get("/v1/visit-plans?from=2026-11-23&to=2026-11-22").await.refused(422, "query_invalid");

    for stranger in [&worker, &next_door, &far] {
        stranger.post(&cancelled(&hers), &json!({})).await.refused(404, "not_found");
    }
    let told = keeps(&worker, &hers).await.refused(422, "fields_invalid");
    assert_eq!(told["errors"][0]["code"], "plan_unknown", "somebody else's");
    watch.post(&cancelled(&own), &json!({})).await.expect(200);
    assert_eq!(day(&worker, "planned").await, [""; 0]);
});

story!(all_that_is_wrong_with_a_plan_at_once, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let other = world.xiuying().await;
    let case = other.submits(&world.form("medical_insurance")).await;
    let wrong = with(
        to("中区1号", "2026-11-22"),
        json!({
            "latitude": 24.7, "not_before": "10:00", "not_after": "09:00",
            "about": "0192d3a0-0000-7000-8000-000000000000",
        }),
    );
    let told = worker.post("/v1/visit-plans", &wrong).await.refused(422, "fields_invalid");
    let errors = told["errors"].as_array().unwrap().iter();
    let mut codes: Vec<&str> = errors.map(|error| error["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["application_unknown", "before_start", "in_past", "required"]);
    for bad in [
        to("中区1号", "2027-11-24"),
        to("", "2026-11-23"),
        with(to("中区1号", "2026-11-23"), json!({"not_before": "24:00"})),
        with(to("中区1号", "2026-11-23"), json!({"latitude": 91.0, "longitude": 0.0})),
        // Filed at the community, not in the grid of this worker.
        with(to("中区1号", "2026-11-23"), json!({"about": case["id"]})),
    ] {
        worker.post("/v1/visit-plans", &bad).await.refused(422, "fields_invalid");
    }
});

async fn told(resident: &Person) -> Vec<Value> {
    let page = resident.get("/v1/me/notices?limit=100").await.expect(200);
    page["items"].as_array().unwrap().clone()
}

story!(the_resident_is_told_who_comes_and_why, world, {
    let (resident, worker) = (world.xiuying().await, world.grid_worker("chen", GRID).await);
    let body = json!({"region": GRID, "submit": true, "form": world.form("medical_insurance")});
    let case = resident.post("/v1/applications", &body).await.expect(201);
    let before = told(&resident).await.len();
    let about = json!({"about": case["id"], "purpose": "follow_up", "not_before": "14:00"});
    let plan = plans(&worker, &with(to("中区1号", "2026-11-25"), about)).await;
    let notices = told(&resident).await;
    assert_eq!(notices.len(), before + 1);
    let text = notices[0]["body"].as_str().unwrap();
    for part in
        ["2026-11-25", "14:00", "跟进您正在办理的事项", "工作证", case["receipt_no"].as_str().unwrap()]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("中区"), "an inbox is not sealed: {text}");
    world.later(Duration::minutes(1));
    worker.post(&cancelled(&plan), &json!({})).await.expect(200);
    let notices = told(&resident).await;
    assert!(notices[0]["title"].as_str().unwrap().contains("取消"), "{notices:?}");
    // A visit about nobody's case is nobody's news.
    plans(&worker, &to("中区1号", "2026-11-25")).await;
    assert_eq!(told(&resident).await.len(), before + 2);
});

story!(needs_from_before_there_were_tasks_are_tasks, world, {
    let worker = world.grid_worker("chen", GRID).await;
    let visit = worker.visits(GRID, None).await;
    let report =
        json!({"outcome": "home", "needs": [{"about": "想聊天"}, {"about": "办老年证", "by": "2026-12-24"}]});
    worker.post(&format!("/v1/visits/{visit}/outcome"), &report).await.expect(200);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let steps = names.filter(|name| name.to_str().unwrap() >= "0012").count();
    let settings = StorageSettings { url: world.database_url().to_owned(), pool: 2, pool_wait_seconds: 2 };
    let vault = world.office().db().vault().clone();
    Db::revert(&settings, vault.clone(), steps).unwrap();
    drop(Db::open(&settings, vault).unwrap());
    let today = worker.get("/v1/field/today").await.expect(200);
    assert_eq!((&today["tasks"][0]["visit"], &today["tasks"][0]["index"]), (&json!(visit), &json!(1)));
});

story!(a_need_is_a_task_until_it_is_looked_after, world, {
    let (worker, colleague) = (world.grid_worker("chen", GRID).await, world.grid_worker("wang", GRID).await);
    let visit = worker.visits(GRID, None).await;
    let path = |index: &str| format!("/v1/visits/{visit}/needs/{index}/done");
    worker.post(&path("0"), &json!({})).await.refused(404, "not_found");
    let report = json!({"outcome": "home", "needs": [
        {"about": "办老年证", "by": "2026-12-24"}, {"about": "想聊天"}, {"about": "需要轮椅", "by": "2026-11-24"},
    ]});
    worker.post(&format!("/v1/visits/{visit}/outcome"), &report).await.expect(200);
    let tasks = async |who: &Person| {
        let today = who.get("/v1/field/today").await.expect(200);
        let lines = today["tasks"].as_array().unwrap().clone().into_iter();
        lines.map(|task| (task["index"].clone(), task["overdue"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(tasks(&worker).await, [(json!(2), json!(false)), (json!(0), json!(false))]);
    assert_eq!(tasks(&colleague).await, []);
    world.later(Duration::days(2));
    let (worker, colleague) = (worker.comes_back().await, colleague.comes_back().await);
    assert_eq!(tasks(&worker).await[0], (json!(2), json!(true)));
    colleague.post(&path("2"), &json!({})).await.refused(404, "not_found");
    for nowhere in ["3", "-1", "x", "99999999999"] {
        worker.post(&path(nowhere), &json!({})).await.refused(404, "not_found");
    }
    let done = worker.post(&path("2"), &json!({"note": "残联已借出"})).await.expect(200);
    assert_eq!((&done["need"]["about"], &done["note"]), (&json!("需要轮椅"), &json!("残联已借出")));
    worker.post(&path("2"), &json!({})).await.refused(409, "need_done");
    assert_eq!(tasks(&worker).await, [(json!(0), json!(false))]);

    // Whoever leaves leaves it to somebody.
    plans(&worker, &to("中区1号", "2026-11-25")).await;
    let security = world.staff("security", "安全员", Role::SecurityAdministrator, STREET, None).await;
    let leaving = format!("/v1/staff/{}/leave", id(&worker).await.as_str().unwrap());
    security.post(&leaving, &json!({"successor": id(&colleague).await})).await.expect(200);
    assert_eq!(tasks(&colleague).await, [(json!(0), json!(false))]);
    assert_eq!(day(&colleague, "planned").await, ["中区1号"]);
    colleague.post(&path("2"), &json!({})).await.refused(404, "not_found");
    colleague.post(&path("0"), &json!({})).await.expect(200);

    // All of it is kept as long as the visits, and no longer.
    let rows = async |table: &str| {
        let sql = format!("SELECT COUNT(*) AS value FROM {table}");
        let count = move |conn: &mut Conn| Ok::<_, StorageError>(crate::storage::counted(conn, &sql));
        world.office().db().read(count).await.unwrap()
    };
    world.later(Duration::days(1098));
    world.office().erase_due().await.unwrap();
    assert_eq!((rows("visit_needs").await, rows("visit_plans").await), (3, 1), "1100 days are not over");
    world.later(Duration::days(4));
    world.office().erase_due().await.unwrap();
    assert_eq!((rows("visit_needs").await, rows("visit_plans").await), (0, 0));
});
