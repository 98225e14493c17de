//! Idempotency tokens: the same desired object gets the same token, so that a repeated call is the same call.

use std::fmt::Write;

use engine::Key;
use sha2::{Digest, Sha256};

/// A token for the creation of a node's object. `context` holds what makes it another object under the same key: the
/// ids that it is built on, and the ids of its deleted predecessors, since a token that is used again after a
/// deletion brings back the dead (EC2 API reference, "Ensuring idempotency": a token stays valid after its object).
///
/// 40 hexadecimal characters; EC2 takes 64.
pub(crate) fn token(key: &Key, context: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(key.to_string());
    for part in context {
        hash.update([0]);
        hash.update(part);
    }
    hex(&hash.finalize()[..20])
}

/// Bytes as hexadecimal characters, two for each.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_by_key_and_by_every_part_of_the_context() {
        let (a, b) = (Key::new("dev", "nat-gateway", "a"), Key::new("dev", "nat-gateway", "b"));
        let tokens =
            [token(&a, &[]), token(&b, &[]), token(&a, &["ab"]), token(&a, &["a", "b"]), token(&a, &["b", "a"])];
        let distinct: std::collections::BTreeSet<_> = tokens.iter().collect();
        assert_eq!(distinct.len(), tokens.len());
        assert_eq!(token(&a, &["nat-1"]), token(&a, &["nat-1"]));
        assert_eq!(token(&a, &[]).len(), 40);
    }
}
