//! Where in a JSON text a value is.

use serde::de::{Deserialize, IgnoredAny};
use serde_json::Deserializer;

use crate::key_path::{KeyPath, Step};

/// The line, from 1, of the value at a path, or of the nearest above it that is there.
///
/// The path may be that of a document that was read: one value counts as a list of one, and the case of a key does not
/// matter if there is none in that case.
pub fn line_of(text: &str, path: &KeyPath) -> usize {
    let at = offset_of(text, path);
    1 + text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count()
}

/// The byte at which the value at a path begins, or its key: where [`line_of`] is.
pub fn offset_of(text: &str, path: &KeyPath) -> usize {
    // What stands for the value: an entry of an object begins with its key.
    let mut shown = skip_blank(text, 0);
    let mut value = shown;
    for step in path.steps() {
        let next = match step {
            Step::Key(name) => entry(text, value, |key| key == name)
                .or_else(|| entry(text, value, |key| key.eq_ignore_ascii_case(name))),
            Step::Index(_) if after(text, value, '[').is_none() => continue,
            Step::Index(index) => element(text, value, *index).map(|at| (at, at)),
        };
        let Some(next) = next else { break };
        (shown, value) = next;
    }
    shown.min(text.len())
}

/// The places of an entry's key and of its value in the object at `at`.
fn entry(text: &str, at: usize, is_it: impl Fn(&str) -> bool) -> Option<(usize, usize)> {
    let mut at = after(text, at, '{')?;
    loop {
        let (key, end) = read::<String>(text, at)?;
        let value = after(text, end, ':')?;
        if is_it(&key) {
            return Some((at, value));
        }
        let (_, end) = read::<IgnoredAny>(text, value)?;
        at = after(text, end, ',')?;
    }
}

/// The place of an element of the list at `at`.
fn element(text: &str, at: usize, index: usize) -> Option<usize> {
    let mut at = after(text, at, '[')?;
    for _ in 0..index {
        let (_, end) = read::<IgnoredAny>(text, at)?;
        at = after(text, end, ',')?;
    }
    Some(at)
}

/// The value that begins at `at`, and where it ends.
fn read<'t, T: Deserialize<'t>>(text: &'t str, at: usize) -> Option<(T, usize)> {
    let mut values = Deserializer::from_str(text.get(at..)?).into_iter();
    let value = values.next()?.ok()?;
    Some((value, at + values.byte_offset()))
}

/// What follows a mark, if that is what comes next.
fn after(text: &str, at: usize, mark: char) -> Option<usize> {
    let at = skip_blank(text, at);
    text.get(at..)?.starts_with(mark).then(|| skip_blank(text, at + mark.len_utf8()))
}

fn skip_blank(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    text.len() - rest.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\u{feff}{\n \"Version\": \"2012-10-17\",\n \"Statement\": [\n  {\"Sid\": \"a{[\\\"\"},\n  {\n   \
        \"Action\": [\n    \"a:b\",\n    \"c:d\"\n   ],\n   \"Condition\": {\"stringequals\":\n    {\"aws:x\": 1}}\n  }\n ]\n}\n";

    fn line(path: &KeyPath) -> usize {
        line_of(TEXT, path)
    }

    #[test]
    fn values_are_found_at_their_keys() {
        let statement = KeyPath::of(["Statement"]);
        assert_eq!(line(&KeyPath::root()), 1);
        assert_eq!(line(&statement), 3);
        assert_eq!(line(&statement.index(0).key("Sid")), 4);
        assert_eq!(line(&statement.index(1)), 5);
        assert_eq!(line(&statement.index(1).key("Action").index(1)), 8);
        assert_eq!(line(&statement.index(1).key("Condition").key("StringEquals").key("aws:X").index(0)), 11);
    }

    #[test]
    fn what_is_not_there_is_at_what_would_hold_it() {
        assert_eq!(line(&KeyPath::of(["Id"])), 1);
        assert_eq!(line(&KeyPath::of(["Statement"]).index(1).key("Effect")), 5);
        assert_eq!(line(&KeyPath::of(["Statement"]).index(7)), 3);
        assert_eq!(line_of("", &KeyPath::of(["Statement"])), 1);
        assert_eq!(line_of("{\"Statement\":\n{\"Effect\": 1}}", &KeyPath::of(["Statement"]).index(0).key("Effect")), 2);
    }
}
