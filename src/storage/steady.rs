//! A statement whose text never changes: prepared once for a connection and found again by its text. The query
//! builder prepares every UPDATE anew, because in general its columns may differ from one time to the next.

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// Only for statements that always set the same columns.
pub struct Steady<T>(pub T);

impl<DB: Backend, T: QueryFragment<DB>> QueryFragment<DB> for Steady<T> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

/// Known by its text.
impl<T> QueryId for Steady<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T: Query> Query for Steady<T> {
    type SqlType = T::SqlType;
}

impl<T, Conn> RunQueryDsl<Conn> for Steady<T> {}
