//! Redis may be slow to come, or go for good: everything still works and every limit still holds.

use serde_json::json;

use crate::world::people::{Person, send};
use crate::world::{Database, LINKOU, World, postgres, redis};

async fn wrong_password(world: &World) -> u16 {
    let body = json!({"kind": "staff", "username": "nobody", "password": "wrong"});
    send(world, reqwest::Method::POST, "/v1/sessions", None, &[], Some(&body)).await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_from_the_start() {
    let nowhere = format!("redis://127.0.0.1:{}", postgres::free_port());
    let world = World::with(Database::Sqlite, &[("YICHUANG_CACHE__REDIS_URL", &nowhere)]).await.unwrap();
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    clerk.accepts(&case).await;
    let mut answers = Vec::new();
    for _ in 0..12 {
        answers.push(wrong_password(&world).await);
    }
    assert_eq!(answers[..10], [401; 10]);
    assert_eq!(answers[10..], [429; 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_killed_in_the_middle() {
    let Some(server) = redis::start() else { return };
    let url = format!("redis://127.0.0.1:{}", server.port);
    let world = World::with(Database::Sqlite, &[("YICHUANG_CACHE__REDIS_URL", &url)]).await.unwrap();
    let resident = world.xiuying().await;
    for _ in 0..6 {
        assert_eq!(wrong_password(&world).await, 401);
    }
    drop(server);
    // The six tries before still count, and a session ended before or after stays ended.
    for _ in 0..4 {
        assert_eq!(wrong_password(&world).await, 401);
    }
    assert_eq!(wrong_password(&world).await, 429);
    resident.submits(&world.form("birth_registration")).await;
    let body = json!({"kind": "wechat", "code": "dev:xiuying"});
    let other = Person::sign_in(&world, "林秀英", &body).await;
    send(&world, reqwest::Method::DELETE, "/v1/sessions/current", Some(&other.token), &[], None)
        .await
        .expect(204);
    other.get("/v1/me").await.refused(401, "not_signed_in");
    resident.get("/v1/me").await.expect(200);
}
