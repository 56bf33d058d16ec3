//! 预见: what the operations of a step are about to look for, so that it is looked for once for all of them. What was
//! not foreseen is looked for when it is needed; nothing depends on having foreseen right.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use super::arrivals::Arrival;
use super::numbers::series_of;
use super::{Failure, Office};
use crate::domain::application::Applicant;
use crate::domain::deadline::civil_date;
use crate::domain::id_number::IdNumber;
use crate::domain::merge::merge;
use crate::domain::operation::Deed;
use crate::domain::region::Region;
use crate::storage::nobody::Look;
use crate::storage::{Conn, StorageError, counters, duplicates, real_names};

/// What will be looked for.
#[derive(Default)]
pub struct Foreseen {
    /// Visits and applications that are about to be made.
    new: Vec<Uuid>,
    /// Drafts that will be compared, as they are made and as they are filed.
    looks: Vec<Arc<Look>>,
    /// Whose account will be looked for.
    numbers: Vec<IdNumber>,
    /// From which series receipt numbers will be taken.
    series: Vec<String>,
}

struct Draft<'a> {
    service: &'a str,
    applicant: &'a Applicant,
    region: &'a Region,
    form: Arc<Value>,
}

impl Office {
    /// Foresees it.
    pub fn foresee(&self, arrivals: &[Arrival]) -> Foreseen {
        let mut foreseen = Foreseen::default();
        let mut drafts: HashMap<Uuid, Draft<'_>> = HashMap::new();
        for operation in arrivals.iter().filter_map(|arrival| arrival.read.as_ref().ok()) {
            match &operation.deed {
                Deed::StartVisit { visit, .. } => foreseen.new.push(*visit),
                Deed::CreateDraft {
                    application, region, service, applicant, representative, form, ..
                } => {
                    foreseen.new.push(*application);
                    let number = representative.as_ref().map_or(&applicant.id_number, |by| &by.id_number);
                    foreseen.numbers.push(number.clone());
                    let draft = Draft { service, applicant, region, form: Arc::new(form.clone()) };
                    foreseen.looks.extend(self.look_then(*application, &draft));
                    drafts.insert(*application, draft);
                }
                Deed::EditDraft { application, changes, .. } => {
                    if let Some(draft) = drafts.get_mut(application)
                        && let Ok(form) = merge(&draft.form, &Value::Null, changes)
                    {
                        draft.form = Arc::new(form);
                    }
                }
                Deed::Submit { application, receipt_no } => {
                    let Some(draft) = drafts.get(application) else { continue };
                    foreseen.looks.extend(self.look_then(*application, draft));
                    let series = || series_of(draft.region, civil_date(self.now()));
                    foreseen.series.extend(receipt_no.is_none().then(series));
                }
                _ => {}
            }
        }
        foreseen
    }

    fn look_then(&self, application: Uuid, draft: &Draft<'_>) -> Option<Arc<Look>> {
        let page = &self.knowledge().policies.duplicates;
        let (on, form) = (civil_date(self.now()), draft.form.clone());
        let profile = page.profile_of((draft.service, draft.applicant, &form), on)?;
        let keys = self.keys_of(Some(&profile));
        let (service, applicant) = (draft.service.to_owned(), draft.applicant.clone());
        Some(Arc::new(Look { application, service, applicant, form, on, keys }))
    }
}

/// Looks for it, where the transaction remembers what it finds and it is more than one would look for anyway.
pub fn look_ahead<'a>(
    conn: &mut Conn,
    foreseen: impl Iterator<Item = &'a Foreseen> + Clone,
) -> Result<(), Failure> {
    if !conn.gathers() {
        return Ok(());
    }
    let new: Vec<Uuid> = foreseen.clone().flat_map(|foreseen| &foreseen.new).copied().collect();
    if new.len() > 1 {
        conn.expect_new(&new)?;
    }
    let looks: Vec<&Arc<Look>> = foreseen.clone().flat_map(|foreseen| &foreseen.looks).collect();
    if looks.len() > 2 {
        // Whoever else files a batch in the same community has come to its end then, or waits for the end of this one:
        // what the other stored is found. Most take several in the same order.
        let series: BTreeSet<&String> = foreseen.clone().flat_map(|foreseen| &foreseen.series).collect();
        for name in series {
            counters::reserve(conn, name, 0)?;
        }
        duplicates::look_ahead(conn, &looks)?;
        real_names::look_ahead(conn, &numbers_of(foreseen))?;
    }
    Ok(())
}

/// Looks back at the end of a transaction: if somebody turned out to be who one of its drafts is for, they would never
/// see it. Then it is [`StorageError::Stale`].
pub fn look_back<'a>(conn: &mut Conn, foreseen: impl Iterator<Item = &'a Foreseen>) -> Result<(), Failure> {
    match real_names::held_since(conn, &numbers_of(foreseen))? {
        true => Err(StorageError::Stale.into()),
        false => Ok(()),
    }
}

fn numbers_of<'a>(foreseen: impl Iterator<Item = &'a Foreseen>) -> Vec<&'a IdNumber> {
    foreseen.flat_map(|foreseen| &foreseen.numbers).collect()
}
