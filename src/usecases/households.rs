//! 户册: the register of households, kept by the window and by who watches the grids; grid workers read what lies
//! in their grids.

use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::applicants::CHILD;
use super::auditing::note_of;
use super::clocks_view::local;
use super::masking::restore;
use super::{Failure, Office};
use crate::catalog::shape::Shape;
use crate::domain::actor::Actor;
use crate::domain::deadline::civil_date;
use crate::domain::household::{Household, HouseholdRelation, HouseholdResident, HouseholdResidents};
use crate::domain::lifecycle::Role;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::region::Region;
use crate::domain::sensitive::{Sensitive, in_full};
use crate::domain::text::{FieldError, Text};
use crate::storage::people::Person;
use crate::storage::{Conn, StorageError, households};

/// 户内人员, as staff see them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResidentView {
    /// 姓名; of a child masked.
    pub name: String,
    /// 证件号码, masked.
    pub id_number: String,
    /// 电话, masked.
    pub phone: Option<String>,
    /// 与户主关系
    pub relation: HouseholdRelation,
}

/// 户
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HouseholdView {
    /// Id.
    pub id: Uuid,
    /// Version; the ETag, and what If-Match must name.
    pub version: i64,
    /// The grid.
    pub region: String,
    /// House address.
    pub address: String,
    /// Latitude, degrees, where it is known.
    pub latitude: Option<f64>,
    /// Longitude, degrees.
    pub longitude: Option<f64>,
    /// Everybody who lives there.
    pub residents: Vec<ResidentView>,
    /// What a visitor should know.
    pub note: Option<String>,
    /// Last changed at.
    pub updated_at: DateTime<FixedOffset>,
}

/// A household as it is to stand in the register.
#[derive(Debug, Clone)]
pub struct NewHousehold {
    /// The grid.
    pub region: Region,
    /// House address.
    pub address: String,
    /// Latitude and longitude, degrees.
    pub place: Option<(f64, f64)>,
    /// Everybody who lives there, as they were sent: a masked value stays what it was.
    pub residents: Vec<Value>,
    /// What a visitor should know.
    pub note: Option<String>,
}

const KEEPERS: [Role; 2] = [Role::Clerk, Role::Supervisor];
const READERS: [Role; 3] = [Role::Clerk, Role::Supervisor, Role::GridWorker];

fn any_in(actor: &Actor, roles: &[Role], place: &Region) -> bool {
    roles.iter().any(|role| actor.has_in(*role, place))
}

fn any(actor: &Actor, roles: &[Role]) -> Result<(), Refusal> {
    if roles.iter().any(|role| actor.has(*role)) { Ok(()) } else { Err(Refusal::not_permitted()) }
}

fn stale(current: i64) -> Refusal {
    let detail = Text::fixed(
        "该户信息已被更新，请刷新后再改。",
        "It has changed since you looked; refresh and try again.",
    );
    Refusal::new(RefusalKind::Stale, "stale_version", detail).with("current_version", current.into())
}

/// Who lives there, with what was sent masked as it was before.
fn restored(sent: Vec<Value>, before: Option<&Household>) -> Result<Vec<HouseholdResident>, Failure> {
    static SHAPE: LazyLock<Shape> = LazyLock::new(Shape::of::<HouseholdResidents>);
    let old = before.map(|there| HouseholdResidents { residents: there.residents.clone() });
    let old = in_full(|| serde_json::to_value(old)).unwrap_or_default();
    let mut sent = json!({"residents": sent});
    let mut errors = restore(&mut sent, &old).err().unwrap_or_default();
    match SHAPE.read::<HouseholdResidents>(&sent) {
        Ok(read) if errors.is_empty() => return Ok(read.residents),
        Ok(_) => {}
        // What is masked and cannot be restored is told once.
        Err(wrong) => {
            let told: Vec<String> = errors.iter().map(|error| error.pointer.clone()).collect();
            errors.extend(wrong.into_iter().filter(|error| !told.contains(&error.pointer)));
        }
    }
    Err(Refusal::fields(errors).into())
}

impl Office {
    /// A household as staff see it.
    pub fn household_view(&self, household: Household) -> HouseholdView {
        let today = civil_date(self.now());
        let resident = |HouseholdResident { name, id_number, phone, relation }: HouseholdResident| {
            let child = id_number.age_on(today) < CHILD;
            ResidentView {
                name: if child { name.masked() } else { name.as_str().to_owned() },
                id_number: id_number.masked(),
                phone: phone.map(|phone| phone.masked()),
                relation,
            }
        };
        HouseholdView {
            id: household.id,
            version: household.version,
            region: household.region.as_str().to_owned(),
            address: household.address.reveal().clone(),
            latitude: household.place.map(|(north, _)| north),
            longitude: household.place.map(|(_, east)| east),
            residents: household.residents.into_iter().map(resident).collect(),
            note: household.note,
            updated_at: local(household.updated.0),
        }
    }

    /// A page of the register within the reader's places, in the order of their ids.
    pub async fn households(
        &self,
        actor: Actor,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<HouseholdView>, Failure> {
        any(&actor, &READERS)?;
        let reading = actor.grants.iter().filter(|grant| READERS.contains(&grant.role));
        let places: Vec<Region> = reading.filter_map(|grant| grant.scope.region().cloned()).collect();
        let found = self.db().read(move |conn| households::within(conn, &places, after, limit)).await;
        Ok(found.map_err(Failure::from)?.into_iter().map(|one| self.household_view(one)).collect())
    }

    /// What the register says of somebody who was found to be who they say; of the others in the household no more
    /// than that they live there.
    pub async fn register_of(&self, person: &Person) -> Result<Vec<Value>, Failure> {
        let Some(own) = person.identity.clone().filter(|_| person.verified.is_some()) else {
            return Ok(Vec::new());
        };
        let number = own.id_number.clone();
        let found = self.db().read(move |conn| households::of_number(conn, &number)).await;
        let tell = |household: Household| {
            let resident = |one: &HouseholdResident| match one.id_number == own.id_number {
                true => in_full(|| serde_json::to_value(one)).unwrap_or_default(),
                false => json!({"name": one.name.masked(), "relation": one.relation}),
            };
            json!({
                "address": household.address.reveal(),
                "residents": household.residents.iter().map(resident).collect::<Vec<_>>(),
                "note": household.note,
                "updated_at": local(household.updated.0),
            })
        };
        Ok(found.map_err(Failure::from)?.into_iter().map(tell).collect())
    }

    /// One household.
    pub async fn registered_household(&self, actor: Actor, id: Uuid) -> Result<HouseholdView, Failure> {
        any(&actor, &READERS)?;
        let found = self.db().read(move |conn| households::find(conn, id)).await.map_err(Failure::from)?;
        let found = found.filter(|household| any_in(&actor, &READERS, &household.region));
        Ok(self.household_view(found.ok_or_else(Refusal::not_found)?))
    }

    /// Enters a household, or puts down what it is now; `seen` is the version that was looked at.
    pub async fn keep_household(
        &self,
        actor: Actor,
        id: Uuid,
        seen: Option<i64>,
        new: NewHousehold,
    ) -> Result<HouseholdView, Failure> {
        any(&actor, &KEEPERS)?;
        let office = self.clone();
        let kept = move |conn: &mut Conn| -> Result<Household, Failure> {
            let before = households::find(conn, id)?;
            let foreign = before.as_ref().is_some_and(|there| !any_in(&actor, &KEEPERS, &there.region));
            if foreign || seen.is_some() && before.is_none() {
                return Err(Refusal::not_found().into());
            }
            let current = before.as_ref().map_or(0, |there| there.version);
            if before.is_some() && seen.is_none() {
                let detail =
                    Text::fixed("请用 If-Match 注明所见版本。", "Name the version you saw in If-Match.");
                return Err(Refusal::new(RefusalKind::VersionRequired, "version_required", detail).into());
            }
            if seen.unwrap_or(0) != current {
                return Err(stale(current).into());
            }
            let household = Household {
                id,
                version: current + 1,
                region: new.region,
                address: Sensitive::new(new.address),
                place: new.place,
                residents: restored(new.residents, before.as_ref())?,
                note: new.note,
                updated: (office.now(), actor.id),
            };
            let mut errors = household.errors();
            let place = &household.region;
            let unknown = office.knowledge().regions.name_of(place).is_none();
            if !any_in(&actor, &KEEPERS, place) || unknown {
                let detail =
                    Text::fixed("没有这个网格，或不归您管理。", "No such grid, or not one of yours.");
                errors.push(FieldError::new("/region", "region_unknown", detail));
            }
            if !errors.is_empty() {
                return Err(Refusal::fields(errors).into());
            }
            households::save(conn, &household).map_err(|error| match error {
                StorageError::Stale | StorageError::Duplicate(_) => stale(current + 1).into(),
                other => Failure::from(other),
            })?;
            office.note_now(conn, note_of(Some(&actor), "keep household", id, String::new()))?;
            Ok(household)
        };
        let kept = self.db().write(kept).await?;
        Ok(self.household_view(kept))
    }

    /// Strikes a household off the register: moved away, or the house is gone.
    pub async fn strike_household(&self, actor: Actor, id: Uuid, seen: i64) -> Result<(), Failure> {
        any(&actor, &KEEPERS)?;
        let office = self.clone();
        let struck = move |conn: &mut Conn| -> Result<(), Failure> {
            let mine = |there: &Household| any_in(&actor, &KEEPERS, &there.region);
            let there = households::find(conn, id)?.filter(mine).ok_or_else(Refusal::not_found)?;
            if !households::remove(conn, id, seen)? {
                return Err(stale(there.version).into());
            }
            office.note_now(conn, note_of(Some(&actor), "strike household", id, String::new()))
        };
        self.db().write(struck).await
    }
}
