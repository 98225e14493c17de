//! Chance that a seed repeats.
//!
//! Calls come in an order that differs from run to run, so no stream of random numbers is drawn from: what happens to
//! the third `ec2.CreateSubnet` of an account is a function of the seed and of just that.

use sha2::{Digest, Sha256};

/// A number that is the same for the same seed and words.
pub(crate) fn hash(seed: u64, words: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    for word in words {
        hash.update([0]);
        hash.update(word);
    }
    let bytes: [u8; 32] = hash.finalize().into();
    bytes.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Whether something that happens with this probability, 0 to 1, happens.
pub(crate) fn happens(probability: f64, seed: u64, words: &[&str]) -> bool {
    fraction(seed, words) < probability
}

/// A number from 0 up to, and without, 1.
#[expect(clippy::cast_precision_loss, reason = "53 bits of it fit")]
pub(crate) fn fraction(seed: u64, words: &[&str]) -> f64 {
    (hash(seed, words) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_have_the_same_fate_and_others_another() {
        assert_eq!(hash(1, &["ec2", "CreateVpc"]), hash(1, &["ec2", "CreateVpc"]));
        assert_ne!(hash(1, &["ec2", "CreateVpc"]), hash(2, &["ec2", "CreateVpc"]));
        assert_ne!(hash(1, &["ab", "c"]), hash(1, &["a", "bc"]));
    }

    #[test]
    fn a_probability_is_about_how_often_it_happens() {
        let often = (0..10_000).filter(|number| happens(0.2, 7, &[&number.to_string()])).count();
        assert!((1_800..2_200).contains(&often), "{often}");
    }
}
