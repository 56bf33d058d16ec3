//! 生育登记: through three doors, to the registration or to another end.

mod corrections;
mod deadlines;
mod doors;
mod doorstep;
mod papers;

use serde_json::{Value, json};

use crate::story;
use crate::world::LINKOU;

/// 林秀英 as she is written down at the counter or the door.
fn xiuying_herself() -> Value {
    json!({"name": "林秀英", "id_number": "350582199412150025", "phone": "13805950001"})
}

story!(from_the_mini_program_to_the_registration, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    assert_eq!(case["status"], "submitted");
    let number = case["receipt_no"].as_str().unwrap();
    assert!(number.starts_with("350582006001-20261123-"), "{number}");

    let queue = clerk.get("/v1/queue").await.expect(200);
    assert_eq!(queue["items"][0]["application"]["id"], case["id"]);
    clerk.accepts(&case).await;
    let case = clerk.approves(&case).await;
    assert_eq!(case["decision"]["granted"], true);
    let case = clerk.delivers_and_closes(&case).await;
    assert_eq!(case["status"], "closed");

    assert_eq!(resident.timeline(&case).await, ["submit", "accept", "approve", "deliver", "close"]);
    assert_eq!(resident.inbox().await.len(), 4);
});

story!(at_the_counter_the_clerk_only_holds_the_pen, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let form = world.form("birth_registration");
    let case = clerk.submits_for(&xiuying_herself(), LINKOU, None, &form).await.expect(201);
    assert_eq!(case["submissions"][0]["channel"], "counter");
    assert_eq!(case["applicant"]["name"], "林秀英");
    clerk.accepts(&case).await;
    assert_eq!(clerk.approves(&case).await["status"], "approved");
});

story!(declined_with_the_right_office, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    let nowhere = json!({"action": "decline", "reason": "不在本街道", "basis": "行政许可法 32(2)"});
    clerk.tries(&case, nowhere).await.refused(422, "fields_invalid");
    let case = clerk.declines(&case, "双方户籍和居住地都不在本街道", "陈埭镇便民服务中心").await;
    assert_eq!((&case["status"], &case["available_actions"]), (&json!("declined"), &json!([])));

    let seen = resident.sees(case["id"].as_str().unwrap()).await;
    assert!(seen["ending"].as_str().unwrap().contains("陈埭镇便民服务中心"), "{}", seen["ending"]);
    assert_eq!(seen["clocks"]["deemed_accepted_at"], Value::Null, "nothing is accepted by law any more");
    let title = &resident.inbox().await[0];
    assert!(title.starts_with("不予受理"), "{title}");
    clerk.tries(&case, json!({"action": "accept"})).await.refused(409, "wrong_status");
});

story!(withdrawn_by_the_applicant_and_by_nobody_else, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    let stranger = world.resident("stranger", "陈大文", "350582199003070016", "13805950009").await;
    stranger.tries(&case, json!({"action": "withdraw"})).await.refused(404, "not_found");
    clerk.accepts(&case).await;
    let case = resident.withdraws(&case, "搬到厦门了").await;
    assert_eq!((case["status"].as_str(), case["ending"].as_str()), (Some("withdrawn"), Some("搬到厦门了")));
    let queue = clerk.get("/v1/queue").await.expect(200);
    assert_eq!(queue["items"], json!([]), "nobody works on it any more");
    let too_late = clerk.tries(&case, json!({"action": "approve"})).await.refused(409, "wrong_status");
    assert_eq!(
        (&too_late["application_status"], &too_late["available_actions"]),
        (&json!("withdrawn"), &json!([]))
    );
});

story!(after_the_decision_it_can_no_longer_be_withdrawn, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    clerk.accepts(&case).await;
    clerk.approves(&case).await;
    resident.tries(&case, json!({"action": "withdraw"})).await.refused(409, "wrong_status");
});
