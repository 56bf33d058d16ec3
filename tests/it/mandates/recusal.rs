//! Nobody reviews what they filed as somebody's agent.

use serde_json::{Value, json};
use yichuang::domain::lifecycle::Role;

use super::{GRID, XIUYING};
use crate::story;
use crate::world::{LINKOU, STREET};

story!(nobody_reviews_what_they_filed, world, {
    let security = world.staff("security", "安全员", Role::SecurityAdministrator, STREET, None).await;
    let both = world.grid_worker("chen", GRID).await;
    let me = both.get("/v1/me").await.expect(200);
    let duties = json!({"duties": [
        {"role": "grid_worker", "region": GRID}, {"role": "clerk", "region": LINKOU},
    ]});
    security
        .put(&format!("/v1/staff/{}/duties", me["id"].as_str().unwrap()), None, &duties)
        .await
        .expect(200);
    let both = both.comes_back().await;
    let applicant = json!({"name": XIUYING.0, "id_number": XIUYING.1, "phone": "13805950001"});
    let mandate = json!({
        "principal_name": XIUYING.0, "principal_id_number": XIUYING.1, "evidence": "signature",
        "matters": ["birth_registration"], "valid_until": "2026-12-31",
    });
    let visit = both.visits(GRID, Some(&mandate)).await;
    let mut new = json!({
        "region": GRID, "applicant": applicant, "visit": visit, "form": world.form("birth_registration"),
    });
    new["submit"] = true.into();
    // Whoever is both at the counter and on the way files at the counter; bound to a visit it is the door.
    let case = both.post("/v1/applications", &new).await.expect(201);
    let colleague = world.clerk("li", LINKOU).await;
    if case["submissions"][0]["role"] == "grid_worker" {
        assert!(!case["available_actions"].as_array().unwrap().contains(&json!("accept")));
        both.tries(&case, json!({"action": "accept"})).await.refused(409, "own_case");
        assert_eq!(both.post("/v1/queue/claim", &json!({})).await.expect(200), Value::Null, "nor gets it");
    } else {
        panic!("filed at a visit, yet not as its agent: {}", case["submissions"]);
    }
    colleague.accepts(&case).await;
});
