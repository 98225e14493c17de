//! The kinds of the toy cloud.

use std::ops::Deref;
use std::sync::Arc;

use engine::{Class, Cx, Error, Found, Handle, Id, Inputs, Key, Nature, Outputs, Resource, Result, Tags};
use serde::Serialize;

use super::world::{Object, Op, State, World};

/// An account of the world.
pub(crate) struct Cloud {
    pub(crate) world: World,
    pub(crate) account: String,
}

impl Deref for Cloud {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

/// The id of anything: every kind may depend on every other.
pub(crate) type Ref = Id<()>;

/// The state of an object. Parents cannot be deleted before it, links can.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Fields {
    pub(crate) parents: Vec<Ref>,
    pub(crate) links: Vec<Ref>,
    pub(crate) shape: u8,
    pub(crate) color: u8,
}

/// A kind that is known by its tags.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Part<const K: usize>(pub(crate) Fields);

pub(crate) type Account = Part<0>;
pub(crate) type Block = Part<1>;
pub(crate) type Sign = Part<2>;
/// Sits on blocks.
pub(crate) type Lid = Part<3>;
/// Is noted before it is made.
pub(crate) type Coin = Part<4>;

const KINDS: [(&str, &[&str]); 5] = [
    ("account", &[]),
    ("block", &["parents", "shape"]),
    ("sign", &["shape"]),
    ("lid", &["parents", "shape"]),
    ("coin", &["parents", "shape"]),
];

impl<const K: usize> Resource for Part<K> {
    const KIND: &'static str = KINDS[K].0;
    const FIXED: &'static [&'static str] = KINDS[K].1;
    const NOTED: bool = K == 4;
    type Cloud = Cloud;
    type Output = Ref;

    async fn owned(cx: &Cx<'_, Cloud>) -> Result<Vec<(Key, Found<Self>)>> {
        let list = |state: &mut State| Ok(state.list(&cx.account, Self::KIND));
        let objects = cx.call(cx.key, Op::Find, cx.attempt, list).await?;
        Ok(objects
            .into_iter()
            .filter_map(|(id, object)| Some((object.key.clone()?, found(&id, object, Self))))
            .collect())
    }

    async fn create(&self, cx: &Cx<'_, Cloud>) -> Result<Ref> {
        create::<Self>(&self.0, Some(cx.tags.clone()), cx).await
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Cloud>) -> Result<()> {
        update::<Self>(&self.0, &found.output, cx).await
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Cloud>) -> Result<()> {
        let tag = |object: &mut Object| object.tags.get_or_insert_default().extend(tags.clone());
        cx.call(cx.key, Op::Tag, cx.attempt, |state| edit(state, &found.output, tag)).await
    }

    async fn ready(output: &Ref, cx: &Cx<'_, Cloud>) -> Result<()> {
        ready(output, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Cloud>) -> Result<()> {
        delete(&found.output, cx).await
    }
}

/// A kind that takes no tags and is known by its name, of which there can only be one.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Name(pub(crate) Fields);

impl Resource for Name {
    const KIND: &'static str = "name";
    const FIXED: &'static [&'static str] = &["parents", "shape"];
    type Cloud = Cloud;
    type Output = Ref;

    async fn find(&self, cx: &Cx<'_, Cloud>) -> Result<Option<Found<Self>>> {
        let list = |state: &mut State| Ok(state.list(&cx.account, Self::KIND));
        let mut all = cx.call(cx.key, Op::Find, cx.attempt, list).await?.into_iter();
        let mine = all.find(|(_, object)| object.key.as_ref() == Some(cx.key));
        Ok(mine.map(|(id, object)| found(&id, object, Self)))
    }

    async fn create(&self, cx: &Cx<'_, Cloud>) -> Result<Ref> {
        if cx.world.id_of(cx.key).is_some() {
            return Err(Error::new(Class::Invalid, format!("the name {} is taken", cx.key)));
        }
        create::<Self>(&self.0, None, cx).await
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Cloud>) -> Result<()> {
        update::<Self>(&self.0, &found.output, cx).await
    }

    async fn ready(output: &Ref, cx: &Cx<'_, Cloud>) -> Result<()> {
        ready(output, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Cloud>) -> Result<()> {
        delete(&found.output, cx).await
    }
}

/// A setting of what it is of, or of its account.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Dial {
    pub(crate) of: Vec<Ref>,
    pub(crate) level: u8,
}

impl Resource for Dial {
    const KIND: &'static str = "dial";
    const FIXED: &'static [&'static str] = &["of"];
    const NATURE: Nature = Nature::Setting;
    type Cloud = Cloud;
    type Output = Ref;

    async fn find(&self, cx: &Cx<'_, Cloud>) -> Result<Option<Found<Self>>> {
        let found = fixture(&self.of, cx).await?;
        Ok(found.map(|(output, level)| Found { output, actual: Self { of: self.of.clone(), level }, tags: None }))
    }

    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Cloud>) -> Result<()> {
        let set = |state: &mut State| {
            state.set_level(cx.key, self.level);
            Ok(())
        };
        cx.call(cx.key, Op::Update, cx.attempt, set).await
    }

    async fn ready(output: &Ref, cx: &Cx<'_, Cloud>) -> Result<()> {
        ready(output, cx).await
    }
}

/// Something to read.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Gauge {
    pub(crate) of: Vec<Ref>,
}

impl Resource for Gauge {
    const KIND: &'static str = "gauge";
    const NATURE: Nature = Nature::Lookup;
    type Cloud = Cloud;
    type Output = Ref;

    async fn find(&self, cx: &Cx<'_, Cloud>) -> Result<Option<Found<Self>>> {
        let found = fixture(&self.of, cx).await?;
        Ok(found.map(|(output, _)| Found { output, actual: self.clone(), tags: None }))
    }
}

/// A handle of any kind.
#[derive(Clone)]
pub(crate) struct Any {
    nodes: Vec<usize>,
    read: Arc<dyn Fn(&Outputs) -> Ref + Send + Sync>,
}

impl<R: Resource<Output = Ref>> From<Handle<R>> for Any {
    fn from(handle: Handle<R>) -> Self {
        let mut nodes = Vec::new();
        handle.nodes(&mut nodes);
        Self { nodes, read: Arc::new(move |outputs| handle.values(outputs)) }
    }
}

impl Inputs for Any {
    type Values = Ref;

    fn nodes(&self, nodes: &mut Vec<usize>) {
        nodes.extend(&self.nodes);
    }

    fn values(&self, outputs: &Outputs) -> Ref {
        (self.read)(outputs)
    }
}

fn found<R: Resource<Output = Ref>>(id: &str, object: Object, kind: impl Fn(Fields) -> R) -> Found<R> {
    let refs = |ids: Vec<String>| ids.into_iter().map(Ref::new).collect();
    let Object { parents, links, shape, color, tags, .. } = object;
    let actual = kind(Fields { parents: refs(parents), links: refs(links), shape, color });
    Found { output: Ref::new(id), actual, tags }
}

fn ids(refs: &[Ref]) -> Result<Vec<String>> {
    refs.iter().map(|id| id.get().map(str::to_owned)).collect()
}

fn must_exist(state: &State, ids: &[String]) -> Result<()> {
    match ids.iter().find(|id| !state.exists(id)) {
        Some(id) => Err(Error::new(Class::Invalid, format!("there is no {id}"))),
        None => Ok(()),
    }
}

fn edit(state: &mut State, id: &Ref, change: impl FnOnce(&mut Object)) -> Result<()> {
    let object = state.objects.get_mut(id.get()?);
    change(object.ok_or_else(|| Error::new(Class::NotFound, format!("no {id}")))?);
    Ok(())
}

async fn create<R: Resource<Cloud = Cloud>>(fields: &Fields, tags: Option<Tags>, cx: &Cx<'_, Cloud>) -> Result<Ref> {
    let (parents, links) = (ids(&fields.parents)?, ids(&fields.links)?);
    let make = |state: &mut State| {
        must_exist(state, &parents)?;
        must_exist(state, &links)?;
        if state.exclusive && state.objects.values().any(|object| object.key.as_ref() == Some(cx.key)) {
            return Err(Error::new(Class::Invalid, format!("there is something in the place of {}", cx.key)));
        }
        let (kind, account) = (R::KIND.to_owned(), cx.account.clone());
        let (shape, color, key) = (fields.shape, fields.color, Some(cx.key.clone()));
        Ok(Ref::new(state.add(Object { key, kind, account, parents, links, shape, color, tags })))
    };
    cx.call(cx.key, Op::Create, cx.attempt, make).await
}

async fn update<R: Resource>(fields: &Fields, id: &Ref, cx: &Cx<'_, Cloud>) -> Result<()> {
    let links = ids(&fields.links)?;
    let change = |state: &mut State| {
        must_exist(state, &links)?;
        edit(state, id, |object| {
            object.links = links;
            object.color = fields.color;
            if !R::FIXED.contains(&"shape") {
                object.shape = fields.shape;
            }
        })
    };
    cx.call(cx.key, Op::Update, cx.attempt, change).await
}

async fn ready(id: &Ref, cx: &Cx<'_, Cloud>) -> Result<()> {
    let id = id.get()?.to_owned();
    cx.call(cx.key, Op::Ready, cx.attempt, |state| must_exist(state, &[id])).await
}

async fn delete(id: &Ref, cx: &Cx<'_, Cloud>) -> Result<()> {
    let id = id.get()?;
    cx.call(cx.key, Op::Delete, cx.attempt, |state| state.delete(id)).await
}

/// The setting or look-up of these, or nothing while one of them is only planned.
async fn fixture(of: &[Ref], cx: &Cx<'_, Cloud>) -> Result<Option<(Ref, u8)>> {
    let Ok(mut of) = ids(of) else { return Ok(None) };
    of.push(cx.account.clone());
    let found = cx.call(cx.key, Op::Find, cx.attempt, |state| Ok(state.fixture(cx.key, &of))).await?;
    Ok(found.map(|(id, level)| (Ref::new(id), level)))
}
