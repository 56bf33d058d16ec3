//! One application on its way: who filed it through which door, and the time that goes by between steps.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Duration, NaiveTime, TimeZone, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::World;
use super::forms;
use super::households::Household;
use super::staff::Community;
use crate::catalog::Entry;
use crate::domain::action::Action;
use crate::domain::actor::Actor;
use crate::domain::application::Applicant;
use crate::domain::deadline::civil_date;
use crate::domain::event::Channel;
use crate::domain::mandate::{Guardianship, Mandate, MandateEvidence, Representative};
use crate::domain::material::{MaterialRequirement, Necessity};
use crate::domain::payment::PaymentMethod;
use crate::domain::refusal::Refusal;
use crate::domain::visit::VisitPurpose;
use crate::usecases::applicants::NewApplication;
use crate::usecases::materials::Upload;
use crate::usecases::once::{Answer, OnceKey};
use crate::usecases::payments::Arrival;
use crate::usecases::visits::NewVisit;
use crate::usecases::{Failure, Office};

/// The smallest picture that is one; stands for every scan.
const SCAN: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90\x77\x53\xde\
    \0\0\0\x0cIDAT\x78\x9c\x63\xf8\xff\xff\x3f\0\x05\xfe\x02\xfe\x0d\xef\x46\xb8\0\0\0\0IEND\xae\x42\x60\x82";

/// What an answer says that the next step needs.
#[derive(Deserialize)]
struct Seen {
    id: Uuid,
    version: i64,
    checklist: Vec<MaterialRequirement>,
}

/// 办件 in the making.
pub struct Case<'a> {
    /// The world it happens in.
    pub world: &'a World,
    /// Its item.
    pub entry: &'static Entry,
    /// Who files it, and may correct and withdraw it.
    pub filer: Actor,
    /// Who receives it.
    pub clerk: &'a Actor,
    seen: Seen,
    at: DateTime<Utc>,
}

/// A key nobody used before.
fn key(actor: &Actor) -> OnceKey {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    OnceKey { account: actor.id, key: format!("demo-{number}"), fingerprint: "demo".to_owned() }
}

fn read(answer: &Answer) -> Result<Seen, Failure> {
    serde_json::from_str(&answer.body).map_err(|error| Failure::Outside(error.to_string()))
}

fn nobody() -> Failure {
    Refusal::conflict("demo", "演示数据不适用。", "Not for the demo.").into()
}

/// A minute of the working day so many days ago; the last working day before it, if that is none.
fn office_hours(world: &World, days_ago: i64, minute: usize) -> DateTime<Utc> {
    let mut day = civil_date(world.now - Duration::days(days_ago));
    while !world.office.knowledge().calendar.is_working_day(day) {
        let Some(before) = day.pred_opt() else { break };
        day = before;
    }
    // Nine o'clock at the counter is one o'clock in UTC.
    let opening = NaiveTime::from_hms_opt(1, 0, 0).unwrap_or_default();
    Utc.from_utc_datetime(&day.and_time(opening)) + Duration::minutes(i64::try_from(minute).unwrap_or(0))
}

impl<'a> Case<'a> {
    /// Files it so many days ago, or leaves it a draft.
    pub async fn file(
        world: &'a World,
        entry: &'static Entry,
        household: &Household,
        (channel, days_ago, turn, submit): (Channel, i64, usize, bool),
    ) -> Result<Self, Failure> {
        let at = office_hours(world, days_ago, turn * 7 % 360).min(world.now);
        world.clock.set(at);
        let community = world.staff.communities.get(household.community).ok_or_else(nobody)?;
        let (grid, worker) = community.grids.get(household.grid).ok_or_else(nobody)?;
        let (applicant, form) = forms::fitting(world, entry, household, channel).ok_or_else(nobody)?;
        let representative = household.people.first().map(|holder| Representative {
            name: holder.name.clone(),
            id_number: holder.id_number.clone(),
            relation: Guardianship::Parent,
            consent: true,
        });
        let filer = match channel {
            Channel::MiniProgram => &household.actor,
            Channel::Counter => &community.clerk,
            Channel::Doorstep | Channel::System => worker,
        };
        let visit = match channel {
            Channel::Doorstep => Some(visit(world, community, household, (entry, &applicant)).await?),
            Channel::MiniProgram | Channel::Counter | Channel::System => None,
        };
        let new = NewApplication {
            id: None,
            service: entry.guide().code.to_owned(),
            region: grid.clone(),
            applicant: Some(applicant),
            representative,
            guardian_consent: true,
            visit,
            form,
            submit,
        };
        let seen = read(&world.office.file(filer.clone(), new, key(filer)).await?)?;
        let case = Self { world, entry, filer: filer.clone(), clerk: &community.clerk, seen, at };
        case.supply().await?;
        Ok(case)
    }

    /// Days go by, and a quarter of an hour; never beyond the present.
    pub fn wait(&mut self, days: i64) {
        self.at = (self.at + Duration::days(days) + Duration::minutes(15)).min(self.world.now);
        self.world.clock.set(self.at);
    }

    /// The day by the demo's clock.
    pub fn today(&self) -> chrono::NaiveDate {
        civil_date(self.at)
    }

    /// Does one thing.
    pub async fn act(&mut self, actor: &Actor, action: Action) -> Result<(), Failure> {
        let office = &self.world.office;
        let answer = office.act(actor.clone(), self.seen.id, self.seen.version, action, key(actor)).await?;
        self.seen = read(&answer)?;
        Ok(())
    }

    async fn supply(&self) -> Result<(), Failure> {
        for line in self.seen.checklist.iter().filter(|line| line.necessity == Necessity::Required) {
            let (material, file_name) = (line.code.clone(), format!("{}.png", line.name.zh));
            let upload = Upload { material, file_name, bytes: SCAN.to_vec() };
            self.world.office.supply(self.filer.clone(), self.seen.id, upload, key(&self.filer)).await?;
        }
        Ok(())
    }

    /// Pays what is owed: online where the resident filed it, otherwise against a voucher.
    pub async fn pay(&mut self, channel: Channel) -> Result<(), Failure> {
        let office: &Office = &self.world.office;
        for order in office.payment_orders(self.filer.clone(), self.seen.id).await? {
            if channel == Channel::MiniProgram {
                office.begin_payment(self.filer.clone(), order.id).await?;
                office.pay_from_local_wallet(self.filer.clone(), order.id).await?;
            } else {
                let arrival = Arrival {
                    amount: order.quote.total_fen,
                    method: PaymentMethod::Card,
                    voucher_no: format!("POS-{}", order.id.simple()),
                    payer: "缴费人".to_owned(),
                    paid_at: self.at,
                };
                office.collect(self.filer.clone(), order.id, arrival, key(&self.filer)).await?;
            }
        }
        Ok(())
    }
}

/// The visit at the door, with the mandate for this matter.
async fn visit(
    world: &World,
    community: &Community,
    household: &Household,
    (entry, principal): (&Entry, &Applicant),
) -> Result<Uuid, Failure> {
    #[derive(Deserialize)]
    struct Recorded {
        id: Uuid,
    }
    let (grid, worker) = community.grids.get(household.grid).ok_or_else(nobody)?;
    let now = world.office.now();
    let mandate = Mandate {
        principal_name: principal.name.clone(),
        principal_id_number: principal.id_number.clone(),
        matters: vec![entry.guide().code.to_owned()],
        valid_until: civil_date(now) + Duration::days(90),
        evidence: MandateEvidence::Signature,
        witness_name: None,
        image_sha256: None,
    };
    let step = f64::from(u8::try_from(household.grid).unwrap_or(0)) * 0.002;
    let new = NewVisit {
        id: None,
        region: grid.clone(),
        purpose: VisitPurpose::Service,
        address: household.address.clone(),
        place: (24.742 + step, 118.514 + step),
        accuracy: Some(12.0),
        started_at: Some(now - Duration::minutes(20)),
        sent_at: None,
        follows: None,
        plan: None,
        mandate: Some(mandate),
    };
    let answer = world.office.record_visit(worker.clone(), new, key(worker)).await?;
    let recorded: Recorded =
        serde_json::from_str(&answer.body).map_err(|error| Failure::Outside(error.to_string()))?;
    Ok(recorded.id)
}
