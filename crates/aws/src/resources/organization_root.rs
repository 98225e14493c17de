//! The root of the organization, which all units and accounts are in.

use engine::{Class, Cx, Error, Found, Id, Nature, Resource, Result};
use serde::Serialize;

use super::{Organization, OrganizationalUnit, unit_tree};
use crate::{Account, Grant, Permissions};

/// The one root. It comes with the organization.
#[derive(Debug, Serialize)]
pub struct OrganizationRoot {
    /// The organization.
    pub organization: Id<Organization>,
}

impl Resource for OrganizationRoot {
    const KIND: &'static str = "organization-root";
    const NATURE: Nature = Nature::Lookup;
    type Cloud = Account;
    /// The root: what is in no unit is in it.
    type Output = Id<OrganizationalUnit>;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        if self.organization.known().is_none() {
            return Ok(None);
        }
        let root = unit_tree::root(cx).await?;
        let id = root.as_ref().as_ref().and_then(|root| root.id());
        let id = id.ok_or_else(|| Error::new(Class::NotYet, "the organization's root is not listed yet"))?;
        Ok(Some(Found { output: Id::new(id), actual: Self { organization: self.organization.clone() }, tags: None }))
    }
}

impl Permissions for OrganizationRoot {
    const READS: &'static [Grant] = &[Grant::everywhere(&["organizations:ListRoots"])];
    const CHANGES: &'static [Grant] = &[];
}
