//! The organization's root and every unit below it, listed once for all who ask.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use aws_sdk_organizations::types::{OrganizationalUnit as Unit, Root};
use engine::{Class, Id, Result};
use futures_util::future;

use super::{OrganizationalUnit, account_places, organization_tags, unless_missing};
use crate::edge::Edge;
use crate::inventory::{Asks, list};
use crate::roll;

/// The units below the root.
pub(crate) struct Tree {
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

/// The whole tree: a call for the root, and one for the children of each unit. Units that accounts are in, and those of the
/// fleet, are known beforehand, so they are all asked at once; level by level the others, which are few.
pub(crate) async fn tree(by: &impl Asks) -> Result<Arc<Tree>> {
    list(by, "organizational-units", async {
        let (root, known) = future::try_join(root(by), known(by)).await?;
        // None while there is no organization.
        let Some(top) = root.as_ref().as_ref().and_then(|root| root.id()).map(str::to_owned) else {
            return Ok(Tree { units: Vec::new() });
        };
        let mut below: HashMap<String, Vec<Unit>> = HashMap::new();
        let mut level: BTreeSet<String> = known.into_iter().chain([top.clone()]).collect();
        while !level.is_empty() {
            let asked = level.iter().map(|parent| async { Ok((parent.clone(), children(parent, by).await?)) });
            let answers: Vec<_> = future::try_join_all(asked).await?;
            below.extend(answers);
            let found = below.values().flatten().filter_map(|unit| unit.id.clone());
            level = found.filter(|unit| !below.contains_key(unit)).collect();
        }
        let mut units: Vec<(Id<OrganizationalUnit>, Unit)> = Vec::new();
        let mut parents = VecDeque::from([top]);
        while let Some(parent) = parents.pop_front() {
            let children = below.remove(&parent).unwrap_or_default();
            parents.extend(children.iter().filter_map(|unit| unit.id.clone()));
            units.extend(children.into_iter().map(|unit| (Id::new(parent.as_str()), unit)));
        }
        Ok(Tree { units })
    })
    .await
}

/// Ids of units that are known before any is listed. One may be gone: it has no children then.
async fn known(by: &impl Asks) -> Result<BTreeSet<String>> {
    let (accounts, tags) = future::join(roll::accounts(by), organization_tags::all(by)).await;
    let accounts = unless_missing(accounts)?;
    let of_accounts = accounts.iter().flat_map(|accounts| accounts.iter()).flat_map(account_places::units_of);
    let tags = tags?;
    let of_fleet = tags.keys().map(String::as_str).filter(|id| id.starts_with("ou-"));
    Ok(of_accounts.chain(of_fleet).map(str::to_owned).collect())
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
