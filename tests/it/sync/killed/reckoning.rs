//! What is there after the last death, held against what the telephones noted.

use std::collections::BTreeSet;
use std::sync::Arc;

use uuid::Uuid;
use yichuang::adapters::clock::SystemClock;
use yichuang::storage::{Conn, applications, events, materials, operations, visits};
use yichuang::usecases::Failure;

use super::Worker;
use crate::world::program::{Line, Program};

/// Every draft is listed once, and no other.
pub async fn listed(line: &Line, drafts: &[Uuid]) {
    let (mut there, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = line.get(&format!("/v1/applications?limit=100{cursor}")).await;
        there.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    there.sort();
    let mut noted: Vec<String> = drafts.iter().map(Uuid::to_string).collect();
    noted.sort();
    assert_eq!(there, noted, "each draft is there once, and no other");
}

/// Everything of a worker; answers how many operations there were.
pub async fn of(program: &Program, worker: &Worker) -> usize {
    let office = program.office(Arc::new(SystemClock));
    let (mut noted, mut called) = (0, BTreeSet::new());
    for telephone in &worker.telephones {
        noted += telephone.outbox.all().len();
        called.extend(telephone.visits.iter().copied());
        let ids: Vec<Uuid> = telephone.outbox.all().iter().map(|one| one.id).collect();
        let (staff, device, wanted) = (worker.id, telephone.outbox.device(), ids.clone());
        let kept = move |conn: &mut Conn| -> Result<_, Failure> {
            Ok((operations::of_ids(conn, staff, &wanted)?, operations::sequences(conn, device, 1)?))
        };
        let (kept, sequences) = office.db().read(kept).await.unwrap();
        let distinct: BTreeSet<Uuid> = kept.iter().map(|one| one.operation).collect();
        assert_eq!((kept.len(), distinct.len()), (ids.len(), ids.len()), "each operation is kept once");
        assert!(kept.iter().all(|one| one.verdict.name() == "applied"));
        assert!(sequences.into_iter().eq(1..=i64::try_from(ids.len()).unwrap()), "no gap");
        for draft in &telephone.drafts {
            let id = draft.id;
            let read = move |conn: &mut Conn| -> Result<_, Failure> {
                Ok((applications::find(conn, id)?, events::of(conn, id, false)?, materials::of(conn, id)?))
            };
            let (there, told, files) = office.db().read(read).await.unwrap();
            let there = there.unwrap();
            assert_eq!(there.form["mother"]["residence_address"], draft.address);
            let told: Vec<String> = told.into_iter().map(|event| event.action.name()).collect();
            assert_eq!(told, vec!["submit"; usize::from(draft.filed)], "{id}");
            let here: BTreeSet<Uuid> = files.iter().map(|file| file.id).collect();
            let sent = telephone.files.iter().filter(|file| file.application == id);
            let sent: BTreeSet<Uuid> = sent.map(|file| file.attachment).collect();
            assert_eq!((files.len(), &here), (sent.len(), &sent), "each file of {id} is there once");
        }
        for file in &telephone.files {
            assert_eq!(office.outside().blobs.open(&file.sha256).await.unwrap(), file.bytes);
        }
    }
    let staff = worker.id;
    let visits =
        office.db().read(move |conn: &mut Conn| visits::of_staff(conn, staff, None, 1_000_000)).await;
    let visits: Vec<(Uuid, bool)> =
        visits.unwrap().into_iter().map(|visit| (visit.id, visit.report.is_some())).collect();
    assert_eq!(visits.len(), called.len(), "no visit more than once");
    assert_eq!(visits.into_iter().collect::<BTreeSet<_>>(), called);
    noted
}
