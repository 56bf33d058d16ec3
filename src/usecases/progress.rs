//! Anonymous progress look-up by receipt number and query code: rate-limited, and without a word about
//! the person.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use utoipa::ToSchema;

use super::clocks_view::{DeadlineView, local};
use super::sessions::too_many;
use super::{Failure, Office};
use crate::domain::lifecycle::Role;
use crate::domain::lifecycle::Status;
use crate::domain::receipt::ReceiptNo;
use crate::domain::refusal::Refusal;
use crate::domain::text::Text;
use crate::storage::applications;

/// 办理进度
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProgressView {
    /// 申办流水号
    pub receipt_no: String,
    /// Name of the service item.
    pub service_name: Text,
    /// Where it stands.
    pub status: Status,
    /// What the counter calls that.
    pub status_label: Text,
    /// Whose move it is.
    pub mover: Option<Role>,
    /// When it was received.
    pub received_at: Option<DateTime<FixedOffset>>,
    /// Promised decision.
    pub promised_by: Option<DeadlineView>,
    /// Last change.
    pub updated_at: DateTime<FixedOffset>,
}

const QUARTER_HOUR: Duration = Duration::from_secs(15 * 60);
/// Tries per number, from wherever they come: 32^8 codes against 20 tries a quarter of an hour.
const TRIES_PER_NUMBER: u32 = 20;

impl Office {
    /// Counts a try of a query code for this number, by whichever way it is tried.
    pub async fn try_code(&self, number: &ReceiptNo) -> Result<(), Failure> {
        let key = format!("progress:number:{number}");
        let tries = self.outside().cache.hit(&key, QUARTER_HOUR, TRIES_PER_NUMBER).await;
        if tries.allowed { Ok(()) } else { Err(too_many(tries.retry_after)) }
    }

    /// The progress of an application for whoever holds its slip.
    pub async fn progress(
        &self,
        receipt_no: &str,
        query_code: &str,
        address: &str,
    ) -> Result<ProgressView, Failure> {
        let cache = &self.outside().cache;
        let limit = self.rules().limits.progress_per_quarter_hour;
        let by_address = cache.hit(&format!("progress:address:{address}"), QUARTER_HOUR, limit).await;
        if !by_address.allowed {
            return Err(too_many(by_address.retry_after));
        }
        let number = ReceiptNo::parse(receipt_no).ok_or_else(Refusal::not_found)?;
        self.try_code(&number).await?;
        let (code, office) = (query_code.trim().to_uppercase(), self.clone());
        self.db()
            .read(move |conn| {
                let found = applications::find_by_receipt(conn, number.as_str())?;
                let application = found
                    .filter(|application| application.query_code == code)
                    .ok_or_else(Refusal::not_found)?;
                let clocks = application.clocks(office.desk(office.now()));
                let service_name = super::case::entry_of(&application.service)?.guide().name.clone();
                Ok(ProgressView {
                    receipt_no: number.as_str().to_owned(),
                    service_name,
                    status: application.status,
                    status_label: application.status.label(),
                    mover: clocks.mover,
                    received_at: clocks.received_at.map(local),
                    promised_by: clocks.promised_by.map(DeadlineView::from),
                    updated_at: local(application.updated_at),
                })
            })
            .await
    }
}
