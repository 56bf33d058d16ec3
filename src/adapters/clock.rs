//! The only source of time and chance. Everything else takes an instant or an id as an argument,
//! so a demo can be filled with last month's work and a test can wait twenty working days in a blink.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::Rng;
use uuid::Uuid;

/// Crockford's base 32: no I, L, O or U, so a code can be read out over the telephone.
const CODE_LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 时钟: what time it is.
pub trait Clock: Send + Sync {
    /// The present instant, in whole microseconds: PostgreSQL keeps no more, and an instant must compare
    /// equal after a round trip.
    fn now(&self) -> DateTime<Utc>;
}

/// 系统时钟: the machine's own time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        at_micros(Utc::now().timestamp_micros())
    }
}

/// 可拨时钟: stands still until it is moved; clones show the same time.
#[derive(Debug, Clone)]
pub struct SteppedClock(Arc<AtomicI64>);

impl SteppedClock {
    /// A clock standing at this instant.
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(instant.timestamp_micros())))
    }

    /// Moves forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Moves to this instant, also backwards.
    pub fn set(&self, instant: DateTime<Utc>) {
        self.0.store(instant.timestamp_micros(), Ordering::SeqCst);
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> DateTime<Utc> {
        at_micros(self.0.load(Ordering::SeqCst))
    }
}

fn at_micros(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// 编号: a UUIDv7 that sorts by this instant (to the millisecond) and is random beyond it.
pub fn new_id(now: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random_bytes::<10>()).into_uuid()
}

/// 查询码: a random code of this many letters, 5 bits each.
pub fn random_code(len: usize) -> String {
    let mut bytes = vec![0u8; len];
    rand::rng().fill_bytes(&mut bytes);
    // 256 is a multiple of 32: every letter is equally likely.
    bytes.into_iter().map(|byte| char::from(CODE_LETTERS[usize::from(byte % 32)])).collect()
}

/// 随机数: unpredictable bytes from a generator that the operating system seeds.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn time_is_whole_microseconds_and_shared_between_clones() {
        assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1000, 0);
        let start = DateTime::from_timestamp_nanos(1_750_000_000_123_456_789);
        let clock = SteppedClock::at(start);
        let other = clock.clone();
        assert_eq!(clock.now().timestamp_subsec_nanos(), 123_456_000);
        other.advance(Duration::from_secs(60));
        assert_eq!((clock.now() - start).num_seconds(), 59);
        clock.set(start);
        assert_eq!(other.now(), at_micros(start.timestamp_micros()));
        clock.advance(Duration::MAX);
    }

    #[test]
    fn ids_sort_by_their_instant() {
        let early = new_id(DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        let late = new_id(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        assert!(early < late);
        assert_eq!((late.get_version_num(), late.get_variant()), (7, uuid::Variant::RFC4122));
        assert_eq!(late.get_timestamp().unwrap().to_unix().0, 1_800_000_000);
        assert_eq!(new_id(DateTime::from_timestamp(-5, 0).unwrap()).get_version_num(), 7);
    }

    #[test]
    fn codes_have_no_letters_that_look_like_digits() {
        let code = random_code(4000);
        assert_eq!(code.len(), 4000);
        assert!(code.bytes().all(|letter| CODE_LETTERS.contains(&letter)));
        assert!(CODE_LETTERS.iter().all(|letter| code.as_bytes().contains(letter)));
        assert_ne!(random_bytes::<16>(), random_bytes::<16>());
    }
}
