//! A session goes on over a weak network, and ends when two hold a copy of it.

use reqwest::Method;
use serde_json::json;

use crate::story;
use crate::world::people::{Answer, Person, send};
use crate::world::{LINKOU, World};

async fn refresh(world: &World, token: &str) -> Answer {
    let body = json!({"kind": "refresh", "refresh_token": token});
    send(world, Method::POST, "/v1/sessions", None, &[], Some(&body)).await
}

impl Person {
    /// Refreshes, and hears the answer.
    async fn goes_on(&self) -> Person {
        let told = refresh(&self.world, &self.refresh_token).await.expect(201);
        Person {
            token: told["access_token"].as_str().unwrap().to_owned(),
            refresh_token: told["refresh_token"].as_str().unwrap().to_owned(),
            ..self.clone()
        }
    }
}

fn minutes(count: i64) -> chrono::Duration {
    chrono::Duration::minutes(count)
}

story!(tokens_end_with_time_and_sign_out, world, {
    let clerk = world.clerk("li", LINKOU).await;
    world.later(minutes(14));
    clerk.get("/v1/me").await.expect(200);
    world.later(minutes(1));
    clerk.get("/v1/me").await.refused(401, "not_signed_in");
    let clerk = clerk.goes_on().await;
    clerk.get("/v1/me").await.expect(200);
    for nonsense in ["", ".", "x.y", "01890000-0000-7000-8000-000000000000.x", &clerk.token] {
        let status = refresh(&world, nonsense).await.status;
        assert!(matches!(status, 401 | 422), "{nonsense}: {status}");
    }
    send(&world, Method::DELETE, "/v1/sessions/current", Some(&clerk.token), &[], None).await.expect(204);
    clerk.get("/v1/me").await.refused(401, "not_signed_in");
    refresh(&world, &clerk.refresh_token).await.refused(401, "refresh_invalid");
});

story!(a_lost_answer_is_asked_for_again, world, {
    let worker = world.grid_worker("chen", "350582006001001").await;
    // The network drops the answer; the phone tries again at once, even twice at a time, and is told the same.
    let lost = worker.goes_on().await;
    let (one, two) = tokio::join!(worker.goes_on(), worker.goes_on());
    assert_eq!((&one.refresh_token, &two.refresh_token), (&lost.refresh_token, &lost.refresh_token));
    // Or only two days later, out of the village.
    world.later(chrono::Duration::days(2));
    let back = worker.goes_on().await;
    back.get("/v1/me").await.expect(200);
    let on = back.goes_on().await;
    on.get("/v1/me").await.expect(200);
});

story!(forty_refreshes_at_once_are_one, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let clerk = clerk.clone();
        tasks.spawn(async move { clerk.goes_on().await.refresh_token });
    }
    let told: std::collections::BTreeSet<String> = tasks.join_all().await.into_iter().collect();
    assert_eq!(told.len(), 1);
    clerk.goes_on().await.goes_on().await;
});

story!(whoever_comes_second_with_a_copy_ends_the_session, world, {
    // The thief is first; the clerk's own token looks like a lost answer and is renewed; the thief's next is out.
    let clerk = world.clerk("li", LINKOU).await;
    let thief = clerk.goes_on().await;
    world.later(minutes(5));
    let own = clerk.goes_on().await;
    refresh(&world, &thief.refresh_token).await.refused(401, "refresh_invalid");
    own.get("/v1/me").await.refused(401, "not_signed_in");
    thief.get("/v1/me").await.refused(401, "not_signed_in");
    refresh(&world, &own.refresh_token).await.refused(401, "refresh_invalid");
    // The clerk is first and goes on; the thief comes with what is long gone.
    let clerk = world.clerk("chen", LINKOU).await;
    let own = clerk.goes_on().await.goes_on().await;
    world.later(minutes(5));
    refresh(&world, &clerk.refresh_token).await.refused(401, "refresh_invalid");
    own.get("/v1/me").await.refused(401, "not_signed_in");
});

story!(a_session_ends_when_it_is_idle_and_when_it_is_old, world, {
    // At a desk: an hour without a refresh, twelve hours in all.
    let clerk = world.clerk("li", LINKOU).await;
    world.later(minutes(60));
    refresh(&world, &clerk.refresh_token).await.refused(401, "refresh_invalid");
    let mut clerk = clerk.comes_back().await;
    for _ in 0..12 {
        world.later(minutes(59));
        clerk = clerk.goes_on().await;
    }
    world.later(minutes(12));
    refresh(&world, &clerk.refresh_token).await.refused(401, "refresh_invalid");
    // On the way: a week without a network is too long, two weeks in all.
    let mut worker = world.grid_worker("chen", "350582006001001").await;
    for _ in 0..2 {
        world.later(chrono::Duration::days(6));
        worker = worker.goes_on().await;
    }
    world.later(chrono::Duration::days(2));
    refresh(&world, &worker.refresh_token).await.refused(401, "refresh_invalid");
    let worker = worker.comes_back().await;
    world.later(chrono::Duration::days(7));
    refresh(&world, &worker.refresh_token).await.refused(401, "refresh_invalid");
});

story!(ones_sessions_are_seen_and_ended_one_by_one, world, {
    let phone = world.xiuying().await;
    let tablet = phone.comes_back().await;
    let stranger = world.resident("jianguo", "吴建国", "350582199203070010", "13805950002").await;
    let seen = phone.get("/v1/me/sessions").await.expect(200);
    let lines = seen.as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["client"]), (2, &json!("mini_program")));
    let other = lines.iter().find(|line| line["current"] == false).unwrap()["id"].as_str().unwrap();
    let path = format!("/v1/me/sessions/{other}");
    let end =
        async |person: &Person| send(&world, Method::DELETE, &path, Some(&person.token), &[], None).await;
    end(&stranger).await.refused(404, "not_found");
    tablet.get("/v1/me").await.expect(200);
    end(&phone).await.expect(204);
    tablet.get("/v1/me").await.refused(401, "not_signed_in");
    refresh(&world, &tablet.refresh_token).await.refused(401, "refresh_invalid");
    end(&phone).await.refused(404, "not_found");
    assert_eq!(phone.get("/v1/me/sessions").await.expect(200).as_array().unwrap().len(), 1);
});
