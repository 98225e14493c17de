//! Keys are read as they are written.

use engine::Key;
use proptest::prelude::*;

proptest! {
    #[test]
    fn survives_writing_and_reading(scope in "[^/]{1,8}", kind in "[^/]{1,8}", name in ".{1,12}") {
        let key = Key::new(scope, kind, name);
        prop_assert_eq!(key.to_string().parse(), Ok(key.clone()));
        prop_assert_eq!(serde_json::json!(key), serde_json::json!(key.to_string()));
    }

    #[test]
    fn anything_else_is_no_key(text in "[ab/]{0,6}") {
        let sound = text.splitn(3, '/').filter(|part| !part.is_empty()).count() == 3;
        prop_assert_eq!(text.parse::<Key>().is_ok(), sound, "{}", text);
    }
}
