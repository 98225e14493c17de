//! Findings as SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format Version 2.1.0").

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use policy::{Rule, Severity};
use serde_json::{Value, json};

use super::Found;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// What a URI's path may have as it is (RFC 3986). A colon in a relative one would end a scheme.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A log of one run. It lists every rule, so that a scanner knows those that found nothing too.
pub(super) fn log(found: &[Found<'_>]) -> Value {
    let rules = policy::rules();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "orgstrap",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(rule).collect::<Vec<_>>(),
            }},
            "results": found.iter().map(|found| result(found, rules)).collect::<Vec<_>>(),
        }],
    })
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": rule.explanation},
        "defaultConfiguration": {"level": level(rule.severity)},
    })
}

fn result(found: &Found<'_>, rules: &[Rule]) -> Value {
    let finding = &found.finding;
    let mut result = json!({
        "ruleId": finding.id,
        "level": level(finding.severity),
        "message": {"text": format!("{} Remedy: {}", sentence(&finding.message), finding.remedy)},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(found.file)},
                "region": {"startLine": found.line},
            },
            "logicalLocations": [{"fullyQualifiedName": finding.path.to_string()}],
        }],
    });
    if let Some(index) = rules.iter().position(|rule| rule.id == finding.id) {
        result["ruleIndex"] = json!(index);
    }
    result
}

/// A text that something can follow.
fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A path as a URI: relative as it was named, so that a code scanner finds it in the repository.
fn uri(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    let encoded = percent_encode(path.as_os_str().as_bytes(), PATH).to_string();
    if path.is_absolute() { format!("file://{encoded}") } else { encoded }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::policy::findings::tests::found;

    #[test]
    fn results_name_their_rules() {
        let log =
            log(&[found("a.json", "public-principal", Severity::Error), found("b.json", "of-no-rule", Severity::Note)]);
        let run = &log["runs"][0];
        let results = &run["results"];
        let index = policy::rules().iter().position(|rule| rule.id == "public-principal");
        assert_eq!(results[0]["ruleIndex"], json!(index));
        assert_eq!(run["tool"]["driver"]["rules"][index.unwrap_or_default()]["id"], "public-principal");
        assert_eq!(results[1].get("ruleIndex"), None);
        assert_eq!([&results[0]["level"], &results[1]["level"]], ["error", "note"]);
        assert_eq!(results[0]["message"]["text"], "everyone may pull. Remedy: name the accounts");
        let location = &results[1]["locations"][0];
        assert_eq!(location["physicalLocation"]["artifactLocation"]["uri"], "b.json");
        assert_eq!(location["physicalLocation"]["region"]["startLine"], 8);
        assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "Statement[0].Principal");
    }

    #[test]
    fn paths_are_uris() {
        for (path, expected) in [
            ("policies/scp/a.json", "policies/scp/a.json"),
            ("./a b:c%.json", "a%20b%3Ac%25.json"),
            ("/tmp/ä.json", "file:///tmp/%C3%A4.json"),
            ("../a.json", "../a.json"),
        ] {
            assert_eq!(uri(Path::new(path)), expected);
        }
    }
}
