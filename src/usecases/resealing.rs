//! A new data key takes over while everything goes on: what older ones sealed is sealed anew bit by bit, and
//! they are forgotten when nothing needs them any more.

use super::{Failure, Office};
use crate::storage::StorageError;
use crate::storage::resealing::{Position, Walk, step};

/// Seconds a superseded key stays at the least: another instance may still be writing with it.
const KEEP_SECONDS: i64 = 3600;

impl Office {
    /// Goes over everything once; answers how much was sealed anew.
    pub async fn reseal(&self) -> Result<usize, Failure> {
        let Some(newest) = self.db().vault().successor() else { return Ok(0) };
        let mut changed = 0;
        let mut position = Some(Position::default());
        while let Some(at) = position {
            changed = usize::try_from(at.changed).unwrap_or(usize::MAX);
            // One short transaction each, so that nobody waits long.
            position = self.db().write(move |conn| step(conn, Walk::Renew(newest), at)).await?;
        }
        changed += self.outside().blobs.renew(newest).await?;
        if changed == 0 {
            let forgotten = self.db().vault().forget_old(self.now().timestamp(), KEEP_SECONDS);
            let forgotten = forgotten.map_err(StorageError::from)?;
            tracing::info!(forgotten, "nothing is sealed with an old key any more");
        }
        Ok(changed)
    }
}
