//! 到达的操作: read as far as they can be read, so that one that is malformed does not spoil the others; and
//! kept with what became of them.

use std::sync::LazyLock;

use chrono::TimeDelta;
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Failure;
use super::verdicts::{Outcome, Settled, VerdictView};
use crate::catalog::shape::{Shape, typed};
use crate::domain::operation::{Operation, Verdict};
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::storage::StorageError;
use crate::storage::operations::Record;

/// An operation as it came.
pub struct Arrival {
    /// As it was sent.
    pub text: String,
    /// SHA-256 of that, hex.
    pub fingerprint: String,
    /// Its id, if that can be read.
    id: Option<Uuid>,
    /// What it says, or everything wrong with it.
    pub read: Result<Operation, Refusal>,
}

impl Arrival {
    /// Its id; what has none is known by what it says.
    pub fn id(&self) -> Uuid {
        self.id.unwrap_or_else(|| named_by(&self.fingerprint))
    }
}

/// Reads one.
pub fn read(body: &Value) -> Arrival {
    // Written straight into one text: formatting would go through it piece by piece.
    let text = serde_json::to_string(body).unwrap_or_else(|_| body.to_string());
    let fingerprint = HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
    let id = body.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    static SHAPE: LazyLock<Shape> = LazyLock::new(Shape::of::<Operation>);
    // A newer app may say more than is known here; what is known must be right.
    let wrong: Vec<_> =
        SHAPE.errors(body).into_iter().filter(|error| error.code != "unknown_field").collect();
    let read = match wrong.is_empty() {
        true => typed(body).map_err(Refusal::fields),
        false => Err(Refusal::fields(wrong)),
    };
    Arrival { text, fingerprint, id, read }
}

fn named_by(fingerprint: &str) -> Uuid {
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(fingerprint.as_bytes().chunks(2)) {
        *byte =
            std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()).unwrap_or(0);
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Others' doings are conflicts, which one can look at and settle; the rest cannot succeed as it is.
pub fn verdict_on(refusal: &Refusal) -> Verdict {
    match (refusal.kind, refusal.code) {
        (RefusalKind::Stale, _)
        | (
            _,
            "wrong_status"
            | "visit_ended"
            | "held_by_another"
            | "duplicate_application"
            | "duplicate_suspected"
            | "already_judged"
            | "duplicate_examined",
        ) => Verdict::Conflict,
        _ => Verdict::Quarantined,
    }
}

/// Keeps a verdict with its operation.
pub fn write_down(record: &mut Record, settled: &Settled) -> Result<(), Failure> {
    record.verdict = settled.verdict;
    let made = |outcome: &Outcome| {
        outcome.version.filter(|_| matches!(settled.verdict, Verdict::Applied | Verdict::Merged))
    };
    record.version = settled.outcome.as_ref().and_then(made);
    record.answer =
        serde_json::to_string(settled).map_err(|error| StorageError::Failed(error.to_string()))?;
    Ok(())
}

/// The verdict kept with an operation.
pub fn settled_of(record: &Record) -> Result<Settled, Failure> {
    let corrupt = |error: serde_json::Error| StorageError::Corrupt(error.to_string());
    Ok(serde_json::from_str(&record.answer).map_err(corrupt)?)
}

/// The verdict in words.
pub fn told(record: &Record) -> Result<VerdictView, Failure> {
    Ok(VerdictView::of(Some(record.operation), settled_of(record)?))
}

/// By how much the clock of its device was put right.
pub fn put_right(record: &Record, operation: &Operation) -> TimeDelta {
    record.done_at - operation.at
}
