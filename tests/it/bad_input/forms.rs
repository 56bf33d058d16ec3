//! Everything wrong with a form in one answer, with pointers, in the reader's language.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::filing;
use crate::races::applications;
use crate::story;
use crate::world::LINKOU;
use crate::world::people::fresh_key;

fn errors(problem: &Value) -> BTreeSet<(String, String)> {
    let text = |error: &Value, key: &str| error[key].as_str().unwrap().to_owned();
    let errors = problem["errors"].as_array().unwrap();
    let found: BTreeSet<_> = errors.iter().map(|e| (text(e, "pointer"), text(e, "code"))).collect();
    assert_eq!(found.len(), errors.len(), "told twice: {problem}");
    found
}

fn wanted(list: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    list.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

story!(all_that_is_wrong_is_told_at_once, world, {
    let resident = world.xiuying().await;
    let mut body = filing(&world);
    let form = &mut body["form"];
    form["mother"]["id_number"] = "350582199412150026".into();
    form["father"].as_object_mut().unwrap().remove("residence_address");
    form["father"]["phone"] = "12345".into();
    form["child_order"] = 7.into();
    form["married_on"] = "2019-02-30".into();
    form["place"] = "grandmother".into();
    form["declared_true"] = false.into();
    form["nickname"] = "英".into();
    let refused = resident.post("/v1/applications", &body).await.refused(422, "fields_invalid");
    let found = errors(&refused);
    let codes = wanted(&[
        ("/form/father/residence_address", "required"),
        ("/form/place", "not_an_option"),
        ("/form/nickname", "unknown_field"),
        ("/form/declared_true", "not_declared"),
        ("/form/child_order", "order_mismatch"),
    ]);
    assert!(found.is_superset(&codes), "{found:#?}");
    let pointers: BTreeSet<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
    for pointer in ["/form/mother/id_number", "/form/father/phone", "/form/married_on"] {
        assert!(pointers.contains(pointer), "{pointer} is missing: {found:#?}");
    }
    assert_eq!(found.len(), 8, "{found:#?}");
    assert_eq!(refused["detail"], "有 8 处需要改正，已全部列出。");
    assert_eq!(applications(&world).await, 0);
    // The same over the check before filing: nothing else is told there.
    let applicant = json!({"name": "林秀英", "id_number": "350582199412150025", "phone": "13805950001"});
    let check = json!({"applicant": applicant, "form": body["form"]});
    let checked = resident.post("/v1/services/birth_registration/check", &check).await;
    assert_eq!(errors(&checked.refused(422, "fields_invalid")), found);
});

story!(english_for_who_reads_english, world, {
    let resident = world.xiuying().await;
    let mut body = filing(&world);
    body["form"]["mother"]["id_number"] = "350582199412150026".into();
    let key = fresh_key();
    for (language, english) in [
        ("en", true),
        ("en-GB,en;q=0.9,zh;q=0.8", true),
        ("zh-CN,zh;q=0.9,en;q=0.8", false),
        ("fr", false),
        ("*", false),
        ("en;q=0.1, zh;q=0.2", false),
        (";;;,q=,en;q=x", false),
    ] {
        let headers = [("idempotency-key", key.as_str()), ("accept-language", language)];
        let refused =
            resident.post_with("/v1/applications", &headers, &body).await.refused(422, "fields_invalid");
        let ascii = |text: &Value| text.as_str().unwrap().is_ascii();
        let error = &refused["errors"][0];
        assert_eq!(error["pointer"], "/form/mother/id_number");
        for text in [&refused["title"], &refused["detail"], &error["detail"]] {
            assert_eq!(ascii(text), english, "{language}: {text}");
        }
        assert!(ascii(&error["detail_en"]) && !ascii(&error["detail_zh"]), "{error}");
    }
    let path = "/v1/nothing";
    let method = reqwest::Method::GET;
    let headers = [("accept-language", "en")];
    let missing = crate::world::people::send(&world, method, path, None, &headers, None).await;
    assert_eq!(missing.refused(404, "no_such_path")["title"], "Not found");
});

story!(wrong_shapes_are_named_not_crashed_on, world, {
    let resident = world.xiuying().await;
    let shapes = [
        json!(null),
        json!(7),
        json!("x"),
        json!([]),
        json!({}),
        json!([[[[]]]]),
        json!(-1e300),
        json!(true),
    ];
    for field in
        ["/region", "/form", "/form/service", "/form/mother", "/form/children", "/form/children/0", "/id"]
    {
        for shape in &shapes {
            let mut body = filing(&world);
            body["id"] = "01890000-0000-7000-8000-000000000000".into();
            *body.pointer_mut(field).unwrap() = shape.clone();
            let answer = resident.post("/v1/applications", &body).await;
            let fine =
                (field == "/form/children" && *shape == json!([])) || (field == "/id" && shape.is_null());
            if fine && answer.status == 201 {
                continue;
            }
            assert_eq!(answer.status, 422, "{field} = {shape}: {}", answer.text);
            let refused = answer.refused(422, "fields_invalid");
            let near =
                |e: &Value| e["pointer"].as_str().unwrap().starts_with(field) || field.starts_with("/form");
            assert!(refused["errors"].as_array().unwrap().iter().any(near), "{field} = {shape}: {refused}");
        }
    }
});

story!(unknown_places_and_services, world, {
    let resident = world.xiuying().await;
    let file = async |region: &str, service: &str| {
        let mut body = filing(&world);
        body["region"] = region.into();
        body["form"]["service"] = service.into();
        resident.post("/v1/applications", &body).await.refused(422, "fields_invalid")["errors"].clone()
    };
    assert_eq!(file("350582006", "birth_registration").await[0]["code"], "community_needed");
    assert_eq!(file("350582006099", "birth_registration").await[0]["code"], "region_unknown");
    assert_eq!(file("3505", "birth_registration").await[0]["pointer"], "/region");
    assert_eq!(file(LINKOU, "rain_making").await[0]["pointer"], "/form/service");
    let missing = resident.get("/v1/services/rain_making").await;
    missing.refused(404, "not_found");
    assert_eq!(applications(&world).await, 0);
});

story!(what_surrounds_a_form_and_the_form_are_told_together, world, {
    let clerk = world.clerk("li", crate::world::LINKOU).await;
    let mut body = filing(&world);
    body["applicant"] = json!({"name": "林秀英", "id_number": "350582199412150025", "phone": "12"});
    body["form"]["mother"]["id_number"] = "350582199412150026".into();
    body["form"]["place"] = "grandmother".into();
    let refused = clerk.post("/v1/applications", &body).await.refused(422, "fields_invalid");
    let found: BTreeSet<String> = errors(&refused).into_iter().map(|(pointer, _)| pointer).collect();
    let expected = ["/applicant/phone", "/form/mother/id_number", "/form/place"];
    assert_eq!(found, expected.map(str::to_owned).into());
});

story!(an_action_that_is_none_hears_of_all_there_are, world, {
    let resident = world.xiuying().await;
    let case = resident.submits(&world.form("birth_registration")).await;
    let refused = resident.tries(&case, json!({"action": "fly"})).await.refused(422, "fields_invalid");
    assert_eq!(refused["errors"].as_array().unwrap().len(), 1, "{refused}");
    let (at, said) = (&refused["errors"][0]["pointer"], refused["errors"][0]["detail_en"].as_str().unwrap());
    assert_eq!(at, "/action");
    for action in ["submit", "accept", "ask_to_correct", "withdraw", "close_notice"] {
        assert!(said.contains(action), "{said}");
    }
});
