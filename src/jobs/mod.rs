//! The second driver beside HTTP: the deadline clock, delivery of mail, confirmation of payments,
//! upkeep of the database.
//! Each round is a use case; a failed round is logged and tried again.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::usecases::{Failure, Office};

/// How often the deadline clock looks.
const CLOCK_EVERY: Duration = Duration::from_secs(5);
/// How often the database counts its rows.
const STOCK_EVERY: Duration = Duration::from_secs(3600);
/// How often it is looked whether the day has its checkpoint.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(600);
/// How often audit entries are kept.
const AUDIT_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked whether data keys were replaced.
const KEYS_EVERY: Duration = Duration::from_secs(600);
/// How often it is looked whether something has been kept long enough.
const RETENTION_EVERY: Duration = Duration::from_secs(6 * 3600);
/// How often it is looked whether something filed cannot be found by its keys yet.
const DUPLICATES_EVERY: Duration = Duration::from_secs(24 * 3600);
/// How often payments are confirmed.
const PAYMENTS_EVERY: Duration = Duration::from_secs(5);

/// The running jobs.
pub struct Jobs {
    stop: watch::Sender<bool>,
    running: Vec<JoinHandle<()>>,
    office: Office,
}

impl Jobs {
    /// Starts all of them.
    pub fn start(office: &Office) -> Self {
        let (stop, stopping) = watch::channel(false);
        let mail_every = Duration::from_secs(office.rules().outbox.poll_seconds);
        let (clock, mail, payments, stock) = (office.clone(), office.clone(), office.clone(), office.clone());
        let (keys, audit, last) = (office.clone(), office.clone(), office.clone());
        let (checkpoint, retention, duplicates) = (office.clone(), office.clone(), office.clone());
        let running = vec![
            repeat("clock", CLOCK_EVERY, stopping.clone(), move || {
                let office = clock.clone();
                async move { office.tick().await }
            }),
            repeat("mail", mail_every, stopping.clone(), move || {
                let office = mail.clone();
                async move { office.deliver_mail().await }
            }),
            repeat("stock", STOCK_EVERY, stopping.clone(), move || {
                let office = stock.clone();
                async move { office.take_stock().await }
            }),
            repeat("audit", AUDIT_EVERY, stopping.clone(), move || {
                let office = audit.clone();
                // One round is enough for what waits.
                async move { office.keep_audit().await.map(|_| 0) }
            }),
            repeat("checkpoint", CHECKPOINT_EVERY, stopping.clone(), move || {
                let office = checkpoint.clone();
                async move { office.checkpoint_daily().await }
            }),
            repeat("keys", KEYS_EVERY, stopping.clone(), move || {
                let office = keys.clone();
                async move { office.reseal().await }
            }),
            repeat("retention", RETENTION_EVERY, stopping.clone(), move || {
                let office = retention.clone();
                async move { office.erase_due().await }
            }),
            repeat("duplicates", DUPLICATES_EVERY, stopping.clone(), move || {
                let office = duplicates.clone();
                async move { office.key_filed().await }
            }),
            repeat("payments", PAYMENTS_EVERY, stopping, move || {
                let office = payments.clone();
                async move { office.confirm_payments().await }
            }),
        ];
        Self { stop, running, office: last }
    }

    /// Lets every job finish its round and ends it.
    pub async fn stop(self) {
        // Jobs that are gone already need no telling.
        let _ = self.stop.send(true);
        for job in self.running {
            let _ = job.await;
        }
        if let Err(error) = self.office.keep_audit().await {
            tracing::error!(%error, "the last audit entries are lost");
        }
    }
}

fn repeat<F, R>(
    name: &'static str,
    every: Duration,
    mut stopping: watch::Receiver<bool>,
    round: F,
) -> JoinHandle<()>
where
    F: Fn() -> R + Send + 'static,
    R: Future<Output = Result<usize, Failure>> + Send + 'static,
{
    tokio::spawn(async move {
        loop {
            match round().await {
                // There may be more: the next round follows at once.
                Ok(done) if done > 0 => tracing::debug!(job = name, done, "round"),
                Ok(_) => {
                    if wait(&mut stopping, every).await {
                        return;
                    }
                }
                Err(error) => {
                    tracing::error!(job = name, %error, "round failed");
                    if wait(&mut stopping, every).await {
                        return;
                    }
                }
            }
            if *stopping.borrow() {
                return;
            }
        }
    })
}

/// Waits; true when it is time to stop.
async fn wait(stopping: &mut watch::Receiver<bool>, every: Duration) -> bool {
    tokio::select! {
        () = tokio::time::sleep(every) => *stopping.borrow(),
        changed = stopping.changed() => changed.is_err() || *stopping.borrow(),
    }
}
