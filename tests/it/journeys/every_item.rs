//! What every item of the list must be able to do: the happy way to the end, the correction round trip,
//! the refusal, the withdrawal and the missed deadline, each from the item's own sample.

use chrono::Duration;
use serde_json::{Value, json};
use yichuang::catalog::{self, Entry};
use yichuang::domain::application::Track;

use super::committed::{picture, site_visit};
use crate::story;
use crate::world::people::Person;
use crate::world::{LINKOU, World};

struct Desk {
    resident: Person,
    clerk: Person,
}

async fn desk(world: &World) -> Desk {
    Desk { resident: world.xiuying().await, clerk: world.clerk("li", LINKOU).await }
}

impl Desk {
    async fn again(&mut self, world: &World) {
        let staff = json!({"kind": "staff", "username": "li", "password": "a-long-password"});
        self.clerk = Person::sign_in(world, "窗口小李", &staff).await;
        let wechat = json!({"kind": "wechat", "code": "dev:xiuying"});
        self.resident = Person::sign_in(world, "林秀英", &wechat).await;
    }

    async fn files(&self, world: &World, entry: &Entry) -> Value {
        let case = self.resident.submits(&world.form(entry.guide().code)).await;
        for material in case["checklist"].as_array().unwrap() {
            if material["necessity"] == "required" {
                let code = material["code"].as_str().unwrap();
                self.resident.uploads(&case, code, picture()).await.expect(201);
            }
        }
        case
    }

    async fn pays(&self, case: &Value) {
        let path = format!("/v1/applications/{}/payment-orders", case["id"].as_str().unwrap());
        let orders = self.clerk.get(&path).await.expect(200);
        let order = &orders[0];
        let body = json!({
            "amount_fen": order["quote"]["total_fen"],
            "method": "card",
            "voucher_no": format!("POS-{}", case["service"].as_str().unwrap().replace('_', "-")),
            "payer": "林秀英",
            "paid_at": "2026-11-23T09:00:00+08:00",
        });
        let path = format!("/v1/payment-orders/{}/postings", order["id"].as_str().unwrap());
        assert_eq!(self.clerk.post(&path, &body).await.expect(201)["disposition"], "settles");
    }
}

/// Before the departments; answers their officials' sign-in names.
async fn goes_to_the_departments(world: &World, desk: &Desk, entry: &Entry, case: &Value) -> Vec<Person> {
    let departments = entry.guide().departments;
    assert!(!departments.is_empty(), "{}: a committed item needs a department", entry.guide().code);
    desk.clerk.transfers(case, departments).await;
    let mut officials = Vec::new();
    for department in departments {
        let name = format!("{department}-{}", entry.guide().code);
        officials.push(world.official(&name, department).await);
    }
    officials
}

async fn is_decided(world: &World, desk: &mut Desk, entry: &Entry, case: &Value) {
    let officials = goes_to_the_departments(world, desk, entry, case).await;
    for official in &officials {
        official.agrees(case).await;
    }
    // Which visits an item asks for is its policy; one too many does no harm.
    for stage in ["site_selection", "home_visit"] {
        officials[0].does(case, site_visit(stage)).await;
    }
    let mut decider = officials[0].clone();
    if entry.guide().limits.public_notice.is_some() {
        let text = "社区居民申请事项公示，如有异议请于公示期内提出。";
        officials[0]
            .does(case, json!({"action": "publish_notice", "text": text, "place": "社区公告栏"}))
            .await;
        world.later(Duration::days(12));
        world.clock_strikes().await;
        desk.again(world).await;
        let name = format!("{}-{}", entry.guide().departments[0], entry.guide().code);
        let staff = json!({"kind": "staff", "username": name, "password": "a-long-password"});
        decider = Person::sign_in(world, "审批人", &staff).await;
    }
    decider.approves(case).await;
}

story!(the_happy_way, world, {
    let mut desk = desk(&world).await;
    for entry in catalog::all() {
        world.at(crate::world::opening());
        desk.again(&world).await;
        let case = desk.files(&world, entry).await;
        desk.clerk.accepts(&case).await;
        if entry.guide().charges {
            desk.pays(&case).await;
        }
        match entry.guide().track {
            Track::Instant => {
                desk.clerk.approves(&case).await;
            }
            Track::Committed => is_decided(&world, &mut desk, entry, &case).await,
        }
        let case = desk.clerk.delivers_and_closes(&case).await;
        assert_eq!(case["status"], "closed", "{}", entry.guide().code);
        assert_eq!(case["available_actions"], json!([]), "{}", entry.guide().code);
    }
});

story!(the_correction_round_trip, world, {
    let desk = desk(&world).await;
    for entry in catalog::all() {
        let case = desk.files(&world, entry).await;
        let gaps =
            json!([{"about": "/", "how": "请补全"}, {"about": "id_copy", "how": "请上传清晰的扫描件"}]);
        let case = desk.clerk.does(&case, json!({"action": "ask_to_correct", "gaps": gaps})).await;
        assert_eq!(case["status"], "correcting");
        let case = desk
            .resident
            .does(&case, json!({"action": "correct", "form": world.form(entry.guide().code)}))
            .await;
        let more =
            json!({"action": "ask_to_correct", "gaps": [{"about": "something_new", "how": "另外还要"}]});
        desk.clerk.tries(&case, more).await.refused(409, "not_on_first_notice");
        assert_eq!(desk.clerk.accepts(&case).await["status"], "accepted", "{}", entry.guide().code);
    }
});

story!(the_refusals, world, {
    let desk = desk(&world).await;
    for entry in catalog::all() {
        let case = desk.files(&world, entry).await;
        let no = json!({"action": "decline", "reason": "不属于本街道管辖", "basis": "行政许可法 32(2)", "right_office": "户籍地街道"});
        assert_eq!(desk.clerk.does(&case, no).await["status"], "declined");

        let case = desk.files(&world, entry).await;
        desk.clerk.accepts(&case).await;
        let no = json!({"action": "reject", "reason": "不符合条件", "basis": "行政许可法 38(2)"});
        let decider = match entry.guide().track {
            Track::Instant => desk.clerk.clone(),
            Track::Committed => {
                let officials = goes_to_the_departments(&world, &desk, entry, &case).await;
                for official in &officials {
                    official
                        .does(
                            &case,
                            json!({"action": "endorse", "opinion": "disagree", "reason": "不符合条件"}),
                        )
                        .await;
                }
                officials[0].tries(&case, json!({"action": "approve"})).await.expect(409);
                officials[0].clone()
            }
        };
        let case = decider.does(&case, no).await;
        assert_eq!(case["decision"]["granted"], false, "{}", entry.guide().code);
        assert!(case["decision"]["remedies"].as_str().unwrap().contains("六十日"));
    }
});

story!(the_withdrawal_and_the_missed_deadline, world, {
    let mut desk = desk(&world).await;
    for entry in catalog::all() {
        world.at(crate::world::opening());
        desk.again(&world).await;
        let case = desk.files(&world, entry).await;
        let case = desk.resident.does(&case, json!({"action": "withdraw"})).await;
        assert_eq!(case["status"], "withdrawn");

        let case = desk.files(&world, entry).await;
        // Monday 2026-11-23 and five working days: accepted by law from Tuesday 2026-12-01 on.
        world.at(crate::world::opening() + Duration::days(7));
        world.clock_strikes().await;
        desk.again(&world).await;
        assert_eq!(desk.resident.sees(case["id"].as_str().unwrap()).await["status"], "submitted");
        world.at(crate::world::opening() + Duration::days(8));
        world.clock_strikes().await;
        desk.again(&world).await;
        let case = desk.resident.sees(case["id"].as_str().unwrap()).await;
        assert_eq!(case["status"], "accepted", "{}", entry.guide().code);
        assert_eq!(case["clocks"]["deemed"], true);
    }
});
