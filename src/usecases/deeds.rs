//! Carrying out one offline deed, through the same cores as online. A refusal leaves nothing behind; it is
//! the caller's to say what became of it.

use uuid::Uuid;

use super::acting::Act;
use super::applicants::NewApplication;
use super::case::Case;
use super::doing::Doing;
use super::drafts::{Draft, open_draft};
use super::judging::Judging;
use super::judging_offline::remaining_for;
use super::needs::ticked;
use super::reserved_numbers::Slip;
use super::verdicts::{Outcome, Settled};
use super::visits::{Began, NewVisit, own_visit, visit_ended};
use super::{Failure, Office, attachments};
use crate::catalog;
use crate::domain::action::Action;
use crate::domain::application::Application;
use crate::domain::event::{Channel, Event};
use crate::domain::lifecycle::{ActionKind, Status};
use crate::domain::operation::{Deed, Verdict};
use crate::domain::refusal::Refusal;
use crate::domain::visit::VisitReport;
use crate::storage::{Conn, applications, events, visits};

impl Office {
    /// Carries one out within a transaction.
    pub fn do_deed(&self, conn: &mut Conn, doing: &Doing<'_>) -> Result<Settled, Failure> {
        let Doing { actor, moment, .. } = doing;
        match &doing.operation.deed {
            Deed::StartVisit { visit, .. } => {
                if let Some(there) = visits::find(conn, *visit)? {
                    return already(there.staff == actor.id, Outcome::of(*visit));
                }
                let began = Began { at: moment.at, heard: self.now(), skew_seconds: doing.skew_seconds };
                self.visit_begun(conn, actor, new_visit(&doing.operation.deed)?, began)?;
                Ok(Settled::done(Verdict::Applied, Outcome::of(*visit)))
            }
            Deed::RecordMandate { visit, mandate } => {
                let there = own_visit(conn, actor, *visit)?;
                if there.mandate.as_ref() == Some(mandate) {
                    return Ok(Settled::done(Verdict::Duplicate, Outcome::of(*visit)));
                }
                self.mandate_recorded(conn, actor, *visit, mandate.clone(), self.now())?;
                Ok(Settled::done(Verdict::Applied, Outcome::of(*visit)))
            }
            Deed::EndVisit { visit, outcome, needs, revisit_on, note } => {
                let before = own_visit(conn, actor, *visit)?;
                // A clock that ran backwards meanwhile does not lose the visit.
                let ended_at = moment.at.max(before.started_at);
                let (needs, note) = (needs.clone(), note.clone());
                let report =
                    VisitReport { outcome: *outcome, ended_at, needs, revisit_on: *revisit_on, note };
                visit_ended(conn, before, report, self.now())?;
                Ok(Settled::done(Verdict::Applied, Outcome::of(*visit)))
            }
            Deed::FinishNeed { visit, index, note } => {
                let first = ticked(conn, actor, (*visit, *index), note.clone(), self.now())?;
                let verdict = if first.is_some() { Verdict::Applied } else { Verdict::Duplicate };
                Ok(Settled::done(verdict, Outcome::of(*visit)))
            }
            Deed::CreateDraft { application, .. } => self.create(conn, doing, *application),
            Deed::EditDraft { application, changes, visit } => {
                let case = open_draft(conn, actor, *application)?;
                let (merged, foreign) = match self.merged(conn, doing, &case.application, changes)? {
                    Ok(merged) => merged,
                    Err(conflict) => return Ok(*conflict),
                };
                let service = case.application.service.clone();
                let case = self.draft_saved(conn, case, Draft { service, form: merged, visit: *visit })?;
                let verdict = if foreign { Verdict::Merged } else { Verdict::Applied };
                Ok(Settled::done(verdict, Outcome::of_application(&case.application)))
            }
            Deed::Submit { application, receipt_no } => {
                self.submit_offline(conn, doing, *application, receipt_no.as_deref())
            }
            Deed::Correct { application, changes } => {
                let case = Case::open(conn, actor, *application)?;
                let (merged, foreign) = match self.merged(conn, doing, &case.application, changes)? {
                    Ok(merged) => merged,
                    Err(conflict) => return Ok(*conflict),
                };
                let form = (!changes.is_empty()).then_some(merged);
                let after = self.act_offline(conn, doing, case, Action::Correct { form }, None)?;
                let verdict = if foreign { Verdict::Merged } else { Verdict::Applied };
                Ok(Settled::done(verdict, Outcome::of_application(&after)))
            }
            Deed::Withdraw { application, reason } => {
                let case = Case::open(conn, actor, *application)?;
                if case.application.status == Status::Withdrawn {
                    return Ok(Settled::done(Verdict::Duplicate, Outcome::of_application(&case.application)));
                }
                let action = Action::Withdraw { reason: reason.clone() };
                let after = self.act_offline(conn, doing, case, action, None)?;
                Ok(Settled::done(Verdict::Applied, Outcome::of_application(&after)))
            }
            Deed::JudgeDuplicate { application, other, verdict, reason } => {
                let (verdict, reason) = (*verdict, reason.clone());
                let judging = Judging { application: *application, other: *other, verdict, reason };
                self.judge_offline(conn, doing, &judging)
            }
            Deed::Attach { .. } => attachments::announce(self, conn, doing),
        }
    }

    fn create(&self, conn: &mut Conn, doing: &Doing<'_>, id: Uuid) -> Result<Settled, Failure> {
        let Deed::CreateDraft {
            region, service, form_version, applicant, representative, visit, form, ..
        } = &doing.operation.deed
        else {
            return Err(Refusal::not_found().into());
        };
        if let Some(there) = applications::find(conn, id)? {
            let own = there.filed_by == Some(doing.actor.id);
            return already(own, Outcome::of_application(&there));
        }
        let current = catalog::find(service).map(|entry| entry.guide().version);
        if let (Some(current), Some(had)) = (current, *form_version)
            && (had > current || current - had > 1)
        {
            let zh = format!("表单版本 {had} 已停用，现行版本为 {current}。");
            let en = format!("Version {had} of the form is no longer taken; it is {current} now.");
            return Err(Refusal::invalid("form_outdated", zh, en).into());
        }
        let new = NewApplication {
            id: Some(id),
            service: service.clone(),
            region: region.clone(),
            applicant: Some(applicant.clone()),
            representative: representative.clone(),
            guardian_consent: false,
            visit: Some(*visit),
            form: form.clone(),
            submit: false,
        };
        let made = self.drafted(conn, doing.actor, &new, doing.acted_at(self))?;
        let duplicates = self.filed_before(conn, doing, &made)?;
        Ok(Settled::done(Verdict::Applied, Outcome { duplicates, ..Outcome::of_application(&made) }))
    }

    fn submit_offline(
        &self,
        conn: &mut Conn,
        doing: &Doing<'_>,
        id: Uuid,
        given: Option<&str>,
    ) -> Result<Settled, Failure> {
        let case = Case::open(conn, doing.actor, id)?;
        let draft = &case.application;
        let kept = if draft.status == Status::Withdrawn { self.kept_instead(conn, id)? } else { None };
        if let Some(kept) = kept {
            // Taken back in favour of another: that one is what became of it.
            return Ok(Settled::done(Verdict::Duplicate, remaining_for(doing.actor, &kept)));
        }
        let seen = self.seen(conn, doing, draft)?;
        let filed = match draft.status {
            Status::Draft => draft.version + 1,
            _ => {
                let filing = |event: &Event| event.action == ActionKind::Submit;
                let first = events::of(conn, id, false)?.into_iter().find(filing);
                first.map_or(draft.version, |event| event.sequence)
            }
        };
        if draft.status != Status::Draft && seen + 1 >= filed {
            // Filed before, as it was seen: by the worker's other device, or online.
            return Ok(Settled::done(Verdict::Duplicate, Outcome::of_application(draft)));
        }
        if seen + 1 < filed {
            let zh = "提交前草稿被他人改动，与居民所见不一致。";
            let en = "Somebody changed the draft: it is no longer what the resident was shown.";
            let refusal = Refusal::conflict("changed_since_seen", zh, en)
                .with("current_version", draft.version.into())
                .with("changed_at", draft.updated_at.to_rfc3339().into());
            let mut settled = Settled::not(Verdict::Conflict, &refusal);
            settled.outcome = Some(Outcome::of_application(draft));
            return Ok(settled);
        }
        let (slip, replaces) = self.slip(conn, doing.device, draft, given)?;
        let after = self.act_offline(conn, doing, case, Action::Submit {}, Some(slip))?;
        Ok(Settled::done(Verdict::Applied, Outcome { replaces, ..Outcome::of_application(&after) }))
    }

    fn act_offline(
        &self,
        conn: &mut Conn,
        doing: &Doing<'_>,
        case: Case,
        action: Action,
        slip: Option<Slip>,
    ) -> Result<Application, Failure> {
        let (receipt_no, query_code) = slip.map(|slip| (slip.receipt_no, slip.query_code)).unzip();
        let act = Act {
            actor: doing.actor.clone(),
            application: case.application.id,
            seen: None,
            action,
            channel: Some(Channel::Doorstep),
            receipt_no,
            query_code: query_code.flatten(),
            acted_at: Some(doing.acted_at(self)),
        };
        Ok(self.perform_on(conn, case, &act)?.application)
    }
}

/// Of what is there already: the worker's own is done, anybody else's id is taken.
fn already(own: bool, outcome: Outcome) -> Result<Settled, Failure> {
    if own {
        Ok(Settled::done(Verdict::Duplicate, outcome))
    } else {
        Err(Refusal::conflict("id_taken", "编号已被使用。", "The id is taken.").into())
    }
}

fn new_visit(deed: &Deed) -> Result<NewVisit, Failure> {
    let Deed::StartVisit {
        visit,
        region,
        address,
        latitude,
        longitude,
        accuracy,
        purpose,
        follows,
        plan,
        mandate,
    } = deed
    else {
        return Err(Refusal::not_found().into());
    };
    Ok(NewVisit {
        id: Some(*visit),
        region: region.clone(),
        purpose: *purpose,
        address: address.clone(),
        place: (*latitude, *longitude),
        accuracy: *accuracy,
        started_at: None,
        sent_at: None,
        follows: *follows,
        plan: *plan,
        mandate: mandate.clone(),
    })
}
