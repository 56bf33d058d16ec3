//! Delivering what the outbox holds: at least once, with growing pauses, until it is sent or visibly
//! given up.

use chrono::Duration;

use super::{Failure, Office};
use crate::adapters::AdapterError;
use crate::adapters::mail::OutgoingMail;
use crate::storage::outbox::{self, OutboxMail, Outcome};

/// Mails taken in one round.
const ROUND: i64 = 50;
/// A deliverer that dies leaves its mails to others after this.
const LEASE: Duration = Duration::minutes(2);
/// First pause; doubles with every attempt.
const FIRST_PAUSE: Duration = Duration::minutes(1);
/// Longest pause.
const LONGEST_PAUSE: Duration = Duration::hours(6);

fn pause(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 16) - 1).unwrap_or(0);
    (FIRST_PAUSE * 2_i32.pow(doublings)).min(LONGEST_PAUSE)
}

impl Office {
    /// One round of delivery; answers how many mails were handed over.
    pub async fn deliver_mail(&self) -> Result<usize, Failure> {
        let now = self.now();
        let taken = self
            .db()
            .write(move |conn| outbox::take(conn, now, now + LEASE, ROUND))
            .await
            .map_err(Failure::from)?;
        let mut sent = 0;
        for mail in taken {
            let outgoing = OutgoingMail {
                message_id: mail.id.to_string(),
                to: mail.address.reveal().clone(),
                subject: mail.subject.clone(),
                body: mail.body.clone(),
            };
            let outcome = match self.outside().mail.send(&outgoing).await {
                Ok(()) => Outcome::Sent,
                Err(error) => self.after(&mail, error),
            };
            sent += usize::from(outcome == Outcome::Sent);
            let id = mail.id;
            self.db().write(move |conn| outbox::settle(conn, id, &outcome)).await.map_err(Failure::from)?;
        }
        Ok(sent)
    }

    fn after(&self, mail: &OutboxMail, error: AdapterError) -> Outcome {
        let now = self.now();
        let age = now - mail.created_at;
        match error {
            AdapterError::Rejected { reason } => Outcome::Dead(reason),
            AdapterError::Unreachable(why) if age >= Duration::hours(self.rules().outbox.give_up_hours) => {
                Outcome::Dead(why)
            }
            AdapterError::Unreachable(why) => Outcome::Later(now + pause(mail.attempts), why),
        }
    }
}
