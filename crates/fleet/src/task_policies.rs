//! The documents that services name for their tasks: those of `policies/` that are there for nothing else.

use std::collections::BTreeSet;

use policy::Kind;

use crate::built_in_documents;
use crate::control_policies;
use crate::documents::Documents;
use crate::mistakes::Mistake;
use crate::sound_policy;

impl Documents {
    /// The names of the documents that a service may name.
    pub(crate) fn of_user(&self) -> impl Iterator<Item = &str> + Clone {
        self.names().filter(|name| {
            self.is_of_file(name)
                && !built_in_documents::is_built_in(name)
                && !name.starts_with(control_policies::FOLDER)
        })
    }

    /// What is wrong with those of them that services name: each is an inline policy of a role.
    pub(crate) fn check_for_tasks(&self, names: &BTreeSet<String>) -> Vec<Mistake> {
        let wanted = self.of_user().filter(|name| names.contains(*name));
        wanted.flat_map(|name| self.mistakes_as(name, Kind::InlineOfRole)).collect()
    }

    /// How much a document takes of what IAM allows, with values of the usual length for its variables; none if it is not
    /// sound.
    pub(crate) fn size_for_tasks(&self, name: &str) -> Option<usize> {
        let value = self.render(name, &built_in_documents::sample()).ok()?;
        let document = sound_policy::read(&value, Kind::InlineOfRole).ok()?;
        Some(document.normal().size(Kind::InlineOfRole).used)
    }
}
