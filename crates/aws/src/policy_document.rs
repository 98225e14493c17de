//! Policy documents as objects hold them.

use std::fmt;

use policy::Document;
use serde::Serialize;
use serde_json::Value;

/// A policy document in normal form, so that what AWS rewrites when it stores a document (order, brackets around one
/// value, account ids) is no difference. What is no policy document stays as it is, and shows as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PolicyDocument(Value);

impl PolicyDocument {
    /// A document as every other service gives it: plain text.
    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str::<Value>(text).unwrap_or_else(|_| Value::String(text.to_owned())).into()
    }

    /// A document as IAM gives it: percent-encoded (IAM API reference, `RoleDetail`).
    pub(crate) fn decoded(encoded: Option<&str>) -> Self {
        let text = percent_encoding::percent_decode_str(encoded.unwrap_or_default()).decode_utf8_lossy();
        Self::read(&text)
    }

    /// The document as JSON, in normal form.
    pub fn value(&self) -> &Value {
        &self.0
    }
}

impl PolicyDocument {
    /// The document that allows what either of two allows, and denies what both deny: while one takes the other's place,
    /// nobody who is let in by either is shut out.
    #[must_use]
    pub fn beside(&self, other: &Self) -> Self {
        let (own, others) = (statements(&self.0), statements(&other.0));
        let is_denial = |statement: &&Value| statement["Effect"] == "Deny";
        let kept = own.iter().filter(|statement| !is_denial(statement) || others.contains(statement));
        let added = others.iter().filter(|statement| !is_denial(statement) && !own.contains(statement));
        let mut document = self.0.clone();
        document["Statement"] = kept.chain(added).cloned().collect();
        document.into()
    }

    /// The document that denies what this one allows, and allows nothing.
    pub(crate) fn denied(&self) -> Self {
        let mut denied = self.0.clone();
        for statement in denied["Statement"].as_array_mut().into_iter().flatten() {
            statement["Effect"] = Value::from("Deny");
        }
        Self(denied)
    }
}

/// The statements of a document; none of what is no document.
fn statements(document: &Value) -> &[Value] {
    document["Statement"].as_array().map_or(&[], Vec::as_slice)
}

impl From<Value> for PolicyDocument {
    fn from(value: Value) -> Self {
        Self(Document::from_value(&value).map_or(value, |document| document.normal().to_value()))
    }
}

impl fmt::Display for PolicyDocument {
    /// The document as it is sent to AWS.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_aws_rewrites_is_no_difference() {
        let sent = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ["111122223333"]},
            "Action": ["sts:TagSession", "sts:AssumeRole"], "Condition": {"Bool": {"aws:MultiFactorAuthPresent": true}}}]});
        let stored = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}});
        assert_eq!(PolicyDocument::from(sent), PolicyDocument::from(stored));
    }

    #[test]
    fn what_is_denied_is_what_was_allowed() {
        let document = |effect: &str| {
            PolicyDocument::from(json!({"Version": "2012-10-17", "Statement": {"Effect": effect, "Principal": "*",
                "Action": "sts:AssumeRole"}}))
        };
        assert_eq!(document("Allow").denied(), document("Deny"));
    }

    #[test]
    fn what_is_no_document_stays() {
        assert_eq!(PolicyDocument::decoded(Some("no%20JSON")), PolicyDocument(json!("no JSON")));
        assert_eq!(PolicyDocument::from(json!({})), PolicyDocument(json!({})));
    }
}
