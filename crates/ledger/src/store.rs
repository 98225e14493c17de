//! The few operations that the ledger needs of a store, with JSON for content and our errors.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutMode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Result, name};

/// How many objects are read or deleted at once.
const AT_ONCE: usize = 16;

/// A folder, a bucket, or memory.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    inner: Arc<dyn ObjectStore>,
    url: Arc<str>,
}

/// An object as a list shows it.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) path: Path,
    /// By the store's clock.
    pub(crate) modified: Timestamp,
    pub(crate) tag: Option<String>,
}

impl Listed {
    /// The last segment of its name.
    pub(crate) fn file(&self) -> &str {
        self.path.filename().unwrap_or_default()
    }
}

/// What came of a conditional write.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Created {
    /// It is ours, with this entity tag.
    New(Option<String>),
    /// There was one.
    Taken,
}

impl Store {
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, url: String) -> Self {
        Self { inner, url: url.into() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whether it is on a disk of this host, as far as one can tell.
    pub(crate) fn is_folder(&self) -> bool {
        self.url.starts_with("file://")
    }

    /// An object's address, for messages.
    pub(crate) fn place(&self, path: &Path) -> String {
        format!("{}/{path}", self.url)
    }

    /// Writes what must not be there yet.
    pub(crate) async fn create(&self, path: &Path, content: &(impl Serialize + Sync)) -> Result<Created> {
        let bytes = self.json(path, content)?;
        match self.inner.put_opts(path, bytes.into(), PutMode::Create.into()).await {
            Ok(put) => Ok(Created::New(put.e_tag)),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(Created::Taken),
            Err(error) => Err(self.error("write", path, &error)),
        }
    }

    /// Writes what must not be there yet, unless it is there with the same content: an earlier attempt may have
    /// succeeded although its answer was lost.
    pub(crate) async fn create_once(&self, path: &Path, content: &(impl Serialize + Sync)) -> Result<()> {
        if let Created::New(_) = self.create(path, content).await? {
            return Ok(());
        }
        let is_same = self.bytes(path).await? == Some(self.json(path, content)?);
        if is_same { Ok(()) } else { Err(Error::Taken { place: self.place(path) }) }
    }

    /// Writes, whatever is there. Gives the entity tag.
    pub(crate) async fn put(&self, path: &Path, content: &(impl Serialize + Sync)) -> Result<Option<String>> {
        let bytes = self.json(path, content)?;
        let put = self.inner.put_opts(path, bytes.into(), PutMode::Overwrite.into()).await;
        put.map(|put| put.e_tag).map_err(|error| self.error("write", path, &error))
    }

    /// The content, or nothing if there is no such object.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &Path) -> Result<Option<T>> {
        let Some(bytes) = self.bytes(path).await? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| self.corrupt(path, &error.to_string()))
    }

    /// The contents of many objects, in their order. What has vanished since the list is left out.
    pub(crate) async fn get_all<T: DeserializeOwned + Send>(&self, paths: Vec<Path>) -> Result<Vec<T>> {
        let reads = stream::iter(paths).map(|path| async move { self.get(&path).await }).buffered(AT_ONCE);
        reads.try_filter_map(async |content| Ok(content)).try_collect().await
    }

    /// All objects below a prefix, in the order of their names.
    pub(crate) async fn list(&self, prefix: &str) -> Result<Vec<Listed>> {
        let prefix = Path::from(prefix);
        let all: Result<Vec<ObjectMeta>, _> = self.inner.list(Some(&prefix)).try_collect().await;
        let all = all.map_err(|error| self.error("list", &prefix, &error))?;
        let mut all: Vec<Listed> = all.into_iter().map(listed).collect();
        all.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(all)
    }

    /// The names of the folders just below a prefix, in their order.
    pub(crate) async fn folders(&self, prefix: &str) -> Result<Vec<String>> {
        let prefix = Path::from(prefix);
        let all = self.inner.list_with_delimiter(Some(&prefix)).await;
        let all = all.map_err(|error| self.error("list", &prefix, &error))?;
        let mut names: Vec<String> = all.common_prefixes.iter().filter_map(Path::filename).map(str::to_owned).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Deletes; what is not there is deleted.
    pub(crate) async fn delete(&self, path: &Path) -> Result<()> {
        match self.inner.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.error("delete", path, &error)),
        }
    }

    /// Deletes many. The first failure is told once all were tried.
    pub(crate) async fn delete_all(&self, paths: Vec<Path>) -> Result<()> {
        let deleted = stream::iter(paths).map(|path| async move { self.delete(&path).await });
        deleted.buffer_unordered(AT_ONCE).fold(Ok(()), async |all: Result<()>, one| all.and(one)).await
    }

    /// What time it is by the store's clock, which also stamps the objects: writes an object and asks when that was.
    pub(crate) async fn now(&self) -> Result<Timestamp> {
        let probe = Self::probe();
        self.put(&probe, &"what time is it").await?;
        let found = self.inner.head(&probe).await.map_err(|error| self.error("read", &probe, &error));
        self.delete(&probe).await?;
        found.map(|found| listed(found).modified)
    }

    /// Proves that it can be written, read, listed and deleted from.
    pub(crate) async fn check(&self) -> Result<()> {
        let probe = Self::probe();
        let content = name::nonce();
        // The conditional write is the one that locks need; not every file system and store has it.
        self.create(&probe, &content).await?;
        let read = self.get::<String>(&probe).await;
        let deleted = self.delete(&probe).await;
        if read? != Some(content) {
            return Err(self.corrupt(&probe, "it does not hold what was written a moment ago"));
        }
        deleted?;
        self.list("probes").await.map(drop)
    }

    pub(crate) fn corrupt(&self, path: &Path, said: &str) -> Error {
        let mut parts = path.parts();
        let lock = parts.next().filter(|part| part.as_ref() == "locks").and_then(|_| parts.next());
        let lock = lock.map(|lock| name::decode(lock.as_ref()).unwrap_or_else(|| lock.as_ref().to_owned()));
        Error::Corrupt { place: self.place(path), said: said.to_owned(), lock }
    }

    fn probe() -> Path {
        Path::from(format!("probes/{}.json", name::nonce()))
    }

    async fn bytes(&self, path: &Path) -> Result<Option<Bytes>> {
        let read = async { self.inner.get(path).await?.bytes().await };
        match read.await {
            Ok(bytes) => Ok(Some(bytes)),
            // S3 says "not found" of a missing bucket, too.
            Err(error @ object_store::Error::NotFound { .. }) if !error.to_string().contains("NoSuchBucket") => {
                Ok(None)
            }
            Err(error) => Err(self.error("read", path, &error)),
        }
    }

    fn json(&self, path: &Path, content: &impl Serialize) -> Result<Bytes> {
        let mut bytes = serde_json::to_vec_pretty(content).map_err(|error| self.corrupt(path, &error.to_string()))?;
        bytes.push(b'\n');
        Ok(bytes.into())
    }

    fn error(&self, action: &'static str, path: &Path, error: &object_store::Error) -> Error {
        Error::store(action, self.place(path), error)
    }
}

fn listed(object: ObjectMeta) -> Listed {
    let modified = Timestamp::from_microsecond(object.last_modified.timestamp_micros());
    // Out of range: as new as can be, so nothing is taken for old.
    Listed { path: object.location, modified: modified.unwrap_or(Timestamp::MAX), tag: object.e_tag }
}
