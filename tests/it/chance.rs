//! Chance that can be repeated: every random test draws from one seed, which is printed when it fails and
//! can be given again (`YICHUANG_SEED=… cargo test`).

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// The seed of this run.
pub fn seed() -> u64 {
    std::env::var("YICHUANG_SEED").ok().and_then(|text| text.trim().parse().ok()).unwrap_or(20_261_123)
}

/// A runner of that many cases; says its seed, which the test harness shows with a failure.
pub fn runner(what: &str, cases: u32) -> TestRunner {
    let seed = seed();
    eprintln!("{what}: {cases} cases, YICHUANG_SEED={seed}");
    let mut bytes = [0; 32];
    for (byte, value) in bytes.iter_mut().zip(seed.to_le_bytes()) {
        *byte = value;
    }
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4096, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// 骰子: draws one after another from the seed of this run, for stories that decide as they go.
pub struct Dice(u64);

impl Dice {
    /// Those of different `lanes` differ.
    pub fn new(lane: u64) -> Self {
        Self(seed() ^ lane.wrapping_mul(0xD6E8_FEB8_6659_FD93))
    }

    /// From 0 to one below.
    pub fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Puts them in some other order.
    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last + 1));
        }
    }
}

/// How many a long run is asked for; a slice where it is not.
pub fn asked(variable: &str, slice: u32) -> u32 {
    std::env::var(variable).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(slice)
}
