//! What most tests need: each kind of ledger, several hosts on it, and a clock that is set by hand.

use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use jiff::Timestamp;
use ledger::{Claim, Error, Ledger, Lock, Process, Result, Timing};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tempfile::TempDir;

use crate::simulated::{Simulated, Time};

/// A ledger in a folder and one in memory, each on a store whose clock is set by hand.
pub(crate) struct Bench {
    pub(crate) time: Time,
    pub(crate) store: Arc<Simulated>,
    url: String,
    _folder: Option<TempDir>,
}

impl Bench {
    pub(crate) fn all() -> Vec<Self> {
        let folder = TempDir::new().unwrap();
        let files = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
        let url = format!("file://{}", folder.path().display());
        vec![Self::on(Arc::new(files), url, Some(folder)), Self::memory()]
    }

    pub(crate) fn memory() -> Self {
        Self::on(Arc::new(InMemory::new()), "memory:/".into(), None)
    }

    fn on(store: Arc<dyn ObjectStore>, url: String, folder: Option<TempDir>) -> Self {
        let time = Time::new("2026-11-23T10:00:00Z".parse().unwrap());
        let store = Arc::new(Simulated::new(store, time.clone()));
        Self { time, store, url, _folder: folder }
    }

    /// The ledger as this process sees it.
    pub(crate) fn here(&self) -> Ledger {
        Ledger::on(Arc::clone(&self.store) as Arc<dyn ObjectStore>, self.url.clone())
            .with_clock(self.time.clock(0))
            .with_timing(timing())
    }

    /// The ledger as a process on another host sees it.
    pub(crate) fn host(&self, name: &str) -> Ledger {
        self.host_with_clock(name, 0)
    }

    /// The same, where that host's clock is off by so many seconds.
    pub(crate) fn host_with_clock(&self, name: &str, seconds: i64) -> Ledger {
        // This process as seen from elsewhere: it lives, so nobody is replaced for being dead.
        let process = Process { host: name.into(), boot: Some(name.into()), ..Process::current() };
        self.here().with_process(process).with_clock(self.time.clock(seconds))
    }
}

/// The usual time to live, and a holder that looks at the clock at once. The time is the test's, not the machine's.
pub(crate) fn timing() -> Timing {
    Timing { heartbeat: Duration::from_millis(150), ..Timing::default() }
}

pub(crate) fn claim(owner: &str) -> Claim {
    Claim { owner: owner.into(), command: "onboard".into(), run: format!("20261123T100000Z-{owner}") }
}

/// Takes the lock that all tests are about, or fails at once.
pub(crate) async fn take(ledger: &Ledger, owner: &str) -> Result<Lock> {
    ledger.lock("dev", &claim(owner), None, &|_| ()).await
}

/// Who has it, if the error says so.
pub(crate) fn holder(result: Result<Lock>) -> String {
    match result {
        Err(Error::Held { holder }) => holder.owner,
        other => panic!("held by nobody: {other:?}"),
    }
}

/// A bound for what must happen, so that a failure is no endless wait.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("it does not happen")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl Bench {
    /// The names of all objects below a prefix.
    pub(crate) async fn names(&self, prefix: &str) -> Vec<String> {
        let all: Vec<_> = self.store.list(Some(&Path::from(prefix))).try_collect().await.unwrap();
        let mut names: Vec<String> = all.into_iter().map(|object| object.location.to_string()).collect();
        names.sort();
        names
    }

    pub(crate) async fn write(&self, name: &str, content: &'static str) {
        self.store.put(&Path::from(name), content.into()).await.unwrap();
    }

    pub(crate) async fn read(&self, name: &str) -> String {
        let bytes = self.store.get(&Path::from(name)).await.unwrap().bytes().await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}
