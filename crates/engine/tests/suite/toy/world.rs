//! The toy cloud's memory: objects, settings, what goes wrong, and a log of every call.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use engine::{Class, Error, Key, Result, Tags};
use tokio::time::{Instant, sleep};

/// The account that always exists.
pub(crate) const ROOT: &str = "root";

/// A call to the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Op {
    Find,
    Create,
    Update,
    Tag,
    Ready,
    Delete,
}

/// One call, in the order in which calls began.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) key: Key,
    pub(crate) op: Op,
    pub(crate) attempt: u32,
    /// Positions among all begins and ends.
    pub(crate) began: usize,
    pub(crate) ended: Option<usize>,
    pub(crate) at: Instant,
    pub(crate) until: Option<Instant>,
}

/// What a call does besides its work.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// Takes longer.
    Slow(Duration),
    /// Fails this many times before its effect.
    Fail(Class, u32),
    /// Fails once, after its effect, so that nobody can tell.
    FailAfter(Class),
}

#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// What it claims to be; `None` for what is not ours.
    pub(crate) key: Option<Key>,
    pub(crate) kind: String,
    pub(crate) account: String,
    pub(crate) parents: Vec<String>,
    pub(crate) links: Vec<String>,
    pub(crate) shape: u8,
    pub(crate) color: u8,
    pub(crate) tags: Option<Tags>,
}

/// A setting or something to look up, which is there as long as what it is of.
#[derive(Clone, Debug)]
struct Fixture {
    key: Key,
    of: Vec<String>,
    level: u8,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) objects: BTreeMap<String, Object>,
    fixtures: BTreeMap<String, Fixture>,
    /// Deleted, and listed until then.
    pub(crate) ghosts: Vec<(Instant, String, Object)>,
    pub(crate) linger: Duration,
    /// What was made is not listed for so long.
    pub(crate) delay: Duration,
    born: HashMap<String, Instant>,
    /// Whether a second object of a node is refused.
    pub(crate) exclusive: bool,
    /// How long a call takes.
    pub(crate) pace: Duration,
    pub(crate) faults: HashMap<(Key, Op), Fault>,
    pub(crate) calls: Vec<Call>,
    ids: usize,
    ticks: usize,
}

#[derive(Clone, Default)]
pub(crate) struct World(Arc<Mutex<State>>);

impl World {
    pub(crate) fn paced(millis: u64) -> Self {
        let world = Self::default();
        world.lock().pace = Duration::from_millis(millis);
        world
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// One call: half its time before the effect and half after, so that it can be cut off on either side.
    pub(crate) async fn call<T>(
        &self,
        key: &Key,
        op: Op,
        attempt: u32,
        effect: impl FnOnce(&mut State) -> Result<T>,
    ) -> Result<T> {
        let (call, fault, half) = self.lock().begin(key, op, attempt);
        rest(half).await;
        let broken = |class| Err(Error::new(class, format!("{op:?} of {key} is told to fail")));
        let result = match fault {
            Some(Fault::Fail(class, _)) => broken(class),
            Some(Fault::FailAfter(class)) => {
                effect(&mut self.lock()).and_then(|_| broken(class)).map_err(|error| Error { uncertain: true, ..error })
            }
            _ => effect(&mut self.lock()),
        };
        rest(half).await;
        self.lock().end(call);
        result
    }

    pub(crate) fn fault(&self, key: &Key, op: Op, fault: Fault) {
        self.lock().faults.insert((key.clone(), op), fault);
    }

    /// Everything that exists, one line each and without ids, so that worlds can be compared.
    pub(crate) fn picture(&self) -> Vec<String> {
        let state = self.lock();
        let mut lines: Vec<_> = state.objects.values().map(|object| state.describe(object)).collect();
        let dials = state.fixtures.iter().filter(|(id, fixture)| fixture.level > 0 && state.exists(id));
        lines.extend(dials.map(|(_, dial)| format!("{} level={}", dial.key, dial.level)));
        lines.sort();
        lines
    }

    /// The calls that change something, since `from`.
    pub(crate) fn changes(&self, from: usize) -> Vec<Call> {
        let state = self.lock();
        state.calls[from..].iter().filter(|call| !matches!(call.op, Op::Find | Op::Ready)).cloned().collect()
    }

    pub(crate) fn id_of(&self, key: &Key) -> Option<String> {
        let state = self.lock();
        state.objects.iter().find(|(_, object)| object.key.as_ref() == Some(key)).map(|(id, _)| id.clone())
    }

    /// Changes the object of a node behind our back.
    pub(crate) fn meddle(&self, key: &Key, change: impl FnOnce(&mut Object)) {
        let id = self.id_of(key).unwrap_or_else(|| panic!("{key} does not exist"));
        change(self.lock().objects.get_mut(&id).unwrap());
    }

    /// Removes the object of a node behind our back, and all that is in it if it is an account.
    pub(crate) fn lose(&self, key: &Key) {
        if let Some(id) = self.id_of(key) {
            self.lock().lose(&id);
        }
    }
}

async fn rest(time: Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}

impl State {
    fn begin(&mut self, key: &Key, op: Op, attempt: u32) -> (usize, Option<Fault>, Duration) {
        let began = self.tick();
        let (key, at) = (key.clone(), Instant::now());
        let (fault, pace) = match self.faults.get_mut(&(key.clone(), op)) {
            Some(Fault::Slow(time)) => (None, *time),
            Some(fault @ Fault::FailAfter(_)) => (Some(std::mem::replace(fault, Fault::Slow(self.pace))), self.pace),
            Some(Fault::Fail(_, 0)) | None => (None, self.pace),
            Some(Fault::Fail(class, left)) => {
                *left -= 1;
                (Some(Fault::Fail(*class, *left)), self.pace)
            }
        };
        self.calls.push(Call { key, op, attempt, began, ended: None, at, until: None });
        (self.calls.len() - 1, fault, pace / 2)
    }

    fn end(&mut self, call: usize) {
        self.calls[call].ended = Some(self.tick());
        self.calls[call].until = Some(Instant::now());
    }

    fn tick(&mut self) -> usize {
        self.ticks += 1;
        self.ticks
    }

    pub(crate) fn add(&mut self, object: Object) -> String {
        self.ids += 1;
        let id = format!("{}-{}", object.kind, self.ids);
        self.objects.insert(id.clone(), object);
        self.born.insert(id.clone(), Instant::now());
        id
    }

    /// The setting or look-up of this key and these parents, if they all exist.
    pub(crate) fn fixture(&mut self, key: &Key, of: &[String]) -> Option<(String, u8)> {
        if !of.iter().all(|id| self.exists(id)) {
            return None;
        }
        let known = self.fixtures.iter().find(|(_, fixture)| fixture.key == *key && fixture.of == of);
        if let Some((id, fixture)) = known {
            return Some((id.clone(), fixture.level));
        }
        self.ids += 1;
        let id = format!("{}-{}", key.kind, self.ids);
        self.fixtures.insert(id.clone(), Fixture { key: key.clone(), of: of.to_vec(), level: 0 });
        Some((id, 0))
    }

    pub(crate) fn set_level(&mut self, key: &Key, level: u8) {
        let ids: Vec<_> = self.fixtures.keys().filter(|id| self.exists(id)).cloned().collect();
        for id in ids {
            let fixture = self.fixtures.get_mut(&id).unwrap();
            if fixture.key == *key {
                fixture.level = level;
            }
        }
    }

    pub(crate) fn exists(&self, id: &str) -> bool {
        id == ROOT
            || self.objects.contains_key(id)
            || self.fixtures.get(id).is_some_and(|fixture| fixture.of.iter().all(|of| self.exists(of)))
    }

    /// What of a kind is listed in an account, ghosts included.
    pub(crate) fn list(&self, account: &str, kind: &str) -> Vec<(String, Object)> {
        let now = Instant::now();
        let ghosts = self.ghosts.iter().filter(|(until, ..)| *until > now).map(|(_, id, object)| (id, object));
        let is_seen = |id: &str| self.delay.is_zero() || self.born.get(id).is_none_or(|born| now >= *born + self.delay);
        let listed = self.objects.iter().filter(|(id, _)| is_seen(id)).chain(ghosts);
        listed
            .filter(|(_, object)| object.account == account && object.kind == kind)
            .map(|(id, object)| (id.clone(), object.clone()))
            .collect()
    }

    pub(crate) fn delete(&mut self, id: &str) -> Result<()> {
        let user = self.objects.iter().find(|(_, other)| {
            other.account == id || other.parents.iter().any(|parent| parent == id || self.is_of(parent, id))
        });
        if let Some((user, _)) = user {
            return Err(Error::new(Class::InUse, format!("{id} is in use by {user}")));
        }
        let object = self.objects.remove(id).ok_or_else(|| Error::new(Class::NotFound, format!("no {id}")))?;
        self.ghosts.push((Instant::now() + self.linger, id.to_owned(), object));
        Ok(())
    }

    fn is_of(&self, fixture: &str, id: &str) -> bool {
        self.fixtures.get(fixture).is_some_and(|fixture| fixture.of.iter().any(|of| of == id || self.is_of(of, id)))
    }

    fn lose(&mut self, id: &str) {
        self.objects.remove(id);
        let within: Vec<_> =
            self.objects.iter().filter(|(_, other)| other.account == id).map(|(id, _)| id.clone()).collect();
        for id in within {
            self.lose(&id);
        }
    }

    fn describe(&self, object: &Object) -> String {
        let names = |ids: &[String]| -> Vec<String> { ids.iter().map(|id| self.name(id)).collect() };
        let Object { parents, links, shape, color, tags, .. } = object;
        let key = object.key.as_ref().map_or_else(|| "not ours".to_owned(), Key::to_string);
        let (parents, links) = (names(parents), names(links));
        format!("{key} in={} {parents:?} {links:?} shape={shape} color={color} {tags:?}", self.name(&object.account))
    }

    fn name(&self, id: &str) -> String {
        let object = self.objects.get(id).and_then(|object| object.key.as_ref());
        let fixture = self.fixtures.get(id).filter(|_| self.exists(id)).map(|fixture| &fixture.key);
        let name = object.or(fixture).map(Key::to_string);
        name.unwrap_or_else(|| if id == ROOT { id.to_owned() } else { format!("nothing ({id})") })
    }
}
