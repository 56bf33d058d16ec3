//! Fills the database with applications in the usual statuses, each with its first event, straight
//! through storage in big transactions. An id follows from its number, so that anybody can guess one.

use std::error::Error;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::{Value, json};
use uuid::Uuid;
use yichuang::domain::application::Application;
use yichuang::domain::event::{Channel, Event};
use yichuang::domain::id_number::IdNumber;
use yichuang::domain::lifecycle::{ActionKind, Role, Status};
use yichuang::domain::person_name::PersonName;
use yichuang::domain::receipt::ReceiptNo;
use yichuang::domain::region::Region;
use yichuang::storage::{StorageError, applications};

use crate::center::{COMMUNITY, Center, ELSEWHERE, Person};
use crate::client::Connection;

/// Applications in one transaction.
const AT_ONCE: u32 = 5000;
/// Milliseconds from one filled application to the next.
pub const STEP: u64 = 10_000;
/// When the first was filed: a million of them end before today.
const AGE: Duration = Duration::days(120);

const SURNAMES: [&str; 16] =
    ["林", "吴", "陈", "蔡", "许", "王", "李", "张", "黄", "庄", "洪", "柯", "杨", "施", "曾", "郑"];
const GIVEN: [&str; 32] = [
    "秀", "英", "建", "国", "志", "明", "丽", "华", "思", "琪", "文", "海", "金", "玉", "春", "梅", "永",
    "福", "宝", "珍", "天", "赐", "美", "玲", "晓", "东", "子", "轩", "雅", "婷", "伟", "强",
];

/// What was filled in.
pub struct Filled {
    /// Milliseconds of the first one.
    pub start: u64,
    /// How many.
    pub count: u32,
    templates: Vec<(Status, Application)>,
}

/// The id of the `number`-th filled application: a UUIDv7.
pub fn id_of(start: u64, number: u32) -> Uuid {
    let millis = u128::from(start + u64::from(number) * STEP);
    Uuid::from_u128(millis << 80 | 0x7000_8000 << 48 | u128::from(number))
}

/// Where it stands: four in ten are submitted, so that the window does not run out of work; two in a
/// thousand are declined, the status a list finds seldom.
pub fn status_of(number: u32) -> Status {
    match number.wrapping_mul(7919) % 1000 {
        0..400 => Status::Submitted,
        400..600 => Status::Accepted,
        600..602 => Status::Declined,
        _ => Status::Closed,
    }
}

/// Every second one lies in the community under load.
fn is_here(number: u32) -> bool {
    number.is_multiple_of(2)
}

/// The beginning of a name that some of them have.
pub fn beginning(random: u64) -> String {
    let pick = |list: &[&'static str], by: u64| list[(by % list.len() as u64) as usize];
    format!("{}{}", pick(&SURNAMES, random), pick(&GIVEN, random >> 8))
}

fn name_of(number: u32) -> String {
    let mixed = u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    beginning(mixed) + GIVEN[(mixed >> 16) as usize % GIVEN.len()]
}

/// Applications as the product itself makes them, one of each status.
async fn templates(center: &Center) -> Result<Vec<(Status, Application)>, Box<dyn Error>> {
    let mut connection = Connection::open(center.address).await?;
    let clerk = &center.clerks[0];
    let mut made = Vec::new();
    let rounds: [&[Value]; 2] = [
        &[
            json!({"action": "accept"}),
            json!({"action": "approve"}),
            json!({"action": "deliver", "method": "counter", "receiver": "申请人本人"}),
            json!({"action": "close"}),
        ],
        &[
            json!({"action": "decline", "reason": "不属于本街道办理。", "right_office": "青阳街道", "basis": "行政许可法 32"}),
        ],
    ];
    for (round, actions) in rounds.into_iter().enumerate() {
        let (resident, body) = center.submission(round as u64);
        let headers = format!("{}idempotency-key: template-{round}\r\n", resident.header);
        let reply = connection.ask("POST /v1/applications", &headers, &body).await?;
        let id: Uuid =
            reply.text("id").ok_or_else(|| String::from_utf8_lossy(reply.body).into_owned())?.parse()?;
        keep(center, id, &mut made).await?;
        for (step, action) in actions.iter().enumerate() {
            let version = step + 1;
            let key = format!("idempotency-key: template-{round}-{step}\r\nif-match: \"{version}\"\r\n");
            let line = format!("POST /v1/applications/{id}/actions");
            let reply = connection.ask(&line, &(clerk.header.clone() + &key), &action.to_string()).await?;
            if reply.status != 200 {
                return Err(String::from_utf8_lossy(reply.body).into());
            }
            keep(center, id, &mut made).await?;
        }
    }
    Ok(made)
}

async fn keep(
    center: &Center,
    id: Uuid,
    made: &mut Vec<(Status, Application)>,
) -> Result<(), Box<dyn Error>> {
    let found = center.office.db().read(move |conn| applications::find(conn, id)).await?;
    let application: Application = found.ok_or("a template is gone")?;
    made.push((application.status, application));
    Ok(())
}

/// Prepares the templates; nothing is filled yet.
pub async fn prepare(center: &Center) -> Result<Filled, Box<dyn Error>> {
    let start = u64::try_from((Utc::now() - AGE).timestamp_millis())?;
    Ok(Filled { start, count: 0, templates: templates(center).await? })
}

/// Fills up to `count` applications.
pub async fn fill(center: &Center, filled: &mut Filled, count: u32) -> Result<(), Box<dyn Error>> {
    while filled.count < count {
        let (from, until) = (filled.count, count.min(filled.count + AT_ONCE));
        let mut batch = Vec::new();
        for number in from..until {
            batch.push(one(filled, number, &center.residents)?);
        }
        let office = center.office.clone();
        center
            .office
            .db()
            .write(move |conn| -> Result<(), StorageError> {
                for application in &mut batch {
                    let (event, desk) = (submitted(application), office.desk(application.updated_at));
                    applications::record(conn, application, None, &event, desk)?;
                }
                Ok(())
            })
            .await?;
        filled.count = until;
    }
    Ok(())
}

fn one(filled: &Filled, number: u32, residents: &[Person]) -> Result<Application, Box<dyn Error>> {
    let status = status_of(number);
    let template = filled.templates.iter().find(|(of, _)| *of == status).ok_or("no template")?;
    let mut application = template.1.clone();
    let at = DateTime::from_timestamp_millis(i64::try_from(filled.start + u64::from(number) * STEP)?);
    let at = at.ok_or("out of time")?;
    application.id = id_of(filled.start, number);
    application.region = Region::parse(if is_here(number) { COMMUNITY } else { ELSEWHERE })?;
    application.owner = Some(residents[number as usize % residents.len()].id);
    application.applicant.name = PersonName::parse(&name_of(number))?;
    let born = NaiveDate::default() + Duration::days(i64::from(number % 12_000));
    application.applicant.id_number = IdNumber::synthesize("350582", born, (number / 12_000 % 1000) as u16)?;
    // Sequences beyond any the product gives out on the same day.
    application.receipt_no =
        Some(ReceiptNo::issue(&application.region, at.date_naive(), 50_000 + number % 50_000));
    application.created_at = at;
    application.updated_at = at;
    application.dossier.entered_at = at;
    application.dossier.accepted_at = application.dossier.accepted_at.map(|_| at);
    Ok(application)
}

fn submitted(application: &Application) -> Event {
    Event {
        application: application.id,
        sequence: 1,
        action: ActionKind::Submit,
        from: Status::Draft,
        to: Status::Submitted,
        role: Role::Resident,
        actor: application.owner.unwrap_or_default(),
        actor_name: application.applicant.name.as_str().to_owned(),
        channel: Channel::MiniProgram,
        at: application.created_at,
        detail: json!({"action": "submit"}),
        public: true,
    }
}
