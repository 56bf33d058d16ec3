//! The server held against the model, once everything has come.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;
use yichuang::domain::application::Application;
use yichuang::domain::lifecycle::Status;
use yichuang::domain::operation::Verdict;
use yichuang::storage::operations::Record;
use yichuang::storage::{Conn, applications, events, materials, needs, operations, visits};
use yichuang::usecases::Failure;

use super::model::{Call, Draft, FIELDS, History, OWN};

macro_rules! ensure {
    ($holds:expr, $($told:tt)+) => {
        if !$holds {
            return Err(format!($($told)+));
        }
    };
}

/// What the server has of an application.
struct There {
    application: Application,
    events: Vec<String>,
    files: Vec<(Uuid, String)>,
}

fn there(conn: &mut Conn, id: Uuid) -> Result<Option<There>, Failure> {
    let Some(application) = applications::find(conn, id)? else { return Ok(None) };
    let events = events::of(conn, id, false)?.into_iter().map(|event| event.action.name()).collect();
    let files = materials::of(conn, id)?.into_iter().map(|file| (file.id, file.sha256)).collect();
    Ok(Some(There { application, events, files }))
}

/// Replays what was taken, in the order of the versions it made: nothing is overwritten that was not seen, and the
/// form is what comes out.
fn replayed(draft: &Draft, kept: &[Record], there: &There) -> Result<(), String> {
    let id = draft.id;
    let mut taken: Vec<&Record> = kept
        .iter()
        .filter(|one| one.record == id && one.version.is_some_and(|version| version > 0))
        .collect();
    taken.sort_by_key(|one| one.version);
    let mut versions: Vec<Option<i64>> = taken.iter().map(|one| one.version).collect();
    versions.extend(draft.asked.map(Some));
    versions.sort();
    ensure!(
        versions.iter().copied().eq((1..=there.application.version).map(Some)),
        "{id}: version {} after {versions:?}",
        there.application.version
    );
    let mut now: BTreeMap<&str, Value> =
        FIELDS.iter().map(|field| (*field, draft.form.pointer(field).unwrap().clone())).collect();
    let changes = taken.iter().filter_map(|one| one.sent()["deed"]["changes"].as_array().cloned()).flatten();
    for change in changes {
        let stands = now.get_mut(change["pointer"].as_str().unwrap()).unwrap();
        ensure!(change["was"] == *stands || change["now"] == *stands, "{id}: {change} over {stands}");
        *stands = change["now"].clone();
    }
    for (field, value) in &now {
        let is = there.application.form.pointer(field).unwrap();
        ensure!(is == value, "{field} of {id}: {is} not {value}");
    }
    let given_up = |field: usize| {
        let mut dismissed = kept.iter().filter(|one| one.record == id && !one.verdict.stands());
        dismissed.any(|one| one.sent()["deed"]["changes"][0]["pointer"] == FIELDS[field])
    };
    for (field, want) in draft.fields.iter().filter(|(field, _)| **field < OWN || !given_up(**field)) {
        ensure!(now[FIELDS[*field]] == *want, "{} of {id} is not {want}", FIELDS[*field]);
    }
    Ok(())
}

/// What was filed is what its device had seen: what it was told of, and what it made of that alone.
fn filed_as_seen(draft: &Draft, kept: &[Record]) -> Result<(), String> {
    let mut made: Vec<&Record> =
        kept.iter().filter(|one| one.record == draft.id && one.version.is_some()).collect();
    made.sort_by_key(|one| one.version);
    let Some(filed) = made.iter().position(|one| one.kind == "submit") else { return Ok(()) };
    let own: Vec<&&Record> = made[..=filed].iter().filter(|one| one.device == made[filed].device).collect();
    let told = own.iter().filter_map(|one| one.base).max().unwrap_or(0);
    let seen = own.iter().fold(told, |seen, one| if one.version == Some(seen + 1) { seen + 1 } else { seen });
    ensure!(made[filed].version == Some(seen), "{}: filed {:?}, seen {seen}", draft.id, made[filed].version);
    Ok(())
}

fn agrees_on(draft: &Draft, kept: &[Record], there: &There) -> Result<(), String> {
    replayed(draft, kept, there)?;
    filed_as_seen(draft, kept)?;
    // A worker who was told that a filing is in conflict may take the draft back instead: it never was filed.
    let stands = |one: &Record| one.record == draft.id && one.kind == "submit" && one.verdict.stands();
    let given_up = draft.withdrawn && !kept.iter().any(stands);
    let steps = [
        (draft.filed && !given_up, "submit", Status::Submitted),
        (draft.asked.is_some(), "ask_to_correct", Status::Correcting),
        (draft.corrected, "correct", Status::Submitted),
        (draft.withdrawn, "withdraw", Status::Withdrawn),
    ];
    let taken: Vec<_> = steps.iter().filter(|(taken, ..)| *taken).collect();
    let should: Vec<&str> = taken.iter().map(|(_, name, _)| *name).collect();
    ensure!(there.events == should, "{}: {:?} not {should:?}", draft.id, there.events);
    let status = taken.last().map_or(Status::Draft, |(.., status)| *status);
    ensure!(there.application.status == status, "{}: {:?}", draft.id, there.application.status);
    let files: BTreeSet<(Uuid, String)> = there.files.iter().cloned().collect();
    ensure!(
        files == draft.files && files.len() == there.files.len(),
        "files of {}: {:?} not {:?}",
        draft.id,
        there.files,
        draft.files
    );
    Ok(())
}

impl History {
    /// Every operation is kept once, and stands or was settled by somebody.
    fn settled(&self, kept: &[Record], all: &[(Uuid, Value)]) -> Result<(), String> {
        ensure!(kept.len() == all.len(), "{} kept of {}", kept.len(), all.len());
        for one in kept {
            let told = self.acknowledged.contains_key(&one.operation);
            let put_aside = self.dismissed.contains(&one.operation) || self.is_resolved(one.operation);
            ensure!(one.verdict.stands() != put_aside, "{one:?}");
            ensure!(told == one.verdict.stands(), "told or not: {one:?}");
            ensure!(one.settled.is_some() || one.verdict.stands(), "left in the box: {one:?}");
            let second = one.verdict == Verdict::Duplicate;
            ensure!(!second || one.kind == "finish_need", "{one:?}");
        }
        if let Some(lost) = self.acknowledged.keys().find(|id| !kept.iter().any(|one| one.operation == **id))
        {
            return Err(format!("acknowledged and lost: {lost}"));
        }
        let firsts = kept.iter().filter(|one| one.kind == "finish_need" && one.verdict == Verdict::Applied);
        let finished: BTreeSet<Uuid> = firsts.clone().map(|one| one.record).collect();
        ensure!(finished.len() == firsts.count(), "a need was looked after twice");
        Ok(())
    }

    pub async fn agrees(&self) -> Result<(), String> {
        let all = self.all();
        let (staff, ids) = (self.actor.id, all.iter().map(|(id, _)| *id).collect::<Vec<_>>());
        let drafts: Vec<Draft> = self.telephones.iter().flat_map(|t| t.drafts.clone()).collect();
        let calls: Vec<Call> = self.telephones.iter().flat_map(|t| t.visits.clone()).collect();
        let (wanted, called) = (drafts.clone(), calls.clone());
        let look = move |conn: &mut Conn| -> Result<_, Failure> {
            let kept = operations::of_ids(conn, staff, &ids)?;
            let cases = wanted.iter().map(|draft| there(conn, draft.id)).collect::<Result<Vec<_>, _>>()?;
            let visits =
                called.iter().map(|call| visits::find(conn, call.id)).collect::<Result<Vec<_>, _>>()?;
            let open: BTreeSet<Uuid> =
                needs::open(conn, staff, 100_000)?.into_iter().map(|need| need.visit).collect();
            Ok((kept, cases, visits, open))
        };
        let (kept, cases, visits, open) = self.office.db().read(look).await.unwrap();
        self.settled(&kept, &all)?;
        for (call, visit) in calls.iter().zip(visits) {
            let Some(visit) = visit else { return Err(format!("no visit {}", call.id)) };
            let is = (visit.mandate.is_some(), visit.report.is_some(), open.contains(&call.id));
            let should = (call.mandate, call.ended, call.ended && !call.finished);
            ensure!(is == should, "visit {}: {is:?} not {should:?}", call.id);
        }
        for (draft, there) in drafts.iter().zip(cases) {
            let Some(there) = there else { return Err(format!("no application {}", draft.id)) };
            agrees_on(draft, &kept, &there)?;
        }
        Ok(())
    }
}
