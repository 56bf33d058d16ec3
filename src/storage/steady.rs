//! A statement whose text never changes: prepared once for a connection and found again by where it stands in the
//! source. The query builder prepares every UPDATE anew, because in general its columns may differ from one time to
//! the next, and spells out every other one to see whether it may be kept.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// Only for statements that always have the same columns: [`steady!`] gives each place its own `Place`.
pub struct Steady<Place, T>(T, PhantomData<Place>);

impl<Place, T> Steady<Place, T> {
    /// The statement of one place.
    pub fn new(statement: T) -> Self {
        Self(statement, PhantomData)
    }
}

/// Marks a statement as always the same here, but for its values.
macro_rules! steady {
    ($statement:expr) => {{
        struct Here;
        $crate::storage::steady::Steady::<Here, _>::new($statement)
    }};
}
pub(crate) use steady;

impl<DB: Backend, Place, T: QueryFragment<DB>> QueryFragment<DB> for Steady<Place, T> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Place: 'static, T> QueryId for Steady<Place, T> {
    type QueryId = Place;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Place, T: Query> Query for Steady<Place, T> {
    type SqlType = T::SqlType;
}

impl<Place, T, Conn> RunQueryDsl<Conn> for Steady<Place, T> {}
