//! 生育登记: through three doors, to the registration or to another end.

use serde_json::json;

use crate::story;
use crate::world::LINKOU;

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

    let events =
        resident.get(&format!("/v1/applications/{}/events", case["id"].as_str().unwrap())).await.expect(200);
    let told: Vec<&str> = events.as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(told, ["submit", "accept", "approve", "deliver", "close"]);
    assert_eq!(resident.inbox().await.len(), 4);
});

story!(at_the_counter_the_clerk_only_holds_the_pen, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let applicant = json!({"name": "林秀英", "id_number": "350582199412150025", "phone": "13805950001"});
    let case =
        clerk.submits_for(&applicant, LINKOU, None, &world.form("birth_registration")).await.expect(201);
    assert_eq!(case["submissions"][0]["channel"], "counter");
    assert_eq!(case["applicant"]["name"], "林秀英");
    clerk.accepts(&case).await;
    assert_eq!(clerk.approves(&case).await["status"], "approved");
});
