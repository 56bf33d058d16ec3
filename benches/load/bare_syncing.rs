//! What the embedded database itself can do with a day at the doors: the rows of 200 operations, written in one
//! transaction and in one each, with nothing around them. Nothing is read, sealed or checked. The inserts stay prepared;
//! the query builder prepares each update anew, so that the true limit lies somewhat higher, and so does its ratio.

use std::time::{Duration, Instant};

use diesel::prelude::*;

use crate::bare_sqlite::open;
use crate::syncing::middle;
use crate::{Outcome, report};

/// Days of each kind.
const DAYS: u64 = 9;

macro_rules! rows {
    ($($row:ident of $table:ident { $($column:ident: $kind:ty,)* })*) => {
        $(
            #[derive(Clone, Queryable, Insertable)]
            #[diesel(table_name = $table, treat_none_as_default_value = false)]
            struct $row { $($column: $kind,)* }
        )*
    };
}

type Id = Vec<u8>;
type Sealed = Vec<u8>;

diesel::table! {
    visits (id) {
        id -> Binary, staff -> Binary, region -> Text, started_at -> BigInt, mandate -> Nullable<Binary>,
        place -> Binary, purpose -> Text, received_at -> Nullable<BigInt>, outcome -> Nullable<Text>,
        ended_at -> Nullable<BigInt>, report -> Nullable<Binary>,
    }
}
diesel::table! {
    mandates (id) {
        id -> Binary, version -> Integer, region -> Text, agent -> Nullable<Binary>, principal_index -> Binary,
        particulars -> Binary, visit -> Nullable<Binary>, created_at -> BigInt,
    }
}
diesel::table! {
    applications (id) {
        id -> Binary, version -> BigInt, service -> Text, street -> Text, community -> Text, region -> Text,
        status -> Text, filed_by -> Nullable<Binary>, applicant_name -> Text, applicant_id_number -> Binary,
        applicant_id_index -> Nullable<Binary>, applicant_phone -> Binary, receipt_no -> Nullable<Text>,
        query_code -> Binary, headline -> Binary, form -> Binary, dossier -> Binary, mover -> Nullable<Text>,
        due_at -> Nullable<BigInt>, wake_at -> Nullable<BigInt>, created_at -> BigInt, updated_at -> BigInt,
        chain -> Nullable<Binary>,
    }
}
diesel::table! {
    application_keys (application) {
        application -> Binary, exact -> Nullable<Binary>, apart -> Binary, sound -> Nullable<Binary>,
        birth -> Nullable<Binary>, house -> Nullable<Binary>, edition -> Text,
    }
}
diesel::table! {
    events (application, sequence) {
        application -> Binary, sequence -> BigInt, action -> Text, from_status -> Text, to_status -> Text,
        role -> Text, actor -> Binary, actor_name -> Text, channel -> Text, at -> BigInt, detail -> Binary,
        public -> Bool, link -> Nullable<Binary>,
    }
}
diesel::table! {
    notices (id) {
        id -> Binary, recipient -> Text, application -> Nullable<Binary>, title -> Text, body -> Text,
        created_at -> BigInt,
    }
}
diesel::table! {
    operations (id) {
        id -> Binary, staff -> Binary, operation -> Binary, fingerprint -> Text, device -> Binary,
        sequence -> BigInt, kind -> Text, record -> Binary, region -> Text, done_at -> BigInt,
        received_at -> BigInt, verdict -> Text, version -> Nullable<BigInt>, body -> Binary, answer -> Binary,
    }
}

rows! {
    Visit of visits {
        id: Id, staff: Id, region: String, started_at: i64, mandate: Option<Sealed>, place: Sealed, purpose: String,
        received_at: Option<i64>, outcome: Option<String>, ended_at: Option<i64>, report: Option<Sealed>,
    }
    Mandate of mandates {
        id: Id, version: i32, region: String, agent: Option<Id>, principal_index: Id, particulars: Sealed,
        visit: Option<Id>, created_at: i64,
    }
    Application of applications {
        id: Id, version: i64, service: String, street: String, community: String, region: String, status: String,
        filed_by: Option<Id>, applicant_name: String, applicant_id_number: Sealed, applicant_id_index: Option<Id>,
        applicant_phone: Sealed, receipt_no: Option<String>, query_code: Sealed, headline: Sealed, form: Sealed,
        dossier: Sealed, mover: Option<String>, due_at: Option<i64>, wake_at: Option<i64>, created_at: i64,
        updated_at: i64, chain: Option<Vec<u8>>,
    }
    Keys of application_keys {
        application: Id, exact: Option<Id>, apart: Id, sound: Option<Id>, birth: Option<Id>, house: Option<Id>,
        edition: String,
    }
    Event of events {
        application: Id, sequence: i64, action: String, from_status: String, to_status: String, role: String,
        actor: Id, actor_name: String, channel: String, at: i64, detail: Sealed, public: bool, link: Option<Vec<u8>>,
    }
    Notice of notices {
        id: Id, recipient: String, application: Option<Id>, title: String, body: String, created_at: i64,
    }
    Operation of operations {
        id: Id, staff: Id, operation: Id, fingerprint: String, device: Id, sequence: i64, kind: String, record: Id,
        region: String, done_at: i64, received_at: i64, verdict: String, version: Option<i64>, body: Sealed,
        answer: Sealed,
    }
}

/// What an operation wrote beside itself.
enum Wrote {
    Began(Visit, Mandate),
    Drafted(Box<Application>),
    Edited(Box<Application>),
    Filed(Box<(Application, Event, Keys)>, Vec<Notice>),
    Ended(Visit),
}

/// Another id for the same row of another run, at the same place in time.
fn other(id: &[u8], run: u64) -> Id {
    let (time, chance) = id.split_at(id.len().saturating_sub(8));
    let chance = chance.iter().zip(run.to_be_bytes()).map(|(byte, own)| byte ^ own);
    time.iter().copied().chain(chance).collect()
}

fn wrote(conn: &mut SqliteConnection, one: &Operation) -> Outcome<Wrote> {
    let record = one.record.as_slice();
    if matches!(one.kind.as_str(), "start_visit" | "end_visit") {
        let visit: Visit = visits::table.find(record).first(conn)?;
        return Ok(match one.kind.as_str() {
            "start_visit" => Wrote::Began(visit, mandates::table.find(record).first(conn)?),
            _ => Wrote::Ended(visit),
        });
    }
    let application: Application = applications::table.find(record).first(conn)?;
    Ok(match one.kind.as_str() {
        "create_draft" => {
            let (status, receipt_no, mover) = ("draft".to_owned(), None, None);
            Wrote::Drafted(Box::new(Application {
                status,
                receipt_no,
                mover,
                due_at: None,
                chain: None,
                ..application
            }))
        }
        "edit_draft" => Wrote::Edited(Box::new(application)),
        _ => {
            let event: Event = events::table.filter(events::application.eq(record)).first(conn)?;
            let keys: Keys = application_keys::table.find(record).first(conn)?;
            let told = notices::table.filter(notices::application.eq(record)).load(conn)?;
            Wrote::Filed(Box::new((application, event, keys)), told)
        }
    })
}

fn write(conn: &mut SqliteConnection, (one, wrote): &(Operation, Wrote), run: u64) -> QueryResult<()> {
    let record = other(&one.record, run);
    match wrote {
        Wrote::Began(visit, mandate) => {
            let visit = Visit { id: record.clone(), outcome: None, ended_at: None, ..visit.clone() };
            diesel::insert_into(visits::table).values(&visit).execute(conn)?;
            let mandate = Mandate { id: record.clone(), visit: Some(record), ..mandate.clone() };
            diesel::insert_into(mandates::table).values(&mandate).execute(conn)?;
        }
        Wrote::Drafted(application) => {
            let application = Application { id: record, ..application.as_ref().clone() };
            diesel::insert_into(applications::table).values(&application).execute(conn)?;
        }
        Wrote::Edited(to) => {
            let changed = (applications::version.eq(1), applications::form.eq(&to.form));
            let changed = (changed, applications::updated_at.eq(to.updated_at));
            diesel::update(applications::table.find(&record)).set(changed).execute(conn)?;
        }
        Wrote::Filed(filed, notices) => {
            let (to, event, keys) = filed.as_ref();
            let receipt_no = to.receipt_no.as_ref().map(|number| format!("bare-{number}-{run}"));
            let found = (applications::status.eq(&to.status), applications::receipt_no.eq(receipt_no));
            let due = (applications::mover.eq(&to.mover), applications::due_at.eq(to.due_at));
            let told = (applications::form.eq(&to.form), applications::dossier.eq(&to.dossier));
            let changed = (found, due, told, applications::version.eq(2), applications::chain.eq(&to.chain));
            diesel::update(applications::table.find(&record)).set(changed).execute(conn)?;
            let event = Event { application: record.clone(), ..event.clone() };
            diesel::insert_into(events::table).values(&event).execute(conn)?;
            let exact = keys.exact.as_ref().map(|exact| other(exact, run));
            let keys = Keys { application: record.clone(), exact, ..keys.clone() };
            diesel::insert_into(application_keys::table).values(&keys).execute(conn)?;
            for notice in notices {
                let id = other(&notice.id, run);
                let notice = Notice { id, application: Some(record.clone()), ..notice.clone() };
                diesel::insert_into(notices::table).values(&notice).execute(conn)?;
            }
        }
        Wrote::Ended(to) => {
            let came = (visits::outcome.eq(&to.outcome), visits::ended_at.eq(to.ended_at));
            let changed = (came, visits::report.eq(&to.report));
            diesel::update(visits::table.find(&record)).set(changed).execute(conn)?;
        }
    }
    let (id, operation) = (other(&one.id, run), other(&one.operation, run));
    let own = Operation { id, operation, record: other(&one.record, run), ..one.clone() };
    diesel::insert_into(operations::table).values(&own).execute(conn).map(|_| ())
}

/// Writes the newest day again and again; says how fast that goes together and one by one, and how many times faster
/// the one is than the other.
pub fn days(path: &str) -> Outcome<()> {
    let mut conn = open(path)?;
    let newest = operations::table.order(operations::received_at.desc()).select(operations::staff);
    let staff: Id = newest.first(&mut conn)?;
    let day = operations::table.filter(operations::staff.eq(staff)).order(operations::sequence.asc());
    let day: Vec<Operation> = day.load(&mut conn)?;
    let with = |one: Operation, conn: &mut _| wrote(conn, &one).map(|wrote| (one, wrote));
    let day = day.into_iter().map(|one| with(one, &mut conn)).collect::<Outcome<Vec<_>>>()?;
    let (mut together, mut singly) = (Vec::new(), Vec::new());
    for run in 1..=DAYS {
        let start = Instant::now();
        let all = |conn: &mut _| day.iter().try_for_each(|one| write(conn, one, 2 * run));
        conn.immediate_transaction(all)?;
        together.push(start.elapsed());
        let start = Instant::now();
        for one in &day {
            conn.immediate_transaction(|conn| write(conn, one, 2 * run + 1))?;
        }
        singly.push(start.elapsed());
    }
    let (together, singly) = (middle(together), middle(singly));
    let rate = |took: Duration| day.len() as f64 / took.as_secs_f64();
    report::limit("  bare rows, one commit", 1, rate(together));
    report::limit("  bare rows, a commit each", 1, rate(singly));
    let ratio = singly.as_secs_f64() / together.as_secs_f64();
    report::note(&format!(
        "The bare rows alone are {ratio:.1} times faster with one commit than with one each."
    ));
    Ok(())
}
