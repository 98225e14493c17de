//! The contract of one kind of cloud object. The implementing struct *is* the desired state.

use std::collections::BTreeMap;
use std::future::Future;
use std::ops::Deref;

use futures_util::future::{BoxFuture, FutureExt};
use serde::Serialize;

use crate::node::unseen;
use crate::retry::while_not_yet;
use crate::walk::Run;
use crate::{Class, Error, Key, Output, Result, Stage};

/// Tags of an object, by key.
pub type Tags = BTreeMap<String, String>;

/// How an object of a kind comes into being.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// Created and deleted by us.
    Object,
    /// Comes and goes with its account or parent; we only change it, such as a default security group.
    Setting,
    /// Only read, such as the zones that an account may use. Never shown as something managed.
    Lookup,
}

/// One kind of cloud object. The implementing struct is the desired state, in normal form; what exists has the same
/// shape, so the difference is found field by field, by serde, and no resource writes comparing code. Tags are compared
/// by the engine; no field may be called so.
pub trait Resource: Serialize + Send + Sync + Sized + 'static {
    /// The kind's name in keys, such as `subnet`.
    const KIND: &'static str;
    /// The fields that cannot be changed in place: a difference in one of them means replacement.
    const FIXED: &'static [&'static str] = &[];
    /// How objects of this kind come into being.
    const NATURE: Nature = Nature::Object;
    /// Whether objects of this kind take tags.
    const TAGGED: bool = true;
    /// Whether a creation is noted before it begins: when a second one would make a second object, because AWS knows
    /// neither a name nor a token by which it would be the same, or would fail for good.
    const NOTED: bool = false;
    /// What the calls go through: an account's clients, or a toy in the engine's tests.
    type Cloud: Send + Sync + 'static;
    /// What dependants may use. It stays as it is when the object is updated: whatever an update changes belongs into
    /// the state, or dependants would differ once more after every run.
    type Output: Output;

    /// Every object of this kind in the scope that carries a key of ours, wanted or not. A kind known by its tags
    /// implements this and has [`find`](Self::find) for nothing; what no node wants is reported as unmanaged.
    fn owned(cx: &Cx<'_, Self::Cloud>) -> impl Future<Output = Result<Vec<(Key, Found<Self>)>>> + Send {
        let _ = cx;
        async { Ok(Vec::new()) }
    }

    /// What can be said of the desired state before the cloud is looked at, and where it cannot be yet: nothing, or what the
    /// operator should know.
    ///
    /// # Errors
    /// When it can never be made as it is.
    fn check(&self, key: &Key) -> Result<Option<String>> {
        let _ = key;
        Ok(None)
    }

    /// What exists for this node, if anything does. While planning, the ids in `self` may be pending; what can only be
    /// found by such an id does not exist.
    ///
    /// # Errors
    /// Also when two objects claim the same key: which of them is meant is for a person to say.
    fn find(&self, cx: &Cx<'_, Self::Cloud>) -> impl Future<Output = Result<Option<Found<Self>>>> + Send {
        async { only_one(cx.key, Self::owned(cx).await?) }
    }

    /// Why an object that no node wants cannot go yet, and is left to a later run; nothing: it can. The operator is told.
    fn stays(found: &Found<Self>, cx: &Cx<'_, Self::Cloud>) -> impl Future<Output = Result<Option<String>>> + Send {
        let _ = (found, cx);
        async { Ok(None) }
    }

    /// Makes the object, with its tags in the same call.
    fn create(&self, cx: &Cx<'_, Self::Cloud>) -> impl Future<Output = Result<Self::Output>> + Send {
        let error = not_ours(cx.key, "created");
        async { Err(error) }
    }

    /// Mends every field that differs and is not [`FIXED`](Self::FIXED). [`Class::NotFound`] is looked at again, here, in
    /// [`tag`](Self::tag) and in [`ready`](Self::ready).
    fn update(&self, found: &Found<Self>, cx: &Cx<'_, Self::Cloud>) -> impl Future<Output = Result<()>> + Send {
        let _ = found;
        let error = not_ours(cx.key, "changed");
        async { Err(error) }
    }

    /// Sets these tags on what exists; called only for kinds that report tags.
    fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Self::Cloud>) -> impl Future<Output = Result<()>> + Send {
        let _ = (found, tags);
        let error = not_ours(cx.key, "tagged");
        async { Err(error) }
    }

    /// Waits until dependants can use the object. Also called for what was found, since a run may have been killed
    /// between the creation and the end of the wait. [`Class::NotYet`] is asked again, with a bound.
    fn ready(output: &Self::Output, cx: &Cx<'_, Self::Cloud>) -> impl Future<Output = Result<()>> + Send {
        let _ = (output, cx);
        async { Ok(()) }
    }

    /// Removes the object and returns when it is gone. [`Class::NotFound`] says that it is, unless it is listed.
    fn delete(found: &Found<Self>, cx: &Cx<'_, Self::Cloud>) -> impl Future<Output = Result<()>> + Send {
        let _ = found;
        let error = not_ours(cx.key, "deleted");
        async { Err(error) }
    }
}

/// What exists for a node.
#[derive(Clone, Debug)]
pub struct Found<R: Resource> {
    /// What dependants may use.
    pub output: R::Output,
    /// The state that the object is in, in the shape of the desired one.
    pub actual: R,
    /// The object's tags; `None` for kinds that take none.
    pub tags: Option<Tags>,
}

/// What a resource's calls get: the scope's cloud, and who is asking.
pub struct Cx<'a, C> {
    /// The node that is visited.
    pub key: &'a Key,
    /// The tags that the object should have.
    pub tags: &'a Tags,
    /// 0 at first; more when a visit is repeated, and then nothing remembered may be trusted.
    pub attempt: u32,
    pub(crate) cloud: &'a C,
    pub(crate) run: &'a Run,
}

impl<C> Cx<'_, C> {
    /// Tells the operator what this node waits for.
    pub fn waiting(&self, what: impl Into<String>) {
        self.run.events.send(self.key, Stage::Waiting { what: what.into() });
    }

    /// Tells the operator what is so and is left so.
    pub fn tell(&self, what: impl Into<String>) {
        self.run.events.send(self.key, Stage::Told { what: what.into() });
    }

    /// Notes the id under which the creation of this node goes on, before it is waited for: [`noted`](Self::noted) tells it
    /// to whoever creates next, also in a run after a crash. Only for [noted](Resource::NOTED) kinds.
    ///
    /// # Errors
    /// When it could not be written down.
    pub async fn note(&self, text: &str) -> Result<()> {
        self.run.creations.note(self.key, text).await
    }

    /// What an earlier creation of this node has noted, in this run or in one before.
    pub fn noted(&self) -> Option<String> {
        self.run.creations.text(self.key)
    }

    /// What was noted has come to its end, and nothing was made by it.
    pub async fn end_note(&self) {
        self.run.creations.refused(self.key).await;
    }

    /// Whether this run has deleted what had this id: one of those that AWS never gives twice.
    pub fn has_deleted(&self, id: &str) -> bool {
        self.run.creations.is_deleted(id)
    }

    /// Makes a call that follows on one that made something, again and again while it is not possible yet. It is repeated
    /// here because repeating the whole creation could make a second object: what was just made may not be listed.
    ///
    /// # Errors
    /// That of the call; never [`Class::NotYet`], unless the run was cancelled.
    pub async fn follow_up<'f, T>(&'f self, call: impl Fn() -> BoxFuture<'f, Result<T>>) -> Result<T> {
        let call = |_| {
            let called = call();
            async { called.await.map_err(unseen) }.boxed()
        };
        match self.run.persist(self.key, while_not_yet, call).await {
            Ok(Some(done)) => Ok(done),
            Ok(None) => Err(Error::new(Class::NotYet, "stopped before the last call of the creation")),
            Err(error) if error.class == Class::NotYet => Err(Error { class: Class::Other, ..error }),
            // Whatever this call was refused for, the one before it has made something.
            Err(error) => Err(Error { uncertain: true, ..error }),
        }
    }

    /// Waits, unless the run is cancelled: for waits inside a creation or a deletion, which must only read.
    ///
    /// # Errors
    /// That of the wait, or [`Class::NotYet`] when it was cut short; the next run goes on from there.
    pub async fn unless_cancelled<T>(&self, wait: impl Future<Output = Result<T>> + Send) -> Result<T> {
        tokio::select! {
            biased;
            waited = wait => waited,
            () = self.run.cancel.cancelled() => Err(Error::new(Class::NotYet, "stopped while waiting")),
        }
    }
}

impl<C> Deref for Cx<'_, C> {
    type Target = C;

    fn deref(&self) -> &C {
        self.cloud
    }
}

/// The one object of a node among those that claim to be somebody's; for kinds whose list leaves something out.
///
/// # Errors
/// When two claim to be this node's.
pub fn only_one<R: Resource>(key: &Key, all: Vec<(Key, Found<R>)>) -> Result<Option<Found<R>>> {
    let mut mine: Vec<_> = all.into_iter().filter(|(owner, _)| owner == key).map(|(_, found)| found).collect();
    if mine.len() > 1 {
        let ids: Vec<_> = mine.iter().filter_map(|found| found.output.id()).collect();
        return Err(Error::new(Class::Invalid, format!("{} objects claim to be {key}: {}", ids.len(), ids.join(", ")))
            .hint("look which of them is in use and remove the orgstrap:key tag from the others, or delete them"));
    }
    Ok(mine.pop())
}

fn not_ours(key: &Key, what: &str) -> Error {
    Error::new(Class::Invalid, format!("a {} is never {what} by this program", key.kind))
}
