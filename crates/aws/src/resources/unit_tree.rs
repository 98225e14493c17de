//! The organization's root and every unit below it, listed once for all who ask.

use std::collections::HashMap;
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

    /// The path of each unit from the root down, such as `Workloads/Dev`, by its id.
    pub(crate) fn paths(&self) -> HashMap<String, String> {
        let mut paths: HashMap<String, String> = HashMap::new();
        for (parent, unit) in &self.units {
            let above = parent.known().and_then(|parent| paths.get(parent));
            let name = unit.name().unwrap_or_default();
            let path = above.map_or_else(|| name.to_owned(), |above| format!("{above}/{name}"));
            paths.insert(unit.id().unwrap_or_default().to_owned(), path);
        }
        paths
    }

    /// The ids of the root and of all units.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.root.iter().filter_map(|root| root.id()).chain(self.units.iter().filter_map(|(_, unit)| unit.id()))
    }
}

/// The whole tree: a call for the root, and one for the children of each unit.
pub(crate) async fn tree(by: &impl Asks) -> Result<Arc<Tree>> {
    list(by, "organizational-units", async {
        // An organization has one (Organizations API reference, `ListRoots`).
        let root = match by.account().organizations().list_roots().send().await.edge() {
            Err(error) if error.class == Class::NotFound => None,
            roots => roots?.roots.unwrap_or_default().pop(),
        };
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
