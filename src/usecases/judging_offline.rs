//! 离线重复认定: what was judged at the door without a network, and what a new draft is told of what is in already.

use super::doing::Doing;
use super::duplicates::{Found, Look};
use super::judging::{Judged, Judging};
use super::verdicts::{FiledBefore, Outcome, Settled};
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::application::Application;
use crate::domain::deadline::civil_date;
use crate::domain::duplicate::judgement::Likeness;
use crate::domain::operation::Verdict;
use crate::domain::refusal::Refusal;
use crate::storage::{Conn, applications};

/// What a worker is told of the application that remains: all of it where they see it, otherwise what stands on its slip.
pub fn remaining_for(actor: &Actor, remaining: &Application) -> Outcome {
    let outcome = Outcome::of_application(remaining);
    match actor.capacities(&remaining.footprint(&remaining.departments())).is_empty() {
        true => Outcome { version: None, query_code: None, ..outcome },
        false => outcome,
    }
}

impl Office {
    /// Says what two applications are: of the same one, the other is what became of the draft.
    pub fn judge_offline(
        &self,
        conn: &mut Conn,
        doing: &Doing<'_>,
        judging: &Judging,
    ) -> Result<Settled, Failure> {
        let kept = self.kept_instead(conn, judging.application)?.filter(|kept| kept.id == judging.other);
        if let Some(kept) = kept.filter(|_| judging.verdict == Likeness::Same) {
            // Said before: by the worker's other device, or by whoever was quicker.
            return Ok(Settled::done(Verdict::Duplicate, remaining_for(doing.actor, &kept)));
        }
        let at_the_door = Some(doing.acted_at(self));
        let Judged { judgement, remaining } = self.judged(conn, doing.actor, judging, at_the_door)?;
        let verdict = match judgement.verdict {
            Likeness::Same => Verdict::Duplicate,
            Likeness::Different => Verdict::Applied,
        };
        Ok(Settled::done(verdict, remaining_for(doing.actor, &remaining)))
    }

    /// What the same person has filed of the same item and period, as far as the worker may know of it.
    pub fn filed_before(
        &self,
        conn: &mut Conn,
        doing: &Doing<'_>,
        draft: &Application,
    ) -> Result<Vec<FiledBefore>, Failure> {
        if conn.unlike(draft, civil_date(self.now())).is_some() {
            return Ok(Vec::new());
        }
        let found = self.alike(conn, draft, doing.actor, Look::Wide)?;
        let told = found
            .into_iter()
            .filter(|found| found.is_open() && found.is_seen() && found.matched.same_person());
        Ok(told
            .map(|found| FiledBefore {
                id: found.id(),
                receipt_no: found.other.receipt_no.as_ref().map(|number| number.as_str().to_owned()),
            })
            .collect())
    }

    /// A refusal because of what is in already, with both sides as the worker sees them: there is no asking back where
    /// there is no network.
    pub fn side_by_side_for(
        &self,
        conn: &mut Conn,
        doing: &Doing<'_>,
        mut refusal: Refusal,
    ) -> Result<Refusal, Failure> {
        let told = refusal.context.iter_mut().find(|(key, _)| *key == "duplicates");
        if let (Some((_, told)), Some(draft)) =
            (told, applications::find(conn, doing.operation.deed.record())?)
        {
            let mut found = self.alike(conn, &draft, doing.actor, Look::Wide)?;
            found.retain(Found::is_open);
            let views = self.duplicate_views(&draft, doing.actor, &found);
            *told = serde_json::to_value(views).unwrap_or_default();
        }
        Ok(refusal)
    }
}
