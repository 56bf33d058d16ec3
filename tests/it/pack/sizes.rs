//! How much of the data plan a pack takes: a whole grid, and one household that changed.

use serde_json::json;
use yichuang::adapters::clock::new_id;

use super::{Satchel, household};
use crate::story;
use crate::sync::GRID;
use crate::world::LINKOU;

const SURNAMES: [&str; 12] = ["林", "陈", "吴", "王", "蔡", "黄", "张", "李", "许", "洪", "庄", "施"];
const GIVEN: [&str; 16] = [
    "秀英", "建国", "志强", "丽华", "美玲", "文彬", "雅婷", "俊杰", "淑芬", "国栋", "晓梅", "泽宇", "诗涵",
    "荣华", "清泉", "水木",
];

/// A valid number for everybody of a grid: born on one of many days, told apart by their serial.
fn number(serial: usize) -> String {
    let (year, month, day) = (1940 + serial * 7 % 80, 1 + serial % 12, 1 + serial % 28);
    let body = format!("350582{year}{month:02}{day:02}{:03}", serial % 1000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 =
        body.chars().zip(weights).map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
    format!("{body}{}", ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][sum as usize % 11])
}

story!(a_grid_of_500_households_and_1800_people_fits_into_two_megabytes, world, {
    let (clerk, worker) = (world.clerk("li", LINKOU).await, world.grid_worker("chen", GRID).await);
    let (mut people, mut last) = (0, None);
    for at in 0..500 {
        let mut home = household(GRID, at);
        let count = if at % 5 < 3 { 4 } else { 3 };
        let residents: Vec<_> = ["head", "spouse", "son", "daughter"]
            .iter()
            .take(count)
            .map(|relation| {
                people += 1;
                let name = format!("{}{}", SURNAMES[people % 12], GIVEN[people * 5 % 16]);
                let phone = format!("138{:08}", people * 7919 % 100_000_000);
                json!({"name": name, "id_number": number(people), "phone": phone, "relation": relation})
            })
            .collect();
        home["residents"] = json!(residents);
        home["latitude"] = json!(24.73 + f64::from(at) * 0.000_137);
        home["longitude"] = json!(118.55 + f64::from(at * 31 % 500) * 0.000_091);
        let id = new_id(world.office().now());
        clerk.put(&format!("/v1/households/{id}"), None, &home).await.expect(200);
        last = Some((id, home));
    }
    assert_eq!(people, 1800);
    let mut satchel = Satchel::new(&worker).await;
    let (whole, pages) = satchel.fetches("").await;
    assert_eq!(satchel.pack.of_kind("household").count(), 500);
    eprintln!("first download: {whole} bytes in {pages} page(s)");
    assert!(whole <= 2_000_000, "{whole}");
    let (id, mut home) = last.unwrap();
    home["note"] = "老人独居，请按门铃".into();
    clerk.put(&format!("/v1/households/{id}"), Some(1), &home).await.expect(200);
    let (change, _) = satchel.fetches("").await;
    eprintln!("one household changed: {change} bytes");
    assert!(change <= 20_000, "{change}");
});
