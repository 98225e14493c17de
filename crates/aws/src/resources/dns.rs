//! What the kinds of DNS share: texts that may be pending, the normal form of names, and the texts of values.

use std::fmt::Write;

/// A text in DNS: a name, or what a record says. As an [`engine::Id`] it is known, or pending while what it comes from is
/// only planned.
#[derive(Debug)]
pub struct DnsText;

/// The longest string that a TXT record is made of (Route 53 developer guide, "TXT record type").
const LONGEST_STRING: usize = 255;

/// A name in lower case, without its last dot, and with `*` as itself: Route 53 gives back `\052.verb.example.`
/// (Route 53 developer guide, "DNS domain name format").
pub(super) fn normal(name: &str) -> String {
    unescaped(name.trim_end_matches('.')).to_lowercase()
}

/// A value in normal form: names as [`normal`] has them, TXT as its bare text.
pub(super) fn value_of(kind: &str, text: &str) -> String {
    match kind {
        "CNAME" | "NS" => normal(text),
        "TXT" => unquoted(text),
        _ => text.to_owned(),
    }
}

/// The same value as Route 53 takes it: TXT in quotation marks, in strings of at most 255 characters.
pub(super) fn value_to(kind: &str, value: &str) -> String {
    if kind != "TXT" {
        return value.to_owned();
    }
    let (mut text, mut length) = ("\"".to_owned(), 0);
    for c in value.chars() {
        // What is not printable ASCII is written as its bytes in octal, each of which counts.
        let size = c.len_utf8();
        if length + size > LONGEST_STRING {
            text.push_str("\" \"");
            length = 0;
        }
        length += size;
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            ' '..='~' => text.push(c),
            _ => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| {
                let _ = write!(text, "\\{byte:03o}");
            }),
        }
    }
    text.push('"');
    text
}

/// The text of a TXT value: all its strings, one after the other.
fn unquoted(text: &str) -> String {
    let (mut bare, mut is_inside, mut is_escaped) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            '"' if !is_escaped => is_inside = !is_inside,
            _ if is_inside => bare.push(c),
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    unescaped(&bare)
}

/// Takes `\052` for the byte that it stands for, and `\"` for the mark.
fn unescaped(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let octal = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            bytes.push(byte);
            rest = &after[3..];
        } else {
            bytes.extend(after.first());
            rest = after.get(1..).unwrap_or_default();
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        assert_eq!(normal(r"\052.Dev.Verb.Example."), "*.dev.verb.example");
        assert_eq!(normal("*.dev.verb.example"), "*.dev.verb.example");
    }

    #[test]
    fn text_comes_back_as_it_was() {
        for text in ["v=spf1 -all", r#"a "quoted\ word"#, "é", &"long ".repeat(200)] {
            let quoted = value_to("TXT", text);
            assert!(quoted.starts_with('"') && quoted.is_ascii(), "{quoted}");
            assert_eq!(value_of("TXT", &quoted), text);
        }
        assert_eq!(value_to("TXT", &"a".repeat(256)), format!("\"{}\" \"a\"", "a".repeat(255)));
        assert_eq!(value_of("CAA", r#"0 issue "amazon.com""#), r#"0 issue "amazon.com""#);
        assert_eq!(value_of("NS", "NS-1.awsdns-01.org."), "ns-1.awsdns-01.org");
    }
}
