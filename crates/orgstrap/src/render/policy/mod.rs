//! What the commands of `orgstrap policy` print.

mod decisions;
mod diff;
mod findings;
mod mistakes;
mod sarif;

pub(crate) use decisions::decisions;
pub(crate) use diff::comparison;
pub(crate) use findings::{Found, findings};
pub(super) use mistakes::{mistakes, to_json as mistakes_json};

use policy::KeyPath;
use textwrap::{WordSeparator, WordSplitter};

/// A text from a file, without what would steer a terminal.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { plain.extend(c.escape_debug()) } else { plain.push(c) }
    }
    plain
}

/// A text in lines of a width; all but the first begin with as many spaces as the first is indented by.
fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let blank = " ".repeat(indent);
    if width == usize::MAX {
        return format!("{blank}{text}");
    }
    let options = textwrap::Options::new(width.max(indent + 20)).initial_indent(&blank).subsequent_indent(&blank);
    // An ARN stays whole, to be copied.
    let options = options.word_separator(WordSeparator::AsciiSpace).word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(text, options.break_words(false))
}

/// A path as it is shown: the whole document has no path of its own.
fn place(path: &KeyPath) -> String {
    if path.steps().is_empty() { "the document".to_owned() } else { plain(&path.to_string()) }
}

/// A number of things.
fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_not_steered() {
        assert_eq!(plain("a\u{1b}[31mb\nä"), "a\\u{1b}[31mb\\nä");
    }

    #[test]
    fn texts_are_wrapped_between_words() {
        assert_eq!(wrapped("one two arn:aws:iam::111122223333:role/very-long", 2, 22), {
            "  one two\n  arn:aws:iam::111122223333:role/very-long"
        });
        assert_eq!(wrapped("one two", 2, usize::MAX), "  one two");
    }
}
