//! The cache in Redis, shared by several processes. Redis may be off, slow or talk nonsense at any time:
//! a breaker then leaves it alone for a second and the local cache answers. Every try is counted locally
//! too, so a limit holds through an outage instead of starting again at zero.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisResult, Script};

use super::AdapterError;
use super::cache::{Cache, Hit, LocalCache};

const PATIENCE: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_secs(1);
/// Beyond this, values that changed during an outage may be read stale until they expire.
const MAX_CHANGED: usize = 10_000;

/// One step on the server, so two processes cannot both be the last one allowed, and a counter
/// cannot be left behind without an expiry.
const COUNT: &str = r"
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {count, left}";

/// Redis 缓存: shared while Redis answers, local while it does not.
pub struct RedisCache {
    client: Client,
    /// Dropped after every error: a manager can hold on to a handshake that failed for good.
    manager: Mutex<Option<ConnectionManager>>,
    breaker: Breaker,
    local: LocalCache,
    /// Keys changed while Redis was away; its copies are old and are deleted before anything is read.
    changed: Mutex<HashSet<String>>,
    count: Script,
}

impl RedisCache {
    /// Prepares for `redis://…` without connecting, so the window opens whether or not Redis is up.
    /// Refuses only an address that can never work.
    pub fn connect(url: &str, local: LocalCache) -> Result<Self, AdapterError> {
        // The library's message may repeat the address, and the address may hold a password.
        let client = Client::open(url).map_err(|_| AdapterError::rejected("not a usable Redis address"))?;
        Ok(Self {
            client,
            manager: Mutex::new(None),
            breaker: Breaker::new(),
            local,
            changed: Mutex::default(),
            count: Script::new(COUNT),
        })
    }

    /// What Redis answers, or `None` when it should not be or could not be asked.
    async fn ask<T, F, Answer>(&self, question: F) -> Option<T>
    where
        F: FnOnce(ConnectionManager) -> Answer + Send,
        Answer: Future<Output = RedisResult<T>> + Send,
    {
        if !self.breaker.may_try() {
            return None;
        }
        let conversation = async {
            let manager = self.manager()?;
            self.delete_changed(manager.clone()).await?;
            question(manager).await
        };
        // Connecting and answering each have their patience; this bounds them together.
        let why = match tokio::time::timeout(PATIENCE * 2, conversation).await {
            Ok(Ok(answer)) => {
                if self.breaker.close() {
                    tracing::info!("redis answers again");
                }
                return Some(answer);
            }
            Ok(Err(error)) => error.category().to_owned(),
            Err(_) => "no answer in time".to_owned(),
        };
        *lock(&self.manager) = None;
        if self.breaker.open() {
            tracing::warn!(why, "redis is left alone, the local cache answers");
        }
        None
    }

    fn manager(&self) -> RedisResult<ConnectionManager> {
        let mut place = lock(&self.manager);
        if let Some(manager) = place.as_ref() {
            return Ok(manager.clone());
        }
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(0);
        let manager = ConnectionManager::new_lazy_with_config(self.client.clone(), config)?;
        Ok(place.insert(manager).clone())
    }

    async fn delete_changed(&self, mut manager: ConnectionManager) -> RedisResult<()> {
        let keys: Vec<String> = lock(&self.changed).iter().cloned().collect();
        for some in keys.chunks(1000) {
            let mut delete = redis::cmd("DEL");
            some.iter().for_each(|key| {
                delete.arg(value_key(key));
            });
            delete.query_async::<i64>(&mut manager).await?;
            let mut changed = lock(&self.changed);
            some.iter().for_each(|key| {
                changed.remove(key);
            });
        }
        Ok(())
    }

    fn remember_changed(&self, key: &str) {
        let mut changed = lock(&self.changed);
        if changed.len() < MAX_CHANGED {
            changed.insert(key.to_owned());
        }
    }
}

impl Cache for RedisCache {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Option<String>> {
        Box::pin(async move {
            let get = |mut redis| async move {
                redis::cmd("GET").arg(value_key(key)).query_async::<Option<String>>(&mut redis).await
            };
            match self.ask(get).await {
                Some(found) => found,
                None => self.local.get(key).await,
            }
        })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a str, ttl: Duration) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let set = |mut redis| async move {
                let mut set = redis::cmd("SET");
                set.arg(value_key(key)).arg(value).arg("PX").arg(millis(ttl));
                set.query_async::<()>(&mut redis).await
            };
            if self.ask(set).await.is_some() {
                // An older local value must not come back in the next outage.
                self.local.forget(key).await;
            } else {
                self.remember_changed(key);
                self.local.put(key, value, ttl).await;
            }
        })
    }

    fn hit<'a>(&'a self, key: &'a str, window: Duration, limit: u32) -> BoxFuture<'a, Hit> {
        Box::pin(async move {
            let here = self.local.hit(key, window, limit).await;
            if !here.allowed {
                return here;
            }
            let counter = counter_key(key);
            let count = |mut redis| async move {
                self.count.key(counter).arg(millis(window)).invoke_async::<(u32, u64)>(&mut redis).await
            };
            match self.ask(count).await {
                Some((tries, left)) if tries > 0 => {
                    Hit::judge(tries, limit, Duration::from_millis(left).min(window))
                }
                _ => here,
            }
        })
    }

    fn forget<'a>(&'a self, key: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.local.forget(key).await;
            let delete = |mut redis| async move {
                redis::cmd("DEL")
                    .arg(value_key(key))
                    .arg(counter_key(key))
                    .query_async::<i64>(&mut redis)
                    .await
            };
            if self.ask(delete).await.is_none() {
                self.remember_changed(key);
            }
        })
    }

    fn state(&self) -> &'static str {
        if self.breaker.is_closed() { "redis" } else { "redis-degraded" }
    }
}

fn counter_key(key: &str) -> String {
    format!("yichuang:hit:{key}")
}

fn value_key(key: &str) -> String {
    format!("yichuang:value:{key}")
}

/// Redis refuses an expiry of zero and one beyond what it can count; ten years is for ever here.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).clamp(1, 315_360_000_000)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Zero while Redis answers, else the millisecond from which one caller may try it again.
struct Breaker {
    start: Instant,
    retry_from: AtomicU64,
}

impl Breaker {
    fn new() -> Self {
        Self { start: Instant::now(), retry_from: AtomicU64::new(0) }
    }

    fn next_try(&self) -> u64 {
        millis(self.start.elapsed() + PAUSE)
    }

    /// Always while closed; while open one caller per pause, the others do not wait for it.
    fn may_try(&self) -> bool {
        let until = self.retry_from.load(Ordering::Acquire);
        until == 0
            || (u128::from(until) <= self.start.elapsed().as_millis()
                && self
                    .retry_from
                    .compare_exchange(until, self.next_try(), Ordering::AcqRel, Ordering::Acquire)
                    .is_ok())
    }

    /// Whether it was open.
    fn close(&self) -> bool {
        !self.is_closed() && self.retry_from.swap(0, Ordering::AcqRel) != 0
    }

    /// Whether it was closed.
    fn open(&self) -> bool {
        self.retry_from.swap(self.next_try(), Ordering::AcqRel) == 0
    }

    fn is_closed(&self) -> bool {
        self.retry_from.load(Ordering::Acquire) == 0
    }
}

#[cfg(test)]
#[path = "cache_redis_tests.rs"]
mod tests;
