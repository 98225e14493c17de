//! Fleets that have to load: this repository's own, and what `orgstrap init` writes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fleet::{Engine, SecretRef, SecretSource, Source, init, load};
use serde_json::json;

use crate::folder::Folder;

#[test]
fn the_fleet_of_this_repository_loads() {
    let config = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../orgstrap.toml");
    let fleet = match load(&Source { config, ..Source::default() }) {
        Ok(fleet) => fleet,
        Err(mistakes) => panic!("{mistakes:#}"),
    };
    assert_eq!((fleet.name.as_str(), fleet.common.as_str()), ("verb", "verb-common"));
    let names: Vec<_> = fleet.accounts.keys().map(String::as_str).collect();
    assert_eq!(names, ["headless-cms-dev", "storefront-dev", "verb-common"]);
    let cms = &fleet.accounts["headless-cms-dev"];
    assert_eq!(cms.email, "aws+headless-cms-dev@verb.example");
    assert_eq!(cms.ou.as_deref(), Some("Workloads/Dev"));
    assert_eq!(cms.services["backend"].paths, ["/api/*"]);
    assert_eq!(
        cms.services["backend"].secrets,
        BTreeMap::from([("GITHUB_TOKEN".to_owned(), SecretRef::Own("github".to_owned()))])
    );
    assert_eq!(cms.database.as_ref().map(|database| database.engine), Some(Engine::Postgres));
    assert_eq!(
        cms.secrets["emrimages"].from,
        SecretSource::Value(json!({ "backend": "0.0.1_dev1", "frontend": "0.0.1_dev1" }))
    );
    assert_eq!(cms.secrets["github"].from, SecretSource::Env("GITHUB_TOKEN".to_owned()));
    assert_eq!(cms.pipelines["backend"].repository, "verb/headless-cms");
}

#[test]
fn what_init_writes_loads() {
    let files = init::files("acme", "eu-central-1", "aws+{account}@acme.example");
    let folder = files.iter().fold(Folder::empty(), |folder, (path, text)| folder.with(&path.to_string_lossy(), text));
    let fleet = folder.fleet();
    assert_eq!((fleet.name.as_str(), fleet.region.as_str()), ("acme", "eu-central-1"));
    assert_eq!(fleet.accounts.keys().collect::<Vec<_>>(), ["acme-common", "web-dev"]);
}

#[test]
fn what_init_comments_out_loads_as_well() {
    let files = init::files("acme", "us-west-1", "aws+{account}@acme.example");
    let uncommented = |text: &str| -> String {
        let lines = text.lines().map(|line| {
            let bare = line.strip_prefix("# ").unwrap_or(line);
            let is_toml = bare.starts_with('[') || bare.split_whitespace().nth(1) == Some("=");
            if is_toml { bare } else { line }
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let folder = files.iter().fold(Folder::empty(), |folder, (path, text)| {
        let is_toml = path.extension().is_some_and(|extension| extension == "toml");
        let text = if is_toml { uncommented(text) } else { text.clone() };
        folder.with(&path.to_string_lossy(), text)
    });
    let fleet = folder.fleet();
    assert!(fleet.accounts["web-dev"].services.contains_key("backend"));
    assert!(fleet.accounts["web-dev"].database.is_some());
}

#[test]
fn a_name_with_quotes_breaks_no_file() {
    let files = init::files("a\"b\nc", "us-west-1", "x");
    let folder = files
        .iter()
        .filter(|(path, _)| path.starts_with("orgstrap.toml"))
        .fold(Folder::empty(), |folder, (path, text)| folder.with(&path.to_string_lossy(), text));
    assert!(folder.mistakes().contains("cannot be the name of a fleet"));
}
