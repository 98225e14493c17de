//! A statement where it stands: its name for people and the paths of its parts.

use crate::document::{
    ActionPattern, Condition, Document, Effect, ResourcePattern, Selection, Statement, folded_action,
};
use crate::key_path::KeyPath;
use crate::principal::Principal;

/// A statement of a document.
pub(super) struct Place<'d> {
    pub(super) document: &'d Document,
    pub(super) index: usize,
    pub(super) statement: &'d Statement,
    /// Whether the document is a resource's policy.
    pub(super) is_resource: bool,
}

impl<'d> Place<'d> {
    /// All statements of a document.
    pub(super) fn all(document: &'d Document) -> Vec<Self> {
        let is_resource = document.statements.iter().any(|statement| statement.principals.is_some());
        let statements = document.statements.iter().enumerate();
        statements.map(|(index, statement)| Self { document, index, statement, is_resource }).collect()
    }

    /// As messages call it: `statement 0 (AllowPull)`.
    pub(super) fn name(&self) -> String {
        match self.statement.sid.as_deref() {
            None | Some("") => format!("statement {}", self.index),
            Some(sid) => format!("statement {} ({sid})", self.index),
        }
    }

    pub(super) fn path(&self) -> KeyPath {
        KeyPath::of(["Statement"]).index(self.index)
    }

    pub(super) fn is_allow(&self) -> bool {
        self.statement.effect == Effect::Allow
    }

    /// The path of an element of the statement, in the form that it has.
    fn element<T>(&self, name: &str, selection: Option<&Selection<T>>) -> KeyPath {
        match selection {
            None => self.path(),
            Some(Selection::Only(_)) => self.path().key(name),
            Some(Selection::Except(_)) => self.path().key(&format!("Not{name}")),
        }
    }

    pub(super) fn principal_path(&self) -> KeyPath {
        self.element("Principal", self.statement.principals.as_ref())
    }

    pub(super) fn action_path(&self) -> KeyPath {
        self.element("Action", self.statement.actions.as_ref())
    }

    pub(super) fn resource_path(&self) -> KeyPath {
        self.element("Resource", self.statement.resources.as_ref())
    }

    pub(super) fn condition_path(&self, condition: &Condition) -> KeyPath {
        self.path().key("Condition").key(&condition.operator.to_string()).key(condition.key.as_str())
    }

    /// The principals, of either form of the element, and their paths.
    pub(super) fn principals(&self) -> Vec<(KeyPath, &'d Principal)> {
        let path = self.principal_path();
        let entries = self.statement.principals.as_ref().map(Selection::entries).unwrap_or_default();
        if entries == [Principal::Everyone] {
            return vec![(path, &entries[0])];
        }
        let each = entries.iter().enumerate().map(|(index, entry)| {
            let of_kind = |entries: &[Principal]| entries.iter().filter(|other| other.kind() == entry.kind()).count();
            let path = path.key(entry.kind().name());
            let path = if of_kind(entries) > 1 { path.index(of_kind(&entries[..index])) } else { path };
            (path, entry)
        });
        each.collect()
    }

    /// The actions, of either form of the element, and their paths.
    pub(super) fn actions(&self) -> Vec<(KeyPath, &'d ActionPattern)> {
        let entries = self.statement.actions.as_ref().map(Selection::entries).unwrap_or_default();
        with_paths(&self.action_path(), entries)
    }

    /// The resources, of either form of the element, and their paths.
    pub(super) fn resources(&self) -> Vec<(KeyPath, &'d ResourcePattern)> {
        let entries = self.statement.resources.as_ref().map(Selection::entries).unwrap_or_default();
        with_paths(&self.resource_path(), entries)
    }

    /// The values of a condition and their paths.
    pub(super) fn values<'c>(&self, condition: &'c Condition) -> Vec<(KeyPath, &'c crate::ConditionValue)> {
        with_paths(&self.condition_path(condition), &condition.values)
    }

    /// The principals that the statement names, if it does not name those that it leaves out.
    pub(super) fn named(&self) -> Vec<(KeyPath, &'d Principal)> {
        match &self.statement.principals {
            Some(Selection::Only(_)) => self.principals(),
            _ => Vec::new(),
        }
    }

    /// Whether the statement is about an action.
    pub(super) fn has_action(&self, action: &str) -> bool {
        let action = folded_action(action);
        self.statement.actions.as_ref().is_some_and(|actions| actions.selects(|entry| entry.pattern().matches(&action)))
    }

    /// The entry of `Action` through which the statement is about an action.
    pub(super) fn entry_for(&self, action: &str) -> Option<(KeyPath, &'d ActionPattern)> {
        let folded = folded_action(action);
        match &self.statement.actions {
            Some(Selection::Only(_)) => self.actions().into_iter().find(|(_, entry)| entry.pattern().matches(&folded)),
            _ => None,
        }
    }
}

/// One entry may have been written without brackets, so that only several have an index for sure.
fn with_paths<'e, T>(path: &KeyPath, entries: &'e [T]) -> Vec<(KeyPath, &'e T)> {
    match entries {
        [entry] => vec![(path.clone(), entry)],
        entries => entries.iter().enumerate().map(|(index, entry)| (path.index(index), entry)).collect(),
    }
}
