//! Principals in stored policies: what is stored is the id of a role or user, what is read is its ARN, as long as the
//! same role or user is there (IAM user guide, "AWS JSON policy elements: Principal", "Role principals").

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::front::rules::iam::{self, Found};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// What surrounds an id in a document: in IAM's answers, in JSON within JSON, and in a document itself.
const QUOTES: [&str; 3] = ["%22", "\\\"", "\""];

/// What stays as it is in a URL (RFC 3986, "Unreserved characters").
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How many characters an id has.
const LENGTH: std::ops::RangeInclusive<usize> = 16..=32;

/// Remembers whose an id is. Ids are never given twice.
pub(in crate::front::rules) async fn remember(world: &World, found: &Found) -> Result<(), Broken> {
    world.remember(&memory(&found.id), Value::from(found.arn.as_str())).await
}

fn memory(id: &str) -> String {
    format!("principal/{id}")
}

/// The ARN of whom an id is, if it is still there.
pub(in crate::front::rules) async fn arn_of(world: &World, id: &str) -> Result<Option<String>, Broken> {
    let Some(Value::String(arn)) = world.recall(&memory(id)).await? else { return Ok(None) };
    let now = iam::id_of(world, &arn).await?;
    Ok((now.as_deref() == Some(id)).then_some(arn))
}

/// A text with policies in it, in which every id is replaced by the ARN of whom it is, if it is still there.
pub(in crate::front::rules) async fn shown_in(world: &World, text: &str) -> Result<String, Broken> {
    let mut text = text.to_owned();
    for (quote, id) in ids_in(&text) {
        if let Some(arn) = arn_of(world, &id).await? {
            let arn = if quote == "%22" { utf8_percent_encode(&arn, ENCODED).to_string() } else { arn };
            text = text.replace(&format!("{quote}{id}{quote}"), &format!("{quote}{arn}{quote}"));
        }
    }
    Ok(text)
}

/// The quoted ids in a text, with their quotes.
fn ids_in(text: &str) -> BTreeSet<(&'static str, String)> {
    let mut ids = BTreeSet::new();
    for prefix in ["AROA", "AIDA"] {
        for (at, _) in text.match_indices(prefix) {
            let rest = &text[at..];
            let end = rest.find(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit()).unwrap_or(rest.len());
            let (id, after) = rest.split_at(end);
            let is_quoted = |quote: &&&str| text[..at].ends_with(**quote) && after.starts_with(**quote);
            if let Some(quote) = QUOTES.iter().find(is_quoted).filter(|_| LENGTH.contains(&id.len())) {
                ids.insert((*quote, id.to_owned()));
            }
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_quoted_ids_are_found() {
        let id = "AROAWF3725DVKNSWE4JSL";
        let found = |text: String| ids_in(&text).into_iter().collect::<Vec<_>>();
        assert_eq!(found(format!("%7B%22AWS%22%3A%20%22{id}%22%7D")), [("%22", id.to_owned())]);
        assert_eq!(found(format!(r#"{{"policyText": "{{\"AWS\":\"{id}\"}}"}}"#)), [("\\\"", id.to_owned())]);
        assert_eq!(found(format!(r#"{{"AWS":["{id}"]}}"#)), [("\"", id.to_owned())]);
        assert_eq!(found(format!("<RoleId>{id}</RoleId>")), []);
        assert_eq!(found(format!(r#"{{"aws:userid":"{id}:name"}}"#)), []);
    }
}
