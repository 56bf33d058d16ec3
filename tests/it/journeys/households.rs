//! A household is entered once: it fills in forms, and a form that says otherwise is sent back before it is filed.

use chrono::NaiveDate;
use serde_json::{Value, json};
use yichuang::domain::id_number::IdNumber;

use crate::story;
use crate::world::LINKOU;
use crate::world::people::Person;

fn born(date: &str, serial: u16) -> String {
    let date: NaiveDate = date.parse().unwrap();
    IdNumber::synthesize("350582", date, serial).unwrap().as_str().to_owned()
}

fn member(name: &str, id_number: &str, relation: &str) -> Value {
    json!({"name": name, "id_number": id_number, "phone": "13805950002", "relation": relation})
}

fn codes(problem: &Value) -> Vec<(&str, &str)> {
    let errors = problem["errors"].as_array().unwrap().iter();
    errors.map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}

story!(a_household_fills_in_the_form_and_knows_who_is_left_out, world, {
    let newcomer =
        Person::sign_in(&world, "newcomer", &json!({"kind": "wechat", "code": "dev:newcomer"})).await;
    newcomer.get("/v1/services/birth_registration/prefill").await.refused(409, "identity_needed");
    let mother = world.xiuying().await;
    let daughter = member("吴思琪", &born("2021-03-08", 4), "child");
    let husband = member("吴建国", "350582199203070010", "spouse");
    let family = json!({"members": [&husband, daughter]});
    mother.put("/v1/me/household", None, &family).await.expect(204);

    let filled = mother.get("/v1/services/birth_registration/prefill").await.expect(200);
    assert_eq!(
        filled["form"],
        json!({
            "mother": {"name": "林秀英", "id_number": "350582199412150025", "phone": "13805950001"},
            "father": {"name": "吴建国", "id_number": "350582199203070010", "phone": "13805950002"},
            "marital_status": "married",
            "children": [{"name": "吴思琪", "sex": "female", "birth_date": "2021-03-08", "alive": true}],
        })
    );
    mother.get("/v1/services/no_such_item/prefill").await.refused(404, "not_found");
    let form = world.form("birth_registration");
    mother.submits(&form).await;

    let twice = json!({"members": [husband, husband, member("林秀英", "350582199412150025", "child")]});
    let told = mother.put("/v1/me/household", None, &twice).await.refused(422, "fields_invalid");
    assert_eq!(
        codes(&told),
        [("/members/1/id_number", "repeated"), ("/members/1/relation", "second_spouse")]
    );
    let oneself = json!({"members": [member("林秀英", "350582199412150025", "child")]});
    let told = mother.put("/v1/me/household", None, &oneself).await.refused(422, "fields_invalid");
    assert_eq!(codes(&told), [("/members/0/id_number", "oneself")]);

    // A son was born since, and the two-daughter family of the form is none.
    let son = member("吴小宝", &born("2024-05-01", 1), "child");
    let another = member("陈大文", "350582199003070016", "spouse");
    let family = json!({"members": [another, family["members"][1], son]});
    mother.put("/v1/me/household", None, &family).await.expect(204);
    let body = json!({"region": LINKOU, "submit": true, "form": form});
    let told = mother.post("/v1/applications", &body).await.refused(422, "fields_invalid");
    assert_eq!(
        codes(&told),
        [("/form/children", "child_left_out"), ("/form/father/id_number", "household_differs")]
    );
    assert!(!told.to_string().contains("吴小宝"), "whoever files for her is not told about her family");

    let mut aid = world.form("housing_aid");
    aid["wife"]["name"] = json!("林秀英");
    aid["wife"]["id_number"] = json!("350582199412150025");
    aid["children"][0] = json!({"name": "吴思琪", "sex": "female", "birth_date": "2021-03-08", "adopted": false, "alive": true});
    let body = json!({"region": LINKOU, "submit": true, "form": aid});
    let told = mother.post("/v1/applications", &body).await.refused(422, "fields_invalid");
    assert!(codes(&told).contains(&("/form/children", "child_left_out")), "{told}");

    // The counter checks against the same household, once she was seen in person.
    let clerk = world.clerk("li", LINKOU).await;
    let whose = json!({"name": "林秀英", "id_number": "350582199412150025", "phone": "13805950001"});
    let body = json!({"region": LINKOU, "submit": true, "applicant": whose, "form": form});
    let told = clerk.post("/v1/applications", &body).await.refused(422, "fields_invalid");
    assert_eq!(codes(&told)[0], ("/form/children", "child_left_out"));
});
