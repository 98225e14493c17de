//! The organization's root and every unit below it, listed once for all who ask.

use std::sync::Arc;

use aws_sdk_organizations::types::{OrganizationalUnit as Unit, Root};
use engine::{Class, Cx, Id, Result};
use futures_util::future;

use super::OrganizationalUnit;
use crate::Account;
use crate::edge::Edge;
use crate::inventory::list;

/// The root, and the units below it.
pub(super) struct Tree {
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

    /// The ids of the root and of all units.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.root.iter().filter_map(|root| root.id()).chain(self.units.iter().filter_map(|(_, unit)| unit.id()))
    }
}

/// The whole tree: a call for the root, and one for the children of each unit.
pub(super) async fn tree(cx: &Cx<'_, Account>) -> Result<Arc<Tree>> {
    list(cx, "organizational-units", async {
        // An organization has one (Organizations API reference, `ListRoots`).
        let root = match cx.organizations().list_roots().send().await.edge() {
            Err(error) if error.class == Class::NotFound => None,
            roots => roots?.roots.unwrap_or_default().pop(),
        };
        let mut units: Vec<(Id<OrganizationalUnit>, Unit)> = Vec::new();
        let mut level: Vec<String> = root.iter().filter_map(|root| root.id().map(str::to_owned)).collect();
        while !level.is_empty() {
            let below = future::try_join_all(level.iter().map(|parent| children(parent, cx))).await?;
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
pub(super) async fn children(parent: &str, cx: &Cx<'_, Account>) -> Result<Vec<Unit>> {
    let pages = cx.organizations().list_organizational_units_for_parent().parent_id(parent).into_paginator().send();
    let pages: Vec<_> = match pages.try_collect().await.edge() {
        Err(error) if error.class == Class::NotFound => return Ok(Vec::new()),
        pages => pages?,
    };
    Ok(pages.into_iter().flat_map(|page| page.organizational_units.unwrap_or_default()).collect())
}
