//! What `policy lint` found.

use std::fmt::Write;
use std::path::Path;

use anstyle::Style;
use policy::{Finding, Severity};
use serde_json::{Value, json};

use super::{count, place, plain, sarif, wrapped};
use crate::cli::Format;
use crate::render::Ui;
use crate::render::style::{BOLD, CYAN, DIM, GREEN, RED, YELLOW, paint};

/// A finding and where it is.
pub(crate) struct Found<'f> {
    /// The file as it was named.
    pub(crate) file: &'f Path,
    /// The line, from 1.
    pub(crate) line: usize,
    pub(crate) finding: Finding,
}

/// Prints the findings in so many files.
pub(crate) fn findings(ui: &Ui, files: usize, found: &[Found<'_>]) {
    match ui.format() {
        Format::Human | Format::Env | Format::Process => ui.data(&human(found, files, ui.is_verbose(), ui.width())),
        Format::Json => {
            ui.json(&json!({"version": 1, "findings": found.iter().map(to_json).collect::<Vec<_>>()}));
        }
        Format::Sarif => ui.json(&sarif::log(found)),
    }
}

fn to_json(found: &Found<'_>) -> Value {
    let finding = &found.finding;
    json!({
        "file": found.file.display().to_string(), "line": found.line, "path": finding.path.to_string(),
        "id": finding.id, "severity": finding.severity,
        "message": finding.message, "explanation": finding.explanation, "remedy": finding.remedy,
    })
}

/// By file, in the order of the documents, with a line of counts.
fn human(found: &[Found<'_>], files: usize, verbose: bool, width: usize) -> String {
    let mut text = String::new();
    for found in found.chunk_by(|one, other| one.file == other.file) {
        let Some(first) = found.first() else { continue };
        let file = first.file.display().to_string();
        let _ = writeln!(text, "{}", paint(BOLD, plain(if file == "-" { "stdin" } else { &file })));
        for found in found {
            text.push_str(&one(found, verbose, width));
        }
        text.push('\n');
    }
    let number = |severity| found.iter().filter(|found| found.finding.severity == severity).count();
    let files = count(files, "file", "files");
    let counts: Vec<String> = [
        (number(Severity::Error), "error", "errors"),
        (number(Severity::Warning), "warning", "warnings"),
        (number(Severity::Note), "note", "notes"),
    ]
    .into_iter()
    .filter(|(number, _, _)| *number > 0)
    .map(|(number, one, many)| count(number, one, many))
    .collect();
    if counts.is_empty() {
        let _ = writeln!(text, "{} in {files}.", paint(GREEN, "Nothing found"));
    } else {
        let _ = writeln!(text, "{} {} in {files}.", paint(BOLD, "Lint:"), counts.join(", "));
    }
    text
}

fn one(found: &Found<'_>, verbose: bool, width: usize) -> String {
    let finding = &found.finding;
    let (word, style) = named(finding.severity);
    let mut text = format!(
        "  {} {} {}\n",
        paint(style, format!("{word}[{}]", finding.id)),
        place(&finding.path),
        paint(DIM, format!("line {}", found.line)),
    );
    let _ = writeln!(text, "{}", wrapped(&plain(&finding.message), 6, width));
    if verbose && !finding.explanation.is_empty() {
        let _ = writeln!(text, "{}", wrapped(&plain(finding.explanation), 6, width));
    }
    if !finding.remedy.is_empty() {
        // As wide as `help: `.
        let remedy = wrapped(&plain(&finding.remedy), 12, width);
        let _ = writeln!(text, "      {} {}", paint(CYAN, "help:"), remedy.trim_start());
    }
    text
}

fn named(severity: Severity) -> (&'static str, Style) {
    match severity {
        Severity::Error => ("error", RED),
        Severity::Warning => ("warning", YELLOW),
        Severity::Note => ("note", CYAN),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use policy::KeyPath;

    use super::*;

    pub(in crate::render::policy) fn found<'f>(file: &'f str, id: &'static str, severity: Severity) -> Found<'f> {
        Found {
            file: Path::new(file),
            line: 8,
            finding: Finding {
                id,
                severity,
                path: KeyPath::of(["Statement"]).index(0).key("Principal"),
                message: "everyone may pull".to_owned(),
                explanation: "Whoever knows the name can pull.",
                remedy: "name the accounts".to_owned(),
            },
        }
    }

    #[test]
    fn findings_are_grouped_by_file_and_counted() {
        let all = [
            found("a.json", "public", Severity::Error),
            found("a.json", "odd", Severity::Note),
            found("-", "public", Severity::Error),
        ];
        let text = anstream::adapter::strip_str(&human(&all, 3, false, usize::MAX)).to_string();
        assert_eq!(
            text,
            "a.json\n  error[public] Statement[0].Principal line 8\n      everyone may pull\n      help: name the accounts\n  \
             note[odd] Statement[0].Principal line 8\n      everyone may pull\n      help: name the accounts\n\n\
             stdin\n  error[public] Statement[0].Principal line 8\n      everyone may pull\n      help: name the accounts\n\n\
             Lint: 2 errors, 1 note in 3 files.\n"
        );
        assert!(human(&all, 3, true, 80).contains("Whoever knows"));
    }

    #[test]
    fn nothing_found_is_said() {
        let text = anstream::adapter::strip_str(&human(&[], 1, false, 80)).to_string();
        assert_eq!(text, "Nothing found in 1 file.\n");
    }

    #[test]
    fn the_json_has_every_part() {
        let json = to_json(&found("a.json", "public", Severity::Warning));
        assert_eq!(
            json,
            json!({"file": "a.json", "line": 8, "path": "Statement[0].Principal", "id": "public", "severity": "warning",
                   "message": "everyone may pull", "explanation": "Whoever knows the name can pull.",
                   "remedy": "name the accounts"})
        );
    }
}
