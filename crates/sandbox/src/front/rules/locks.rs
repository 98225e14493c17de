//! Locks by name: calls about the same thing have their effect one after the other, as AWS sees to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::front::call::Request;

/// The locks that are held or waited for.
#[derive(Default)]
pub(super) struct Locks(Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>);

impl Locks {
    /// Waits for the lock of a name. The call holds it until it has had its effect or is given up.
    pub(super) async fn hold(&self, request: &mut Request, name: String) {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(locks.entry(name).or_default())
        };
        request.held.push(Arc::new(lock.lock_owned().await));
    }
}
