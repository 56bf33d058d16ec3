//! Who lives in Lingyuan: fifteen households of synthetic people, each with a holder who has a WeChat
//! account. Names are everyday ones put together; the ID numbers are computed and belong to nobody.

use chrono::NaiveDate;

use super::staff::GRIDS;
use crate::domain::actor::Actor;
use crate::domain::application::Applicant;
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::{IdNumber, Sex};
use crate::domain::person_name::PersonName;
use crate::domain::real_name::{Assurance, IdDocument};
use crate::usecases::verifying::Seen;
use crate::usecases::{Failure, Office};

const SURNAMES: [&str; 15] =
    ["吴", "林", "陈", "许", "蔡", "王", "李", "张", "庄", "施", "洪", "柯", "苏", "曾", "郑"];
const MEN: [&str; 15] = [
    "建国", "志明", "伟强", "文彬", "家辉", "俊宏", "荣华", "振东", "海峰", "永福", "德胜", "嘉诚", "天赐",
    "国平", "世杰",
];
const WOMEN: [&str; 15] = [
    "秀英", "美珍", "丽华", "雅婷", "淑芬", "玉兰", "晓云", "春燕", "佳慧", "锦绣", "巧玲", "月娥", "金枝",
    "素贞", "雪梅",
];
const CHILDREN: [&str; 8] = ["子轩", "思琪", "宇航", "欣怡", "浩然", "梓涵", "一诺", "可馨"];
const ELDERS: [&str; 5] = ["水生", "乌治", "福来", "阿花", "清泉"];

/// 户: a holder who signs in, and the others.
pub struct Household {
    /// The holder's account.
    pub actor: Actor,
    /// The holder first.
    pub people: Vec<Applicant>,
    /// Which of the communities.
    pub community: usize,
    /// Which of its grids.
    pub grid: usize,
    /// The house.
    pub address: String,
}

/// A day out of a number: plain arithmetic keeps the world the same everywhere.
fn day(year: i32, seed: usize) -> NaiveDate {
    let ordinal = u32::try_from(seed * 97 % 360).unwrap_or(0) + 1;
    NaiveDate::from_yo_opt(year, ordinal).unwrap_or_default()
}

fn person(surname: &str, given: &str, sex: Sex, year: i32, seed: usize) -> Result<Applicant, Failure> {
    let wrong = |what: &str| Failure::Outside(format!("demo {what} {seed}"));
    // Odd is male.
    let sequence = 500 + 2 * u16::try_from(seed).unwrap_or(0) + u16::from(sex == Sex::Male);
    Ok(Applicant {
        name: PersonName::parse(&format!("{surname}{given}")).map_err(|_| wrong("name"))?,
        id_number: IdNumber::synthesize("350582", day(year, seed), sequence)
            .map_err(|_| wrong("ID number"))?,
        phone: PhoneNumber::parse(&format!("1380000{:04}", 1000 + seed)).map_err(|_| wrong("phone"))?,
    })
}

fn family(index: usize) -> Result<Vec<(Applicant, &'static str)>, Failure> {
    let pick = |names: &[&'static str], at: usize| names.get(at % names.len()).copied().unwrap_or("某");
    let (own, other) = (pick(&SURNAMES, index), pick(&SURNAMES, index + 4));
    let (man, woman) = (pick(&MEN, index), pick(&WOMEN, index));
    let years = i32::try_from(index).unwrap_or(0);
    let seed = 10 * index;
    let mut people = if index.is_multiple_of(2) {
        vec![
            (person(own, man, Sex::Male, 1976 + years, seed)?, "oneself"),
            (person(other, woman, Sex::Female, 1978 + years, seed + 1)?, "spouse"),
        ]
    } else {
        vec![
            (person(own, woman, Sex::Female, 1978 + years, seed)?, "oneself"),
            (person(other, man, Sex::Male, 1976 + years, seed + 1)?, "spouse"),
        ]
    };
    if index % 3 != 2 {
        let sex = if index.is_multiple_of(2) { Sex::Male } else { Sex::Female };
        people.push((person(own, pick(&CHILDREN, index), sex, 2008 + years, seed + 2)?, "child"));
    }
    if index.is_multiple_of(3) {
        let sex = if index.is_multiple_of(2) { Sex::Male } else { Sex::Female };
        people.push((person(own, pick(&ELDERS, index), sex, 1944 + years / 3, seed + 3)?, "parent"));
    }
    Ok(people)
}

/// Signs every holder up, with identity and household; each was at the counter once, with the document.
pub async fn settle(office: &Office, clerk: &Actor) -> Result<Vec<Household>, Failure> {
    let mut households = Vec::new();
    for index in 0..SURNAMES.len() {
        let openid = format!("resident-{:02}", index + 1);
        let signed = office.welcome(openid.clone()).await?;
        let caller = office.caller(&signed.access_token).await?;
        let members = family(index)?;
        let people: Vec<Applicant> = members.iter().map(|(person, _)| person.clone()).collect();
        let mut members = members.into_iter();
        if let Some((holder, _)) = members.next() {
            let email = Some(format!("{openid}@example.org"));
            office.identify(caller.actor.clone(), holder.clone(), email).await?;
            let code = office.binding_code(&caller.actor).await?.code;
            let Applicant { name, id_number, .. } = holder;
            let document = IdDocument::IdCard;
            let seen = Seen { code, name, id_number, phone: None, document, visit: None };
            office.verify_in_person(clerk.clone(), seen).await?;
        }
        let others = members.map(|(person, relation)| (person, relation.to_owned())).collect();
        office.set_household(caller.actor.clone(), others).await?;
        office.sign_out(caller.session).await?;
        let (community, grid) = (index % 2, index / 2 % GRIDS);
        let quarter = ["东区", "南区", "西区", "北区", "中区"].get(grid).copied().unwrap_or_default();
        let address = format!("{}{quarter}{}号", ["林口社区", "灵水社区"][community], 3 * index + 2);
        let actor = Actor { assurance: Assurance::InPerson, ..caller.actor.clone() };
        households.push(Household { actor, people, community, grid, address });
    }
    Ok(households)
}
