//! What an account holds, listed once per kind and run, however many nodes ask for it.

use std::any::Any;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use engine::{Class, Cx, Error, Result};
use tokio::sync::OnceCell;

use crate::Account;

type Listed = Result<Arc<dyn Any + Send + Sync>>;

/// The lists of one account. A failed list fails for all who ask: repeating it for each node would only repeat the
/// failure.
#[derive(Default)]
pub(crate) struct Inventory {
    lists: Mutex<HashMap<Cow<'static, str>, Arc<OnceCell<Listed>>>>,
}

impl Inventory {
    fn cell(&self, list: Cow<'static, str>, fresh: bool) -> Arc<OnceCell<Listed>> {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        if fresh {
            lists.remove(&list);
        }
        Arc::clone(lists.entry(list).or_default())
    }
}

/// Who asks for a list: a node that is visited, or the account itself before there is a graph.
pub(crate) trait Asks: Sync {
    /// The account that is listed.
    fn account(&self) -> &Account;

    /// Whether what was listed before may not be trusted.
    fn anew(&self) -> bool;
}

impl Asks for Cx<'_, Account> {
    fn account(&self) -> &Account {
        self
    }

    /// A repeated visit lists anew.
    fn anew(&self) -> bool {
        self.attempt > 0
    }
}

impl Asks for Account {
    fn account(&self) -> &Account {
        self
    }

    fn anew(&self) -> bool {
        false
    }
}

/// Lists `list` by `fetch`, unless this run has done so.
pub(crate) fn list<'a, T: Send + Sync + 'static>(
    by: &'a impl Asks,
    list: impl Into<Cow<'static, str>>,
    fetch: impl Future<Output = Result<T>> + Send + 'a,
) -> impl Future<Output = Result<Arc<T>>> + Send + 'a {
    // The SDK's futures are large, and this one is part of many others.
    let (fetch, list) = (Box::pin(fetch), list.into());
    async move {
        let cell = by.account().inventory.cell(list.clone(), by.anew());
        let listed = cell.get_or_init(|| async { fetch.await.map(|found| Arc::new(found) as Arc<_>) }).await;
        listed.clone()?.downcast().map_err(|_| Error::new(Class::Other, format!("{list} is listed as two types")))
    }
}
