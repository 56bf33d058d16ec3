//! The tables of the door beside the visits: plans, needs that were noted, codes that confirm a mandate.

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    visit_plans (id) {
        id -> Id,
        staff -> Id,
        region -> Text,
        purpose -> Text,
        place -> Binary,
        day -> Text,
        not_before -> Nullable<Text>,
        not_after -> Nullable<Text>,
        about -> Nullable<Id>,
        planned_by -> Id,
        created_at -> Instant,
        cancelled_at -> Nullable<Instant>,
        visit -> Nullable<Id>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    visit_needs (visit, position) {
        visit -> Id,
        position -> Integer,
        staff -> Id,
        due -> Nullable<Text>,
        done_at -> Nullable<Instant>,
        note -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    confirmation_codes (visit) {
        visit -> Id,
        hash -> Text,
        phone -> Binary,
        tries -> Integer,
        created_at -> Instant,
        expires_at -> Instant,
        used_at -> Nullable<Instant>,
    }
}
