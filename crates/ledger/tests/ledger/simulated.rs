//! A store whose clock is set by hand, and whose calls can be slow, fail, or lose their answer.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use ledger::Clock;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// A clock that is set by hand.
#[derive(Clone, Debug)]
pub(crate) struct Time(Arc<AtomicI64>);

impl Time {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.as_microsecond())))
    }

    pub(crate) fn pass(&self, duration: Duration) {
        self.0.fetch_add(i64::try_from(duration.as_micros()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap()
    }

    /// A host's clock, which may be off by so many seconds.
    pub(crate) fn clock(&self, off: i64) -> Clock {
        let time = self.clone();
        Clock::new(move || time.now() + jiff::SignedDuration::from_secs(off))
    }
}

/// What happens around each call: time may pass, others may run.
type Pause = Box<dyn Fn() -> (usize, Duration) + Send + Sync>;

/// When each object was written.
type Written = Arc<Mutex<HashMap<Path, Timestamp>>>;

pub(crate) struct Simulated {
    inner: Arc<dyn ObjectStore>,
    time: Time,
    written: Written,
    pause: Mutex<Option<Pause>>,
    /// The records that broke a lock, from when they were written.
    broken: Mutex<HashSet<String>>,
    /// Writes fail and write nothing.
    pub(crate) fails: AtomicBool,
    /// Conditional writes come through, and are answered as a client's repeated call would be.
    pub(crate) repeats: AtomicBool,
}

impl Simulated {
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, time: Time) -> Self {
        Self {
            inner,
            time,
            written: Arc::default(),
            pause: Mutex::default(),
            broken: Mutex::default(),
            fails: AtomicBool::new(false),
            repeats: AtomicBool::new(false),
        }
    }

    pub(crate) fn with_pauses(&self, pause: impl Fn() -> (usize, Duration) + Send + Sync + 'static) {
        *self.pause.lock().unwrap() = Some(Box::new(pause));
    }

    /// Whether a generation was one that broke the lock.
    pub(crate) fn is_break(&self, lock: &str, generation: u64) -> bool {
        self.broken.lock().unwrap().contains(&format!("locks/{lock}/{generation:010}.json"))
    }

    async fn pause(&self) {
        self.turn().await;
    }

    fn turn(&self) -> impl Future<Output = ()> + Send + use<> {
        let (turns, passes) = self.pause.lock().unwrap().as_ref().map_or((0, Duration::ZERO), |pause| pause());
        let time = self.time.clone();
        async move {
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            time.pass(passes);
        }
    }
}

/// The object as written at the simulated time.
fn stamped(written: &Written, mut meta: ObjectMeta) -> ObjectMeta {
    let Some(written) = written.lock().unwrap().get(&meta.location).copied() else { return meta };
    let real = Timestamp::from_microsecond(meta.last_modified.timestamp_micros()).unwrap();
    let off = written.duration_since(real);
    let distance = off.unsigned_abs();
    meta.last_modified = if off.is_negative() { meta.last_modified - distance } else { meta.last_modified + distance };
    meta
}

#[async_trait]
impl ObjectStore for Simulated {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.pause().await;
        if self.fails.load(Ordering::SeqCst) {
            return Err(Error::Generic { store: "Simulated", source: "the network is down".into() });
        }
        let is_create = opts.mode == object_store::PutMode::Create;
        let is_break = payload.iter().any(|bytes| String::from_utf8_lossy(bytes).contains("\"state\": \"broken\""));
        let put = self.inner.put_opts(location, payload, opts).await;
        if put.is_ok() {
            if is_break {
                self.broken.lock().unwrap().insert(location.to_string());
            }
            self.written.lock().unwrap().insert(location.clone(), self.time.now());
        }
        self.pause().await;
        if put.is_ok() && is_create && self.repeats.load(Ordering::SeqCst) {
            return Err(Error::AlreadyExists { path: location.to_string(), source: "repeated".into() });
        }
        put
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.pause().await;
        let mut found = self.inner.get_opts(location, options).await?;
        found.meta = stamped(&self.written, found.meta);
        self.pause().await;
        Ok(found)
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (inner, prefix, written) = (Arc::clone(&self.inner), prefix.cloned(), Arc::clone(&self.written));
        let (before, after) = (self.turn(), self.turn());
        let whole = async move {
            before.await;
            let all: Vec<_> = inner.list(prefix.as_ref()).map_ok(|meta| stamped(&written, meta)).collect().await;
            after.await;
            stream::iter(all)
        };
        stream::once(whole).flatten().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

impl fmt::Debug for Simulated {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Simulated({})", self.inner)
    }
}

impl fmt::Display for Simulated {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Simulated({})", self.inner)
    }
}
