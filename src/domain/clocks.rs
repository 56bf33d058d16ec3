//! The clocks of one application: what must happen by when, whose move it is, and when the deadline
//! job has to look again. All of it is derived from the dossier; nothing is stored twice.

use chrono::{DateTime, Utc};

use super::application::{Application, Desk};
use super::deadline::{self, Deadline, Light, Limit};
use super::lifecycle::{Role, Status, Watch};

/// 时限一览: every clock of an application at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Clocks {
    /// When it was received, the latest time.
    pub received_at: Option<DateTime<Utc>>,
    /// While it waits for the window: it must accept, decline or ask by then.
    pub notify_by: Option<Deadline>,
    /// Without a notice it counts as accepted from this instant on.
    pub deemed_accepted_at: Option<DateTime<Utc>>,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// Promised decision.
    pub promised_by: Option<Deadline>,
    /// Statutory decision.
    pub statutory_by: Option<Deadline>,
    /// The deadline of the present step.
    pub step_by: Option<Deadline>,
    /// Which clock that is.
    pub watch: Option<Watch>,
    /// Whose move it is.
    pub mover: Option<Role>,
    /// Traffic light on the decision clocks.
    pub light: Option<Light>,
}

/// Working days before the end of a correction notice at which the applicant is warned.
const WARNING_WORKING_DAYS: i64 = 3;

impl Application {
    /// Every clock at `desk.now`.
    pub fn clocks(&self, desk: Desk<'_>) -> Clocks {
        let received_at = self.dossier.submissions.last().map(|submission| submission.at);
        let notify_by = received_at
            .filter(|_| self.status == Status::Submitted)
            .map(|at| deadline::due(at, self.dossier.limits.notice, &[], desk.now, desk.calendar));
        let promised_by = self.decision_by(self.dossier.limits.promised, desk);
        let statutory_by = self.dossier.limits.statutory.and_then(|limit| self.decision_by(limit, desk));
        let light = match (&promised_by, self.dossier.accepted_at, self.status.watch()) {
            (Some(promised), Some(start), Some(Watch::Decision)) => {
                Some(deadline::light(promised, statutory_by.as_ref(), start, desk.now, desk.calendar))
            }
            _ => None,
        };
        let watch = self.status.watch();
        let step_by = watch.and_then(|watch| self.step_by(watch, &notify_by, &promised_by, desk));
        let deemed_accepted_at = notify_by.as_ref().map(|due| due.at);
        Clocks {
            received_at,
            notify_by,
            deemed_accepted_at,
            accepted_at: self.dossier.accepted_at,
            promised_by,
            statutory_by,
            step_by,
            watch,
            mover: self.status.mover(),
            light,
        }
    }

    /// A decision limit from acceptance on, lengthened by pauses after it and by the extension.
    fn decision_by(&self, limit: Limit, desk: Desk<'_>) -> Option<Deadline> {
        let start = self.dossier.accepted_at?;
        let mut pauses = self.dossier.pauses.clone();
        pauses.retain(|pause| pause.to.is_none_or(|end| end > start));
        let due = deadline::due(start, limit, &pauses, desk.now, desk.calendar);
        let Some(extension) = &self.dossier.extension else { return Some(due) };
        let longer = desk.calendar.add_working_days(due.date, extension.working_days);
        Some(Deadline {
            date: longer.date,
            at: deadline::end_of_day(longer.date),
            provisional: due.provisional || longer.provisional,
            paused: due.paused,
        })
    }

    fn step_by(
        &self,
        watch: Watch,
        notify_by: &Option<Deadline>,
        promised_by: &Option<Deadline>,
        desk: Desk<'_>,
    ) -> Option<Deadline> {
        let from =
            |start: DateTime<Utc>, limit: Limit| deadline::due(start, limit, &[], desk.now, desk.calendar);
        match watch {
            Watch::DraftLife => Some(from(self.updated_at, self.dossier.limits.draft)),
            Watch::Notice => notify_by.clone(),
            Watch::CorrectionReply => self.dossier.correction.as_ref().map(|notice| notice.reply_by.clone()),
            Watch::Decision => promised_by.clone(),
            Watch::SuspensionEnd => {
                self.dossier.suspension.as_ref().map(|suspension| suspension.until.clone())
            }
            Watch::NoticeEnd => self.dossier.notice.as_ref().map(|notice| notice.until.clone()),
            Watch::Delivery => Some(from(self.dossier.entered_at, self.dossier.limits.delivery)),
            Watch::Filing => Some(from(self.dossier.entered_at, self.dossier.limits.filing)),
        }
    }

    /// When the deadline job has to look at it next; `None` once every clock has spoken.
    pub fn wake_at(&self, desk: Desk<'_>) -> Option<DateTime<Utc>> {
        let clocks = self.clocks(desk);
        let step = clocks.step_by?.at;
        match self.status {
            Status::Draft | Status::Submitted | Status::Suspended => Some(step),
            Status::Correcting => {
                let warned = self.dossier.correction.as_ref().is_none_or(|notice| notice.warned_at.is_some());
                Some(if warned { step } else { self.warning_at(step, desk) })
            }
            Status::PublicNotice => {
                let open = self.dossier.notice.as_ref().map_or(0, |notice| notice.open_objections());
                (open == 0 || self.dossier.reminders == 0).then_some(step)
            }
            Status::Accepted | Status::InReview | Status::Returned => match self.dossier.reminders {
                0 => Some(step),
                1 => clocks.statutory_by.map(|due| due.at.max(step)),
                _ => None,
            },
            Status::Approved | Status::Rejected | Status::Delivered => {
                (self.dossier.reminders == 0).then_some(step)
            }
            Status::Closed | Status::Declined | Status::Withdrawn | Status::Terminated => None,
        }
    }

    /// The start of the working day on which an unanswered correction is warned about.
    fn warning_at(&self, end: DateTime<Utc>, desk: Desk<'_>) -> DateTime<Utc> {
        let last_day = deadline::civil_date(end - chrono::Duration::seconds(1));
        let mut day = last_day;
        let mut left = WARNING_WORKING_DAYS;
        while left > 0 {
            let Some(before) = day.pred_opt() else { break };
            if desk.calendar.is_working_day(day) {
                left -= 1;
            }
            day = before;
        }
        deadline::end_of_day(day)
    }

    /// What the clock does when it wakes: an action of the table, or nothing.
    pub fn due_action(&self, desk: Desk<'_>) -> Option<super::action::Action> {
        use super::action::Action;
        if self.wake_at(desk).is_none_or(|at| desk.now < at) {
            return None;
        }
        match self.status {
            Status::Draft => Some(Action::Terminate {}),
            Status::Submitted => Some(Action::DeemAccept {}),
            Status::Correcting => {
                let warned = self.dossier.correction.as_ref().is_none_or(|notice| notice.warned_at.is_some());
                Some(if warned { Action::Terminate {} } else { Action::Remind {} })
            }
            Status::Suspended => Some(Action::Resume {}),
            Status::PublicNotice => {
                let open = self.dossier.notice.as_ref().map_or(0, |notice| notice.open_objections());
                Some(if open == 0 { Action::CloseNotice {} } else { Action::Remind {} })
            }
            Status::Accepted
            | Status::InReview
            | Status::Returned
            | Status::Approved
            | Status::Rejected
            | Status::Delivered => Some(Action::Remind {}),
            Status::Closed | Status::Declined | Status::Withdrawn | Status::Terminated => None,
        }
    }
}
