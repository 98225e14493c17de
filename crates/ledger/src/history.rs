//! The policy documents that were replaced, so that a rotation can be rolled back.
//!
//! A document is kept once, below its key. Each run has a pointer to what it replaced, so neither question, of a key or
//! of a run, reads more than its answer. The pointer is written first: [`Ledger::keep`] must succeed before the document
//! is replaced, so a pointer without a document means that nothing was replaced, and is skipped. The other order could
//! leave a document that its run does not know of.

use jiff::Timestamp;
use object_store::path::Path;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

#[cfg(doc)]
use crate::Error;
use crate::{Ledger, Result, name};

/// A document as it was before it was replaced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replaced {
    /// When it was replaced.
    pub at: Timestamp,
    /// The run that did.
    pub run: String,
    /// The node's key.
    pub key: String,
    /// The object in AWS, such as an ARN.
    pub object: String,
    /// The account's name.
    pub account: String,
    /// The field of the node that holds it.
    pub field: String,
    /// What was there.
    pub document: Value,
    /// What came instead; nothing if it was removed.
    pub next: Option<Value>,
}

#[derive(Serialize, Deserialize)]
struct Pointer {
    document: String,
}

impl Ledger {
    /// Keeps a document. To be called before it is replaced.
    ///
    /// # Errors
    /// [`Error::Taken`] if another one is kept under the same time, run, key and field; [`Error::Store`].
    pub async fn keep(&self, replaced: &Replaced) -> Result<()> {
        let Replaced { at, run, key, field, .. } = replaced;
        let file = format!("{}-{}-{}.json", name::time(*at), name::encode(run), name::encode(field));
        let document = format!("{}/{file}", folder(key));
        let hash = Sha256::digest(&document);
        let short = u64::from_be_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]]);
        let pointer = format!("{}/{}-{short:016x}.json", pointers(run), name::time(*at));
        self.store.create_once(&Path::from(pointer), &Pointer { document: document.clone() }).await?;
        self.store.create_once(&Path::from(document), replaced).await
    }

    /// What one node's documents were, newest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if one cannot be read; [`Error::Store`].
    pub async fn history(&self, key: &str) -> Result<Vec<Replaced>> {
        let folder = folder(key);
        let depth = Path::from(folder.as_str()).parts().count() + 1;
        let mut listed = self.store.list(&folder).await?;
        // A key may begin with all of another one's segments.
        listed.retain(|listed| listed.path.parts().count() == depth);
        self.store.get_all(listed.into_iter().rev().map(|listed| listed.path).collect()).await
    }

    /// What one run replaced, oldest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if one cannot be read; [`Error::Store`].
    pub async fn replaced_by(&self, run: &str) -> Result<Vec<Replaced>> {
        let listed = self.store.list(&pointers(run)).await?;
        let pointers: Vec<Pointer> = self.store.get_all(listed.into_iter().map(|listed| listed.path).collect()).await?;
        self.store.get_all(pointers.into_iter().map(|pointer| Path::from(pointer.document)).collect()).await
    }
}

fn folder(key: &str) -> String {
    format!("history/{}", name::encode_key(key))
}

fn pointers(run: &str) -> String {
    format!("runs/{}/replaced", name::encode(run))
}
