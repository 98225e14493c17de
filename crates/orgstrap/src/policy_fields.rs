//! The fields of objects that hold policy documents, by the name of the field: what compares them and what keeps their
//! history agree on it here.

use serde_json::Value;

/// The documents in a field of an object, each with its own name in it, empty where the field is one document. None for
/// a field that holds none.
pub(crate) fn documents<'v>(field: &str, value: &'v Value) -> Option<Vec<(&'v str, &'v Value)>> {
    match (field, value) {
        ("trust" | "policies" | "document", Value::Null) => Some(Vec::new()),
        ("trust" | "document", document) => Some(vec![("", document)]),
        ("policies", Value::Object(documents)) => {
            Some(documents.iter().map(|(name, document)| (name.as_str(), document)).collect())
        }
        // Not what it should be, which is for whoever reads the documents to say.
        ("policies", other) => Some(vec![("", other)]),
        _ => None,
    }
}
