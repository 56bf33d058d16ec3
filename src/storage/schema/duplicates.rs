//! The tables by which duplicates are found and kept apart.

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::Id;
    application_keys (application) {
        application -> Id,
        exact -> Nullable<Binary>,
        apart -> Id,
        sound -> Nullable<Binary>,
        birth -> Nullable<Binary>,
        house -> Nullable<Binary>,
        edition -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    duplicate_verdicts (id) {
        id -> Id,
        one -> Id,
        other -> Id,
        verdict -> Text,
        remaining -> Nullable<Id>,
        basis -> Binary,
        reason -> Binary,
        judged_by -> Id,
        judged_by_name -> Text,
        judged_at -> Instant,
    }
}
