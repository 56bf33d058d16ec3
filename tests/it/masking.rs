//! Particulars are shown masked to whoever works with them, in full for a stated purpose, and a masked value that
//! comes back changes nothing.

use serde_json::{Value, json};
use yichuang::domain::id_number::IdNumber;

use crate::story;
use crate::world::LINKOU;
use crate::world::papers::png;

const NUMBER: &str = "350582199412150025";
const PHONE: &str = "13805950001";

fn id(case: &Value) -> &str {
    case["id"].as_str().unwrap()
}

story!(staff_see_masked_and_reveal_for_a_purpose, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("house_rebuild")).await;
    assert_eq!(case["applicant"]["id_number"], NUMBER, "her own");
    let answer = clerk.get(&format!("/v1/applications/{}", id(&case))).await;
    assert!(!answer.text.contains(NUMBER) && !answer.text.contains(PHONE), "{}", answer.text);
    let seen = answer.json();
    assert_eq!(
        seen["applicant"],
        json!({"name": "林秀英", "id_number": "350582********0025", "phone": "138****0001"})
    );
    let address = seen["form"]["head"]["registered_address"].as_str().unwrap();
    assert!(address.ends_with("社区***"), "no house number: {address}");

    let path = format!("/v1/applications/{}/reveal", id(&case));
    let wanted =
        json!({"fields": ["/applicant/phone", "/applicant/id_number"], "purpose": "contact_applicant"});
    let shown = clerk.post(&path, &wanted).await.expect(200);
    assert_eq!(shown["values"], json!({"/applicant/phone": PHONE, "/applicant/id_number": NUMBER}));
    world.office().keep_audit().await.unwrap();
    let accesses = resident.get(&format!("/v1/applications/{}/accesses", id(&case))).await.expect(200);
    let revealed =
        accesses.as_array().unwrap().iter().find(|access| access["operation"] == "reveal").unwrap();
    assert_eq!(revealed["fields"], "/applicant/phone,/applicant/id_number");
    assert_eq!((&revealed["purpose"], &revealed["name"]), (&json!("contact_applicant"), &json!("窗口小李")));

    let nowhere = json!({"fields": ["/applicant/phone", "/dossier", "/form/nothing"], "purpose": "pay"});
    let told = clerk.post(&path, &nowhere).await.refused(422, "fields_invalid");
    assert_eq!(told["errors"].as_array().unwrap().len(), 2);
    clerk
        .post(&path, &json!({"fields": ["/applicant/phone"], "purpose": "curiosity"}))
        .await
        .refused(422, "fields_invalid");
    let supervisor = world.supervisor("watch").await;
    supervisor.post(&path, &wanted).await.refused(403, "not_permitted");
});

story!(a_masked_value_sent_back_changes_nothing, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let draft = json!({"region": LINKOU, "form": world.form("birth_registration")});
    let draft = resident.post("/v1/applications", &draft).await.expect(201);
    let path = format!("/v1/applications/{}", id(&draft));
    // The clerk continues what is on the screen, masks and all.
    let mut form = clerk.sees(id(&draft)).await["form"].clone();
    assert!(form.to_string().contains("****"));
    form["service"] = "birth_registration".into();
    form["pregnancy"]["expected_on"] = "2027-03-01".into();
    let saved = clerk.put(&path, draft["version"].as_i64(), &json!({"form": form})).await.expect(200);
    let hers = resident.sees(id(&draft)).await;
    let mut expected = world.form("birth_registration");
    expected.as_object_mut().unwrap().remove("service");
    expected["pregnancy"]["expected_on"] = "2027-03-01".into();
    assert_eq!(hers["form"], expected);

    form["father"]["phone"] = "139****7777".into();
    let told = clerk.put(&path, saved["version"].as_i64(), &json!({"form": form})).await;
    let told = told.refused(422, "fields_invalid");
    assert_eq!(
        (&told["errors"][0]["pointer"], &told["errors"][0]["code"]),
        (&json!("/form/father/phone"), &json!("masked_value"))
    );
    let new = json!({"region": LINKOU, "form": form});
    resident.post("/v1/applications", &new).await.refused(422, "fields_invalid");

    // The same way round with a correction.
    let case = resident.does(&saved, json!({"action": "submit"})).await;
    clerk.asks_to_correct(&case, &[("id_cards", "补充身份证")]).await;
    let worker = world.grid_worker("chen", "350582006001001").await;
    let mandate = json!({
        "principal_name": "林秀英", "principal_id_number": NUMBER, "evidence": "signature",
        "matters": ["birth_registration"], "valid_until": "2026-12-31",
    });
    worker.visits("350582006001001", Some(&mandate)).await;
    let elsewhere = worker.get(&path).await;
    let corrector = if elsewhere.status == 200 { worker } else { resident.clone() };
    let mut shown = corrector.sees(id(&case)).await["form"].clone();
    shown["pregnancy"]["expected_on"] = "2027-03-02".into();
    corrector.corrects(&case, Some(&shown)).await;
    assert_eq!(resident.sees(id(&case)).await["form"]["mother"]["id_number"], NUMBER);
});

story!(a_childs_data_is_looked_at_with_a_reason, world, {
    let (parent, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let born = chrono::NaiveDate::from_ymd_opt(2018, 3, 8).unwrap();
    let number = IdNumber::synthesize("350582", born, 12).unwrap();
    let child = json!({"name": "吴思琪", "id_number": number.as_str(), "phone": PHONE});
    let mut member = child.clone();
    member["relation"] = "child".into();
    parent.put("/v1/me/household", None, &json!({"members": [member]})).await.expect(204);
    let kept = parent.get("/v1/me/household").await.expect(200);
    assert_eq!(kept["members"][0]["id_number"], number.as_str(), "her own words in full");
    let new = json!({
        "region": LINKOU, "applicant": child, "guardian_consent": true, "form": world.form("medical_insurance"),
    });
    let case = parent.post("/v1/applications", &new).await.expect(201);
    let file = parent.uploads(&case, "id_documents", png(3)).await.expect(201);

    let seen = clerk.sees(id(&case)).await;
    assert_eq!(seen["applicant"]["name"], "吴*琪");
    let list = clerk.get("/v1/applications").await.expect(200);
    assert_eq!(list["items"][0]["applicant_name"], "吴*琪");
    let path = format!("/v1/applications/{}/reveal", id(&case));
    let mut wanted = json!({"fields": ["/applicant/name"], "purpose": "check_documents"});
    let told = clerk.post(&path, &wanted).await.refused(422, "fields_invalid");
    assert_eq!(told["errors"][0]["code"], "reason_needed");
    wanted["reason"] = "核对户口簿".into();
    assert_eq!(clerk.post(&path, &wanted).await.expect(200)["values"]["/applicant/name"], "吴思琪");

    let file = format!("/v1/materials/{}", file["id"].as_str().unwrap());
    clerk.get(&file).await.refused(422, "fields_invalid");
    clerk.get(&format!("{file}?purpose=check_documents")).await.expect_ok();
    parent.get(&file).await.expect_ok();
    world.office().keep_audit().await.unwrap();
    let accesses = parent.get(&format!("/v1/applications/{}/accesses", id(&case))).await.expect(200);
    let purposes: Vec<&str> =
        accesses.as_array().unwrap().iter().filter_map(|access| access["purpose"].as_str()).collect();
    assert!(
        purposes.contains(&"check_documents: 核对户口簿") && purposes.contains(&"check_documents"),
        "{purposes:?}"
    );
});
