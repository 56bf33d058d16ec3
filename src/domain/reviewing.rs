//! In the departments: transfer, opinions, site visits, suspension, extension and public notice;
//! the office's part of [`Application::act`] before the decision.

use serde_json::Value;

use super::application::{Application, By, Desk, Track};
use super::deadline::{self, Limit, Pause, PauseCause, civil_date};
use super::disclosure::{children_of, disclosures};
use super::intake::not_yet;
use super::refusal::Refusal;
use super::review::{
    DepartmentReview, Extension, Objection, Opinion, PublicNotice, Resolution, SiteVisit, Suspension,
    SuspensionGround,
};
use super::text::FieldError;

impl Application {
    pub(super) fn transfer(&mut self, departments: &[String], desk: Desk<'_>) -> Result<(), Refusal> {
        if self.dossier.track == Track::Instant {
            return Err(Refusal::conflict(
                "instant_track",
                "即办件在窗口当场办结，不转办。",
                "An instant item is decided at the window and is not transferred.",
            ));
        }
        let fresh: Vec<&String> = departments
            .iter()
            .filter(|code| !self.dossier.reviews.iter().any(|review| &review.department == *code))
            .collect();
        if fresh.is_empty() {
            return Err(Refusal::conflict(
                "already_transferred",
                "这些部门已经在办理。",
                "These departments already have it.",
            ));
        }
        for code in fresh {
            if !self.dossier.reviews.iter().any(|review| &review.department == code) {
                self.dossier.reviews.push(DepartmentReview {
                    department: code.clone(),
                    asked_at: desk.now,
                    reviewer: None,
                    reviewer_name: None,
                    opinion: None,
                    reason: None,
                    given_at: None,
                    returns: 0,
                });
            }
        }
        Ok(())
    }

    /// The review part that the actor's department holds; one already begun stays with its reviewer.
    fn own_review(&mut self, by: By<'_>) -> Result<&mut DepartmentReview, Refusal> {
        let departments: Vec<&str> = by.actor.departments().collect();
        let mine = |review: &&mut DepartmentReview| departments.contains(&review.department.as_str());
        let Some(review) = self.dossier.reviews.iter_mut().find(mine) else {
            return Err(Refusal::not_permitted());
        };
        let name = review.reviewer_name.clone().unwrap_or_default();
        if review.reviewer.is_some_and(|reviewer| reviewer != by.actor.id) {
            return Err(Refusal::conflict(
                "another_reviewer",
                format!("本件由审查人 {name} 经办。"),
                format!("{name} is the reviewer of this application."),
            )
            .with("held_by", Value::from(name)));
        }
        Ok(review)
    }

    pub(super) fn endorse(
        &mut self,
        opinion: Opinion,
        reason: Option<&str>,
        by: By<'_>,
        desk: Desk<'_>,
    ) -> Result<(), Refusal> {
        if opinion == Opinion::Disagree && reason.is_none_or(|text| text.trim().is_empty()) {
            return Err(Refusal::invalid(
                "reason_required",
                "不同意须说明理由。",
                "Disagreeing needs a reason.",
            ));
        }
        let review = self.own_review(by)?;
        if review.opinion.is_some() {
            return Err(Refusal::conflict(
                "opinion_already_given",
                "本部门意见已经给出。",
                "This department has already given its opinion.",
            ));
        }
        review.reviewer = Some(by.actor.id);
        review.reviewer_name = Some(by.actor.name.clone());
        review.opinion = Some(opinion);
        review.reason = reason.map(str::to_owned);
        review.given_at = Some(desk.now);
        Ok(())
    }

    /// One department sends the case back: it returns later to the same reviewer, flagged.
    pub(super) fn send_back(&mut self, reason: &str, by: By<'_>) -> Result<(), Refusal> {
        let review = self.own_review(by)?;
        review.reviewer = Some(by.actor.id);
        review.reviewer_name = Some(by.actor.name.clone());
        review.opinion = None;
        review.given_at = None;
        review.reason = Some(reason.to_owned());
        review.returns += 1;
        Ok(())
    }

    pub(super) fn record_site_visit(&mut self, visit: &SiteVisit, desk: Desk<'_>) -> Result<(), Refusal> {
        if visit.date > civil_date(desk.now) {
            return Err(Refusal::invalid(
                "visit_in_future",
                "踏勘日期不能晚于今天。",
                "The visit lies in the future.",
            ));
        }
        let mut officers: Vec<&str> = visit.officers.iter().map(|name| name.trim()).collect();
        officers.sort_unstable();
        officers.dedup();
        if officers.len() < 2 {
            return Err(Refusal::invalid(
                "two_officers",
                "现场核查应有两名以上工作人员。",
                "At least two officers must be present.",
            )
            .on("行政许可法 34(3)"));
        }
        self.dossier.site_visits.push(visit.clone());
        Ok(())
    }

    pub(super) fn suspend(
        &mut self,
        ground: SuspensionGround,
        reason: &str,
        working_days: u32,
        desk: Desk<'_>,
    ) {
        let limit = Limit::working_days(working_days);
        let until = deadline::due(desk.now, limit, &[], desk.now, desk.calendar);
        self.dossier.suspension = Some(Suspension { ground, reason: reason.to_owned(), until });
        self.dossier.pauses.push(Pause { from: desk.now, to: None, cause: PauseCause::Suspension });
    }

    pub(super) fn resume(&mut self, desk: Desk<'_>) {
        self.end_pause(desk);
        self.dossier.suspension = None;
    }

    pub(super) fn extend(&mut self, reason: &str, approved_by: &str, desk: Desk<'_>) -> Result<(), Refusal> {
        if self.dossier.extension.is_some() {
            return Err(Refusal::conflict(
                "already_extended",
                "只能延期一次。",
                "It may be extended only once.",
            )
            .on("行政许可法 42"));
        }
        let working_days = self.dossier.limits.extension_working_days;
        if working_days == 0 {
            return Err(Refusal::conflict(
                "not_extendable",
                "本事项不能延期。",
                "This item cannot be extended.",
            ));
        }
        self.dossier.extension = Some(Extension {
            working_days,
            reason: reason.to_owned(),
            approved_by: approved_by.to_owned(),
            at: desk.now,
        });
        Ok(())
    }

    pub(super) fn publish_notice(&mut self, text: &str, place: &str, desk: Desk<'_>) -> Result<(), Refusal> {
        let Some(limit) = self.dossier.limits.public_notice else {
            return Err(Refusal::conflict(
                "no_notice",
                "本事项不需要公示。",
                "This item has no public notice.",
            ));
        };
        let wrong = disclosures(text, &children_of(&self.form));
        if !wrong.is_empty() {
            let errors = wrong.into_iter();
            let errors =
                errors.map(|what| FieldError::new("/text", "notice_reveals_personal_data", what.text()));
            let refusal = Refusal::invalid(
                "notice_reveals_personal_data",
                "公示内容含有不得公开的个人信息。",
                "A public notice must not show this.",
            );
            return Err(Refusal {
                errors: errors.collect(), ..refusal.on("个人信息保护法 25, 28, 31")
            });
        }
        let until = deadline::due(desk.now, limit, &[], desk.now, desk.calendar);
        self.dossier.notice = Some(PublicNotice {
            text: text.to_owned(),
            place: place.to_owned(),
            from: desk.now,
            until,
            objections: Vec::new(),
            closed_at: None,
        });
        Ok(())
    }

    pub(super) fn object(&mut self, objector: &str, reason: &str, desk: Desk<'_>) -> Result<(), Refusal> {
        if let Some(notice) = &mut self.dossier.notice {
            let (objector, reason) = (objector.to_owned(), reason.to_owned());
            notice.objections.push(Objection { objector, reason, at: desk.now, resolution: None });
        }
        Ok(())
    }

    pub(super) fn resolve_objection(
        &mut self,
        index: u32,
        upheld: bool,
        explanation: &str,
        desk: Desk<'_>,
    ) -> Result<(), Refusal> {
        let objection =
            self.dossier.notice.as_mut().and_then(|notice| notice.objections.get_mut(index as usize));
        match objection {
            Some(objection) if objection.resolution.is_none() => {
                let explanation = explanation.to_owned();
                objection.resolution = Some(Resolution { upheld, explanation, at: desk.now });
                Ok(())
            }
            Some(_) | None => Err(Refusal::conflict(
                "no_open_objection",
                "没有待处理的该项异议。",
                "There is no such open objection.",
            )),
        }
    }

    pub(super) fn close_notice(&mut self, desk: Desk<'_>) -> Result<(), Refusal> {
        if let Some(notice) = &mut self.dossier.notice {
            let open = notice.open_objections();
            if open > 0 {
                return Err(Refusal::conflict(
                    "objections_open",
                    format!("还有 {open} 项异议未处理。"),
                    format!("{open} objection(s) are still open."),
                )
                .on("行政许可法 36"));
            }
            if desk.now < notice.until.at {
                return Err(not_yet());
            }
            notice.closed_at = Some(desk.now);
        }
        Ok(())
    }
}
