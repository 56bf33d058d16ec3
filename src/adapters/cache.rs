//! 缓存与限流: values that may be forgotten at any time, and counters that limit how often somebody may try.
//! Nothing here is the only copy of anything. `LocalCache` is the default and also what Redis falls back to.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

const SHARDS: usize = 16;

/// 限流结果: whether one more try is within the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Within the limit.
    pub allowed: bool,
    /// When not: how long until it may be tried again. Zero when allowed.
    pub retry_after: Duration,
}

/// 缓存: never fails; whatever goes wrong inside, limits hold and values are at worst missing.
pub trait Cache: Send + Sync {
    /// The value, if it is still there.
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Option<String>>;

    /// Keeps a value for at most this long.
    fn put<'a>(&'a self, key: &'a str, value: &'a str, ttl: Duration) -> BoxFuture<'a, ()>;

    /// Counts one try: at most `limit` are allowed in a window that starts with its first try.
    fn hit<'a>(&'a self, key: &'a str, window: Duration, limit: u32) -> BoxFuture<'a, Hit>;

    /// Drops a key's value and counter before their time.
    fn forget<'a>(&'a self, key: &'a str) -> BoxFuture<'a, ()>;

    /// `local`, `redis` or `redis-degraded`, for the health page.
    fn state(&self) -> &'static str;
}

/// 本地缓存: in this process, bounded.
pub struct LocalCache {
    hasher: RandomState,
    shards: Vec<Mutex<Shard>>,
}

/// Values and counters have room of their own, so a flood of values cannot wash a limit away.
struct Shard {
    values: Bounded<String>,
    counters: Bounded<u32>,
}

impl LocalCache {
    /// Holds at most about this many values and as many counters.
    pub fn new(max_entries: usize) -> Self {
        let capacity = max_entries.div_ceil(SHARDS).max(1);
        let shard = || Mutex::new(Shard { values: Bounded::new(capacity), counters: Bounded::new(capacity) });
        Self { hasher: RandomState::new(), shards: std::iter::repeat_with(shard).take(SHARDS).collect() }
    }

    fn with_shard<T>(&self, key: &str, work: impl FnOnce(&mut Shard) -> T) -> Option<T> {
        let place = self.hasher.hash_one(key) % SHARDS as u64;
        let shard = self.shards.get(usize::try_from(place).unwrap_or(0))?;
        Some(work(&mut shard.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn get_at(&self, key: &str, now: Instant) -> Option<String> {
        self.with_shard(key, |shard| shard.values.live(key, now).cloned()).flatten()
    }

    fn put_at(&self, key: &str, value: &str, ttl: Duration, now: Instant) {
        self.with_shard(key, |shard| shard.values.insert(key, value.to_owned(), now, ttl, |_| 0));
    }

    fn hit_at(&self, key: &str, window: Duration, limit: u32, now: Instant) -> Hit {
        self.with_shard(key, |shard| {
            if let Some(count) = shard.counters.live(key, now) {
                *count = count.saturating_add(1);
            } else {
                // Whoever sprays new keys has the smallest counts and so evicts only itself.
                shard.counters.insert(key, 1, now, window, |count| *count);
            }
            let (count, left) = shard.counters.count_and_left(key, now);
            Hit::judge(count, limit, left)
        })
        .unwrap_or(Hit { allowed: false, retry_after: window })
    }
}

impl Hit {
    /// The verdict on the `count`-th try of a window that still lasts `left`.
    pub(super) fn judge(count: u32, limit: u32, left: Duration) -> Self {
        let allowed = count <= limit;
        Self {
            allowed,
            retry_after: if allowed { Duration::ZERO } else { left.max(Duration::from_millis(1)) },
        }
    }
}

impl Cache for LocalCache {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Option<String>> {
        Box::pin(async move { self.get_at(key, Instant::now()) })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a str, ttl: Duration) -> BoxFuture<'a, ()> {
        Box::pin(async move { self.put_at(key, value, ttl, Instant::now()) })
    }

    fn hit<'a>(&'a self, key: &'a str, window: Duration, limit: u32) -> BoxFuture<'a, Hit> {
        Box::pin(async move { self.hit_at(key, window, limit, Instant::now()) })
    }

    fn forget<'a>(&'a self, key: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.with_shard(key, |shard| {
                shard.values.entries.remove(key);
                shard.counters.entries.remove(key);
            });
        })
    }

    fn state(&self) -> &'static str {
        "local"
    }
}

struct Bounded<V> {
    entries: HashMap<String, (V, Instant)>,
    capacity: usize,
}

impl<V> Bounded<V> {
    fn new(capacity: usize) -> Self {
        Self { entries: HashMap::new(), capacity }
    }

    fn live(&mut self, key: &str, now: Instant) -> Option<&mut V> {
        self.entries.get_mut(key).filter(|(_, expires)| *expires > now).map(|(value, _)| value)
    }

    fn insert(&mut self, key: &str, value: V, now: Instant, ttl: Duration, worth: impl Fn(&V) -> u32) {
        if !self.entries.contains_key(key) {
            self.make_room(now, worth);
        }
        // A time beyond what the clock can count is as good as a day: the entry may always go earlier.
        let expires = now.checked_add(ttl).unwrap_or(now + Duration::from_secs(86_400));
        self.entries.insert(key.to_owned(), (value, expires));
    }

    /// Expired entries go first; then an eighth of the rest, least worth first, so that a full table
    /// is not searched again for every new key.
    fn make_room(&mut self, now: Instant, worth: impl Fn(&V) -> u32) {
        if self.entries.len() < self.capacity {
            return;
        }
        self.entries.retain(|_, (_, expires)| *expires > now);
        let spare = self.capacity.div_ceil(8);
        let excess = (self.entries.len() + spare).saturating_sub(self.capacity);
        if excess == 0 {
            return;
        }
        let mut ranked: Vec<_> = self
            .entries
            .iter()
            .map(|(key, (value, expires))| (worth(value), *expires, key.clone()))
            .collect();
        ranked.sort_unstable();
        for (_, _, key) in ranked.iter().take(excess) {
            self.entries.remove(key);
        }
    }
}

impl Bounded<u32> {
    fn count_and_left(&self, key: &str, now: Instant) -> (u32, Duration) {
        let found = self.entries.get(key);
        found.map_or((u32::MAX, Duration::ZERO), |(count, expires)| {
            (*count, expires.saturating_duration_since(now))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn values_live_as_long_as_they_may() {
        let (cache, now) = (LocalCache::new(100), Instant::now());
        cache.put_at("k", "v", MINUTE, now);
        assert_eq!(cache.get_at("k", now + MINUTE - Duration::from_nanos(1)).as_deref(), Some("v"));
        assert_eq!(cache.get_at("k", now + MINUTE), None);
        cache.put_at("k", "v", Duration::MAX, now);
        assert!(cache.get_at("k", now).is_some());
        futures_util::future::FutureExt::now_or_never(cache.forget("k")).unwrap();
        assert_eq!(cache.get_at("k", now), None);
    }

    #[test]
    fn a_window_starts_with_its_first_try() {
        let (cache, now) = (LocalCache::new(100), Instant::now());
        for _ in 0..3 {
            assert!(cache.hit_at("ip", MINUTE, 3, now).allowed);
        }
        let later = now + Duration::from_secs(20);
        let refused = cache.hit_at("ip", MINUTE, 3, later);
        assert_eq!(refused, Hit { allowed: false, retry_after: Duration::from_secs(40) });
        assert!(cache.hit_at("other", MINUTE, 3, later).allowed);
        assert!(cache.hit_at("ip", MINUTE, 3, now + MINUTE).allowed);
        assert!(!cache.hit_at("none", MINUTE, 0, now).allowed);
    }

    #[test]
    fn stays_bounded_and_a_flood_of_keys_does_not_lift_a_limit() {
        let (cache, now) = (LocalCache::new(320), Instant::now());
        cache.put_at("precious", "v", MINUTE, now);
        for _ in 0..6 {
            cache.hit_at("guesser", MINUTE, 5, now);
        }
        for n in 0..10_000 {
            cache.hit_at(&format!("spray-{n}"), MINUTE, 5, now);
            cache.put_at(&format!("value-{n}"), "v", Duration::from_secs(1), now);
        }
        assert!(!cache.hit_at("guesser", MINUTE, 5, now).allowed);
        assert!(cache.get_at("precious", now).is_some(), "what expires soonest goes first");
        for shard in &cache.shards {
            let shard = shard.lock().unwrap();
            assert!(shard.values.entries.len() <= 20 && shard.counters.entries.len() <= 20);
        }
    }

    #[test]
    fn many_threads_do_not_exceed_the_limit() {
        let cache = LocalCache::new(100);
        let now = Instant::now();
        let tries = || (0..500).filter(|_| cache.hit_at("k", MINUTE, 700, now).allowed).count();
        let allowed: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(tries)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(allowed, 700);
    }
}
