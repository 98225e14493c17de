//! Values of fields, as people read them.

use serde_json::Value;

/// A field's value in one line.
pub(super) fn inline(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => values.iter().map(inline).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => match (fields.get("pending").and_then(Value::as_str), fields.len()) {
            (Some(key), 1) => format!("({})", key.split_once('/').map_or(key, |(_, node)| node)),
            (_, 0) => "none".to_owned(),
            _ if is_policy(value) => value.to_string(),
            _ => fields.iter().map(|(key, value)| format!("{key}={}", inline(value))).collect::<Vec<_>>().join(" "),
        },
        other => other.to_string(),
    }
}

/// Documents are shown as they are written: as JSON.
fn is_policy(value: &Value) -> bool {
    value.get("Statement").is_some()
}

/// A field's value, short enough to stand beside others: a document is only named.
pub(super) fn short(value: &Value) -> String {
    match value {
        _ if is_policy(value) => "a policy".to_owned(),
        Value::Object(fields) if fields.values().any(is_policy) => {
            fields.keys().cloned().collect::<Vec<_>>().join(", ")
        }
        other => inline(other),
    }
}

/// The text, cut to a width that is counted in characters.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_read_like_text() {
        let cases = [
            (json!(null), "none"),
            (json!([]), "none"),
            (json!(["a", "b"]), "a, b"),
            (json!({"pending": "dev/vpc/main"}), "(vpc/main)"),
            (json!({"0.0.0.0/0": {"pending": "dev/nat-gateway/a"}}), "0.0.0.0/0=(nat-gateway/a)"),
            (json!(30), "30"),
        ];
        for (value, text) in cases {
            assert_eq!(inline(&value), text);
        }
    }

    #[test]
    fn long_texts_are_cut_by_characters() {
        assert_eq!(cut("ääää", 3), "ää…");
        assert_eq!(cut("ää", 3), "ää");
    }
}
