//! Documents that let roles of other accounts in, computed whole from the files of all accounts. A role is named by a
//! condition and its account by the principal: one that is made anew, and so is another principal for AWS, is let in
//! again, and nobody else of the account is.

use std::collections::{BTreeMap, BTreeSet};

use aws::resources::Role;
use serde_json::{Value, json};

use crate::templates::Templates;

/// The roles that a document lets in, each with the accounts that have it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readers(BTreeMap<String, BTreeSet<String>>);

impl Readers {
    pub(crate) fn new(by_role: &BTreeMap<&str, BTreeSet<&str>>) -> Self {
        let owned = |(role, accounts): (&&str, &BTreeSet<&str>)| {
            ((*role).to_owned(), accounts.iter().map(|&account| account.to_owned()).collect())
        };
        Self(by_role.iter().map(owned).collect())
    }

    /// The statements of a document for each role, with the accounts that exist.
    pub(crate) fn statements(
        &self,
        document: &str,
        templates: &Templates,
        ids: &BTreeMap<String, String>,
    ) -> Vec<Value> {
        let of_role = |(role, accounts): (&String, &BTreeSet<String>)| {
            let ids: BTreeSet<&String> = accounts.iter().filter_map(|account| ids.get(account)).collect();
            if ids.is_empty() {
                return Vec::new();
            }
            let principals: Vec<_> = ids.iter().map(|id| format!("arn:aws:iam::{id}:root")).collect();
            let own = [
                ("principals", json!(principals)),
                ("roles", json!(role_anywhere(role))),
                ("role_id", json!(role_id(role))),
            ];
            templates.statements(document, &own)
        };
        self.0.iter().flat_map(of_role).collect()
    }

    /// The statements of a document for each role, whose account is one of these units.
    pub(crate) fn statements_by_unit(&self, document: &str, templates: &Templates, paths: &[String]) -> Vec<Value> {
        let of_role = |role: &String| {
            let own =
                [("paths", json!(paths)), ("roles", json!(role_anywhere(role))), ("role_id", json!(role_id(role)))];
            templates.statements(document, &own)
        };
        self.0.keys().flat_map(of_role).collect()
    }
}

/// The role in whichever account the principal is.
fn role_anywhere(node: &str) -> String {
    format!("arn:aws:iam::*:role/{}", Role::name(node))
}

/// A role's name as a part of a statement's, which has letters and digits only (IAM user guide, "Sid").
fn role_id(node: &str) -> String {
    let words = node.split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    });
    words.collect()
}
