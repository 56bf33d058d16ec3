//! What an act needs before the domain is asked: the mandate behind it, the form checked and put right,
//! names that exist.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::acting::Act;
use super::case::{Loaded, entry_of};
use super::masking::restored;
use super::services::family_of;
use super::{Failure, Office};
use crate::catalog::item::Facts;
use crate::domain::action::Action;
use crate::domain::application::Application;
use crate::domain::deadline::civil_date;
use crate::domain::lifecycle::Role;
use crate::domain::mandate::Standing;
use crate::domain::refusal::{Refusal, code_of};
use crate::storage::mandates::{self, Of};
use crate::storage::{Conn, visits};

impl Office {
    /// What has to stand before the table is asked: a mandate at the door, a checked form and a number at
    /// submission, checked departments at transfer. Answers the act with what was put right in it.
    pub fn prepare(
        &self,
        conn: &mut Conn,
        application: &mut Application,
        loaded: &mut Loaded,
        act: &Act,
        role: Role,
        now: DateTime<Utc>,
    ) -> Result<Action, Failure> {
        match (role, application.dossier.mandate) {
            (Role::GridWorker, _) => {
                self.act_on_mandate(conn, application, act, act.acted_at.unwrap_or(now))?;
            }
            (Role::Resident, Some(id)) if application.filed_by == Some(act.actor.id) => {
                let mandate = mandates::find(conn, id)?.ok_or_else(Refusal::not_found)?;
                mandate.carries(&application.service, &application.applicant.id_number, now)?;
            }
            _ => {}
        }
        match &act.action {
            Action::Submit {} => {
                let form = std::mem::take(&mut application.form);
                self.adopt_form(conn, application, loaded, &form, now)?;
                loaded.keys = Some(match conn.unlike(application, civil_date(now)) {
                    Some(keys) => keys.clone(),
                    None => self.must_be_new(conn, application, (&act.actor, role), now)?,
                });
                if application.receipt_no.is_none() {
                    application.receipt_no = act.receipt_no.clone();
                    if let Some(code) = &act.query_code {
                        application.query_code.clone_from(code);
                    }
                }
            }
            Action::Correct { form: Some(form) } => {
                let mut form = form.clone();
                restored(&mut form, &application.form)?;
                self.adopt_form(conn, application, loaded, &form, now)?;
                return Ok(Action::Correct { form: Some(application.form.clone()) });
            }
            Action::Transfer { departments, .. } => {
                let known = |code: &String| self.knowledge().organisation.department(code).is_some();
                if let Some(unknown) = departments.iter().find(|code| !known(code)) {
                    let unknown = code_of(unknown);
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
        conn: &mut Conn,
        application: &mut Application,
        loaded: &Loaded,
        form: &Value,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let entry = entry_of(&application.service)?;
        let family = family_of(conn, application.owner, &application.applicant)?;
        let facts = Facts { family: family.as_ref(), ..loaded.facts(self, application, now) };
        let checked = entry.check_form(form, &facts).map_err(|errors| {
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
        acted_at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        match &act.action {
            Action::Submit {} => self.mandate_carries(conn, application, act.actor.id, acted_at),
            Action::Correct { .. } | Action::Withdraw { .. } => {
                let principal = &application.applicant.id_number;
                let carries = |standing: &&Standing| {
                    standing.carries(&application.service, principal, acted_at).is_ok()
                };
                let own = mandates::of(conn, Of::StaffFor(act.actor.id, principal))?;
                let filed_on = application.dossier.visit;
                // The one it was filed on goes first: another visit's is for another filing.
                let carrying = || own.iter().filter(carries);
                let visit = carrying()
                    .find(|standing| standing.visit.is_some() && standing.visit == filed_on)
                    .or(carrying().next());
                let visit = visit.and_then(|standing| standing.visit);
                let zh = "没有居民对本事项的有效授权，请先登记走访。";
                let en = "No valid mandate of the resident covers this; record a visit first.";
                let missing = || Refusal::conflict("mandate_missing", zh, en).on("民法典 165");
                application.dossier.visit = Some(visit.ok_or_else(missing)?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The visit a doorstep filing is bound to is the worker's own and its mandate covers the matter.
    pub fn mandate_carries(
        &self,
        conn: &mut Conn,
        application: &Application,
        staff: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let missing =
            || Refusal::field("/visit", "visit_needed", "上门代办须先登记走访。", "Record the visit first.");
        let id = application.dossier.visit.ok_or_else(missing)?;
        visits::find(conn, id)?.filter(|visit| visit.staff == staff).ok_or_else(missing)?;
        let zh = "这次走访没有记录居民授权。";
        let en = "No mandate of the resident was recorded at this visit.";
        let none = || Refusal::conflict("mandate_missing", zh, en).on("民法典 165");
        let mandate = mandates::find(conn, id)?.ok_or_else(none)?;
        mandate.carries(&application.service, &application.applicant.id_number, now)?;
        Ok(())
    }

    /// What was filed on a mandate has come to its end.
    pub fn finish_mandate(
        &self,
        conn: &mut Conn,
        application: &Application,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let dossier = &application.dossier;
        let Some(id) = dossier.mandate.or(dossier.visit) else { return Ok(()) };
        if let Some(mut standing) = mandates::find(conn, id)? {
            standing.finish(&application.service, now);
            mandates::save(conn, standing)?;
        }
        Ok(())
    }
}
