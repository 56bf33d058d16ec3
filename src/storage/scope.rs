//! The scope rule of `domain::actor` as SQL: which applications lie within somebody's reach.
//! A test holds [`Scope::covers`](crate::domain::actor::Scope::covers) and this equal.

/// Adds `WHERE (reach OR reach …)` to a boxed query over `applications`.
macro_rules! within {
    ($query:expr, $scopes:expr) => {{
        use diesel::prelude::*;
        use $crate::domain::actor::Scope;
        use $crate::storage::dialect::DbId;
        use $crate::storage::schema::{application_departments as departments, applications as a};
        let mut query = $query;
        let mut first = true;
        for scope in $scopes.iter().cloned() {
            // The first reach narrows the query, every further one widens it.
            macro_rules! reach {
                ($condition:expr) => {
                    if std::mem::take(&mut first) { query.filter($condition) } else { query.or_filter($condition) }
                };
            }
            query = match scope {
                Scope::Own(account) => reach!(a::owner.eq(DbId(account))),
                Scope::Region(region) => match (region.grid(), region.community()) {
                    (Some(grid), _) => reach!(a::region.eq(grid.to_owned())),
                    (None, Some(community)) => reach!(a::community.eq(community.to_owned())),
                    (None, None) => reach!(a::street.eq(region.street().to_owned())),
                },
                Scope::Grid(grid, staff) => {
                    reach!(a::region.eq(grid.as_str().to_owned()).or(a::filed_by.eq(DbId(staff)).assume_not_null()))
                }
                Scope::Department(street, code) => reach!(
                    a::street.eq(street.street().to_owned()).and(a::status.ne("draft")).and(diesel::dsl::exists(
                        departments::table
                            .filter(departments::application.eq(a::id))
                            .filter(departments::department.eq(code)),
                    ))
                ),
                Scope::Everything => reach!(a::id.is_not_null()),
            };
        }
        if first { query.filter(a::id.is_null()) } else { query }
    }};
}
pub(crate) use within;
