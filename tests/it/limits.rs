//! What costs others is rationed, with the same answer from the cache in process and from Redis.

use serde_json::json;

use crate::world::papers::png;
use crate::world::{Database, LINKOU, World, redis};

async fn a_greedy_world(database: Database, url: &str) -> Option<World> {
    let own = [
        ("YICHUANG_CACHE__REDIS_URL", url),
        ("YICHUANG_LIMITS__FILINGS_PER_HOUR", "3"),
        ("YICHUANG_LIMITS__UPLOADS_PER_HOUR", "2"),
        ("YICHUANG_LIMITS__SEARCHES_PER_MINUTE", "4"),
    ];
    World::with(database, &own).await
}

async fn is_rationed(world: World) {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let other = world.resident("jianguo", "吴建国", "350582199203070010", "13805950002").await;
    let new = json!({"region": LINKOU, "form": world.form("birth_registration")});
    let mut case = json!(null);
    for _ in 0..3 {
        case = resident.post("/v1/applications", &new).await.expect(201);
    }
    let told = resident.post("/v1/applications", &new).await;
    let wait: u32 = told.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((3500..=3600).contains(&wait), "{wait}");
    assert_eq!(told.json()["retry_after"], json!(wait));
    told.refused(429, "too_many_requests");
    other.post("/v1/applications", &new).await.expect(201);
    for number in 0..2 {
        resident.uploads(&case, "id_cards", png(80 + number)).await.expect(201);
    }
    resident.uploads(&case, "id_cards", png(82)).await.refused(429, "too_many_requests");
    let search = json!({"text": "林"});
    for _ in 0..4 {
        clerk.post("/v1/applications/search", &search).await.expect(200);
    }
    clerk.post("/v1/applications/search", &search).await.refused(429, "too_many_requests");
    // Who files for many is not counted.
    for _ in 0..5 {
        let applicant = json!({"name": "林秀英", "id_number": "350582199412150025", "phone": "13805950001"});
        let filed =
            json!({"region": LINKOU, "applicant": applicant, "form": world.form("birth_registration")});
        clerk.post("/v1/applications", &filed).await.expect(201);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_costs_others_is_rationed_in_process() {
    is_rationed(a_greedy_world(Database::Sqlite, "").await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_costs_others_is_rationed_in_redis() {
    if let Some(url) = redis::fresh_database() {
        is_rationed(a_greedy_world(Database::Sqlite, &url).await.unwrap()).await;
    }
}
