//! 材料: one file per request, told by its content, shown to those the application concerns.

use serde_json::{Value, json};

use crate::story;
use crate::world::LINKOU;
use crate::world::papers::png;
use crate::world::people::Person;

async fn downloads(person: &Person, file: &Value) -> (u16, String, Vec<u8>) {
    let path = format!("{}/v1/materials/{}", person.world.base(), file["id"].as_str().unwrap());
    let response = person.world.client().get(path).bearer_auth(&person.token).send().await.unwrap();
    if response.status() == 200 {
        let name = format!("attachment; filename=\"{}\"", file["id"].as_str().unwrap());
        assert_eq!(
            response.headers()["content-disposition"].to_str().unwrap(),
            name,
            "nothing that was sent"
        );
    }
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    (response.status().as_u16(), kind, response.bytes().await.unwrap().to_vec())
}

story!(uploaded_by_the_owner_and_read_by_those_it_concerns, world, {
    let (resident, clerk) = (world.xiuying().await, world.clerk("li", LINKOU).await);
    let body = json!({"region": LINKOU, "submit": false, "form": world.form("birth_registration")});
    let draft = resident.post("/v1/applications", &body).await.expect(201);
    let file = resident.uploads(&draft, "marriage_certificate", png(7)).await.expect(201);
    assert_eq!((&file["media_type"], &file["file_name"]), (&json!("image/png"), &json!("扫描件.png")));
    assert_eq!(file["size"], png(7).len());
    let case = resident.does(&draft, json!({"action": "submit"})).await;
    resident.uploads(&case, "id_cards", png(8)).await.expect(201);

    for person in [&resident, &clerk] {
        assert_eq!(downloads(person, &file).await, (200, "image/png".to_owned(), png(7)), "{}", person.name);
        let path = format!("/v1/applications/{}/materials", case["id"].as_str().unwrap());
        assert_eq!(person.get(&path).await.expect(200).as_array().unwrap().len(), 2);
    }
    let stranger = world.resident("stranger", "陈大文", "350582199003070016", "13805950009").await;
    let elsewhere = world.clerk("zhang", crate::world::LINGSHUI).await;
    for person in [&stranger, &elsewhere] {
        let (status, kind, _) = downloads(person, &file).await;
        assert_eq!(
            (status, kind.split(';').next()),
            (404, Some("application/problem+json")),
            "{}",
            person.name
        );
        person.uploads(&case, "id_cards", png(9)).await.refused(404, "not_found");
    }
    let (status, _, _) = downloads(&world.supervisor("wang").await, &file).await;
    assert_eq!(status, 403, "who watches the clocks needs no copies of certificates");
});

story!(what_is_no_picture_is_refused_whatever_it_is_called, world, {
    let resident = world.xiuying().await;
    let case = resident.submits(&world.form("birth_registration")).await;
    let text = "GB 11643: 这不是图片".as_bytes().to_vec();
    resident.uploads(&case, "id_cards", text).await.refused(422, "file_type");
    resident.uploads(&case, "id_cards", Vec::new()).await.refused(422, "file_type");
    resident
        .uploads(&case, "id_cards", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec())
        .await
        .refused(422, "file_type");
    resident.uploads(&case, "id-cards", png(1)).await.refused(422, "material_code");
    let mut cut = png(1);
    cut.truncate(20);
    let refused = resident.uploads(&case, "id_cards", cut).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let path = format!("/v1/applications/{}/materials", case["id"].as_str().unwrap());
    assert_eq!(resident.get(&path).await.expect(200), json!([]));
});

story!(an_ended_case_takes_no_more_papers, world, {
    let resident = world.xiuying().await;
    let case = resident.submits(&world.form("birth_registration")).await;
    resident.withdraws(&case, "不办了").await;
    resident.uploads(&case, "id_cards", png(1)).await.refused(409, "application_ended");
});
