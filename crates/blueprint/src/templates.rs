//! The policy documents of the fleet's files, with the variables of an account.

use std::collections::BTreeMap;

use aws::PolicyDocument;
use fleet::{Documents, Fleet, RenderError, variables_of};
use serde_json::{Value, json};

/// The fleet's documents as an account uses them.
#[derive(Clone)]
pub(crate) struct Templates {
    documents: Documents,
    variables: BTreeMap<&'static str, Value>,
}

impl Templates {
    /// Of an account whose id may not be known yet.
    pub(crate) fn new(fleet: &Fleet, account: &fleet::Account) -> Self {
        let variables = BTreeMap::from([
            ("fleet", json!(fleet.name)),
            ("region", json!(account.region)),
            ("account_name", json!(account.name)),
            ("common_account_name", json!(fleet.common)),
            ("account", json!("")),
        ]);
        Self { documents: fleet.documents.clone(), variables }
    }

    /// The same, now that the account's id is known.
    pub(crate) fn of_account(&self, id: &str) -> Self {
        let mut of_account = self.clone();
        of_account.variables.insert("account", json!(id));
        of_account
    }

    /// Renders documents once, with nothing in the variables of their own, so that a mistake in them is known before
    /// anything is planned.
    pub(crate) fn check(&self, names: &[&str]) -> Result<(), RenderError> {
        for name in names {
            let mut variables = self.variables.clone();
            for variable in variables_of(name) {
                variables.entry(variable).or_insert_with(|| json!(""));
            }
            self.documents.render(name, &variables)?;
        }
        Ok(())
    }

    /// One document. Documents are [checked](Self::check) before.
    pub(crate) fn document(&self, name: &str, own: &[(&'static str, Value)]) -> PolicyDocument {
        self.render(name, own).into()
    }

    /// The statements of a document that is one of several.
    pub(crate) fn statements(&self, name: &str, own: &[(&'static str, Value)]) -> Vec<Value> {
        match self.render(name, own)["Statement"].take() {
            Value::Array(statements) => statements,
            Value::Null => Vec::new(),
            one => vec![one],
        }
    }

    fn render(&self, name: &str, own: &[(&'static str, Value)]) -> Value {
        let mut variables = self.variables.clone();
        variables.extend(own.iter().cloned());
        self.documents.render(name, &variables).unwrap_or_default()
    }
}

/// Statements as a document.
pub(crate) fn of_statements(statements: &[Value]) -> PolicyDocument {
    json!({"Version": "2012-10-17", "Statement": statements}).into()
}
