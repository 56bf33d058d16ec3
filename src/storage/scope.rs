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
            // A place is a street, a community or a grid, whichever grant names it.
            macro_rules! inside {
                ($region:expr, $here:ident => $condition:expr) => {
                    match ($region.grid(), $region.community()) {
                        (Some(grid), Some(community)) => {
                            let $here = a::community.eq(community.to_owned()).and(a::region.eq(grid.to_owned()));
                            reach!($condition)
                        }
                        (_, Some(community)) => {
                            let $here = a::community.eq(community.to_owned());
                            reach!($condition)
                        }
                        (_, None) => {
                            let $here = a::street.eq($region.street().to_owned());
                            reach!($condition)
                        }
                    }
                };
            }
            query = match scope {
                Scope::Own(account) => {
                    let account = DbId(account);
                    reach!(a::owner.eq(account).assume_not_null().or(a::filed_by.eq(account).assume_not_null()))
                }
                Scope::Region(region) => inside!(region, here => here),
                Scope::Grid(grid, staff) => {
                    inside!(grid, here => here.or(a::filed_by.eq(DbId(staff)).assume_not_null()))
                }
                Scope::Department(region, code) => inside!(region, here => {
                    here.and(a::status.ne("draft")).and(diesel::dsl::exists(
                        departments::table
                            .filter(departments::application.eq(a::id))
                            .filter(departments::department.eq(code)),
                    ))
                }),
                Scope::Duty(_) => reach!(a::id.is_null()),
                Scope::Everything => reach!(a::id.is_not_null()),
            };
        }
        if first { query.filter(a::id.is_null()) } else { query }
    }};
}
pub(crate) use within;
