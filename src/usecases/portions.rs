//! 分批读取: the operations of a batch in portions. Each is read once: by the one who answers, by a thread that helps, or
//! at the latest by the one who takes them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::Office;
use super::arrivals::{Arrival, read};
use super::foreseeing::Foreseen;

/// Operations that are read at a time.
const PORTION: usize = 50;

/// Some operations of a step.
pub struct Portion {
    sent: Vec<Value>,
    taken: AtomicBool,
    read: OnceLock<(Vec<Arrival>, Foreseen)>,
}

/// Operations that share a transaction.
pub type Step = Arc<[Portion]>;

impl Portion {
    fn of(sent: Vec<Value>) -> Self {
        Self { sent, taken: AtomicBool::new(false), read: OnceLock::new() }
    }

    /// The operations as far as they can be read, and what they will look for.
    pub fn read(&self, office: &Office) -> &(Vec<Arrival>, Foreseen) {
        self.read.get_or_init(|| {
            let arrivals: Vec<Arrival> = self.sent.iter().map(read).collect();
            let foreseen = office.foresee(&arrivals);
            (arrivals, foreseen)
        })
    }

    fn read_unless_taken(&self, office: &Office) {
        if !self.taken.swap(true, Ordering::Relaxed) {
            self.read(office);
        }
    }
}

/// A batch in steps of so many operations, one at least.
pub fn in_steps(operations: Vec<Value>, step: usize) -> Vec<Step> {
    let mut left = operations.into_iter();
    let mut portions = || {
        let mut some = left.by_ref().take(step);
        let mut portion = || some.by_ref().take(PORTION).collect::<Vec<Value>>();
        std::iter::from_fn(|| Some(portion()).filter(|sent| !sent.is_empty())).map(Portion::of).collect()
    };
    let first: Step = portions();
    let others = std::iter::from_fn(|| Some(portions()).filter(|step: &Step| !step.is_empty()));
    std::iter::once(first).chain(others).collect()
}

/// Reads the first step, a helper from its end on; the helper goes on with the other steps while the first is written.
pub fn read_ahead(office: &Office, steps: &[Step]) {
    let Some((first, others)) = steps.split_first() else { return };
    if first.len() > 1 {
        let (office, first, others) = (office.clone(), first.clone(), others.to_vec());
        tokio::task::spawn_blocking(move || {
            first.iter().rev().for_each(|portion| portion.read_unless_taken(&office));
            others.iter().flat_map(|step| step.iter()).for_each(|portion| portion.read_unless_taken(&office));
        });
    }
    first.iter().for_each(|portion| portion.read_unless_taken(office));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(operations: usize) -> Vec<Vec<usize>> {
        let size = |portion: &Portion| portion.sent.len();
        let steps = in_steps(vec![Value::Null; operations], 200);
        steps.iter().map(|step| step.iter().map(size).collect()).collect()
    }

    #[test]
    fn a_batch_is_cut_without_losing_anything() {
        assert_eq!(sizes(0), [[0; 0]], "who asks for nothing is looked at all the same");
        assert_eq!(sizes(1), [[1]]);
        assert_eq!(sizes(51), [[50, 1]]);
        assert_eq!(sizes(401), [vec![50; 4], vec![50; 4], vec![1]]);
    }
}
