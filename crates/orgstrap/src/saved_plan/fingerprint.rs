//! What tells that two things are the same, in 64 characters.

use std::fmt::Write;

use fleet::Fleet;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The SHA-256 of a value as JSON without spaces and with every object's fields in order.
pub(super) fn of(mut value: Value) -> String {
    value.sort_all_objects();
    of_text(&value.to_string())
}

/// What the fleet's files came to, with the environment and the options that stand in for them: not as they are written,
/// but as they were understood. Another version of the program may understand them in other words.
pub(super) fn of_files(fleet: &Fleet) -> String {
    let Fleet { name, region, common, organization, access, accounts, documents, ledger: _, root: _, written: _ } =
        fleet;
    of_text(&format!("{name:?} {region:?} {common:?} {organization:?} {access:?} {accounts:?} {documents:?}"))
}

fn of_text(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_fields_does_not_matter_and_all_else_does() {
        let value = json!({"a": 1, "b": {"c": [1, 2], "d": null}});
        let other_order: Value = serde_json::from_str(r#"{"b": {"d": null, "c": [1, 2]}, "a": 1}"#).unwrap();
        assert_eq!(of(value.clone()), of(other_order));
        for other in [
            json!({"a": 1, "b": {"c": [2, 1], "d": null}}),
            json!({"a": 1, "b": {"c": [1, 2]}}),
            json!({"a": "1", "b": {"c": [1, 2], "d": null}}),
        ] {
            assert_ne!(of(value.clone()), of(other));
        }
    }

    #[test]
    fn it_is_a_sha_256() {
        assert_eq!(of(json!({})), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }
}
