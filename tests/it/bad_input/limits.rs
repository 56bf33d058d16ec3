//! Pages that are none, and whoever tries too often.

use serde_json::{Value, json};

use crate::story;
use crate::world::people::{Answer, send};
use crate::world::{LINKOU, World};

const LISTS: [&str; 3] = ["/v1/applications", "/v1/queue", "/v1/me/notices"];

story!(cursors_and_limits_of_nobody, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let id = "01890000-0000-7000-8000-000000000000";
    let cursors = [
        "x".to_owned(),
        ".".to_owned(),
        id.to_owned(),
        format!("zz.{id}x"),
        format!("zzzzzzzzzzzzzzzzz.{id}"),
        format!("-zzzzzzzzzzzz.{id}"),
        format!("-1000000000000.{id}"),
        format!("1y2p0ij32e8e7.{id}"),
        format!("1000000000000.{id}"),
        format!("%00.{id}"),
    ];
    for path in LISTS {
        for cursor in &cursors {
            let answer = clerk.get(&format!("{path}?cursor={cursor}")).await;
            assert!(matches!(answer.status, 400 | 422), "{path} {cursor}: {} {}", answer.status, answer.text);
        }
        clerk.get(&format!("{path}?cursor=x")).await.refused(422, "cursor_invalid");
        for limit in ["0", "-1", "101"] {
            clerk.get(&format!("{path}?limit={limit}")).await.refused(422, "limit_invalid");
        }
        for limit in ["x", "", "1e2", "99999999999999999999"] {
            clerk.get(&format!("{path}?limit={limit}")).await.refused(422, "query_invalid");
        }
        clerk.get(&format!("{path}?cursor=")).await.refused(422, "cursor_invalid");
    }
    clerk.get("/v1/services?cursor=x").await.refused(422, "cursor_invalid");
    clerk.get("/v1/services?limit=0").await.refused(422, "limit_invalid");
    for query in ["status=lost", "older_than_days=-1", "older_than_days=99999999999", "service=a&service=b"] {
        let answer = clerk.get(&format!("/v1/queue?{query}")).await;
        assert!(matches!(answer.status, 200 | 422), "{query}: {} {}", answer.status, answer.text);
    }
    // PostgreSQL has no place for NUL in a text.
    for query in ["service=%00", "service=a%00b", "q=%00"] {
        for path in ["/v1/applications", "/v1/queue", "/v1/services"] {
            let answer = clerk.get(&format!("{path}?{query}")).await;
            assert!((400..500).contains(&answer.status), "{path} {query}: {} {}", answer.status, answer.text);
        }
    }
    for (limit, cursor) in [(json!(0), Value::Null), (json!(101), Value::Null), (json!(5), json!("x"))] {
        let body = json!({"text": "林", "limit": limit, "cursor": cursor});
        assert_eq!(clerk.post("/v1/applications/search", &body).await.status, 422);
    }
});

fn too_many(answer: Answer) {
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=900).contains(&wait), "{wait}");
    let problem = answer.refused(429, "too_many_requests");
    assert_eq!(problem["retry_after"], wait);
}

async fn look(world: &World, receipt_no: &str, query_code: &str) -> Answer {
    let body = json!({"receipt_no": receipt_no, "query_code": query_code});
    send(world, reqwest::Method::POST, "/v1/progress", None, &[], Some(&body)).await
}

story!(guessing_query_codes, world, {
    let resident = world.xiuying().await;
    let case = resident.submits(&world.form("birth_registration")).await;
    let (number, code) = (case["receipt_no"].as_str().unwrap(), case["query_code"].as_str().unwrap());
    let seen = look(&world, number, code).await.expect(200).to_string();
    for canary in ["林秀英", "350582199412150025", "13805950001", case["id"].as_str().unwrap()] {
        assert!(!seen.contains(canary), "{seen}");
    }
    for guess in 0..19 {
        look(&world, number, &format!("{guess:08}")).await.refused(404, "not_found");
    }
    too_many(look(&world, number, "00000099").await);
    // The right code is no way around the limit.
    too_many(look(&world, number, code).await);
});

story!(guessing_query_codes_by_binding, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let applicant = json!({"name": "林秀英", "id_number": "350582199412150025", "phone": "13805950001"});
    let form = world.form("birth_registration");
    let case = clerk.submits_for(&applicant, LINKOU, None, &form).await.expect(201);
    // Whoever knows a name and an ID number can say that they are the one.
    let thief = world.resident("thief", "林秀英", "350582199412150025", "13905950001").await;
    let guess = async |code: &str| {
        thief
            .put("/v1/me/applications", None, &json!({"receipt_no": case["receipt_no"], "query_code": code}))
            .await
    };
    for number in 0..20 {
        guess(&format!("{number:08}")).await.refused(404, "not_found");
    }
    too_many(guess("00000099").await);
    too_many(guess(case["query_code"].as_str().unwrap()).await);
});

story!(guessing_passwords, world, {
    world.clerk("li", LINKOU).await;
    for username in ["li", "nobody"] {
        let sign_in = async |password: &str| {
            let body = json!({"kind": "staff", "username": username, "password": password});
            send(&world, reqwest::Method::POST, "/v1/sessions", None, &[], Some(&body)).await
        };
        // A right password wipes the slate; a known name and an unknown one are refused alike.
        let mut faces = Vec::new();
        for guess in 0..10 {
            let mut refused = sign_in(&format!("password{guess}")).await.refused(401, "wrong_credentials");
            refused.as_object_mut().unwrap().remove("instance");
            faces.push(refused.to_string());
        }
        assert!(faces.iter().all(|face| *face == faces[0] && !face.contains(username)));
        too_many(sign_in("password99").await);
        too_many(sign_in("a-long-password").await);
    }
});
