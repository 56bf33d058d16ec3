//! The clerk looks somebody up: by the beginning of a name page by page, by ID number, by receipt number.

use serde_json::{Value, json};

use crate::story;
use crate::world::LINKOU;
use crate::world::people::Person;

const KNOWN: &str = "350582199203070010";

async fn looks_up(clerk: &Person, text: &str, cursor: Option<&Value>) -> (Vec<String>, Option<Value>) {
    let body = json!({"text": text, "limit": 2, "cursor": cursor});
    let page = clerk.post("/v1/applications/search", &body).await.expect(200);
    let ids = page["items"].as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap().to_owned());
    (ids.collect(), page.get("next_cursor").filter(|cursor| !cursor.is_null()).cloned())
}

story!(names_come_in_their_order_page_by_page, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let form = world.form("birth_registration");
    let mut filed = Vec::new();
    for name in ["陈一", "陈二", "陈一", "林一", "陈一明", "陈一"] {
        let who = json!({"name": name, "id_number": KNOWN, "phone": "13805950002"});
        let body = json!({"region": LINKOU, "applicant": who, "form": form, "submit": name == "陈二"});
        let mut case = clerk.post("/v1/applications", &body).await.expect(201);
        case["name"] = json!(name);
        world.later(chrono::Duration::minutes(1));
        filed.push(case);
    }
    let id = |case: &Value| case["id"].as_str().unwrap().to_owned();
    let mut expected: Vec<&Value> =
        filed.iter().filter(|case| case["name"].as_str().unwrap().starts_with('陈')).collect();
    expected.sort_by_key(|case| {
        (case["name"].as_str().unwrap(), std::cmp::Reverse((case["created_at"].as_str().unwrap(), id(case))))
    });
    let (mut found, mut cursor) = looks_up(&clerk, " 陈 ", None).await;
    while let Some(after) = cursor {
        let (more, next) = looks_up(&clerk, "陈", Some(&after)).await;
        assert!(!more.is_empty());
        found.extend(more);
        cursor = next;
    }
    assert_eq!(found, expected.iter().map(|case| id(case)).collect::<Vec<_>>());

    assert_eq!(looks_up(&clerk, "林", None).await.0, [id(&filed[3])]);
    assert_eq!(looks_up(&clerk, KNOWN, None).await.0, [id(&filed[5]), id(&filed[4])]);
    assert_eq!(looks_up(&clerk, filed[1]["receipt_no"].as_str().unwrap(), None).await.0, [id(&filed[1])]);
    assert_eq!(looks_up(&clerk, "陈三", None).await, (Vec::new(), None));
});
