//! What accounts held before they were emptied, and what became of it: one record for each run that empties one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use object_store::path::Path;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[cfg(doc)]
use crate::Error;
use crate::{Ledger, Result, name};

/// Everything of ours that an account held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inventory {
    /// The account's name.
    pub account: String,
    /// Its twelve digits, if they are known.
    pub id: Option<String>,
    /// The run that empties it.
    pub run: String,
    /// When it was taken, before anything was deleted.
    pub at: Timestamp,
    /// Every object.
    pub objects: Vec<Item>,
    /// How the run ended; nothing while it goes on, or if it was killed.
    pub end: Option<InventoryEnd>,
}

/// One object of an inventory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The node's key.
    pub key: String,
    /// The kind, such as `subnet`.
    pub kind: String,
    /// The object's id in AWS.
    pub id: Option<String>,
    /// What is meant to become of it, such as `delete`.
    pub action: String,
    /// The state that it was in. No value of a secret is part of one.
    pub state: Value,
    /// Its tags; nothing if it takes none.
    pub tags: Option<BTreeMap<String, String>>,
    /// What became of it, such as `deleted`; nothing before the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// When that was so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Timestamp>,
    /// What failed, with AWS's code and request id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The end of an inventory's run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InventoryEnd {
    /// When.
    pub at: Timestamp,
    /// One word, such as `done` or `partly`.
    pub exit: String,
    /// What was left behind on purpose, such as the last snapshot of a database.
    pub left: Vec<Left>,
}

/// What a deletion left behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Left {
    /// When.
    pub at: Timestamp,
    /// The key of the node that was deleted.
    pub key: String,
    /// What, in a sentence.
    pub what: String,
}

impl Ledger {
    /// Writes an inventory, or writes it again with what became of it. Gives its address.
    ///
    /// # Errors
    /// [`Error::Store`]: then do not delete anything.
    pub async fn write_inventory(&self, inventory: &Inventory) -> Result<String> {
        let Inventory { account, run, at, .. } = inventory;
        let path = Path::from(format!("{}/{}-{}.json", folder(account), name::time(*at), name::encode(run)));
        self.store.put(&path, inventory).await?;
        Ok(self.store.place(&path))
    }

    /// The inventory that a run took of an account, with its address.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if it cannot be read; [`Error::Store`].
    pub async fn inventory(&self, account: &str, run: &str) -> Result<Option<(String, Inventory)>> {
        let end = format!("-{}.json", name::encode(run));
        let listed = self.store.list(&folder(account)).await?;
        let Some(listed) = listed.into_iter().find(|listed| listed.file().ends_with(&end)) else { return Ok(None) };
        let inventory = self.store.get(&listed.path).await?;
        Ok(inventory.map(|inventory| (self.store.place(&listed.path), inventory)))
    }
}

fn folder(account: &str) -> String {
    format!("inventories/{}", name::encode(account))
}
