//! A statement whose text never changes: prepared once for a connection and found again by where it stands in the
//! source. The query builder prepares every UPDATE anew, because in general its columns may differ from one time to
//! the next; and it looks through all of a statement before it asks whether it has it already.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AsChangeset, AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::LoadQuery;
use diesel::sql_types::Integer;

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

    // Asked of what is loaded; of what is executed the parts are, which is why a change is a `Change`.
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

/// One that answers nothing, asked as if it did: only what is loaded is asked itself whether it is always the same.
pub struct Silent<Place, T>(Steady<Place, T>);

impl<Place, T> Steady<Place, T> {
    /// Carries out a statement that answers nothing; nobody asks how many rows it changes.
    pub fn carry_out<'query, C>(self, conn: &mut C) -> QueryResult<()>
    where
        Silent<Place, T>: LoadQuery<'query, C, i32>,
    {
        Silent(self).load(conn).map(|_| ())
    }
}

impl<DB: Backend, Place, T: QueryFragment<DB>> QueryFragment<DB> for Silent<Place, T> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, backend: &DB) -> QueryResult<bool> {
        QueryFragment::<DB>::is_safe_to_cache_prepared(&self.0, backend)
    }
}

impl<Place: 'static, T> QueryId for Silent<Place, T> {
    type QueryId = Place;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Place, T> Query for Silent<Place, T> {
    type SqlType = Integer;
}

impl<Place, T, Conn> RunQueryDsl<Conn> for Silent<Place, T> {}

/// An UPDATE that always sets the same columns of a table.
pub struct Change<F, P, V> {
    table: F,
    rows: P,
    values: V,
}

/// Sets `values` in the `rows` of a table for which that holds. What may be NULL has to be set to NULL then, not left
/// as it was.
pub fn change<T, P, V>(table: T, rows: P, values: V) -> Change<T::FromClause, P, V::Changeset>
where
    T: QuerySource,
    V: AsChangeset<Target = T>,
{
    Change { table: table.from_clause(), rows, values: values.as_changeset() }
}

impl<DB, F, P, V> QueryFragment<DB> for Change<F, P, V>
where
    DB: Backend,
    F: QueryFragment<DB>,
    P: QueryFragment<DB>,
    V: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        self.table.walk_ast(out.reborrow())?;
        out.push_sql(" SET ");
        self.values.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE ");
        self.rows.walk_ast(out)
    }
}
