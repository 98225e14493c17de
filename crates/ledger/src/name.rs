//! Names of objects, and names that nobody else uses.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use jiff::Timestamp;

/// A time in a name: sorts by time, and has no colon, which Windows and macOS forbid in file names.
const TIME: &str = "%Y%m%dT%H%M%S.%9fZ";

/// A run's time has whole seconds.
const RUN: &str = "%Y%m%dT%H%M%SZ";

/// Any text as one segment of a name. Letters, digits, `-`, `_` and inner dots stand for themselves, all else is `=`
/// and two hexadecimal digits for each byte. `#` must never stay: the folder's store uses it for unfinished files.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for (position, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => encoded.push(char::from(byte)),
            b'.' if position > 0 => encoded.push('.'),
            _ => {
                let digit = |half: u8| char::from(b"0123456789ABCDEF"[usize::from(half)]);
                encoded.extend(['=', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
    encoded
}

/// What [`encode`] made the segment of; nothing if it did not.
pub(crate) fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// A key such as `headless-cms-dev/subnet/public-a`, with its slashes kept.
pub(crate) fn encode_key(key: &str) -> String {
    key.split('/').map(encode).collect::<Vec<_>>().join("/")
}

/// A time as part of a name.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime(TIME).to_string()
}

/// The time that [`time`] wrote.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%Y%m%dT%H%M%S%.fZ%z", format!("{text}+0000")).ok()
}

/// A new run's id: sorts by time.
pub(crate) fn run(now: Timestamp) -> String {
    format!("{}-{:08x}", now.strftime(RUN), random() >> 32)
}

/// Whether a folder's name is a run's id.
pub(crate) fn is_run(name: &str) -> bool {
    let Some((time, random)) = name.split_once('-') else { return false };
    time.len() == 16 && time.ends_with('Z') && random.len() >= 4 && random.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What no other process has.
pub(crate) fn nonce() -> String {
    format!("{:016x}{:016x}", random(), random())
}

/// The standard library's hashers are keyed by the system's source of randomness, once for each thread, and differ
/// within it. That is enough for names; nothing here is a secret.
fn random() -> u64 {
    RandomState::new().hash_one((std::process::id(), Timestamp::now().as_nanosecond()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn any_text_comes_back() {
        for text in ["", ".", "..", "a.b", "a#1", "100%", "a=b", "ü/x", "~[]{}<>|*?\\\"\n"] {
            let encoded = encode(text);
            assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.=".contains(&byte)), "{encoded}");
            assert_eq!(decode(&encoded).unwrap(), text);
        }
        assert_eq!(decode("=4"), None);
        assert_eq!(encode_key("dev/subnet/public-a"), "dev/subnet/public-a");
        assert_eq!(encode_key("dev/../x"), "dev/=2E./x");
    }

    #[test]
    fn times_in_names_sort_and_come_back() {
        let at: Timestamp = "2026-11-23T10:00:00.000000007Z".parse().unwrap();
        assert_eq!(time(at), "20261123T100000.000000007Z");
        assert_eq!(parse_time(&time(at)), Some(at));
        assert_eq!(parse_time("20261123"), None);
    }

    #[test]
    fn a_run_is_told_by_its_name() {
        let at: Timestamp = "2026-11-23T10:00:00.5Z".parse().unwrap();
        let id = run(at);
        assert!(id.starts_with("20261123T100000Z-"), "{id}");
        assert!(is_run(&id));
        assert!(!is_run("notes") && !is_run("20261123T100000Z-") && !is_run("20261123T100000Z-zzzz"));
        assert_ne!(nonce(), nonce());
    }
}
