//! What AWS would refuse in a document of the fleet's files.

use policy::{Document, KeyPath, Kind, Severity};
use serde_json::Value;

use crate::words::Wrong;

/// Where the language itself does not say what to write.
const HELP: &str = "correct the policy; `orgstrap policy lint` says more";

/// A rendered document as it is to be stored, or all that is wrong with it.
pub(crate) fn read(value: &Value, kind: Kind) -> Result<Document, Vec<(KeyPath, Wrong)>> {
    let document = Document::from_value(value).map_err(in_language)?;
    let findings = policy::lint_as(&document, Some(kind)).into_iter();
    let wrong: Vec<_> = findings
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| (finding.path, Wrong::new(finding.message, finding.remedy)))
        .collect();
    if wrong.is_empty() { Ok(document) } else { Err(wrong) }
}

/// Mistakes of the policy language in the words of the files'.
pub(crate) fn in_language(mistakes: policy::Mistakes) -> Vec<(KeyPath, Wrong)> {
    let wrong = |one: policy::Mistake| (one.path, Wrong::new(one.message, one.help.unwrap_or(HELP.to_owned())));
    mistakes.0.into_iter().map(wrong).collect()
}
