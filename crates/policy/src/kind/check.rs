//! Whether AWS stores a document as a kind.

use std::collections::BTreeSet;

use super::{Kind, Need, Rules};
use crate::document::{ActionPattern, Document, Effect, Selection, Statement, service_of};
use crate::key_path::KeyPath;
use crate::mistake::{Mistake, Mistakes};

use Need::{Refused, Required};

impl Document {
    /// Checks what AWS demands of a document that is stored as `kind`, apart from its [size](Self::size). What AWS
    /// stores is accepted, even if it has no effect: that is for [`lint`](crate::lint()).
    ///
    /// | kind | `Principal` | `Action` | `Resource` |
    /// | --- | --- | --- | --- |
    /// | of identities, boundaries, sessions, service control policies | none | needed | needed |
    /// | role trust policy | needed, no `NotPrincipal` | of `sts` | none |
    /// | ECR repository policy | needed | of `ecr` | none |
    /// | ECR registry policy | needed | of `ecr` | needed |
    /// | resource policy of a secret, S3 bucket policy | needed | needed | needed |
    /// | KMS key policy | needed | may be missing | may be missing |
    ///
    /// # Errors
    ///
    /// Everything in its form for which AWS refuses it. Whether the principals exist is for AWS to say.
    pub fn check(&self, kind: Kind) -> Result<(), Mistakes> {
        let mut check = Check { kind: kind.with_article(), rules: kind.rules(), mistakes: Vec::new() };
        check.document(self);
        if check.mistakes.is_empty() { Ok(()) } else { Err(Mistakes(check.mistakes)) }
    }
}

struct Check {
    kind: String,
    rules: Rules,
    mistakes: Vec<Mistake>,
}

impl Check {
    fn mistake(&mut self, path: KeyPath, message: String, help: &str) {
        self.mistakes.push(Mistake { path, message, help: Some(help.to_owned()) });
    }

    fn document(&mut self, document: &Document) {
        let root = KeyPath::root();
        if document.id.is_some() && self.rules.id == Refused {
            self.mistake(root.key("Id"), format!("{} takes no `Id`", self.kind), "remove it");
        }
        let list = root.key("Statement");
        // "Arrays can take one or more values" ("Grammar of the IAM JSON policy language").
        if document.statements.is_empty() {
            self.mistake(list.clone(), "there is no statement".to_owned(), "add one");
        }
        let mut sids = BTreeSet::new();
        for (index, statement) in document.statements.iter().enumerate() {
            let path = list.index(index);
            self.statement(statement, &path);
            if let Some(sid) = statement.sid.as_deref().filter(|_| self.rules.sids) {
                self.sid(sid, sids.insert(sid), path.key("Sid"));
            }
        }
    }

    fn statement(&mut self, statement: &Statement, path: &KeyPath) {
        let Rules { principal, action, resource, .. } = self.rules;
        let whoever = "remove it: the principal is whoever the policy is attached to";
        self.element("Principal", principal, statement.principals.as_ref(), path, whoever);
        self.element("Action", action, statement.actions.as_ref(), path, "remove it");
        let itself = "remove it: the policy is about what it is attached to";
        self.element("Resource", resource, statement.resources.as_ref(), path, itself);
        self.not_principal(statement, path);
        self.actions(statement, path);
        self.characters(statement, path);
    }

    fn element<T>(
        &mut self,
        name: &str,
        need: Need,
        found: Option<&Selection<T>>,
        path: &KeyPath,
        how_to_remove: &str,
    ) {
        match (need, found) {
            (Refused, Some(found)) => {
                let element = written(name, found);
                self.mistake(path.key(&element), format!("{} takes no `{element}`", self.kind), how_to_remove);
            }
            (Required, None) => {
                self.mistake(path.clone(), format!("{} needs `{name}`", self.kind), "add it to this statement");
            }
            // "Policy statement must contain resources", IAM says to an empty list.
            (Required, Some(found)) if found.entries().is_empty() => {
                let element = written(name, found);
                self.mistake(
                    path.key(&element),
                    format!("`{element}` is empty"),
                    "name something, or remove the statement",
                );
            }
            _ => {}
        }
    }

    /// "`NotPrincipal` must be used with `"Effect":"Deny"`. Using it with `"Effect":"Allow"` is not supported" (IAM
    /// user guide, "AWS JSON policy elements: `NotPrincipal`").
    fn not_principal(&mut self, statement: &Statement, path: &KeyPath) {
        let is_used = statement.principals.as_ref().is_some_and(Selection::is_except);
        if !is_used || self.rules.principal == Refused {
            return;
        }
        let help = "write `Principal`, or deny with a condition on `aws:PrincipalArn`";
        if !self.rules.not_principal {
            self.mistake(path.key("NotPrincipal"), format!("{} takes no `NotPrincipal`", self.kind), help);
        } else if statement.effect == Effect::Allow {
            let message = "`NotPrincipal` can only deny".to_owned();
            self.mistake(path.key("NotPrincipal"), message, help);
        }
    }

    fn actions(&mut self, statement: &Statement, path: &KeyPath) {
        let (Some(service), Some(actions)) = (self.rules.service, &statement.actions) else { return };
        let path = path.key(&written("Action", actions));
        let foreign =
            actions.entries().iter().map(ActionPattern::as_str).filter(|action| service_of(action) != service);
        for action in foreign.collect::<Vec<_>>() {
            let message = format!("{} takes only actions of `{service}`, not `{action}`", self.kind);
            self.mistake(path.clone(), message, "remove it, or move it into a policy of another kind");
        }
    }

    /// "In IAM, the Sid value must be unique within a JSON policy. The Sid element supports ASCII uppercase letters,
    /// lowercase letters, and numbers" (IAM user guide, "IAM JSON policy elements: Sid").
    fn sid(&mut self, sid: &str, is_first: bool, path: KeyPath) {
        if !is_first {
            self.mistake(path.clone(), format!("another statement is named `{sid}` too"), "name each differently");
        }
        if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            self.mistake(path, format!("`{sid}` is no `Sid`"), "write letters and digits only");
        }
    }

    /// "Policy documents can contain only the following Unicode characters: horizontal tab (U+0009), linefeed (U+000A),
    /// carriage return (U+000D), and characters in the range U+0020 to U+00FF" (IAM user guide, "IAM and AWS STS
    /// quotas").
    fn characters(&mut self, statement: &Statement, path: &KeyPath) {
        if !self.rules.latin {
            return;
        }
        if let Some(c) = statement.to_value().to_string().chars().find(|c| *c > '\u{ff}') {
            let message = format!("{} cannot have the character `{c}`", self.kind);
            self.mistake(path.clone(), message, "write characters up to U+00FF (Latin-1) only");
        }
    }
}

/// The element's name in the form that was used.
fn written<T>(name: &str, selection: &Selection<T>) -> String {
    if selection.is_except() { format!("Not{name}") } else { name.to_owned() }
}
