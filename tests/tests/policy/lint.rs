//! What is wrong with documents.

use end_to_end::{orgstrap_in, run};
use serde_json::json;

use super::{PUBLIC, PULL, folder, policy, policy_of};

#[test]
fn lint_names_file_place_and_remedy() {
    let folder = folder(&[("pull.json", PULL), ("public.json", PUBLIC)]);
    let good = policy(&folder, &["lint", "pull.json"]).exits(0);
    assert_eq!([good.stdout.as_str(), good.stderr.as_str()], ["Nothing found in 1 file.\n", ""]);
    let bad = policy(&folder, &["lint", "pull.json", "public.json"]).exits(2);
    assert!(bad.stdout.starts_with("public.json\n  error[public-principal] Statement[0].Principal"), "{}", bad.stdout);
    assert!(bad.stdout.contains(" line 7\n") && bad.stdout.contains("\n      help: "), "{}", bad.stdout);
    assert!(bad.stdout.ends_with("\nLint: 1 error in 2 files.\n"), "{}", bad.stdout);
    assert!(bad.stderr.is_empty());
    let verbose = policy(&folder, &["lint", "public.json", "--verbose"]).exits(2).stdout;
    assert!(verbose.len() > bad.stdout.len() + 50, "the explanation is not in {verbose}");
    // Worth knowing, and no more: without a version, the language is the old one.
    let old = PULL.replace("  \"Version\": \"2012-10-17\",\n", "");
    let noted = policy_of(&folder, &["lint", "-"], old.as_bytes()).exits(0).stdout;
    assert!(noted.starts_with("stdin\n  note[") && noted.ends_with("\nLint: 1 note in 1 file.\n"), "{noted}");
}

#[test]
fn lint_as_json() {
    let folder = folder(&[("pull.json", PULL), ("public.json", PUBLIC)]);
    assert_eq!(
        policy(&folder, &["lint", "pull.json", "--format", "json"]).exits(0).json(),
        json!({"version": 1, "findings": []})
    );
    let found = policy(&folder, &["lint", "pull.json", "public.json", "--format", "json"]).exits(2).json();
    let finding = &found["findings"][0];
    for (member, expected) in [
        ("file", json!("public.json")),
        ("id", json!("public-principal")),
        ("severity", json!("error")),
        ("path", json!("Statement[0].Principal")),
        ("line", json!(7)),
    ] {
        assert_eq!(finding[member], expected, "{finding}");
    }
    for member in ["message", "explanation", "remedy"] {
        assert!(finding[member].as_str().is_some_and(|text| !text.is_empty()), "{finding}");
    }
    assert_eq!(found["findings"].as_array().unwrap().len(), 1);
}

/// The members that SARIF 2.1.0 requires, and those that a code scanner shows.
#[test]
fn lint_as_sarif() {
    let folder = folder(&[("pull.json", PULL), ("every one.json", PUBLIC)]);
    let clean = policy(&folder, &["lint", "pull.json", "--format", "sarif"]).exits(0).json();
    assert_eq!(clean["runs"][0]["results"], json!([]));
    let log = policy(&folder, &["lint", "pull.json", "every one.json", "--format", "sarif"]).exits(2).json();
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().contains("sarif"));
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "orgstrap");
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[text]["text"].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
        }
        let level = rule["defaultConfiguration"]["level"].as_str().unwrap();
        assert!(["error", "warning", "note"].contains(&level), "{rule}");
    }
    let [result] = run["results"].as_array().unwrap().as_slice() else { panic!("{run:#}") };
    assert_eq!([&result["ruleId"], &result["level"]], ["public-principal", "error"]);
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(rules[index]["id"], result["ruleId"]);
    assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
    let location = &result["locations"][0];
    assert_eq!(
        location["physicalLocation"],
        json!({"artifactLocation": {"uri": "every%20one.json"}, "region": {"startLine": 7}})
    );
    assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "Statement[0].Principal");
}

#[test]
fn sarif_is_refused_where_there_is_none() {
    let folder = folder(&[("pull.json", PULL)]);
    let others: [&[&str]; 5] = [
        &["policy", "fmt", "pull.json"],
        &["policy", "diff", "pull.json", "pull.json"],
        &["policy", "decide", "pull.json"],
        &["plan"],
        &["schema"],
    ];
    for arguments in others {
        let refused = run(orgstrap_in(folder.path(), [arguments, &["--format", "sarif"]].concat())).exits(1);
        assert!(refused.stdout.is_empty(), "{refused:?}");
        assert!(refused.stderr.contains("SARIF") && refused.stderr.contains("Usage"), "{}", refused.stderr);
    }
}
