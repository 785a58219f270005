//! The only source of chance: xoshiro256++ (Blackman and Vigna, 2019), seeded through SplitMix64.
//!
//! Written out, so that a seed means the same run on every platform and with every compiler. Integers only: no result depends on how a
//! platform rounds.

/// A stream of numbers that a seed determines.
#[derive(Clone, Debug)]
pub struct Rng {
    state: [u64; 4],
}

/// One part in a million: the unit of all rates.
pub const MILLION: u32 = 1_000_000;

impl Rng {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut mix = seed;
        let mut split = || {
            mix = mix.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = mix;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Self { state: [split(), split(), split(), split()] }
    }

    /// An independent stream, so that one part of the world does not shift the chances of another.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self::new(self.bits())
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        let wide = u128::from(self.bits()) * u128::from(n);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// An index into something of this length.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// True this many times in a million.
    pub fn chance(&mut self, per_million: u32) -> bool {
        self.below(u64::from(MILLION)) < u64::from(per_million)
    }

    /// True `part` times in `whole`.
    pub fn one_of(&mut self, whole: u64) -> bool {
        self.below(whole) == 0
    }

    /// One of several things; `None` of none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(self.index(from.len())) }
    }

    /// A number whose size is spread evenly over the powers of two from `low` to `high`.
    pub fn spread(&mut self, low: u64, high: u64) -> u64 {
        let low = low.max(1);
        let powers = u64::from(high.max(low).ilog2() - low.ilog2());
        let floor = low << self.below(powers + 1);
        self.between(floor, floor.saturating_mul(2) - 1).min(high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_one_of_the_reference() {
        // SplitMix64 of seed 0 begins with these (Vigna's reference), and xoshiro256++ follows from them.
        assert_eq!(Rng::new(0).state[..2], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
        let mut rng = Rng { state: [1, 2, 3, 4] };
        assert_eq!([rng.bits(), rng.bits(), rng.bits()], [41_943_041, 58_720_359, 3_588_806_011_781_223]);
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut rng = Rng::new(7);
        for _ in 0..1_000 {
            assert!(rng.below(10) < 10);
            assert!((5..=7).contains(&rng.between(5, 7)));
            assert!((10..=100_000).contains(&rng.spread(10, 100_000)));
        }
        assert_eq!(rng.below(0), 0);
        assert!(!rng.chance(0) && rng.chance(MILLION));
    }
}
