//! The register of households: kept by the window and who watches the grids, read by grid workers.

use serde_json::json;
use yichuang::adapters::clock::new_id;

use super::{household, registers};
use crate::story;
use crate::sync::GRID;
use crate::world::people::send;
use crate::world::{LINGSHUI, LINKOU};

story!(a_household_is_kept_by_version_and_what_is_sent_back_masked_stays, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let id = registers(&clerk, GRID, 1).await;
    let path = format!("/v1/households/{id}");
    let mut seen = clerk.get(&path).await.expect(200);
    assert_eq!(seen["version"], 1);
    let masked = seen["residents"][0]["id_number"].as_str().unwrap().to_owned();
    assert!(masked.contains("****"));
    // Sent back as it was shown, with another telephone and one resident less.
    let residents = seen["residents"].as_array_mut().unwrap();
    residents.remove(3);
    residents[1]["phone"] = json!("13805950099");
    let body = json!({"region": GRID, "address": "林口社区中区1号", "residents": residents});
    clerk.put(&path, None, &body).await.refused(428, "version_required");
    clerk.put(&path, Some(7), &body).await.refused(412, "stale_version");
    let after = clerk.put(&path, Some(1), &body).await.expect(200);
    assert_eq!((after["version"].as_i64(), after["residents"].as_array().unwrap().len()), (Some(2), 3));
    assert_eq!(after["residents"][0]["id_number"], masked.as_str());
    // What is masked and never was there is refused, with everything else that is wrong.
    let mut bad = household(LINKOU, 5);
    bad["residents"][0]["id_number"] = json!("110101********0011");
    bad["residents"][1]["id_number"] = json!("110101199001010011");
    bad["residents"][2]["relation"] = json!("uncle");
    let told = clerk.put(&path, Some(2), &bad).await.refused(422, "fields_invalid");
    let pointers: Vec<&str> =
        told["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    for pointer in ["/residents/0/id_number", "/residents/1/id_number", "/residents/2/relation"] {
        assert!(pointers.contains(&pointer), "{pointers:?}");
    }
    // Two keepers at once: one is told.
    let supervisor = world.supervisor("wang").await;
    let (one, other) = tokio::join!(clerk.put(&path, Some(2), &body), supervisor.put(&path, Some(2), &body));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let remove = async |version: &str| {
        let headers = [("if-match", version)];
        send(&world, reqwest::Method::DELETE, &path, Some(&clerk.token), &headers, None).await
    };
    remove("\"1\"").await.refused(412, "stale_version");
    remove("\"3\"").await.expect(204);
    clerk.get(&path).await.refused(404, "not_found");
});

story!(the_register_of_other_places_is_closed, world, {
    let (clerk, other) = (world.clerk("li", LINKOU).await, world.clerk("zhang", LINGSHUI).await);
    let worker = world.grid_worker("chen", GRID).await;
    let neighbour = world.grid_worker("wang", "350582006001002").await;
    let id = registers(&clerk, GRID, 1).await;
    let path = format!("/v1/households/{id}");
    for stranger in [&other, &neighbour] {
        stranger.get(&path).await.refused(404, "not_found");
        assert_eq!(stranger.get("/v1/households").await.expect(200)["items"], json!([]));
    }
    other.put(&path, Some(1), &household(GRID, 1)).await.refused(404, "not_found");
    let fresh = new_id(world.office().now());
    other
        .put(&format!("/v1/households/{fresh}"), None, &household(GRID, 1))
        .await
        .refused(422, "fields_invalid");
    let nowhere = household("350582006001999", 1);
    clerk.put(&format!("/v1/households/{fresh}"), None, &nowhere).await.refused(422, "fields_invalid");
    worker.put(&path, Some(1), &household(GRID, 1)).await.refused(403, "not_permitted");
    assert_eq!(worker.get(&path).await.expect(200)["id"], json!(id));
    for serial in 2..6 {
        registers(&clerk, GRID, serial).await;
    }
    let first = worker.get("/v1/households?limit=3").await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = worker.get(&format!("/v1/households?limit=3&cursor={cursor}")).await.expect(200);
    assert_eq!(first["items"].as_array().unwrap().len() + second["items"].as_array().unwrap().len(), 5);
    assert!(second["next_cursor"].is_null());
});

story!(whoever_lives_there_reads_what_the_register_says_of_them, world, {
    let clerk = world.clerk("li", LINKOU).await;
    let mut home = household(GRID, 1);
    home["residents"][1] = json!({"name": "林秀英", "id_number": "350582199412150025", "phone": "13805950001",
        "relation": "spouse"});
    let id = new_id(world.office().now());
    clerk.put(&format!("/v1/households/{id}"), None, &home).await.expect(200);
    // Somebody who only says who they are learns nothing.
    let other = world.newcomer("someone", "林秀英", "350582199412150025", "13805950002").await;
    assert_eq!(other.get("/v1/me/export").await.expect(200)["register"], json!([]));
    let resident = world.xiuying().await;
    let told = resident.get("/v1/me/export").await.expect(200)["register"].clone();
    assert_eq!(told[0]["residents"][1]["id_number"], "350582199412150025");
    assert_eq!(told[0]["residents"][0].get("id_number"), None, "the others' are not hers");
});
