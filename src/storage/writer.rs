//! The one writer of the embedded database. Jobs that wait share one commit, so that `synchronous=FULL` costs one
//! flush for many callers; nobody is answered before that commit, and one job failing does not disturb its
//! neighbours: whatever runs behind another that is kept has a savepoint of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::StorageError;
use super::dialect::Conn;

/// Jobs that may wait before callers are told to come back later.
const QUEUE: usize = 2048;
/// Jobs that share one commit at the most; bounds how long the first of them waits.
const BATCH: usize = 128;

/// One caller's work: run so that it can be taken back alone, answered once the shared commit is known.
trait Job: Send {
    /// Does the work; false means that nothing of it may stay.
    fn run(&mut self, conn: &mut Conn) -> bool;
    /// Tells the caller.
    fn answer(self: Box<Self>, committed: Result<(), StorageError>);
}

struct Task<F, T, E> {
    work: Option<F>,
    result: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Task<F, T, E>
where
    F: FnOnce(&mut Conn) -> Result<T, E> + Send,
    T: Send,
    E: From<StorageError> + Send,
{
    fn run(&mut self, conn: &mut Conn) -> bool {
        let Some(work) = self.work.take() else { return false };
        let result = catch_unwind(AssertUnwindSafe(|| work(conn)));
        let result = result.unwrap_or_else(|_| Err(StorageError::Panicked.into()));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, committed: Result<(), StorageError>) {
        let outcome = match (committed, self.result) {
            // A job that failed on its own keeps its own reason, whatever became of the batch.
            (_, Some(Err(own))) => Err(own),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Err(error), _) => Err(error.into()),
            (Ok(()), None) => Err(StorageError::Panicked.into()),
        };
        // The caller may have gone away; its work stands all the same.
        let _ = self.caller.send(outcome);
    }
}

/// Hands jobs to the writer thread; dropping it drains the queue and ends the thread.
pub struct Writer {
    jobs: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread that owns the writing connection.
    pub fn start(conn: Conn) -> Result<Self, StorageError> {
        let (jobs, waiting) = sync_channel::<Box<dyn Job>>(QUEUE);
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || run(conn, &waiting))
            .map_err(|error| StorageError::Unavailable(error.to_string()))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs `work`, which leaves nothing behind if it fails; answers after the shared commit is on disk.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (caller, answered) = oneshot::channel();
        let Some(jobs) = &self.jobs else { return Err(StorageError::ShuttingDown.into()) };
        match jobs.try_send(Box::new(Task { work: Some(work), result: None, caller })) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(StorageError::Overloaded.into()),
            Err(TrySendError::Disconnected(_)) => return Err(StorageError::ShuttingDown.into()),
        }
        answered.await.unwrap_or_else(|_| Err(StorageError::ShuttingDown.into()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(mut conn: Conn, waiting: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        let committed = commit(&mut conn, &mut batch, waiting);
        if committed.is_err() {
            // Whatever state the transaction was left in, the next batch starts clean; SQLite may have
            // rolled it back itself (disk full), then this has nothing left to do.
            let _ = conn.rollback();
        }
        for job in batch {
            job.answer(committed.clone());
        }
    }
}

/// Runs the first job and those that are waiting, then commits them together.
fn commit(
    conn: &mut Conn,
    batch: &mut Vec<Box<dyn Job>>,
    waiting: &Receiver<Box<dyn Job>>,
) -> Result<(), StorageError> {
    conn.begin()?;
    let mut kept = false;
    let mut at = 0;
    while let Some(job) = batch.get_mut(at) {
        if kept {
            conn.execute("SAVEPOINT job")?;
            if !job.run(conn) {
                conn.execute("ROLLBACK TO job")?;
            }
            conn.execute("RELEASE job")?;
        } else if job.run(conn) {
            kept = true;
        } else {
            // Before anything is kept the transaction is its own. A savepoint would copy every page that it changes,
            // and each of its statements would look through all those copies.
            conn.rollback()?;
            conn.begin()?;
        }
        at += 1;
        if at < BATCH {
            batch.extend(waiting.try_recv().ok());
        }
    }
    if kept { conn.commit() } else { conn.rollback() }
}
