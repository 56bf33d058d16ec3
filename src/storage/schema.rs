//! The tables, as both databases have them. Made to agree with `migrations/` by hand; the migration test
//! inserts into and reads from every one of them on both.

mod accounts;
mod duplicates;
mod field;
mod offline;

pub use self::accounts::*;
pub use self::duplicates::*;
pub use self::field::*;
pub use self::offline::*;
pub use super::column_types::{Id, Instant, string_agg};

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    visits (id) {
        id -> Id,
        staff -> Id,
        region -> Text,
        started_at -> Instant,
        mandate -> Nullable<Binary>,
        place -> Binary,
        purpose -> Text,
        received_at -> Nullable<Instant>,
        follows -> Nullable<Id>,
        outcome -> Nullable<Text>,
        ended_at -> Nullable<Instant>,
        revisit_on -> Nullable<Text>,
        report -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    applications (id) {
        id -> Id,
        version -> BigInt,
        service -> Text,
        street -> Text,
        community -> Text,
        region -> Text,
        status -> Text,
        owner -> Nullable<Id>,
        filed_by -> Nullable<Id>,
        applicant_name -> Text,
        applicant_id_number -> Binary,
        applicant_phone -> Binary,
        receipt_no -> Nullable<Text>,
        query_code -> Binary,
        headline -> Binary,
        mover -> Nullable<Text>,
        due_at -> Nullable<Instant>,
        wake_at -> Nullable<Instant>,
        holder -> Nullable<Id>,
        holder_name -> Nullable<Text>,
        held_since -> Nullable<Instant>,
        held_until -> Nullable<Instant>,
        created_at -> Instant,
        updated_at -> Instant,
        form -> Binary,
        dossier -> Binary,
        applicant_id_index -> Binary,
        chain -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id};
    application_departments (application, department) {
        application -> Id,
        department -> Text,
        pending -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    events (application, sequence) {
        application -> Id,
        sequence -> BigInt,
        action -> Text,
        from_status -> Text,
        to_status -> Text,
        role -> Text,
        actor -> Id,
        actor_name -> Text,
        channel -> Text,
        at -> Instant,
        detail -> Binary,
        public -> Bool,
        link -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    materials (id) {
        id -> Id,
        application -> Id,
        material -> Text,
        file_name -> Binary,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Text,
        supplied_by -> Id,
        supplied_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    notices (id) {
        id -> Id,
        recipient -> Text,
        application -> Nullable<Id>,
        title -> Text,
        body -> Text,
        created_at -> Instant,
        read_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    outbox (id) {
        id -> Id,
        address -> Binary,
        subject -> Text,
        body -> Text,
        state -> Text,
        attempts -> Integer,
        next_at -> Instant,
        last_error -> Nullable<Binary>,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    idempotency (account, idempotency_key) {
        account -> Id,
        idempotency_key -> Text,
        fingerprint -> Text,
        status -> Integer,
        body -> Binary,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    payment_orders (id) {
        id -> Id,
        application -> Id,
        quote -> Binary,
        amount_fen -> BigInt,
        status -> Text,
        provider_reference -> Nullable<Text>,
        created_at -> Instant,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    postings (id) {
        id -> Id,
        payment_order -> Id,
        amount_fen -> BigInt,
        method -> Text,
        voucher_no -> Text,
        payer -> Binary,
        paid_at -> Instant,
        receipt_no -> Text,
        disposition -> Text,
        recorded_by -> Id,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    audit (number) {
        number -> BigInt,
        at -> Instant,
        until -> Instant,
        count -> BigInt,
        actor -> Nullable<Id>,
        actor_name -> Text,
        roles -> Text,
        operation -> Text,
        application -> Nullable<Id>,
        subject -> Text,
        fields -> Text,
        purpose -> Text,
        origin -> Text,
        status -> Integer,
        link -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::storage::schema::{Id, Instant};
    erasures (application) {
        application -> Id,
        service -> Text,
        street -> Text,
        last_sequence -> BigInt,
        last_link -> Binary,
        rule -> Text,
        at -> Instant,
        files -> Text,
        seal -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    visits,
    applications,
    application_departments,
    events,
    materials,
    notices,
    outbox,
    idempotency,
    payment_orders,
    postings,
    audit,
    counters,
    visit_needs,
    confirmation_codes,
    attachments,
    application_keys
);

diesel::joinable!(application_keys -> applications (application));
