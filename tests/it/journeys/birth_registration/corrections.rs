//! 补正: everything is asked for at once, and nothing else later (行政许可法 32(4)).

use serde_json::{Value, json};

use crate::story;
use crate::world::LINKOU;
use crate::world::papers::png;
use crate::world::people::request_to_correct;

story!(asked_once_corrected_and_accepted, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    let missing = json!([{"material": "marriage_certificate", "verdict": "missing", "remark": "证照库查无"}]);
    clerk.does(&case, json!({"action": "check_materials", "verdicts": missing})).await;
    clerk.tries(&case, json!({"action": "accept"})).await.refused(409, "materials_lacking");

    let gaps = [("/father/phone", "电话打不通，请更正"), ("marriage_certificate", "请上传结婚证照片")];
    let case = clerk.asks_to_correct(&case, &gaps).await;
    assert_eq!(case["status"], "correcting");
    let told = resident.sees(case["id"].as_str().unwrap()).await;
    let about: Vec<&str> = told["correction"]["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| gap["about"].as_str().unwrap())
        .collect();
    assert_eq!(about, ["/father/phone", "marriage_certificate"], "everything on one notice");
    assert_eq!(
        (&told["clocks"]["mover"], &told["clocks"]["watch"]),
        (&json!("resident"), &json!("correction_reply"))
    );
    assert_eq!(told["clocks"]["deemed_accepted_at"], Value::Null, "the notice was given in time");
    clerk.tries(&case, json!({"action": "accept"})).await.refused(409, "wrong_status");

    resident.uploads(&case, "marriage_certificate", png(1)).await.expect(201);
    let mut form = world.form("birth_registration");
    // As a phone's keyboard may type it: full-width digits are put right, as at the first filing.
    form["father"]["phone"] = "１３８０５９５０００３".into();
    let case = resident.corrects(&case, Some(&form)).await;
    assert_eq!(
        (&case["status"], &case["form"]["father"]["phone"]),
        (&json!("submitted"), &json!("13805950003"))
    );
    assert_eq!(case["submissions"].as_array().unwrap().len(), 2);

    let more = request_to_correct(&[("/father/phone", "仍打不通"), ("residence_proof", "另请补居住证明")]);
    let refused = clerk.tries(&case, more).await.refused(409, "not_on_first_notice");
    assert_eq!(refused["not_on_first_notice"], json!(["residence_proof"]));
    assert_eq!(refused["basis"], "行政许可法 32(4)");

    let there = json!([{"material": "marriage_certificate", "verdict": "qualified"}]);
    clerk.does(&case, json!({"action": "check_materials", "verdicts": there})).await;
    assert_eq!(clerk.accepts(&case).await["status"], "accepted");
    let public = ["submit", "ask_to_correct", "correct", "accept"];
    assert_eq!(resident.timeline(&case).await, public);
});

story!(the_same_gap_may_be_asked_for_again, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    let gap = [("household_books", "户口簿照片模糊")];
    clerk.asks_to_correct(&case, &gap).await;
    resident.corrects(&case, None).await;
    let case = clerk.asks_to_correct(&case, &gap).await;
    assert_eq!((&case["status"], &case["correction"]["rounds"]), (&json!("correcting"), &json!(2)));
});

story!(a_correction_is_checked_like_a_filing, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let case = resident.submits(&world.form("birth_registration")).await;
    let case = clerk.asks_to_correct(&case, &[("/child_order", "孩次不对")]).await;
    let mut form = world.form("birth_registration");
    form["child_order"] = 5.into();
    form["father"]["id_number"] = "350582199203070011".into();
    let action = json!({"action": "correct", "form": form});
    let wrong = resident.tries(&case, action).await.refused(422, "fields_invalid");
    assert!(!wrong["errors"].as_array().unwrap().is_empty());
    assert_eq!(
        resident.sees(case["id"].as_str().unwrap()).await["version"],
        case["version"],
        "nothing was stored"
    );
});
