//! The timeline: appended with each act, never changed.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on, put};
use super::schema::events as e;
use super::{StorageError, sealing};
use crate::domain::event::{Channel, Event};
use crate::domain::lifecycle::{ActionKind, Role, Status};
use crate::vault::Vault;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = e, treat_none_as_default_value = false)]
struct EventRow {
    application: DbId,
    sequence: i64,
    action: String,
    from_status: String,
    to_status: String,
    role: String,
    actor: DbId,
    actor_name: String,
    channel: String,
    at: DbTime,
    detail: Vec<u8>,
    public: bool,
    link: Option<Vec<u8>>,
}

/// What the seals of an event are bound to.
fn key(application: Uuid, sequence: i64) -> Vec<u8> {
    sealing::composite(application, &sequence.to_string())
}

/// Name of the chain that the events of an application make.
const CHAIN: &str = "events";

/// What a link covers.
#[derive(Serialize)]
struct Covered<'a>(
    (Uuid, i64),
    (&'a str, &'a str, &'a str),
    (&'a str, Uuid, &'a str, &'a str),
    (i64, &'a Value, bool),
);

/// The link of an event behind the one with `previous`.
pub fn link(vault: &Vault, previous: &[u8], event: &Event) -> Result<Vec<u8>, StorageError> {
    let action = event.action.name();
    let covered = Covered(
        (event.application, event.sequence),
        (&action, event.from.name(), event.to.name()),
        (event.role.name(), event.actor, &event.actor_name, event.channel.name()),
        (event.at.timestamp_micros(), &event.detail, event.public),
    );
    let bytes = serde_json::to_vec(&covered).map_err(|error| StorageError::Failed(error.to_string()))?;
    Ok(vault.link(CHAIN, previous, &bytes))
}

/// Appends one event with its link.
pub fn append(conn: &mut Conn, event: &Event, link: &[u8]) -> Result<(), StorageError> {
    let row = EventRow {
        application: DbId(event.application),
        sequence: event.sequence,
        action: event.action.name(),
        from_status: event.from.name().to_owned(),
        to_status: event.to.name().to_owned(),
        role: event.role.name().to_owned(),
        actor: DbId(event.actor),
        actor_name: event.actor_name.clone(),
        channel: event.channel.name().to_owned(),
        at: DbTime(event.at),
        detail: sealing::of(&conn.vault(), "events", &key(event.application, event.sequence))
            .doc("detail", &event.detail)?,
        public: event.public,
        link: Some(link.to_vec()),
    };
    put!(conn, e::table, row);
    Ok(())
}

/// The timeline of an application; `public_only` for its resident.
pub fn of(conn: &mut Conn, application: Uuid, public_only: bool) -> Result<Vec<Event>, StorageError> {
    let rows: Vec<EventRow> = on!(conn, c => {
        let mut query = e::table.filter(e::application.eq(DbId(application))).into_boxed();
        if public_only {
            query = query.filter(e::public.eq(true));
        }
        query.order(e::sequence.asc()).select(EventRow::as_select()).load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_event(&vault)).collect()
}

/// An event with its link.
pub type Linked = (Event, Option<Vec<u8>>);

/// The timeline with the link of each event.
pub fn linked(conn: &mut Conn, application: Uuid) -> Result<Vec<Linked>, StorageError> {
    let rows: Vec<EventRow> = on!(conn, c => {
        e::table
            .filter(e::application.eq(DbId(application)))
            .order(e::sequence.asc())
            .select(EventRow::as_select())
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter()
        .map(|mut row| {
            let link = row.link.take();
            Ok((row.into_event(&vault)?, link))
        })
        .collect()
}

/// Gives an event from before there were links its own.
pub fn set_link(conn: &mut Conn, application: Uuid, sequence: i64, link: &[u8]) -> Result<(), StorageError> {
    on!(conn, c => {
        diesel::update(e::table.find((DbId(application), sequence))).set(e::link.eq(link)).execute(c)
    })?;
    Ok(())
}

impl EventRow {
    fn into_event(self, vault: &Vault) -> Result<Event, StorageError> {
        let key = key(self.application.0, self.sequence);
        let seals = sealing::of(vault, "events", &key);
        let corrupt = |what: &str| {
            StorageError::Corrupt(format!("event {} {}: {what}", self.application.0, self.sequence))
        };
        let action: ActionKind =
            serde_json::from_value(Value::from(self.action.as_str())).map_err(|_| corrupt("action"))?;
        Ok(Event {
            application: self.application.0,
            sequence: self.sequence,
            action,
            from: Status::from_name(&self.from_status).ok_or_else(|| corrupt("status"))?,
            to: Status::from_name(&self.to_status).ok_or_else(|| corrupt("status"))?,
            role: Role::from_name(&self.role).ok_or_else(|| corrupt("role"))?,
            channel: Channel::from_name(&self.channel).ok_or_else(|| corrupt("channel"))?,
            actor: self.actor.0,
            actor_name: self.actor_name,
            at: self.at.0,
            detail: seals.open_doc("detail", &self.detail)?,
            public: self.public,
        })
    }
}
