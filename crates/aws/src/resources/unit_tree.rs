//! The organization's root and every unit below it, listed once for all who ask.

use std::sync::Arc;

use aws_sdk_organizations::types::{OrganizationalUnit as Unit, Root};
use engine::{Class, Id, Result};
use futures_util::future;

use super::OrganizationalUnit;
use crate::edge::Edge;
use crate::inventory::{Asks, list};

/// The root, and the units below it.
pub(crate) struct Tree {
    /// None while there is no organization.
    pub(super) root: Option<Root>,
    /// Parents before children.
    pub(super) units: Vec<(Id<OrganizationalUnit>, Unit)>,
}

impl Tree {
    /// The unit of a name in another, or in the root.
    pub(super) fn child(&self, parent: &Id<OrganizationalUnit>, name: &str) -> Option<&Unit> {
        let mut units = self.units.iter();
        units.find(|(above, unit)| above == parent && unit.name() == Some(name)).map(|(_, unit)| unit)
    }

    /// The names of a unit and of those that it is in, from the root down: `Workloads/Dev`.
    pub(crate) fn path(&self, id: &str) -> Option<String> {
        let (parent, unit) = self.units.iter().find(|(_, unit)| unit.id() == Some(id))?;
        let above = parent.known().and_then(|parent| self.path(parent));
        let name = unit.name()?;
        Some(above.map_or_else(|| name.to_owned(), |above| format!("{above}/{name}")))
    }

    /// The ids of a unit and of what it is in, from it up to the root.
    pub(crate) fn above<'t>(&'t self, id: &'t str) -> Vec<&'t str> {
        let mut ids = vec![id];
        let parent =
            |id: &str| self.units.iter().find(|(_, unit)| unit.id() == Some(id)).and_then(|(up, _)| up.known());
        while let Some(up) = ids.last().and_then(|id| parent(id)) {
            ids.push(up);
        }
        ids
    }

    /// The ids of the root and of all units.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.root.iter().filter_map(|root| root.id()).chain(self.units.iter().filter_map(|(_, unit)| unit.id()))
    }
}

/// The root, listed once.
pub(super) async fn root(by: &impl Asks) -> Result<Arc<Option<Root>>> {
    list(by, "organization-root", fresh_root(by)).await
}

/// The root as it is now, if there is an organization: it has one (Organizations API reference, `ListRoots`).
pub(super) async fn fresh_root(by: &impl Asks) -> Result<Option<Root>> {
    match by.account().organizations().list_roots().send().await.edge() {
        Err(error) if error.class == Class::NotFound => Ok(None),
        roots => Ok(roots?.roots.unwrap_or_default().pop()),
    }
}

/// The whole tree: a call for the root, and one for the children of each unit.
pub(crate) async fn tree(by: &impl Asks) -> Result<Arc<Tree>> {
    list(by, "organizational-units", async {
        let root = root(by).await?.as_ref().clone();
        let mut units: Vec<(Id<OrganizationalUnit>, Unit)> = Vec::new();
        let mut level: Vec<String> = root.iter().filter_map(|root| root.id().map(str::to_owned)).collect();
        while !level.is_empty() {
            let below = future::try_join_all(level.iter().map(|parent| children(parent, by))).await?;
            let first = units.len();
            for (parent, children) in level.iter().zip(below) {
                units.extend(children.into_iter().map(|unit| (Id::new(parent.as_str()), unit)));
            }
            level = units[first..].iter().filter_map(|(_, unit)| unit.id().map(str::to_owned)).collect();
        }
        Ok(Tree { root, units })
    })
    .await
}

/// The units in a unit, as they are now. One that is gone has none.
pub(super) async fn children(parent: &str, by: &impl Asks) -> Result<Vec<Unit>> {
    let pages =
        by.account().organizations().list_organizational_units_for_parent().parent_id(parent).into_paginator().send();
    let pages: Vec<_> = match pages.try_collect().await.edge() {
        Err(error) if error.class == Class::NotFound => return Ok(Vec::new()),
        pages => pages?,
    };
    Ok(pages.into_iter().flat_map(|page| page.organizational_units.unwrap_or_default()).collect())
}
