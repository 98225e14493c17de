//! Chance in tests, which a seed repeats.

use std::time::{SystemTime, UNIX_EPOCH};

/// Numbers that a seed repeats (splitmix64).
pub struct Random(u64);

impl Random {
    /// From `SEED`, or from the time; says which.
    pub fn seeded() -> Self {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into();
        let seed = std::env::var("SEED").map_or_else(|_| now(), |seed| seed.parse().unwrap());
        #[expect(clippy::print_stdout, reason = "a failed test shows it, so that it can be repeated")]
        {
            println!("SEED={seed}");
        }
        Self(seed)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
