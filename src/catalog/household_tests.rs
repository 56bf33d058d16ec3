//! A household fills in what it knows of every form, and contradicts what it knows better.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::json;

use super::super::trial::Who;
use super::*;
use crate::domain::sensitive::in_full;
use crate::domain::text::FieldError;

fn person(name: &str, id_number: &str) -> Applicant {
    serde_json::from_value(json!({"name": name, "id_number": id_number, "phone": "13805950006"})).unwrap()
}

fn family() -> Family {
    let members = vec![
        (person("蔡丽珠", "35058219800923032X"), Relation::Spouse),
        (person("吴思琪", "350582201806010041"), Relation::Child),
        (person("吴水生", "350582195108080052"), Relation::Parent),
    ];
    Family::new(person("吴志明", "350582197806120313"), members)
}

#[test]
fn what_is_filled_in_belongs_into_every_form() {
    for entry in crate::catalog::all() {
        let filled = in_full(|| entry.prefill(&family()));
        assert!(filled.as_object().is_some_and(|form| !form.is_empty()), "{}", entry.guide().code);
        Who("吴志明", "350582197806120313").on("2026-11-23", |facts| {
            let wrong = entry.check_form(&filled, facts).unwrap_err();
            let wrong: Vec<&FieldError> = wrong.iter().filter(|error| error.code != "required").collect();
            assert!(wrong.is_empty(), "{}: {wrong:#?}\n{filled}", entry.guide().code);
        });
    }
}

#[test]
fn children_and_spouse_are_those_of_the_household() {
    let child = |name: &str, sex: &str, birth_date: &str| -> Child {
        let child =
            json!({"name": name, "sex": sex, "birth_date": birth_date, "adopted": false, "alive": true});
        serde_json::from_value(child).unwrap()
    };
    let told = |children: &[Child]| -> Vec<(String, String)> {
        let errors = family().agrees_with_children(children).into_iter();
        errors.map(|error| (error.pointer, error.code.into_owned())).collect()
    };
    let own = child("吴思琪", "female", "2018-06-01");
    assert_eq!(told(&[own.clone(), child("吴雅琳", "female", "2009-07-14")]), []);
    let expected = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    assert_eq!(told(&[]), [expected("/children", "child_left_out")]);
    assert_eq!(
        told(&[child("吴思琪", "male", "2018-06-02")]),
        [
            expected("/children/0/birth_date", "household_differs"),
            expected("/children/0/sex", "household_differs")
        ]
    );
    let number = |text: &str| IdNumber::parse(text).unwrap();
    let spouse = |text: &str| family().agrees_with_spouse("/wife/id_number", &number(text));
    assert_eq!(spouse("35058219800923032X"), None);
    assert_eq!(spouse("350582199412150025").unwrap().code, "household_differs");
    let alone = Family::new(person("吴志明", "350582197806120313"), Vec::new());
    assert_eq!(alone.agrees_with_spouse("/wife/id_number", &number("350582199412150025")), None);
}
