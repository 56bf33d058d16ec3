//! 成捆: rows that a long transaction stores, gathered by their table, so that the server gets many of them with one
//! statement. A statement for any number would be a new one each time; so it is always one of a few numbers.

use std::any::Any;

use diesel::pg::PgConnection;
use diesel::prelude::*;

/// Rows of a kind at which they are stored.
const FULL: usize = 32;

/// When rows are stored, next to those of other tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    /// Others refer to them.
    First,
    /// Nothing refers to them, and they to nothing of this transaction.
    Beside,
    /// They refer to those that are first.
    After,
}

/// How rows of a kind are stored.
pub type Store<R> = fn(&mut PgConnection, Vec<R>) -> QueryResult<()>;

/// Stores rows in statements for 32, 8, 2 or one of them: one value for [`Store`].
macro_rules! store_all {
    ($table:expr) => {
        |conn, rows| {
            $crate::storage::sheaves::store_all!(conn, $table, rows, 32, 8, 2, 1);
            Ok(())
        }
    };
    ($conn:ident, $table:expr, $rows:ident, $($many:literal),*) => {
        let mut left = $rows;
        $(
            while left.len() >= $many {
                let rest = left.split_off($many);
                let some = <[_; $many]>::try_from(left);
                let some = some.map_err(|_| diesel::result::Error::BrokenTransactionManager)?;
                diesel::insert_into($table).values(some).execute($conn)?;
                left = rest;
            }
        )*
        drop(left);
    };
}
pub(crate) use store_all;

/// Rows of one kind.
pub trait Sheaf: Send {
    /// The list of them, to add another.
    fn rows(&mut self) -> &mut dyn Any;

    /// How many there are.
    fn count(&self) -> usize;

    /// Stores them.
    fn store(self: Box<Self>, conn: &mut PgConnection) -> QueryResult<()>;
}

struct Rows<R> {
    rows: Vec<R>,
    store: Store<R>,
}

impl<R: Send + 'static> Sheaf for Rows<R> {
    fn rows(&mut self) -> &mut dyn Any {
        &mut self.rows
    }

    fn count(&self) -> usize {
        self.rows.len()
    }

    fn store(self: Box<Self>, conn: &mut PgConnection) -> QueryResult<()> {
        (self.store)(conn, self.rows)
    }
}

/// Rows of all kinds.
#[derive(Default)]
pub struct Sheaves(Vec<(Order, Box<dyn Sheaf>)>);

impl Sheaves {
    /// Adds a row; answers what is to be stored now, in this order.
    pub fn add<R: Send + 'static>(&mut self, row: R, order: Order, store: Store<R>) -> Vec<Box<dyn Sheaf>> {
        let rows = self.0.iter_mut().find_map(|(_, sheaf)| sheaf.rows().downcast_mut::<Vec<R>>());
        match rows {
            Some(rows) => rows.push(row),
            None => self.0.push((order, Box::new(Rows { rows: vec![row], store }))),
        }
        let is_full = |sheaf: &dyn Sheaf| sheaf.count() >= FULL;
        let Some((order, _)) = self.0.iter().find(|(_, sheaf)| is_full(sheaf.as_ref())) else {
            return Vec::new();
        };
        let with_first = *order == Order::After;
        self.take(|order, sheaf| is_full(sheaf) || with_first && order == Order::First)
    }

    /// All that there is, in the order in which it is to be stored.
    pub fn all(&mut self) -> Vec<Box<dyn Sheaf>> {
        self.take(|_, _| true)
    }

    fn take(&mut self, which: impl Fn(Order, &dyn Sheaf) -> bool) -> Vec<Box<dyn Sheaf>> {
        let mut taken: Vec<_> =
            self.0.extract_if(.., |(order, sheaf)| which(*order, sheaf.as_ref())).collect();
        taken.sort_by_key(|(order, _)| *order);
        taken.into_iter().map(|(_, sheaf)| sheaf).collect()
    }

    /// Forgets them.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Parent;
    struct Child;

    fn counts(sheaves: Vec<Box<dyn Sheaf>>) -> Vec<usize> {
        sheaves.iter().map(|sheaf| sheaf.count()).collect()
    }

    #[test]
    fn what_others_refer_to_goes_before_them() {
        let mut sheaves = Sheaves::default();
        assert!(sheaves.add(Child, Order::After, |_, _| Ok(())).is_empty());
        assert!(sheaves.add(Parent, Order::First, |_, _| Ok(())).is_empty());
        assert!(sheaves.add("beside", Order::Beside, |_, _| Ok(())).is_empty());
        for _ in 2..FULL {
            assert!(sheaves.add(Child, Order::After, |_, _| Ok(())).is_empty());
        }
        assert_eq!(counts(sheaves.add(Child, Order::After, |_, _| Ok(()))), [1, FULL]);
        assert!(sheaves.add(Child, Order::After, |_, _| Ok(())).is_empty());
        assert!(sheaves.add(Parent, Order::First, |_, _| Ok(())).is_empty());
        assert_eq!(counts(sheaves.all()), [1, 1, 1]);
        assert!(sheaves.all().is_empty());
    }
}
