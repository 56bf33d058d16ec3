//! What an act needs before the domain is asked: the mandate behind it, the form checked and put right,
//! names that exist.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::acting::Act;
use super::case::{Loaded, entry_of};
use super::{Failure, Office};
use crate::domain::action::Action;
use crate::domain::application::Application;
use crate::domain::deadline::civil_date;
use crate::domain::lifecycle::Role;
use crate::domain::refusal::Refusal;
use crate::domain::visit::Visit;
use crate::storage::{Conn, visits};

/// A mandate older than this many visits of the worker is looked for in vain.
const LATEST_VISITS: i64 = 100;

impl Office {
    /// What has to stand before the table is asked: a mandate at the door, a checked form and a number at
    /// submission, checked departments at transfer. Answers the act with what was put right in it.
    pub fn prepare(
        &self,
        conn: &mut Conn,
        application: &mut Application,
        loaded: &Loaded,
        act: &Act,
        role: Role,
        now: DateTime<Utc>,
    ) -> Result<Action, Failure> {
        if role == Role::GridWorker {
            self.act_on_mandate(conn, application, act, now)?;
        }
        match &act.action {
            Action::Submit {} => {
                let form = std::mem::take(&mut application.form);
                self.adopt_form(application, loaded, &form, now)?;
                if application.receipt_no.is_none() {
                    application.receipt_no = act.receipt_no.clone();
                }
            }
            Action::Correct { form: Some(form) } => {
                self.adopt_form(application, loaded, form, now)?;
                return Ok(Action::Correct { form: Some(application.form.clone()) });
            }
            Action::Transfer { departments, .. } => {
                let known = |code: &String| self.knowledge().organisation.department(code).is_some();
                if let Some(unknown) = departments.iter().find(|code| !known(code)) {
                    let zh = format!("没有这个部门：{unknown}。");
                    let refusal =
                        Refusal::invalid("department_unknown", zh, format!("No such department: {unknown}."));
                    return Err(refusal.into());
                }
            }
            _ => {}
        }
        Ok(act.action.clone())
    }

    /// Checks a filled form and takes it over, with the checklist and headline that follow from it.
    fn adopt_form(
        &self,
        application: &mut Application,
        loaded: &Loaded,
        form: &Value,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let entry = entry_of(&application.service)?;
        let checked = entry.check_form(form, &loaded.facts(self, application, now)).map_err(|errors| {
            let errors = errors.into_iter().map(|error| error.below("/form")).collect();
            Refusal::fields(errors).on("行政许可法 32")
        })?;
        // After the first submission the checklist that was told stands; it never grows.
        if application.dossier.submissions.is_empty() {
            application.dossier.checklist = checked.materials;
        }
        application.headline = checked.headline;
        application.form = checked.form;
        Ok(())
    }

    /// Whoever acts at the door for a resident does so on that resident's word: filing rests on the visit
    /// it is bound to, correcting and taking back on any of the worker's visits whose mandate covers it.
    fn act_on_mandate(
        &self,
        conn: &mut Conn,
        application: &mut Application,
        act: &Act,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        match &act.action {
            Action::Submit {} => self.mandate_carries(conn, application, act.actor.id, now),
            Action::Correct { .. } | Action::Withdraw { .. } => {
                let principal = &application.applicant.id_number;
                let carries =
                    |visit: &Visit| visit.carries(&application.service, principal, civil_date(now)).is_ok();
                let visit = visits::of_staff(conn, act.actor.id, LATEST_VISITS)?.into_iter().find(carries);
                let zh = "没有居民对本事项的有效授权，请先登记走访。";
                let en = "No valid mandate of the resident covers this; record a visit first.";
                let missing = || Refusal::conflict("mandate_missing", zh, en).on("民法典 165");
                application.dossier.visit = Some(visit.ok_or_else(missing)?.id);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
