//! Intake (接件) to acceptance (受理): the window's part of [`Application::act`].

use serde_json::Value;

use super::application::{Application, By, Desk, Submission};
use super::correction::{CorrectionNotice, Gap, Promise};
use super::deadline::{self, Limit, Pause, PauseCause};
use super::material::{MaterialVerdict, Necessity, Verdict};
use super::refusal::{Refusal, code_of};

impl Application {
    pub(super) fn submit(&mut self, by: By<'_>, desk: Desk<'_>) -> Result<(), Refusal> {
        if self.receipt_no.is_none() {
            return Err(Refusal::conflict(
                "receipt_number_missing",
                "尚未编号。",
                "No receipt number was assigned.",
            ));
        }
        self.dossier.submissions.push(self.submission(by, desk));
        Ok(())
    }

    fn submission(&self, by: By<'_>, desk: Desk<'_>) -> Submission {
        Submission {
            channel: by.channel,
            by: by.actor.id,
            by_name: by.actor.name.clone(),
            role: by.role,
            visit: self.dossier.visit,
            assurance: Some(by.actor.assurance),
            at: desk.now,
        }
    }

    pub(super) fn check_materials(&mut self, verdicts: &[MaterialVerdict]) -> Result<(), Refusal> {
        for verdict in verdicts {
            self.on_checklist(&verdict.material)?;
        }
        for verdict in verdicts {
            self.dossier.verdicts.retain(|old| old.material != verdict.material);
            self.dossier.verdicts.push(verdict.clone());
        }
        Ok(())
    }

    fn on_checklist(&self, code: &str) -> Result<Necessity, Refusal> {
        let (found, code) =
            (self.dossier.checklist.iter().find(|requirement| requirement.code == code), code_of(code));
        found.map(|requirement| requirement.necessity).ok_or_else(|| {
            Refusal::invalid(
                "material_not_on_checklist",
                format!("材料“{code}”不在告知的清单上。"),
                format!("The material “{code}” is not on the checklist that was told."),
            )
            .on("行政许可法 30, 31")
        })
    }

    pub(super) fn ask_to_correct(&mut self, gaps: &[Gap], desk: Desk<'_>) -> Result<(), Refusal> {
        let rounds = match &self.dossier.correction {
            None => 1,
            Some(first) => {
                let new = first.not_on_first(gaps);
                if !new.is_empty() {
                    let about: Vec<&str> = new.iter().map(|gap| code_of(&gap.about)).collect();
                    let list = about.join("、");
                    return Err(Refusal::conflict(
                        "not_on_first_notice",
                        format!("一次性告知后不得追加要求：{list}。"),
                        format!("Not on the first notice, so it may not be asked for now: {list}."),
                    )
                    .on("行政许可法 32(4)")
                    .with("not_on_first_notice", Value::from(about)));
                }
                first.rounds + 1
            }
        };
        let reply_by = deadline::due(desk.now, self.dossier.limits.correction, &[], desk.now, desk.calendar);
        let first_gaps = self.dossier.correction.take().map(|first| first.gaps);
        self.dossier.correction = Some(CorrectionNotice {
            gaps: first_gaps.unwrap_or_else(|| gaps.to_vec()),
            asked_at: desk.now,
            reply_by,
            warned_at: None,
            answered_at: None,
            rounds,
        });
        self.dossier.pauses.push(Pause { from: desk.now, to: None, cause: PauseCause::Correction });
        Ok(())
    }

    pub(super) fn correct(
        &mut self,
        form: Option<&Value>,
        by: By<'_>,
        desk: Desk<'_>,
    ) -> Result<(), Refusal> {
        if let Some(form) = form {
            self.form = form.clone();
        }
        if let Some(notice) = &mut self.dossier.correction {
            notice.answered_at = Some(desk.now);
        }
        self.end_pause(desk);
        self.dossier.submissions.push(self.submission(by, desk));
        Ok(())
    }

    pub(super) fn withdraw(&mut self, reason: Option<&str>, desk: Desk<'_>) {
        self.dossier.ending = reason.map(str::to_owned);
        self.dossier.suspension = None;
        self.end_pause(desk);
    }

    pub(super) fn end_pause(&mut self, desk: Desk<'_>) {
        for pause in self.dossier.pauses.iter_mut().filter(|pause| pause.to.is_none()) {
            pause.to = Some(desk.now);
        }
    }

    /// Materials whose verdict stands against acceptance.
    fn objectionable(&self) -> Vec<&MaterialVerdict> {
        let bad =
            |verdict: &&MaterialVerdict| matches!(verdict.verdict, Verdict::Unqualified | Verdict::Missing);
        self.dossier.verdicts.iter().filter(bad).collect()
    }

    pub(super) fn accept(&mut self, desk: Desk<'_>) -> Result<(), Refusal> {
        let required: Vec<String> = self
            .objectionable()
            .into_iter()
            .filter(|verdict| self.on_checklist(&verdict.material) != Ok(Necessity::Optional))
            .map(|verdict| verdict.material.clone())
            .collect();
        if !required.is_empty() {
            return Err(materials_lacking(&required));
        }
        self.dossier.accepted_at = Some(desk.now);
        Ok(())
    }

    pub(super) fn accept_with_promise(
        &mut self,
        materials: &[String],
        within_working_days: u32,
        desk: Desk<'_>,
    ) -> Result<(), Refusal> {
        for code in materials {
            if self.on_checklist(code)? != Necessity::Deferrable {
                return Err(Refusal::invalid(
                    "material_not_deferrable",
                    format!("“{code}”是主要材料，不能容缺。"),
                    format!("“{code}” is a main material and cannot follow later."),
                )
                .on("容缺受理"));
            }
        }
        let lacking: Vec<String> = self
            .objectionable()
            .into_iter()
            .filter(|verdict| !materials.contains(&verdict.material))
            .filter(|verdict| self.on_checklist(&verdict.material) != Ok(Necessity::Optional))
            .map(|verdict| verdict.material.clone())
            .collect();
        if !lacking.is_empty() {
            return Err(materials_lacking(&lacking));
        }
        let limit = Limit::working_days(within_working_days);
        let due = deadline::due(desk.now, limit, &[], desk.now, desk.calendar);
        self.dossier.promises = materials
            .iter()
            .map(|material| Promise { material: material.clone(), due: due.clone(), fulfilled_at: None })
            .collect();
        self.dossier.accepted_at = Some(desk.now);
        Ok(())
    }

    /// Without a notice within five working days the application counts as accepted from the day it
    /// was received (行政许可法 32(4)).
    pub(super) fn deem_accept(&mut self, desk: Desk<'_>) -> Result<(), Refusal> {
        let received = self.dossier.submissions.last().map_or(self.dossier.entered_at, |last| last.at);
        let notify_by = deadline::due(received, self.dossier.limits.notice, &[], desk.now, desk.calendar);
        if desk.now < notify_by.at {
            return Err(not_yet());
        }
        self.dossier.accepted_at = Some(received);
        self.dossier.deemed = true;
        Ok(())
    }

    pub(super) fn fulfil_promise(&mut self, material: &str, desk: Desk<'_>) -> Result<(), Refusal> {
        let open = |promise: &&mut Promise| promise.material == material && promise.fulfilled_at.is_none();
        let Some(promise) = self.dossier.promises.iter_mut().find(open) else {
            let material = code_of(material);
            return Err(Refusal::conflict(
                "no_such_promise",
                format!("没有待补的容缺材料“{material}”。"),
                format!("No promise for “{material}” is open."),
            ));
        };
        promise.fulfilled_at = Some(desk.now);
        Ok(())
    }

    /// The clock ends an unanswered correction (after a warning) or a draft nobody touched.
    pub(super) fn terminate(&mut self, desk: Desk<'_>) -> Result<(), Refusal> {
        if let Some(notice) = self.dossier.correction.as_ref().filter(|notice| notice.answered_at.is_none()) {
            if notice.warned_at.is_none() || desk.now < notice.reply_by.at {
                return Err(not_yet());
            }
            self.dossier.ending = Some("补正告知书逾期未答复，已事先催告。".to_owned());
        } else {
            self.dossier.ending = Some("草稿长期未提交。".to_owned());
        }
        self.end_pause(desk);
        Ok(())
    }

    pub(super) fn remind(&mut self, desk: Desk<'_>) {
        self.dossier.reminders += 1;
        if let Some(notice) = self.dossier.correction.as_mut().filter(|notice| notice.answered_at.is_none()) {
            notice.warned_at = Some(desk.now);
        }
    }
}

fn materials_lacking(codes: &[String]) -> Refusal {
    let list = codes.join("、");
    Refusal::conflict(
        "materials_lacking",
        format!("以下材料缺少或不合格，不能受理：{list}。"),
        format!("Materials missing or unqualified, so it cannot be accepted: {list}."),
    )
    .on("行政许可法 32")
    .with("materials", Value::from(codes))
}

pub(super) fn not_yet() -> Refusal {
    Refusal::conflict("deadline_not_reached", "期限尚未届满。", "The deadline has not been reached.")
}
