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

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    households (id) {
        id -> Id,
        version -> BigInt,
        region -> Text,
        particulars -> Binary,
        updated_at -> Instant,
        updated_by -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::Id;
    household_residents (household, number_index) {
        household -> Id,
        number_index -> Binary,
    }
}

diesel::allow_tables_to_appear_in_same_query!(households, household_residents);
