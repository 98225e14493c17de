//! No file, however broken, makes the loader panic.

use proptest::prelude::*;

use crate::folder::{COMMON, FLEET, Folder, PROJECT};

/// Pieces that mean something in a file.
const PIECES: [&str; 16] = [
    "\"",
    "[",
    "]",
    "{",
    "}",
    "=",
    ".",
    "\n",
    "0",
    "-1",
    "\u{e9}",
    "10.20.0.7/3",
    "[[network]]\n",
    "true",
    "${orgstrap:",
    "'''",
];

fn mutated(text: &str, at: usize, length: usize, piece: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let start = at % (characters.len() + 1);
    let end = (start + length).min(characters.len());
    characters.splice(start..end, piece.chars());
    characters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_mutated_fleet_loads_or_says_why(
        file in 0..3_usize,
        edits in prop::collection::vec((any::<usize>(), 0..12_usize, prop::sample::select(&PIECES[..])), 1..4),
    ) {
        let (name, text) = [
            ("orgstrap.toml", FLEET),
            ("accounts/verb-common.toml", COMMON),
            ("accounts/cms-dev.toml", PROJECT),
        ][file];
        let text = edits.iter().fold(text.to_owned(), |text, (at, length, piece)| mutated(&text, *at, *length, piece));
        if let Err(mistakes) = Folder::sound().with(name, &text).load() {
            prop_assert!(mistakes.iter().count() > 0);
            let text = mistakes.iter().map(ToString::to_string).collect::<String>();
            prop_assert!(!text.is_empty());
        }
    }

    #[test]
    fn any_variable_loads_or_says_why(name in "[A-Z_]{0,24}", value in "\\PC{0,12}") {
        let folder = Folder::sound()
            .variable(&format!("ORGSTRAP_{name}"), &value)
            .variable(&format!("ORGSTRAP_ACCOUNTS__CMS_DEV__{name}"), &value);
        if let Err(mistakes) = folder.load() {
            prop_assert!(mistakes.iter().all(|mistake| mistake.help.is_some()));
        }
    }

    #[test]
    fn a_mutated_document_loads_or_says_why(at: usize, length in 0..12_usize, piece in prop::sample::select(&PIECES[..])) {
        let text = r#"{"Statement": [{"Resource": "é${orgstrap:account}"}]}"#;
        let folder = Folder::sound().with("policies/x.json", mutated(text, at, length, piece));
        if let Err(mistakes) = folder.load() {
            // A variable that begins inside another one leaves that one open, and may be unknown itself.
            prop_assert!((1..=2).contains(&mistakes.iter().count()));
        }
    }
}
