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
