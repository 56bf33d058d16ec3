//! Minors and who answers for them.

use serde_json::json;
use yichuang::domain::id_number::IdNumber;

use crate::story;
use crate::world::LINKOU;

story!(a_childs_parent_applies_and_consents, world, {
    let (parent, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let born = |year| {
        let day = chrono::NaiveDate::from_ymd_opt(year, 3, 8).unwrap();
        IdNumber::synthesize("350582", day, 12).unwrap().as_str().to_owned()
    };
    let child = |year| json!({"name": "吴思琪", "id_number": born(year), "phone": "13805950001"});
    let mut members = Vec::new();
    for (year, relation) in [(2018, "child"), (2010, "child"), (2016, "grandchild")] {
        let mut member = child(year);
        member["relation"] = relation.into();
        members.push(member);
    }
    parent.put("/v1/me/household", None, &json!({"members": members})).await.expect(204);
    let new = |year: i32| json!({"region": LINKOU, "applicant": child(year), "form": world.form("medical_insurance")});
    let told = parent.post("/v1/applications", &new(2018)).await.refused(422, "fields_invalid");
    assert_eq!(told["errors"][0]["code"], "consent_needed");
    assert_eq!(told["basis"], "个人信息保护法 31");
    let mut consented = new(2018);
    consented["guardian_consent"] = true.into();
    let case = parent.post("/v1/applications", &consented).await.expect(201);
    assert_eq!(case["representative"]["relation"], "parent");
    parent.post("/v1/applications", &new(2010)).await.expect(201);
    parent.post("/v1/applications", &new(2016)).await.refused(409, "representative_needed");

    // At the counter somebody answers for the child by name.
    let told = clerk.post("/v1/applications", &new(2018)).await.refused(422, "fields_invalid");
    assert_eq!(told["errors"][0]["pointer"], "/representative");
    let mut named = new(2018);
    named["representative"] =
        json!({"name": "陈大文", "id_number": born(2012), "relation": "appointed", "consent": true});
    let told = clerk.post("/v1/applications", &named).await.refused(422, "fields_invalid");
    assert_eq!(told["errors"][0]["code"], "representative_minor");
    named["representative"]["id_number"] = "350582199003070016".into();
    named["representative"]["consent"] = false.into();
    let told = clerk.post("/v1/applications", &named).await.refused(422, "fields_invalid");
    assert_eq!(told["errors"][0]["pointer"], "/representative/consent");
    named["representative"]["consent"] = true.into();
    clerk.post("/v1/applications", &named).await.expect(201);
});
