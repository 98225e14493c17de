//! Where a unit is in the organization, as conditions of policies write it.

use engine::{Class, Cx, Error, Found, Id, Nature, Resource, Result};
use serde::Serialize;

use super::{Organization, OrganizationalUnit, unit_tree};
use crate::{Account, Grant, Permissions};

/// Looks a unit's path up, for `aws:PrincipalOrgPaths` (IAM user guide, "AWS global condition context keys").
#[derive(Debug, Serialize)]
pub struct OrganizationPath {
    /// The organization.
    pub organization: Id<Organization>,
    /// The root.
    pub root: Id<OrganizationalUnit>,
    /// The unit, if this run may make it.
    pub unit: Option<Id<OrganizationalUnit>>,
    /// The names from the root down, such as `Workloads/Dev`; the root itself without any.
    pub path: String,
}

impl Resource for OrganizationPath {
    const KIND: &'static str = "organization-path";
    const NATURE: Nature = Nature::Lookup;
    type Cloud = Account;
    /// The pattern of what is in the unit: `o-a1b2/r-c3d4/ou-c3d4-e5f6/*`.
    type Output = Id<Self>;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let (Some(organization), Some(root)) = (self.organization.known(), self.root.known()) else { return Ok(None) };
        if self.unit.as_ref().is_some_and(|unit| unit.known().is_none()) {
            return Ok(None);
        }
        let tree = unit_tree::tree(cx).await?;
        let mut ids = vec![organization.to_owned(), root.to_owned()];
        let mut at = self.root.clone();
        for name in self.path.split('/').filter(|name| !name.is_empty()) {
            let unit = tree.child(&at, name).and_then(|unit| unit.id());
            let unit =
                unit.ok_or_else(|| Error::new(Class::NotYet, format!("the unit {} is not listed", self.path)))?;
            ids.push(unit.to_owned());
            at = Id::new(unit);
        }
        let actual = Self {
            organization: self.organization.clone(),
            root: self.root.clone(),
            unit: self.unit.clone(),
            path: self.path.clone(),
        };
        Ok(Some(Found { output: Id::new(format!("{}/*", ids.join("/"))), actual, tags: None }))
    }
}

impl Permissions for OrganizationPath {
    const READS: &'static [Grant] = &[Grant::everywhere(&[
        "organizations:ListAccounts",
        "organizations:ListOrganizationalUnitsForParent",
        "organizations:ListRoots",
        "tag:GetResources",
    ])];
    const CHANGES: &'static [Grant] = &[];
}
