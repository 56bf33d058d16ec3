//! The tables of offline work.

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    devices (id) {
        id -> Id,
        staff -> Id,
        name -> Text,
        grids -> Text,
        registered_at -> Instant,
        seen_at -> Instant,
        ended_at -> Nullable<Instant>,
        ended_why -> Nullable<Text>,
        public_key -> Nullable<Text>,
        pack_key -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    packs (id) {
        id -> Id,
        device -> Id,
        manifest -> Binary,
        made_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    reserved_numbers (id) {
        id -> Id,
        receipt_no -> Text,
        query_code -> Binary,
        device -> Id,
        community -> Text,
        reserved_at -> Instant,
        application -> Nullable<Id>,
        used_at -> Nullable<Instant>,
        voided_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    operations (id) {
        id -> Id,
        staff -> Id,
        operation -> Id,
        fingerprint -> Text,
        device -> Id,
        sequence -> BigInt,
        kind -> Text,
        record -> Id,
        region -> Text,
        done_at -> Instant,
        received_at -> Instant,
        verdict -> Text,
        base -> Nullable<BigInt>,
        version -> Nullable<BigInt>,
        body -> Binary,
        answer -> Binary,
        settled_at -> Nullable<Instant>,
        settled_by -> Nullable<Id>,
        emptied_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use crate::storage::schema::{Id};
    operation_waits (waiting, predecessor) {
        waiting -> Id,
        staff -> Id,
        predecessor -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    attachments (id) {
        id -> Id,
        application -> Id,
        staff -> Id,
        material -> Text,
        file_name -> Binary,
        sha256 -> Text,
        size -> BigInt,
        announced_at -> Instant,
        arrived_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    uploads (staff, sha256) {
        staff -> Id,
        sha256 -> Text,
        size -> BigInt,
        begun_at -> Instant,
        stored_at -> Nullable<Instant>,
        media_type -> Nullable<Text>,
        swept_at -> Nullable<Instant>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(devices, operations, operation_waits, attachments, uploads);
