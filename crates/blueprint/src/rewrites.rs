//! Documents that are to be written otherwise than the files say, for a while: the steps of a rotation, and the way back.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::PolicyDocument;
use engine::Key;
use serde_json::Value;

/// What to write instead, by node and by the document's name in it (empty where the node has one document).
#[derive(Clone, Debug, Default)]
pub struct Rewrites(Arc<BTreeMap<(Key, String), Rewrite>>);

/// How one document is written otherwise.
#[derive(Clone, Debug)]
pub enum Rewrite {
    /// What this document allows stays allowed, beside what the files say. What both deny stays denied.
    Beside(Value),
    /// This document instead.
    Instead(Value),
}

impl Rewrites {
    /// These.
    pub fn new(rewrites: impl IntoIterator<Item = ((Key, String), Rewrite)>) -> Self {
        Self(Arc::new(rewrites.into_iter().collect()))
    }

    /// The same, with these documents staying beside what would be written.
    #[must_use]
    pub fn with_beside(&self, documents: impl IntoIterator<Item = ((Key, String), Value)>) -> Self {
        let mut rewrites = (*self.0).clone();
        for (place, document) in documents {
            let rewrite = match rewrites.remove(&place) {
                Some(Rewrite::Instead(instead)) => {
                    let both = PolicyDocument::from(instead).beside(&document.into());
                    Rewrite::Instead(both.value().clone())
                }
                _ => Rewrite::Beside(document),
            };
            rewrites.insert(place, rewrite);
        }
        Self(Arc::new(rewrites))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The document of a node as it is to be written.
    pub(crate) fn document(&self, key: &Key, desired: PolicyDocument) -> PolicyDocument {
        self.named(key, "", desired)
    }

    /// The documents of a node, by name, as they are to be written. One that is not desired any more stays beside.
    pub(crate) fn documents(
        &self,
        key: &Key,
        desired: BTreeMap<String, PolicyDocument>,
    ) -> BTreeMap<String, PolicyDocument> {
        let mut written: BTreeMap<_, _> = desired
            .into_iter()
            .map(|(name, document)| {
                let document = self.named(key, &name, document);
                (name, document)
            })
            .collect();
        for ((of, name), rewrite) in self.0.iter() {
            if of == key && !name.is_empty() && !written.contains_key(name) {
                let (Rewrite::Beside(document) | Rewrite::Instead(document)) = rewrite;
                written.insert(name.clone(), document.clone().into());
            }
        }
        written
    }

    fn named(&self, key: &Key, name: &str, desired: PolicyDocument) -> PolicyDocument {
        match self.0.get(&(key.clone(), name.to_owned())) {
            None => desired,
            Some(Rewrite::Instead(document)) => document.clone().into(),
            Some(Rewrite::Beside(other)) => desired.beside(&other.clone().into()),
        }
    }
}
