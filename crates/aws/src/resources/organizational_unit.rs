//! A unit of the organization: what groups accounts, so that policies hold for all of them.

use aws_sdk_organizations::types::OrganizationalUnit as Unit;
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::future::{self, BoxFuture, FutureExt};
use serde::Serialize;

use super::{account_places, organization_tags, unit_tree};
use crate::edge::Edge;
use crate::roll::{self, Enrolled};
use crate::{Account, Grant, Permissions};

/// A unit, known by its name, which its parent has only once; its node is called by its path. One that somebody else
/// made is used as it is: only those that carry the fleet's tags are ever changed or deleted.
#[derive(Debug, Serialize)]
pub struct OrganizationalUnit {
    /// The unit that it is in, or the root.
    pub parent: Id<Self>,
    /// Its name, of 128 characters at most.
    pub name: String,
}

impl Resource for OrganizationalUnit {
    const KIND: &'static str = "organizational-unit";
    const FIXED: &'static [&'static str] = &["parent", "name"];
    type Cloud = Account;
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let tree = unit_tree::tree(cx).await?;
        if tree.units.is_empty() {
            return Ok(Vec::new());
        }
        let tags = organization_tags::all(cx).await?;
        let owned = tree.units.iter().filter_map(|(parent, unit)| {
            let tags = tags.get(unit.id()?)?;
            let key = cx.owner(tags).filter(|key| key.kind == Self::KIND)?;
            Some((key, found(parent, unit, Some(tags.clone()))))
        });
        Ok(owned.collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        if self.parent.known().is_none() {
            return Ok(None);
        }
        let tree = unit_tree::tree(cx).await?;
        let Some(unit) = tree.child(&self.parent, &self.name) else { return Ok(None) };
        let tags = organization_tags::of(unit.id().unwrap_or_default(), cx).await?;
        Ok(Some(found(&self.parent, unit, tags)))
    }

    /// A closed account keeps its unit from being deleted until AWS removes it, after 90 days (Organizations user guide,
    /// "Closing a member account").
    async fn stays(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<Option<String>> {
        let id = found.output.get()?;
        let (tree, accounts) = future::try_join(unit_tree::tree(cx), roll::accounts(cx)).await?;
        let places = account_places::all(cx).await?;
        let is_inside = |account: &&Enrolled| {
            places.get(&account.id).and_then(Id::known).is_some_and(|place| tree.above(place).contains(&id))
        };
        let accounts: Vec<_> = accounts.iter().map(roll::enrolled).collect();
        let inside: Vec<_> = accounts.iter().filter(is_inside).collect();
        let closed = inside.iter().all(|account| account.state.is_closed());
        Ok((closed && !inside.is_empty()).then(|| {
            let names: Vec<_> = inside.iter().map(|account| format!("{} ({})", account.name, account.id)).collect();
            format!(
                "nothing wants this unit, and it stays until AWS removes what was closed in it, which takes 90 days: {}; to be \
                 rid of it now, move that to another unit",
                names.join(", ")
            )
        }))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx.organizations().create_organizational_unit().parent_id(self.parent.get()?).name(&self.name);
        let made = call.set_tags(Some(organization_tags::to_sdk(cx.tags)?)).send().await.edge()?;
        let id = made.organizational_unit.and_then(|unit| unit.id).map(Id::new);
        id.ok_or_else(|| Error::new(Class::Other, "AWS Organizations answered without the unit's id"))
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        organization_tags::set(found.output.get()?, tags, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let id = found.output.get()?;
        let call = cx.organizations().delete_organizational_unit().organizational_unit_id(id);
        match call.send().await.edge() {
            Err(error) if error.class == Class::InUse => Err(not_empty(error, id, &found.actual.name, cx).await?),
            deleted => deleted.map(drop),
        }
    }
}

impl Permissions for OrganizationalUnit {
    const READS: &'static [Grant] = &[Grant::everywhere(&[
        "organizations:ListAccounts",
        "organizations:ListAccountsForParent",
        "organizations:ListOrganizationalUnitsForParent",
        "organizations:ListRoots",
        "organizations:ListTagsForResource",
        "tag:GetResources",
    ])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&[
        "organizations:CreateOrganizationalUnit",
        "organizations:DeleteOrganizationalUnit",
        "organizations:TagResource",
    ])];
}

fn found(parent: &Id<OrganizationalUnit>, unit: &Unit, tags: Option<Tags>) -> Found<OrganizationalUnit> {
    let name = unit.name().unwrap_or_default().to_owned();
    let actual = OrganizationalUnit { parent: parent.clone(), name };
    Found { output: Id::new(unit.id().unwrap_or_default()), actual, tags }
}

/// Says what is in a unit that cannot be deleted. Units of ours alone may be on their way out; anything else stays.
async fn not_empty(refused: Error, id: &str, name: &str, cx: &Cx<'_, Account>) -> Result<Error> {
    let tags = organization_tags::all(cx).await?;
    let inside = contents(id.to_owned(), cx).await?;
    let is_ours = |inside: &Inside| matches!(inside, Inside::Unit(id, _) if tags.contains_key(id));
    let class = if inside.iter().all(is_ours) { Class::InUse } else { Class::Invalid };
    let list: Vec<_> = inside.iter().map(Inside::to_string).collect();
    let message = format!("the unit {name} ({id}) is not empty; in it: {}", list.join(", "));
    Ok(Error { class, message: message.into(), ..refused }
        .hint("move its accounts to other units (closed ones too, they stay for 90 days), and run again"))
}

enum Inside {
    Unit(String, String),
    Account(String, String),
}

impl std::fmt::Display for Inside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unit(id, name) => write!(f, "the unit {name} ({id})"),
            Self::Account(id, name) => write!(f, "the account {name} ({id})"),
        }
    }
}

/// Everything in a unit, however deep, as it is now.
fn contents<'a>(id: String, cx: &'a Cx<'_, Account>) -> BoxFuture<'a, Result<Vec<Inside>>> {
    async move {
        let text = |text: Option<String>| text.unwrap_or_default();
        let units = unit_tree::children(&id, cx).await?;
        let deeper = units.iter().filter_map(|unit| Some(contents(unit.id.clone()?, cx)));
        let deeper = future::try_join_all(deeper).await?;
        let accounts = account_places::accounts_in(&id, cx).await?;
        let accounts = accounts.into_iter().map(|account| Inside::Account(text(account.id), text(account.name)));
        let units = units.into_iter().map(|unit| Inside::Unit(text(unit.id), text(unit.name)));
        Ok(units.chain(accounts).chain(deeper.into_iter().flatten()).collect())
    }
    .boxed()
}
