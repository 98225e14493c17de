//! Files that take the place of built-in documents: what AWS would refuse in them is found when the fleet is read, not when
//! half of it is made.

use std::collections::BTreeMap;

use policy::{KeyPath, Kind};
use serde_json::{Value, json};

use crate::documents::Documents;
use crate::mistakes::Mistake;
use crate::sound_policy;
use crate::words::Wrong;

/// What each document is stored as.
const KINDS: [(&str, Kind); 21] = [
    ("access-logs", Kind::Bucket),
    ("build", Kind::InlineOfRole),
    ("build-trust", Kind::Trust),
    ("deploy", Kind::InlineOfRole),
    ("deploy-trust", Kind::Trust),
    ("execution", Kind::InlineOfRole),
    ("execution-database", Kind::InlineOfRole),
    ("execution-logs", Kind::InlineOfRole),
    ("execution-secrets", Kind::InlineOfRole),
    ("execution-trust", Kind::Trust),
    ("flow-logs", Kind::InlineOfRole),
    ("flow-logs-trust", Kind::Trust),
    ("key", Kind::Key),
    ("key-logs", Kind::Key),
    ("key-read", Kind::Key),
    ("registry", Kind::EcrRegistry),
    ("registry-pull", Kind::EcrRepository),
    ("registry-pull-units", Kind::EcrRepository),
    ("registry-push", Kind::EcrRepository),
    ("secret-read", Kind::Secret),
    ("task-exec", Kind::InlineOfRole),
];

/// Whether a document of this name means something to orgstrap, whoever wrote it.
pub(crate) fn is_built_in(name: &str) -> bool {
    KINDS.iter().any(|(built_in, _)| *built_in == name)
}

/// Values of the variables as they may be.
pub(crate) fn sample() -> BTreeMap<&'static str, Value> {
    BTreeMap::from([
        ("fleet", json!("fleet")),
        ("region", json!("us-west-1")),
        ("account", json!("111122223333")),
        ("account_name", json!("project")),
        ("common_account_name", json!("common")),
        ("bucket", json!("arn:aws:s3:::fleet-project-logs-111122223333")),
        ("database", json!("project")),
        ("keys", json!(["arn:aws:kms:us-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"])),
        ("paths", json!(["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"])),
        ("principals", json!(["arn:aws:iam::111122223333:root"])),
        ("repositories", json!(["arn:aws:ecr:us-west-1:111122223333:repository/team/image"])),
        ("role_id", json!("WebExecution")),
        ("roles", json!("arn:aws:iam::*:role/orgstrap-web-execution")),
        ("secrets", json!(["arn:aws:secretsmanager:us-west-1:111122223333:secret:name-a1b2c3"])),
        ("service", json!("web")),
        ("secret_services", json!(["secretsmanager.us-west-1.amazonaws.com"])),
    ])
}

impl Documents {
    /// What is wrong with the files that take the place of built-in documents.
    pub(crate) fn check_built_in(&self) -> Vec<Mistake> {
        let replaced = KINDS.iter().filter(|(name, _)| self.is_of_file(name));
        replaced.flat_map(|(name, kind)| self.mistakes_as(name, *kind)).collect()
    }

    /// What AWS would refuse in a document that is stored as `kind`.
    pub(crate) fn mistakes_as(&self, name: &str, kind: Kind) -> Vec<Mistake> {
        let wrong = self.wrong_as(name, kind, &sample()).into_iter();
        wrong
            .map(|(path, wrong)| Mistake::new(&self.place(name, &path), &path, wrong.message, Some(wrong.help)))
            .collect()
    }

    fn wrong_as(&self, name: &str, kind: Kind, variables: &BTreeMap<&str, Value>) -> Vec<(KeyPath, Wrong)> {
        // Variables that there are not were found before.
        let Ok(value) = self.render(name, variables) else { return Vec::new() };
        sound_policy::read(&value, kind).err().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_document_is_sound() {
        let documents = Documents::default();
        for (name, kind) in KINDS.iter().filter(|(name, _)| *name != "registry") {
            let wrong = documents.wrong_as(name, *kind, &sample());
            assert!(wrong.is_empty(), "{name}: {wrong:#?}");
        }
        assert_eq!(documents.names().count(), KINDS.len() - 1);
    }
}
