//! Who is let in by a token: what the server signed, for the client it was meant for, while its key, its time
//! and its session last. Everybody else gets the same refusal.

mod forging;
mod keys;
mod refreshing;

use reqwest::Method;
use serde_json::json;

use crate::permissions::requests::operations;
use crate::story;
use crate::world::people::{Answer, answer};
use crate::world::{LINKOU, World};
use forging::{claims, forgeries, own_key, signed, with};

async fn asks(world: &World, method: &str, path: &str, authorization: &[u8]) -> Answer {
    let value = reqwest::header::HeaderValue::from_bytes(authorization).unwrap();
    let method: Method = method.parse().unwrap();
    let request = world.client().request(method, format!("{}{path}", world.base()));
    answer(request.header("authorization", value).send().await.unwrap()).await
}

story!(no_forged_token_opens_any_door, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let other = world.clerk("chen", LINKOU).await;
    let forgeries = forgeries(&world, &clerk, &other);
    assert!(forgeries.len() >= 60, "{}", forgeries.len());
    let (der, kid) = own_key(&world);
    // The tool itself works: what is signed as the server signs is let in.
    let good = format!("Bearer {}", signed(&der, Some(&kid), &claims(&clerk)));
    assert_eq!(asks(&world, "GET", "/v1/me", good.as_bytes()).await.expect(200)["name"], "窗口小李");
    let mut asked = 0;
    for operation in operations().into_iter().filter(|operation| !operation.public()) {
        let path = operation.path.replace("{id}", "01890000-0000-7000-8000-000000000000");
        let path = path.replace("{material}", "id_cards").replace("{code}", "birth_registration");
        for (name, token) in &forgeries {
            let told = asks(&world, &operation.method, &path, format!("Bearer {token}").as_bytes()).await;
            assert_eq!(told.status, 401, "{name} at {}: {}", operation.name(), told.text);
            asked += 1;
        }
    }
    assert!(asked >= 60 * 30, "{asked}");
    for (name, token) in &forgeries {
        let told = asks(&world, "GET", "/v1/me", format!("Bearer {token}").as_bytes()).await;
        assert_eq!(told.headers["www-authenticate"], "Bearer", "{name}");
        told.refused(401, "not_signed_in");
    }
    for header in [b"".as_slice(), b"Bearer", b"Basic bGk6eA==", b"bearer x", b"Bearer \xff\xfe", b"Bearer  "]
    {
        asks(&world, "GET", "/v1/me", header).await.refused(401, "not_signed_in");
    }
    clerk.get("/v1/me").await.expect(200);
});

story!(a_token_is_for_one_kind_of_client, world, {
    let (der, kid) = own_key(&world);
    let clerk = world.clerk("li", LINKOU).await;
    let worker = world.grid_worker("chen", "350582006001001").await;
    let resident = world.xiuying().await;
    for (person, own) in [(&clerk, "desk"), (&worker, "field"), (&resident, "mini_program")] {
        assert_eq!(claims(person)["aud"], own);
        for audience in ["desk", "field", "mini_program"] {
            let token = signed(&der, Some(&kid), &with(&claims(person), "aud", json!(audience)));
            let told = asks(&world, "GET", "/v1/me", format!("Bearer {token}").as_bytes()).await;
            assert_eq!(told.status, if audience == own { 200 } else { 401 }, "{own} as {audience}");
        }
    }
});
