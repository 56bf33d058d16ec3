//! 设备: a telephone that a member of staff works with where there is no network, and its clock.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::region::Region;
use super::visit::{CLOCK_SKEW, OLDEST};

/// 停用原因
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceEnd {
    /// 遗失
    Lost,
    /// 更换
    Replaced,
}

impl DeviceEnd {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            DeviceEnd::Lost => "lost",
            DeviceEnd::Replaced => "replaced",
        }
    }

    /// By stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [DeviceEnd::Lost, DeviceEnd::Replaced].into_iter().find(|end| end.name() == name)
    }
}

/// 已登记设备
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Made by the device, one for each person who works with it.
    pub id: Uuid,
    /// Whose.
    pub staff: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// Every grid it was ever trusted with: work done there is heard of, whoever has the grid now.
    pub grids: Vec<Region>,
    /// When it was registered.
    pub registered_at: DateTime<Utc>,
    /// When it was last heard of.
    pub seen_at: DateTime<Utc>,
    /// When it was taken out of use, and why.
    pub ended: Option<(DateTime<Utc>, DeviceEnd)>,
    /// X25519 public key, with which its field pack is sealed for it alone; without one it gets none.
    pub public_key: Option<PublicKey>,
}

/// 设备公钥: X25519, 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The key itself.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for PublicKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl TryFrom<String> for PublicKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
        let bytes = bytes.filter(|_| digits).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or("64 lower-case hex digits")
    }
}

/// 设备时钟
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceClock {
    /// Within five minutes of ours.
    Right,
    /// Off, and put right by its time of sending.
    PutRight,
    /// Tells no time that can be: the time of arrival stands instead.
    Unreliable,
}

/// When something was done, as far as it can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// By our clock.
    pub at: DateTime<Utc>,
    /// How far the device's clock is believed.
    pub clock: DeviceClock,
}

impl Moment {
    /// The instant of an operation that came at `received` with a clock off by `skew`. Never later than it came;
    /// one that lies further back than a device can have been away is not believed.
    pub fn of(told: DateTime<Utc>, skew: Duration, received: DateTime<Utc>) -> Self {
        let clock = if skew.is_zero() { DeviceClock::Right } else { DeviceClock::PutRight };
        match told.checked_add_signed(skew) {
            Some(at) if at <= received && at >= received - OLDEST => Self { at, clock },
            Some(at) if at > received && at <= received + CLOCK_SKEW => Self { at: received, clock },
            _ => Self { at: received, clock: DeviceClock::Unreliable },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_clock_is_believed_as_far_as_it_can_be_right() {
        let received: DateTime<Utc> = "2026-11-24T01:00:00Z".parse().unwrap();
        let hours = Duration::hours;
        for (told, skew, at, clock) in [
            (received - hours(2), Duration::zero(), received - hours(2), DeviceClock::Right),
            (received + Duration::minutes(4), Duration::zero(), received, DeviceClock::Right),
            (received + hours(20_000), hours(-20_001), received - hours(1), DeviceClock::PutRight),
            (received + hours(1), Duration::zero(), received, DeviceClock::Unreliable),
            (received - Duration::days(400), Duration::zero(), received, DeviceClock::Unreliable),
            (DateTime::<Utc>::MAX_UTC, hours(1), received, DeviceClock::Unreliable),
        ] {
            assert_eq!(Moment::of(told, skew, received), Moment { at, clock }, "{told}");
        }
    }
}
