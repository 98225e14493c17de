//! The names of statements, and the document's version.

use super::place::Place;
use super::{Report, Rule, Severity};
use crate::document::{Document, Version};
use crate::key_path::KeyPath;

/// IAM user guide, "IAM JSON policy elements: Sid".
pub(super) const DUPLICATE_SID: Rule = Rule {
    id: "duplicate-sid",
    severity: Severity::Error,
    summary: "two statements of one name",
    explanation: "A `Sid` has to be unique in its document. AWS refuses the document otherwise.",
};

/// IAM user guide, "IAM JSON policy elements: Sid".
pub(super) const SID_CHARACTERS: Rule = Rule {
    id: "sid-characters",
    severity: Severity::Warning,
    summary: "a name with other characters than letters and digits",
    explanation: "In policies of identities a `Sid` may have letters and digits of ASCII only. IAM refuses others.",
};

/// IAM user guide, "IAM JSON policy elements: Version".
pub(super) const OLD_VERSION: Rule = Rule {
    id: "old-version",
    severity: Severity::Note,
    summary: "a document of the old version of the language",
    explanation: "Version 2008-10-17, which is also meant if there is no `Version`, has no policy variables. It is \
        kept for old documents.",
};

pub(super) fn check(document: &Document, places: &[Place<'_>], report: &mut Report) {
    if document.version == Version::V2008 {
        let message = "the document is of version 2008-10-17".to_owned();
        report.add(&OLD_VERSION, KeyPath::of(["Version"]), message, "write `\"Version\": \"2012-10-17\"`");
    }
    for place in places {
        let Some(sid) = place.statement.sid.as_deref().filter(|sid| !sid.is_empty()) else { continue };
        let path = place.path().key("Sid");
        let namesake = places[..place.index].iter().find(|other| other.statement.sid.as_deref() == Some(sid));
        if let Some(namesake) = namesake {
            let message = format!("statement {} is called {sid} as statement {} is", place.index, namesake.index);
            report.add(&DUPLICATE_SID, path.clone(), message, "give one of them another name");
        }
        if !place.is_resource && !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = format!("statement {} is called `{sid}`", place.index);
            let allowed: String = sid.chars().filter(char::is_ascii_alphanumeric).collect();
            let remedy =
                if allowed.is_empty() { "write letters and digits".to_owned() } else { format!("write `{allowed}`") };
            report.add(&SID_CHARACTERS, path, message, remedy);
        }
    }
}
