//! The tables of accounts: who they are, what they may do, who acts for them.

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    people (id) {
        id -> Id,
        openid -> Binary,
        name -> Nullable<Text>,
        id_number -> Nullable<Binary>,
        phone -> Nullable<Binary>,
        email -> Nullable<Binary>,
        created_at -> Instant,
        verified_phone -> Nullable<Binary>,
        phone_verified_at -> Nullable<Instant>,
        openid_index -> Binary,
        id_index -> Nullable<Binary>,
        verified -> Nullable<Text>,
        binding_hash -> Nullable<Text>,
        binding_until -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    verifications (id) {
        id -> Id,
        person -> Id,
        method -> Text,
        document -> Text,
        identity -> Binary,
        verified_by -> Nullable<Id>,
        verifier -> Text,
        visit -> Nullable<Id>,
        at -> Instant,
        ended_at -> Nullable<Instant>,
        ended_why -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    identity_changes (id) {
        id -> Id,
        region -> Text,
        kind -> Text,
        state -> Text,
        number_index -> Binary,
        particulars -> Binary,
        requested_by -> Id,
        requested_at -> Instant,
        decided_by -> Nullable<Id>,
        decided_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    mandates (id) {
        id -> Id,
        version -> Integer,
        region -> Text,
        agent -> Nullable<Id>,
        agent_index -> Nullable<Binary>,
        principal_index -> Binary,
        particulars -> Binary,
        visit -> Nullable<Id>,
        created_at -> Instant,
        ended_at -> Nullable<Instant>,
        ended_why -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id};
    household_members (id) {
        id -> Id,
        person -> Id,
        name -> Text,
        id_number -> Binary,
        phone -> Binary,
        relation -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    staff (id) {
        id -> Id,
        username -> Text,
        name -> Text,
        password_hash -> Text,
        email -> Nullable<Text>,
        active -> Bool,
        created_at -> Instant,
        setup_hash -> Nullable<Text>,
        setup_until -> Nullable<Instant>,
        second_factor -> Nullable<Binary>,
        factor_step -> BigInt,
        agency -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id};
    staff_grants (staff, role, region, department) {
        staff -> Id,
        role -> Text,
        region -> Text,
        department -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    sessions (id) {
        id -> Id,
        account -> Id,
        kind -> Text,
        refresh_hash -> Text,
        created_at -> Instant,
        expires_at -> Instant,
        revoked_at -> Nullable<Instant>,
        used_at -> Nullable<Instant>,
        previous_hash -> Nullable<Text>,
        salt -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    people,
    household_members,
    staff,
    staff_grants,
    sessions,
    verifications,
    identity_changes,
    mandates
);
