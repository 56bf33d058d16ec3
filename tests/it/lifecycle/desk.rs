//! A desk without a server: an application as a value, the people of the street office around it, and
//! the instants at which they act.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;
use yichuang::domain::action::Action;
use yichuang::domain::actor::{Actor, Grant, Scope};
use yichuang::domain::application::{Applicant, Application, By, Desk, Dossier, Track};
use yichuang::domain::calendar::Calendar;
use yichuang::domain::contact::PhoneNumber;
use yichuang::domain::deadline::{Limit, civil_date};
use yichuang::domain::event::{Channel, Event};
use yichuang::domain::id_number::IdNumber;
use yichuang::domain::lifecycle::{Role, Status};
use yichuang::domain::limits::Limits;
use yichuang::domain::material::{MaterialRequirement, Necessity};
use yichuang::domain::person_name::PersonName;
use yichuang::domain::receipt::ReceiptNo;
use yichuang::domain::refusal::Refusal;
use yichuang::domain::region::Region;
use yichuang::domain::text::Text;

use crate::world::{LINKOU, STREET, opening};

/// The departments of these stories.
pub const LAND: &str = "natural_resources";
pub const HOUSING: &str = "housing";

pub fn calendar() -> Calendar {
    Calendar::parse(&[
        include_str!("../../../config/calendar/2024.toml"),
        include_str!("../../../config/calendar/2025.toml"),
        include_str!("../../../config/calendar/2026.toml"),
    ])
    .unwrap()
}

/// Somebody who acts in one capacity.
#[derive(Debug, Clone)]
pub struct Somebody {
    pub actor: Actor,
    pub role: Role,
    pub channel: Channel,
}

fn somebody(number: u128, name: &str, role: Role, scope: Scope, channel: Channel) -> Somebody {
    let actor = Actor {
        id: Uuid::from_u128(number),
        name: name.to_owned(),
        grants: vec![Grant { role, scope }],
        assurance: Default::default(),
    };
    Somebody { actor, role, channel }
}

pub fn resident() -> Somebody {
    let own = Scope::Own(Uuid::from_u128(1));
    somebody(1, "林秀英", Role::Resident, own, Channel::MiniProgram)
}

pub fn clerk() -> Somebody {
    let window = Scope::Region(Region::parse(LINKOU).unwrap());
    somebody(2, "窗口小李", Role::Clerk, window, Channel::Counter)
}

pub fn grid_worker() -> Somebody {
    let grid = Scope::Grid(Region::parse("350582006001001").unwrap(), Uuid::from_u128(3));
    somebody(3, "网格小陈", Role::GridWorker, grid, Channel::Doorstep)
}

/// An official; each number is another person.
pub fn official(number: u128, department: &str) -> Somebody {
    let office = Scope::Department(Region::parse(STREET).unwrap(), department.to_owned());
    somebody(number, &format!("{department}审批人{number}"), Role::Official, office, Channel::Counter)
}

pub fn supervisor() -> Somebody {
    let street = Scope::Region(Region::parse(STREET).unwrap());
    somebody(6, "督导老王", Role::Supervisor, street, Channel::Counter)
}

pub fn clock() -> Somebody {
    Somebody { actor: Actor::clock(), role: Role::Clock, channel: Channel::System }
}

/// The matter on the desk, the hour, and the calendar on the wall.
#[derive(Debug, Clone)]
pub struct Matter {
    pub application: Application,
    pub now: DateTime<Utc>,
    pub calendar: Calendar,
}

/// The statutory limit of the matters on this desk, in working days; ten are promised.
pub const STATUTORY: u32 = 20;
pub const PROMISED: u32 = 10;

impl Matter {
    /// A draft, in the same moment at which the stories over HTTP begin.
    pub fn draft(track: Track) -> Self {
        let now = opening();
        let limits = Limits {
            public_notice: Some(Limit::natural_days(7)),
            ..Limits::standard(Some(Limit::working_days(STATUTORY)), Limit::working_days(PROMISED))
        };
        let application = Application {
            id: Uuid::from_u128(77),
            version: 0,
            service: "house_rebuild".to_owned(),
            region: Region::parse(LINKOU).unwrap(),
            status: Status::Draft,
            owner: Some(Uuid::from_u128(1)),
            filed_by: None,
            applicant: Applicant {
                name: PersonName::parse("林秀英").unwrap(),
                id_number: IdNumber::parse("350582199412150025").unwrap(),
                phone: PhoneNumber::parse("13805950001").unwrap(),
            },
            receipt_no: Some(ReceiptNo::issue(&Region::parse(LINKOU).unwrap(), civil_date(now), 1)),
            query_code: "7K3M9QXW".to_owned(),
            headline: "危房翻建".to_owned(),
            form: json!({"storeys": 3}),
            dossier: dossier(track, limits, now),
            created_at: now,
            updated_at: now,
            chain: Vec::new(),
        };
        Self { application, now, calendar: calendar() }
    }

    /// Already with the departments.
    pub fn in_review(departments: &[&str]) -> Self {
        let mut matter = Self::draft(Track::Committed);
        matter.does(&resident(), json!({"action": "submit"}));
        matter.does(&clerk(), json!({"action": "accept"}));
        matter.does(&clerk(), json!({"action": "transfer", "departments": departments}));
        matter
    }

    pub fn desk(&self) -> Desk<'_> {
        Desk { now: self.now, calendar: &self.calendar }
    }

    /// Acts; the answer as the domain gives it.
    pub fn act(&mut self, who: &Somebody, action: &Action) -> Result<Event, Refusal> {
        let desk = Desk { now: self.now, calendar: &self.calendar };
        self.application.act(action, By { actor: &who.actor, role: who.role, channel: who.channel }, desk)
    }

    /// Does one thing, which must work.
    #[track_caller]
    pub fn does(&mut self, who: &Somebody, action: Value) -> Event {
        let action: Action = serde_json::from_value(action).unwrap();
        self.act(who, &action).unwrap()
    }

    /// Tries one thing, which must be refused with that code and leave everything as it was.
    #[track_caller]
    pub fn refuses(&mut self, who: &Somebody, action: Value, code: &str) -> Refusal {
        let action: Action = serde_json::from_value(action).unwrap();
        let before = self.application.clone();
        let refusal = self.act(who, &action).unwrap_err();
        assert_eq!(refusal.code, code);
        assert_eq!(self.application, before, "a refusal changed something");
        refusal
    }

    /// Days go by.
    pub fn days_later(&mut self, days: i64) {
        self.now += TimeDelta::days(days);
    }

    /// What the clock has to say now, done until it is silent.
    pub fn clock_strikes(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(action) = self.application.due_action(self.desk()) {
            events.push(self.act(&clock(), &action).unwrap());
            assert!(events.len() < 20, "the clock does not come to rest: {events:?}");
        }
        events
    }

    /// Last days of the promised and of the statutory decision.
    pub fn decided_by(&self) -> (String, String) {
        let clocks = self.application.clocks(self.desk());
        (clocks.promised_by.unwrap().date.to_string(), clocks.statutory_by.unwrap().date.to_string())
    }
}

fn dossier(track: Track, limits: Limits, now: DateTime<Utc>) -> Dossier {
    let material = |code: &str, necessity| {
        let name = Text::fixed("材料", "material");
        MaterialRequirement::required(code, name.clone(), name).as_necessity(necessity)
    };
    let mut dossier: Dossier = serde_json::from_value(json!({
        "guide_version": 1, "track": track, "limits": limits, "checklist": [], "entered_at": now,
    }))
    .unwrap();
    dossier.checklist = vec![
        material("appraisal", Necessity::Required),
        material("drawings", Necessity::Deferrable),
        material("photographs", Necessity::Optional),
    ];
    dossier
}
