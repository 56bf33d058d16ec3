//! Names as they stand on the card: rare characters and the dot survive store, search and print.

use serde_json::json;

use super::filing;
use crate::story;
use crate::world::LINKOU;
use crate::world::papers::id_number;

/// Extensions B, G and H, a compatibility ideograph, the zero, the dot, and 20 four-byte characters.
const NAMES: [&str; 7] = [
    "𠮷永",
    "王𬭊𰀀",
    "李𱍐",
    "林\u{F9DC}",
    "贺〇",
    "阿依古丽·买买提",
    "𠀀𠀁𠀂𠀃𠀄𠀅𠀆𠀇𠀈𠀉𠀊𠀋𠀌𠀍𠀎𠀏𠀐𠀑𠀒𠀓",
];

story!(rare_names_come_back_as_they_went_in, world, {
    let clerk = world.clerk("li", LINKOU).await;
    for (serial, name) in (0..).zip(NAMES) {
        let mut form = world.form("birth_registration");
        form["mother"]["name"] = name.into();
        let applicant = json!({"name": name, "id_number": id_number(serial), "phone": "13805950001"});
        let case = clerk.submits_for(&applicant, LINKOU, None, &form).await.expect(201);
        let id = case["id"].as_str().unwrap().to_owned();
        for seen in [case, clerk.sees(&id).await] {
            assert_eq!(seen["applicant"]["name"], name);
            assert_eq!(seen["form"]["mother"]["name"], name);
            let first = name.chars().next().unwrap();
            assert!(seen["headline"].as_str().unwrap().contains(first), "{}", seen["headline"]);
        }
        // Found by the whole name, by its beginning, and by nothing that only looks like it.
        let two: String = name.chars().take(2).collect();
        for (text, finds) in [(name, true), (&two, true), ("𠮷水", false), ("\u{10FFFF}", false)] {
            let found = clerk.post("/v1/applications/search", &json!({"text": text})).await.expect(200);
            let lines = found["items"].as_array().unwrap();
            assert_eq!(lines.iter().any(|line| line["id"] == id.as_str()), finds, "{text}: {found}");
            assert!(
                lines.iter().all(|line| line["applicant_name"].as_str().unwrap().starts_with(text)),
                "{found}"
            );
        }
    }
    // Typed with a look-alike of the dot it is the same name, stored and found.
    let applicant = json!({"name": "阿里•买买提", "id_number": id_number(20), "phone": "13805950001"});
    let case =
        clerk.submits_for(&applicant, LINKOU, None, &world.form("birth_registration")).await.expect(201);
    assert_eq!(case["applicant"]["name"], "阿里·买买提");
    for text in ["阿里·买", "阿里•买", "阿里・买买提"] {
        let found = clerk.post("/v1/applications/search", &json!({"text": text})).await.expect(200);
        assert_eq!(found["items"][0]["id"], case["id"], "{text}");
    }
});

story!(what_is_no_name_is_refused, world, {
    let clerk = world.clerk("li", LINKOU).await;
    for name in ["林", "林😀", "林\u{202E}英", "林\u{200B}英", "", "林1", &"𠀀".repeat(21)] {
        let mut body = filing(&world);
        body["applicant"] = json!({"name": name, "id_number": id_number(1), "phone": "13805950001"});
        let refused = clerk.post("/v1/applications", &body).await.refused(422, "fields_invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/applicant/name", "{name:?}: {refused}");
    }
});
