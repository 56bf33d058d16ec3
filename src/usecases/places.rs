//! 名额与轮候: rounds with a limited number of places. A grant takes one; the last ones are kept for
//! those who come first by the item's order, and nothing is granted beyond them.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::case::{Loaded, entry_of};
use super::{Failure, Office};
use crate::catalog::item::Place;
use crate::domain::application::Application;
use crate::domain::refusal::Refusal;
use crate::storage::{Conn, applications, counters};

impl Office {
    /// Takes the place that granting this application needs, in the transaction of the grant.
    pub fn take_place(
        &self,
        conn: &mut Conn,
        application: &Application,
        loaded: &Loaded,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let place_of = |one: &Application| -> Result<Option<Place>, Failure> {
            Ok(entry_of(&one.service)?.place(&one.form, &loaded.facts(self, one, now))?)
        };
        let Some(own) = place_of(application)? else { return Ok(()) };
        let street = application.region.street();
        let mut ahead = 0;
        for other in applications::undecided(conn, &application.service, street)? {
            // A form of an older shape has no say in the order.
            let Ok(Some(theirs)) = place_of(&other) else { continue };
            let earlier = (theirs.rank, other.created_at, other.id)
                < (own.rank, application.created_at, application.id);
            ahead += i64::from(theirs.round == own.round && other.id != application.id && earlier);
        }
        let series = format!("places:{}:{street}:{}", application.service, own.round);
        let left = own.places - counters::value(conn, &series)?;
        if left > 0 && ahead >= left {
            let zh = format!("{}年度名额剩{left}个，排在前面的还有{ahead}户，请按轮候顺序办理。", own.round);
            let en = format!(
                "{left} places are left for {} and {ahead} families come first; decide theirs first.",
                own.round
            );
            let refusal = Refusal::conflict("others_come_first", zh, en).on("安居工程年度办法");
            return Err(refusal.with("left", Value::from(left)).with("ahead", Value::from(ahead)).into());
        }
        if left <= 0 || !counters::take(conn, &series, own.places)? {
            let zh = format!("{}年度名额{}个已用完，请退回或转下一年度轮候。", own.round, own.places);
            let en = format!(
                "All {} places of {} are granted; the family waits for the next round.",
                own.places, own.round
            );
            let refusal = Refusal::conflict("places_exhausted", zh, en).on("安居工程年度办法");
            return Err(refusal.with("places", Value::from(own.places)).into());
        }
        Ok(())
    }
}
