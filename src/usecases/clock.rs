//! The deadline clock: applications whose time has come are moved by the same function as by people.

use uuid::Uuid;

use super::acting::Act;
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::event::Channel;
use crate::storage::{StorageError, applications};

/// How many are looked at in one round.
const ROUND: i64 = 200;

impl Office {
    /// One round of the clock; answers how many applications it moved.
    pub async fn tick(&self) -> Result<usize, Failure> {
        let now = self.now();
        let due =
            self.db().read(move |conn| applications::due(conn, now, ROUND)).await.map_err(Failure::from)?;
        let mut moved = 0;
        for id in due {
            match self.tick_one(id).await {
                Ok(true) => moved += 1,
                Ok(false) => {}
                // Somebody acted in the same moment, or one case is broken: the others still get their turn.
                Err(Failure::Storage(StorageError::Stale)) => {}
                Err(error) => tracing::error!(application = %id, %error, "the clock could not act"),
            }
        }
        Ok(moved)
    }

    async fn tick_one(&self, id: Uuid) -> Result<bool, Failure> {
        let office = self.clone();
        self.db()
            .write(move |conn| {
                let now = office.now();
                let desk = office.desk(now);
                let Some(application) = applications::find(conn, id)? else { return Ok(false) };
                let Some(action) = application.due_action(desk) else {
                    // The stored wake time was older than the case: refresh it.
                    applications::save(conn, &application, application.version, desk)?;
                    return Ok(false);
                };
                let seen = Some(application.version);
                let (actor, channel) = (Actor::clock(), Some(Channel::System));
                let act = Act {
                    actor,
                    application: id,
                    seen,
                    action,
                    channel,
                    receipt_no: None,
                    query_code: None,
                    acted_at: None,
                };
                office.perform(conn, &act)?;
                Ok(true)
            })
            .await
    }
}
