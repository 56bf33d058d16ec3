//! What fails leaves nothing behind, whoever shares the commit with it.

use std::sync::mpsc;
use std::time::Duration;

use yichuang::storage::{Conn, StorageError};

use super::{Outcome, job, value};
use crate::story;

story!(what_fails_first_leaves_nothing_to_those_behind_it, world, {
    let db = world.office().db().clone();
    let (go, wait) = mpsc::channel::<()>();
    let (began, begun) = tokio::sync::oneshot::channel();
    let spoilt = job("spoilt", move |_| {
        began.send(()).unwrap();
        wait.recv_timeout(Duration::from_secs(10)).unwrap();
        Err(StorageError::Stale)
    });
    let write = |work: Box<dyn FnOnce(&mut Conn) -> Outcome + Send>| {
        let db = db.clone();
        tokio::spawn(async move { db.write::<i64, StorageError>(work).await })
    };
    let spoilt = write(Box::new(spoilt));
    begun.await.unwrap();
    let behind = write(Box::new(job("behind", |_| Ok(2))));
    tokio::time::sleep(Duration::from_millis(100)).await;
    go.send(()).unwrap();
    assert_eq!((spoilt.await.unwrap(), behind.await.unwrap()), (Err(StorageError::Stale), Ok(2)));
    assert_eq!((value(&db, "spoilt").await, value(&db, "behind").await), (None, Some(1)));
});
