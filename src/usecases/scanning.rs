//! 扫码确认: the worker shows a ticket at the door, the principal scans it with their own verified account, sees who
//! asks for what, and agrees or takes the mandate back.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::clocks_view::local;
use super::confirming::{names_of, open_mandate, stronger};
use super::mandates::verified;
use super::once::{Answer, OnceKey};
use super::visits::own_visit;
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::lifecycle::Role;
use crate::domain::mandate::{MandateEnd, MandateEvidence, Standing};
use crate::domain::real_name::Assurance;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::text::Text;
use crate::domain::visit::Visit;
use crate::storage::{Conn, staff, visits};

/// Long enough to find the glasses and the telephone.
const MINUTES: i64 = 10;

/// 确认二维码
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TicketView {
    /// What the QR code holds.
    pub ticket: String,
    /// Until when.
    pub expires_at: DateTime<FixedOffset>,
}

/// 委托事项
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MatterView {
    /// Code.
    pub code: String,
    /// Name.
    pub name: Text,
}

/// 待确认的授权, as the principal sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConfirmationView {
    /// The mandate.
    pub mandate: Uuid,
    /// The grid worker who asks.
    pub worker: String,
    /// The contracted agency they come from.
    pub agency: Option<String>,
    /// Name of the grid.
    pub grid: Option<String>,
    /// Why they called.
    pub purpose: Text,
    /// What they may file.
    pub matters: Vec<MatterView>,
    /// Until when.
    pub valid_until: NaiveDate,
    /// How it is confirmed now.
    pub evidence: MandateEvidence,
    /// How strongly that proves who gave it, 1 to 3.
    pub evidence_level: u8,
    /// Why it holds no longer, if it does not.
    pub ended: Option<MandateEnd>,
}

/// A ticket that was looked at: its visit, and who shows it.
struct Shown {
    visit: Uuid,
    worker: Actor,
}

impl Office {
    /// A ticket for a mandate that waits for a stronger confirmation; another every few minutes.
    pub async fn confirmation_ticket(
        &self,
        actor: &Actor,
        session: Uuid,
        visit: Uuid,
    ) -> Result<TicketView, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let (now, who) = (self.now(), actor.clone());
        let open = move |conn: &mut Conn| -> Result<(), Failure> {
            let visit = own_visit(conn, &who, visit)?;
            Ok(stronger(&open_mandate(conn, &visit, now)?, MandateEvidence::WechatScan)?)
        };
        self.db().read(open).await?;
        let ticket = self.outside().tokens.ticket(visit, session, now, MINUTES)?;
        Ok(TicketView { ticket, expires_at: local(now + TimeDelta::minutes(MINUTES)) })
    }

    /// What a ticket asks of whoever scanned it; changes nothing.
    pub async fn preview_confirmation(
        &self,
        actor: Actor,
        ticket: &str,
    ) -> Result<ConfirmationView, Failure> {
        let shown = self.scanned(&actor, ticket).await?;
        let office = self.clone();
        let look = move |conn: &mut Conn| -> Result<ConfirmationView, Failure> {
            let (visit, standing) = office.asked(conn, &actor, shown.visit)?;
            stronger(&standing, MandateEvidence::WechatScan)?;
            office.confirmation(conn, &visit, standing, &shown.worker)
        };
        self.db().read(look).await
    }

    /// The principal agrees, or takes the mandate back.
    pub async fn confirm_by_scan(
        &self,
        actor: Actor,
        ticket: &str,
        agree: bool,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        let shown = self.scanned(&actor, ticket).await?;
        self.once(key, 200, move |office, conn| {
            let (mut visit, mut standing) = office.asked(conn, &actor, shown.visit)?;
            if agree {
                let evidence = MandateEvidence::WechatScan;
                stronger(&standing, evidence)?;
                office.mandate_confirmed(conn, &mut visit, standing.clone(), evidence, &actor)?;
                standing.mandate.evidence = evidence;
            } else {
                office.end_mandate(conn, standing.clone(), MandateEnd::Revoked, &actor)?;
                standing.end(MandateEnd::Revoked, office.now());
                office.tell_refused(conn, visit.staff, office.now())?;
            }
            office.confirmation(conn, &visit, standing, &shown.worker)
        })
        .await
    }

    /// A genuine ticket of a worker who is still one, in the hands of somebody who was verified.
    async fn scanned(&self, actor: &Actor, ticket: &str) -> Result<Shown, Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        let invalid = || {
            let zh = "二维码无效或已过期，请网格员重新出示。";
            let en = "Not a valid ticket; ask the grid worker for another.";
            Refusal::new(RefusalKind::NotFound, "ticket_invalid", Text::fixed(zh, en))
        };
        let claims = self.outside().tokens.ticketed(ticket, self.now()).ok_or_else(invalid)?;
        let id = claims.sub;
        let visit = self.db().read(move |conn| visits::find(conn, id)).await.map_err(Failure::from)?;
        let visit = visit.ok_or_else(invalid)?;
        let worker = self.standing(claims.sid, visit.staff).await.map_err(|failure| match failure {
            Failure::Refused(_) => invalid().into(),
            other => other,
        })?;
        if !worker.has_in(Role::GridWorker, &visit.region) {
            return Err(invalid().into());
        }
        actor.assurance.reaches(Assurance::IdMatched)?;
        Ok(Shown { visit: id, worker })
    }

    /// The mandate of a visit that goes on, for its principal and nobody else.
    fn asked(&self, conn: &mut Conn, actor: &Actor, id: Uuid) -> Result<(Visit, Standing), Failure> {
        let foreign = || {
            let zh = "须由委托人本人实名核验的账号确认。";
            let en = "Only the principal's own verified account confirms this.";
            Refusal::new(RefusalKind::NotPermitted, "not_the_principal", Text::fixed(zh, en))
        };
        let own = verified(conn, actor)?.ok_or_else(foreign)?;
        let visit = visits::find(conn, id)?.ok_or_else(foreign)?;
        visit.mandate.as_ref().filter(|mandate| mandate.principal_id_number == own).ok_or_else(foreign)?;
        let standing = open_mandate(conn, &visit, self.now())?;
        Ok((visit, standing))
    }

    fn confirmation(
        &self,
        conn: &mut Conn,
        visit: &Visit,
        standing: Standing,
        worker: &Actor,
    ) -> Result<ConfirmationView, Failure> {
        let matters = names_of(&standing.mandate.matters).into_iter();
        Ok(ConfirmationView {
            mandate: standing.id,
            worker: worker.name.clone(),
            agency: staff::find(conn, worker.id)?.and_then(|member| member.agency),
            grid: self.knowledge().regions.name_of(&visit.region).map(str::to_owned),
            purpose: visit.purpose.text(),
            matters: matters.map(|(code, name)| MatterView { code, name }).collect(),
            valid_until: standing.mandate.valid_until,
            evidence: standing.mandate.evidence,
            evidence_level: standing.mandate.evidence.level(),
            ended: standing.ended.map(|(_, why)| why),
        })
    }
}
