//! 助手: a thread that carries out statements whose answers nobody waits for, while whoever thinks of them thinks on.
//! It has the connection as long as there is something to do; whoever wants an answer gets the connection back first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::StorageError;

/// Something to do with a connection.
type Work<C> = Box<dyn FnOnce(&mut C) -> Result<(), StorageError> + Send>;

/// Pieces of work that are handed over at once: waking a thread costs as much as one or two of them.
const ARMFUL: usize = 8;

enum Order<C> {
    Take(C),
    Do(Vec<Work<C>>),
    GiveBack,
}

/// The other thread; it ends when this is dropped.
struct Hand<C> {
    orders: Sender<Order<C>>,
    back: Receiver<(C, Result<(), StorageError>)>,
}

/// A connection that can be handed over.
pub struct Lendable<C> {
    here: Option<C>,
    hand: Option<Hand<C>>,
    pending: Vec<Work<C>>,
}

impl<C: Send + 'static> Lendable<C> {
    /// One that is here.
    pub fn new(conn: C) -> Self {
        Self { here: Some(conn), hand: None, pending: Vec::new() }
    }

    /// The connection, with everything done that was handed over. If something of that failed, nothing was done
    /// after it, and this is told once.
    pub fn here(&mut self) -> Result<&mut C, StorageError> {
        self.hand_over()?;
        self.fetched()?;
        self.here.as_mut().ok_or_else(gone)
    }

    /// The connection; whatever was handed over and not done by now is not done, and what failed is not told: it is
    /// about to be taken back.
    pub fn recalled(&mut self) -> Result<&mut C, StorageError> {
        self.pending.clear();
        let failed = self.fetched();
        match &mut self.here {
            Some(conn) => Ok(conn),
            None => Err(failed.err().unwrap_or_else(gone)),
        }
    }

    /// Does something now, or hands it over: then it is done some time before the connection is asked for, after what
    /// was handed over before it.
    pub fn carry_out<W>(&mut self, work: W, hand_over: bool) -> Result<(), StorageError>
    where
        W: FnOnce(&mut C) -> Result<(), StorageError> + Send + 'static,
    {
        if !hand_over {
            return work(self.here()?);
        }
        self.pending.push(Box::new(work));
        if self.pending.len() < ARMFUL { Ok(()) } else { self.hand_over() }
    }

    /// Lets begin what was handed over.
    pub fn hand_over(&mut self) -> Result<(), StorageError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let hand = match &self.hand {
            Some(hand) => hand,
            None => self.hand.insert(Hand::hired()?),
        };
        if let Some(conn) = self.here.take() {
            hand.orders.send(Order::Take(conn)).map_err(|_| gone())?;
        }
        hand.orders.send(Order::Do(std::mem::take(&mut self.pending))).map_err(|_| gone())
    }

    fn fetched(&mut self) -> Result<(), StorageError> {
        if self.here.is_some() {
            return Ok(());
        }
        let hand = self.hand.as_ref().ok_or_else(gone)?;
        hand.orders.send(Order::GiveBack).map_err(|_| gone())?;
        let (conn, done) = hand.back.recv().map_err(|_| gone())?;
        self.here = Some(conn);
        done
    }
}

/// Only if the other thread has died with the connection.
fn gone() -> StorageError {
    StorageError::Unavailable("the connection is gone".to_owned())
}

impl<C: Send + 'static> Hand<C> {
    fn hired() -> Result<Self, StorageError> {
        let (orders, ordered) = channel();
        let (returned, back) = channel();
        std::thread::Builder::new()
            .name("hand".to_owned())
            .spawn(move || work(&ordered, &returned))
            .map_err(|error| StorageError::Unavailable(error.to_string()))?;
        Ok(Self { orders, back })
    }
}

fn work<C>(ordered: &Receiver<Order<C>>, returned: &Sender<(C, Result<(), StorageError>)>) {
    let (mut had, mut done) = (None, Ok(()));
    for order in ordered {
        match order {
            Order::Take(conn) => had = Some(conn),
            Order::Do(all) => {
                if let (Some(conn), Ok(())) = (&mut had, &done) {
                    let all = AssertUnwindSafe(|| all.into_iter().try_for_each(|one| one(conn)));
                    done = catch_unwind(all).unwrap_or(Err(StorageError::Panicked));
                }
            }
            Order::GiveBack => {
                let done = std::mem::replace(&mut done, Ok(()));
                // Whoever lent it may have gone away meanwhile, and with it what the connection was for.
                if had.take().is_none_or(|conn| returned.send((conn, done)).is_err()) {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn add(number: u32) -> impl FnOnce(&mut Vec<u32>) -> Result<(), StorageError> + Send {
        move |all| {
            all.push(number);
            Ok(())
        }
    }

    #[test]
    fn what_is_handed_over_is_done_in_order_before_the_connection_is_back() {
        let mut lendable = Lendable::new(Vec::new());
        for number in 0..100 {
            lendable.carry_out(add(number), true).unwrap();
        }
        assert_eq!(*lendable.here().unwrap(), (0..100).collect::<Vec<_>>());
        lendable.carry_out(add(100), true).unwrap();
        assert_eq!(lendable.here().unwrap().len(), 101);
    }

    #[test]
    fn after_a_failure_nothing_is_done_and_it_is_told_once() {
        let mut lendable = Lendable::new(Vec::new());
        for number in 0..40 {
            lendable.carry_out(add(number), true).unwrap();
        }
        lendable.carry_out(|_| Err(StorageError::Stale), true).unwrap();
        for number in 41..100 {
            lendable.carry_out(add(number), true).unwrap();
        }
        assert!(matches!(lendable.here(), Err(StorageError::Stale)));
        assert_eq!(*lendable.here().unwrap(), (0..40).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_recalled_is_not_done_later_and_a_panic_does_not_cost_the_connection() {
        let mut lendable = Lendable::new(Vec::new());
        lendable.carry_out(add(1), true).unwrap();
        assert!(lendable.recalled().unwrap().is_empty());
        assert!(lendable.here().unwrap().is_empty());
        lendable.carry_out(|_| panic!("as planned"), true).unwrap();
        assert!(matches!(lendable.here(), Err(StorageError::Panicked)));
        assert!(lendable.here().unwrap().is_empty());
    }
}
