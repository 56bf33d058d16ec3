//! 预留编号: receipt numbers with query codes that a device gives away at the door, so that the slip a resident
//! keeps is the real one. Each is used once; those of a lost device never.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::auditing::note_of;
use super::numbers::series_of;
use super::once::{Answer, OnceKey};
use super::packs::device_in_use;
use super::{Failure, Office};
use crate::adapters::clock::{new_id, random_code};
use crate::domain::actor::Actor;
use crate::domain::application::Application;
use crate::domain::deadline::civil_date;
use crate::domain::lifecycle::Role;
use crate::domain::receipt::{QUERY_CODE, ReceiptNo};
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::storage::reserved_numbers::{self, ReservedNumber};
use crate::storage::{Conn, counters};

/// 预留编号
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReservedNumberView {
    /// 申办流水号: its day is that of the reservation; received is what is filed under it when it comes.
    pub receipt_no: String,
    /// 查询码
    pub query_code: String,
    /// The community it is for.
    pub community: String,
}

/// What was written on a slip, as far as it is a number: anything else is not repeated.
fn code_of_slip(given: &str) -> String {
    given.chars().filter(|c| c.is_ascii_digit() || *c == '-').collect()
}

impl From<ReservedNumber> for ReservedNumberView {
    fn from(number: ReservedNumber) -> Self {
        Self {
            receipt_no: number.receipt_no.as_str().to_owned(),
            query_code: number.query_code,
            community: number.community,
        }
    }
}

/// 受理编号 of a filing, with the query code where both were given away on a slip.
pub struct Slip {
    /// The number.
    pub receipt_no: ReceiptNo,
    /// The code that goes with it.
    pub query_code: Option<String>,
}

impl Office {
    /// The number for a draft that is filed from a device: the one on the slip if it was the device's to give. The
    /// filing never fails for a number: another takes its place, and the second part of the answer says so.
    pub fn slip(
        &self,
        conn: &mut Conn,
        device: Uuid,
        draft: &Application,
        given: Option<&str>,
    ) -> Result<(Slip, Option<String>), Failure> {
        let (now, today) = (self.now(), civil_date(self.now()));
        let community = draft.region.community().unwrap_or_else(|| draft.region.street());
        if let Some(number) = &draft.receipt_no {
            let other = given.filter(|given| ReceiptNo::parse(given).as_ref() != Some(number));
            let slip = Slip { receipt_no: number.clone(), query_code: None };
            return Ok((slip, other.map(code_of_slip)));
        }
        if let Some(number) = given.and_then(ReceiptNo::parse)
            && let Some(own) = reserved_numbers::take(conn, (device, community), &number, draft.id, now)?
        {
            return Ok((Slip { receipt_no: own.receipt_no, query_code: Some(own.query_code) }, None));
        }
        let number = counters::reserve(conn, &series_of(&draft.region, today), 1)?;
        let receipt_no = ReceiptNo::issue(&draft.region, today, u32::try_from(number).unwrap_or(u32::MAX));
        Ok((Slip { receipt_no, query_code: None }, given.map(code_of_slip)))
    }

    /// Reserves numbers of the community of one of the worker's grids for a device.
    pub async fn reserve_numbers(
        &self,
        actor: Actor,
        device: Uuid,
        (region, count): (Region, usize),
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let most = self.rules().field.reserved_numbers;
        self.once(key, 201, move |office, conn| {
            let device = device_in_use(conn, &actor, device)?.id;
            let community = region.community().filter(|_| actor.has_in(Role::GridWorker, &region));
            let zh = "不是您的网格。";
            let strange = || Refusal::field("/region", "region_unknown", zh, "Not one of your grids.");
            let community = community.ok_or_else(strange)?.to_owned();
            let had = reserved_numbers::free(conn, device)?.len();
            if had + count > most {
                let (zh, en) = (
                    format!("设备上最多预留 {most} 个编号，现有 {had} 个。"),
                    format!("A device has at most {most} numbers to give away; it has {had}."),
                );
                return Err(Refusal::conflict("numbers_enough", zh, en).with("free", had.into()).into());
            }
            let (now, today) = (office.now(), civil_date(office.now()));
            let size = i64::try_from(count).unwrap_or(0);
            let first = counters::reserve(conn, &series_of(&region, today), size)?;
            let number = |at: i64| ReservedNumber {
                id: new_id(now),
                receipt_no: ReceiptNo::issue(&region, today, u32::try_from(at).unwrap_or(u32::MAX)),
                query_code: random_code(QUERY_CODE),
                device,
                community: community.clone(),
                reserved_at: now,
            };
            let numbers: Vec<ReservedNumber> = (first..first + size).map(number).collect();
            reserved_numbers::insert(conn, &numbers)?;
            let note = note_of(Some(&actor), "reserve numbers", device, format!("count={count}"));
            office.note_now(conn, note)?;
            Ok(numbers.into_iter().map(ReservedNumberView::from).collect::<Vec<_>>())
        })
        .await
    }
}
