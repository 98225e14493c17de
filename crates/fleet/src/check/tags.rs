//! Tags.

use std::collections::{BTreeMap, BTreeSet};

use crate::desk::{Desk, Sound};
use crate::words::{Checked, Wrong};
use policy::KeyPath;

/// AWS takes 50 tags on an object; the rest is for orgstrap's own.
pub(super) const MOST_TAGS: usize = 40;
/// STS API `AssumeRole`, `Tags`.
pub(super) const MOST_SESSION_TAGS: usize = 50;

/// Checks the tags that stand at `path`. (Tagging AWS Resources User Guide, "Tag naming limits and requirements".)
pub(super) fn check(desk: &mut Desk, path: &KeyPath, tags: &BTreeMap<String, String>, most: usize) -> Sound<()> {
    let mut sound = Ok(());
    if tags.len() > most {
        sound = Err(desk.wrong(path, format!("there are {} tags", tags.len()), format!("use {most} at most")));
    }
    let mut seen = BTreeSet::new();
    for (key, value) in tags {
        let here = path.key(key);
        sound = sound.and(desk.check_key(&here, tag_key(key)));
        sound = sound.and(desk.check(&here, tag_value(value)));
        if !seen.insert(key.to_lowercase()) {
            // IAM User Guide, "Tags for IAM resources": keys are not case-sensitive there.
            let wrong = Wrong::new(
                format!("`{key}` differs from another key in its capitals only"),
                "keep one: IAM does not tell them apart",
            );
            sound = sound.and(desk.check_key(&here, Err(wrong)));
        }
    }
    sound
}

fn tag_key(key: &str) -> Checked {
    let lower = key.to_lowercase();
    for (prefix, owner) in [("aws:", "AWS"), ("orgstrap:", "orgstrap")] {
        if lower.starts_with(prefix) {
            return Err(Wrong::new(
                format!("`{key}` begins with `{prefix}`"),
                format!("choose another key: this prefix belongs to {owner}"),
            ));
        }
    }
    if lower == "name" {
        return Err(Wrong::new(
            format!("`{key}` is the tag that orgstrap names each object with"),
            "choose another key",
        ));
    }
    characters(key, "a tag's key", 1, 128)
}

fn tag_value(value: &str) -> Checked {
    characters(value, "a tag's value", 0, 256)
}

fn characters(text: &str, what: &str, least: usize, most: usize) -> Checked {
    let length = text.chars().count();
    if !(least..=most).contains(&length) {
        return Err(Wrong::new(format!("{what} has {length} characters"), format!("use {least} to {most}")));
    }
    let is_allowed = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    match text.chars().find(|c| !is_allowed(*c)) {
        Some(other) => Err(Wrong::new(
            format!("{what} has the character {other:?}"),
            "use letters, digits, spaces and characters of `_.:/=+-@`",
        )),
        None => Ok(()),
    }
}
