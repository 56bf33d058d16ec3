//! The papers people bring along.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use yichuang::domain::id_number::IdNumber;

/// A valid ID number of an adult of Jinjiang; even serials are women's.
pub fn id_number(serial: u32) -> String {
    assert!(serial < 900);
    let body = format!("35058219800101{:03}", 100 + serial);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 =
        body.chars().zip(weights).map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
    let check = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][sum as usize % 11];
    format!("{body}{check}")
}

/// The same birth registration for another child of the family: what is filed again is not the same matter.
pub fn another_child(form: &Value, number: u32) -> Value {
    let born = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() - Days::new(15 * u64::from(number));
    let mut form = form.clone();
    form["pregnancy"] = json!({"state": "born", "born_on": born, "children": 1});
    form
}

const CHARACTERS: &str = "安白蔡丁恩方高海江康林明南欧彭杰荣孙田文夏永赵春东飞国辉坤美宁";

/// Names of which no two differ in less than two characters.
pub fn name(number: u32) -> String {
    let letters: Vec<char> = CHARACTERS.chars().collect();
    let of = u32::try_from(letters.len()).unwrap();
    let digits = [number % of, number / of % of, number / of / of % of, number / of / of / of % of];
    // As of an ID number: another character shows, and so do two that changed places.
    let sum = (1..).zip(digits).map(|(weight, digit)| weight * digit).sum::<u32>() % of;
    digits.iter().chain([&sum]).map(|at| letters[*at as usize]).collect()
}

/// Somebody who shares neither name nor number with anybody else of these.
pub fn somebody(number: u32) -> (String, String) {
    let born = NaiveDate::from_ymd_opt(1960, 1, 1).unwrap() + Days::new(u64::from(number % 15_000));
    let sequence = u16::try_from(number / 15_000 * 2).unwrap();
    let number_of = IdNumber::synthesize("350582", born, sequence).unwrap();
    (name(number), number_of.as_str().to_owned())
}

/// A small picture that is told apart from every other by its number.
pub fn png(number: u8) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR".to_vec();
    file.extend(40_u32.to_be_bytes());
    file.extend(30_u32.to_be_bytes());
    file.extend(b"\x08\x02\0\0\0CRC4\0\0\0\x02IDATx");
    file.push(number);
    file.extend(b"CRC4\0\0\0\0IEND\xAE\x42\x60\x82");
    file
}
