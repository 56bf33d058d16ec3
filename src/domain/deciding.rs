//! The decision and its delivery: the last part of [`Application::act`].

use serde_json::Value;

use super::application::{Application, By, Desk, Track};
use super::lifecycle::Role;
use super::refusal::{Refusal, RefusalKind};
use super::review::{Decision, Delivery, DeliveryMethod, Opinion};
use super::text::Text;

/// 救济途径 (行政复议法 20, 行政诉讼法 46): told with every refusal.
const REMEDIES: &str = "如不服本决定，可自收到之日起六十日内向晋江市人民政府申请行政复议（可在线申请），或者六个月内向人民法院提起行政诉讼。";

impl Application {
    fn ready_to_decide(&self) -> Result<(), Refusal> {
        let waiting: Vec<&str> = self
            .dossier
            .reviews
            .iter()
            .filter(|review| review.opinion.is_none())
            .map(|review| review.department.as_str())
            .collect();
        if waiting.is_empty() {
            return Ok(());
        }
        Err(Refusal::conflict(
            "departments_pending",
            format!("部门意见未齐：{}。", waiting.join("、")),
            format!("Departments have not all decided: {}.", waiting.join(", ")),
        )
        .with("departments", Value::from(waiting)))
    }

    pub(super) fn approve(
        &mut self,
        reason: Option<&str>,
        by: By<'_>,
        desk: Desk<'_>,
    ) -> Result<(), Refusal> {
        self.decided_in_the_right_room(by)?;
        self.ready_to_decide()?;
        if self.dossier.reviews.iter().any(|review| review.opinion == Some(Opinion::Disagree)) {
            return Err(Refusal::conflict(
                "department_disagrees",
                "有部门不同意，不能准予。",
                "A department disagrees, so it cannot be approved.",
            ));
        }
        let open: Vec<&str> = self
            .dossier
            .promises
            .iter()
            .filter(|promise| promise.fulfilled_at.is_none())
            .map(|promise| promise.material.as_str())
            .collect();
        if !open.is_empty() {
            return Err(Refusal::conflict(
                "promise_open",
                format!("容缺材料未补齐：{}。", open.join("、")),
                format!("Promised materials have not come in: {}.", open.join(", ")),
            )
            .with("materials", Value::from(open)));
        }
        self.dossier.decision = Some(Decision {
            granted: true,
            reason: reason.unwrap_or("符合法定条件、标准。").to_owned(),
            basis: "行政许可法 38(1)".to_owned(),
            remedies: REMEDIES.to_owned(),
            decided_by: by.actor.name.clone(),
            at: desk.now,
        });
        Ok(())
    }

    pub(super) fn reject(
        &mut self,
        reason: &str,
        basis: &str,
        by: By<'_>,
        desk: Desk<'_>,
    ) -> Result<(), Refusal> {
        self.decided_in_the_right_room(by)?;
        self.ready_to_decide()?;
        self.dossier.decision = Some(Decision {
            granted: false,
            reason: reason.to_owned(),
            basis: basis.to_owned(),
            remedies: REMEDIES.to_owned(),
            decided_by: by.actor.name.clone(),
            at: desk.now,
        });
        Ok(())
    }

    /// A window decides instant items only; and whoever filed for the resident never decides
    /// (民法典 168).
    fn decided_in_the_right_room(&self, by: By<'_>) -> Result<(), Refusal> {
        if by.role == Role::Clerk && self.dossier.track == Track::Committed {
            return Err(Refusal::conflict(
                "committed_track",
                "承诺件由部门审查决定，请转办。",
                "This item is decided by the departments; transfer it.",
            ));
        }
        let filed = self.filed_by == Some(by.actor.id);
        if filed && self.dossier.submissions.iter().any(|s| s.role == Role::GridWorker) {
            return Err(Refusal::new(
                RefusalKind::NotPermitted,
                "own_filing",
                Text::fixed("代办人不得审批自己代办的件。", "Whoever filed it as agent may not decide it."),
            )
            .on("民法典 168"));
        }
        Ok(())
    }

    pub(super) fn deliver(&mut self, method: DeliveryMethod, receiver: &str, desk: Desk<'_>) {
        self.dossier.delivery = Some(Delivery { method, receiver: receiver.to_owned(), at: desk.now });
    }
}
