//! Names and addresses of the town, as they are told at three doors.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::person_name::PersonName;

fn measure() -> Measure {
    let weights = Weights {
        same_id_number: 60,
        same_name: 30,
        name_sounds_alike: 24,
        name_one_off: 18,
        same_birth_date: 25,
        same_spouse: 20,
        same_address: 15,
        near_address: 8,
        same_phone: 12,
        shared_subjects: 10,
        near_occasion: 0,
    };
    let accents = [("zh", "z"), ("ing", "in")].map(|(said, heard)| (said.to_owned(), heard.to_owned()));
    Measure { threshold: 55, occasion_days: 14, across_years_days: 60, accents: accents.to_vec(), weights }
}

/// 林秀英 of 中区1号, expecting a child in February.
fn xiuying() -> Profile {
    Profile {
        service: "birth_registration".to_owned(),
        applicant: Applicant {
            name: PersonName::parse("林秀英").unwrap(),
            id_number: IdNumber::parse("350582199412150025").unwrap(),
            phone: PhoneNumber::parse("13805950001").unwrap(),
        },
        matter: Matter {
            period: Period::OpenEnded,
            occasion: vec!["2027-02-10".to_owned(), "2".to_owned()],
            has_occasion: true,
            subjects: Vec::new(),
        },
        spouse: Some("350582199203070010".to_owned()),
        address: Some("福建省晋江市灵源街道林口社区中区1号".to_owned()),
    }
}

fn named(name: &str) -> Profile {
    let mut other = xiuying();
    other.applicant.name = PersonName::parse(name).unwrap();
    other.applicant.id_number = IdNumber::parse("350582199003070016").unwrap();
    other
}

fn found(one: &Profile, other: &Profile) -> Option<Match> {
    let (there, back) = (compare(one, other, &measure()), compare(other, one, &measure()));
    assert_eq!(there, back, "it is the same whichever is looked at");
    there
}

#[test]
fn names_that_differ_in_a_stroke_or_only_in_writing() {
    let by = |one: &str, other: &str| sound::likeness(one, other, &measure().accents);
    for (one, other, reason) in [
        ("林秀英", "林秀英", Some(Reason::SameName)),
        ("林秀英", "林秀瑛", Some(Reason::NameSoundsAlike)),
        ("林秀英", "林绣英", Some(Reason::NameSoundsAlike)),
        ("陈小丽", "陈晓莉", Some(Reason::NameSoundsAlike)),
        // 曾 is read zēng as a name and céng otherwise.
        ("曾文", "增文", Some(Reason::NameSoundsAlike)),
        ("曾文", "层文", Some(Reason::NameSoundsAlike)),
        // As it is heard here: no retroflex, no velar ending.
        ("彭安美", "方白丽", None),
        ("彭英", "方英", None),
        ("张英", "脏音", Some(Reason::NameSoundsAlike)),
        ("林秀英", "林秀美", Some(Reason::NameOneOff)),
        ("林秀英", "林英秀", Some(Reason::NameOneOff)),
        ("欧阳秀英", "欧阳英", Some(Reason::NameOneOff)),
        ("Nguyen Van An", "nguyen van an", Some(Reason::SameName)),
        // One of two characters is half the name.
        ("林英", "林美", None),
        ("林秀英", "陈美珍", None),
        ("林秀英", "吴建国", None),
    ] {
        assert_eq!((by(one, other), by(other, one)), (reason, reason), "{one} {other}");
    }
    assert_eq!(sound::key("林秀英", &measure().accents), sound::key("林绣瑛", &measure().accents));
    assert_ne!(sound::key("林秀英", &[]), sound::key("林秀美", &[]));
}

#[test]
fn one_house_told_in_many_ways() {
    let full = "福建省晋江市灵源街道林口社区中区1号";
    for (other, reason) in [
        (full, Some(Reason::SameAddress)),
        ("福建省 晋江市 灵源街道 林口社区 中区 １ 号", Some(Reason::SameAddress)),
        ("晋江市灵源街道林口社区中区一号", Some(Reason::SameAddress)),
        ("林口社区中区 1 号", Some(Reason::SameAddress)),
        ("中区1号", Some(Reason::NearAddress)),
        ("中区一号", Some(Reason::NearAddress)),
        ("中区11号", None),
        ("林口社区中区2号", None),
        ("灵水社区中区1号", None),
        ("1号", None),
        ("林口社区", None),
    ] {
        assert_eq!((house::likeness(full, other), house::likeness(other, full)), (reason, reason), "{other}");
        let same_key = house::tail(other) == house::tail(full);
        assert!(reason.is_none() || same_key, "{other} is found by its house");
    }
    for (written, plain) in [
        ("十二号", "12号"),
        ("二十号", "20号"),
        ("一百零二室", "102室"),
        ("三〇二室", "302室"),
        ("１２Ａ", "12a"),
    ] {
        assert_eq!(house::plain(written), plain);
    }
}

#[test]
fn the_same_matter_of_the_same_person_is_exact_however_it_is_written() {
    let mut other = xiuying();
    other.applicant.id_number = IdNumber::parse("３５０５８２１９９４１２１５００２５").unwrap();
    other.applicant.name = PersonName::parse("林绣英").unwrap();
    other.address = None;
    let found = found(&xiuying(), &other).unwrap();
    assert!(found.exact && found.same_person(), "{found:?}");
    assert_eq!(xiuying().exact(), other.exact());
    assert_eq!(found.score, 100);
}

#[test]
fn another_period_occasion_or_item_is_another_matter() {
    let mut later = xiuying();
    later.matter.occasion[0] = "2028-09-01".to_owned();
    assert_eq!(found(&xiuying(), &later), None);
    assert_ne!(xiuying().exact(), later.exact());
    // Told a few days later: likely the same child.
    later.matter.occasion[0] = "2027-02-14".to_owned();
    let near = found(&xiuying(), &later).unwrap();
    assert!(!near.exact && near.reasons.contains(&Reason::NearOccasion), "{near:?}");
    // Not told yet.
    later.matter.occasion.clear();
    assert!(!found(&xiuying(), &later).unwrap().exact);
    assert_eq!(later.exact(), None);

    let mut insured = xiuying();
    insured.service = "medical_insurance".to_owned();
    assert_eq!(found(&xiuying(), &insured), None);
    insured.matter.period = Period::Declared(Some(2027));
    let mut next = insured.clone();
    next.matter.period = Period::Declared(Some(2028));
    assert_eq!(found(&insured, &next), None);

    let day = |text: &str| Period::Calendar(text.parse().unwrap());
    let (mut old, mut new) = (insured.clone(), insured);
    (old.matter.period, new.matter.period) = (day("2026-12-31"), day("2027-01-01"));
    let night = found(&old, &new).unwrap();
    assert!(!night.exact, "New Year's night is no reason to file twice, and no proof: {night:?}");
    new.matter.period = day("2027-11-30");
    assert_eq!(found(&old, &new), None);
}

#[test]
fn subjects_that_are_the_same_overlap_or_are_others() {
    let with = |ids: &[&str]| {
        let mut profile = xiuying();
        profile.matter.subjects = vec![ids.iter().map(|id| (*id).to_owned()).collect()];
        profile
    };
    assert!(found(&with(&["a", "b"]), &with(&["b", "a"])).unwrap().exact);
    let some = found(&with(&["a", "b"]), &with(&["a", "b", "c"])).unwrap();
    assert!(!some.exact && some.reasons.contains(&Reason::SharedSubjects), "{some:?}");
    assert_eq!(found(&with(&["a"]), &with(&["c"])), None);
    assert_eq!(with(&[]).exact(), None);
}

#[test]
fn what_people_have_in_common_adds_up() {
    // Namesakes born on one day: somebody has to look.
    let mut namesake = named("林秀英");
    (namesake.spouse, namesake.address) = (None, None);
    namesake.applicant.phone = PhoneNumber::parse("13899990001").unwrap();
    assert_eq!(found(&xiuying(), &namesake), None, "a name alone is nothing");
    namesake.applicant.id_number = IdNumber::parse("350582199412150105").unwrap();
    let likely = found(&xiuying(), &namesake).unwrap();
    assert_eq!((likely.exact, likely.score), (false, 55), "{likely:?}");
    assert_eq!(likely.reasons, [Reason::SameName, Reason::SameBirthDate]);
    // Husband and wife, mother and child: one house, one telephone, other people.
    let mut wife = named("陈美珍");
    wife.applicant.id_number = IdNumber::parse("350582199412150105").unwrap();
    assert_eq!(found(&xiuying(), &wife), None);
    // A number misread at the door, a name misheard: the house and the spouse tell.
    let misread = named("林绣瑛");
    let likely = found(&xiuying(), &misread).unwrap();
    let told = [Reason::NameSoundsAlike, Reason::SameSpouse, Reason::SameAddress, Reason::SamePhone];
    assert_eq!(likely.reasons, told);
}

#[test]
fn what_was_judged_is_what_was_compared() {
    let (one, mut other) = (xiuying(), xiuying());
    other.address = Some("林口社区中区一号".to_owned());
    assert_ne!(one.compared(), other.compared());
    other.address = Some("福建省晋江市灵源街道林口社区中区１号".to_owned());
    assert_eq!(one.compared(), other.compared(), "written otherwise, compared the same");
    other.applicant.phone = PhoneNumber::parse("13899990001").unwrap();
    assert_ne!(one.compared(), other.compared());
}
