//! Which account is in which unit, listed once for all who ask.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_organizations::types::Account as OrganizationsAccount;
use engine::{Class, Id, Result};
use futures_util::future;

use super::{OrganizationalUnit, unit_tree};
use crate::edge::Edge;
use crate::inventory::{Asks, list};

/// The unit, or the root, that each account is in, by the account's id. A call for each unit.
pub(crate) async fn all(by: &impl Asks) -> Result<Arc<HashMap<String, Id<OrganizationalUnit>>>> {
    let tree = unit_tree::tree(by).await?;
    list(by, "account-places", async {
        let ids: Vec<&str> = tree.ids().collect();
        let accounts = future::try_join_all(ids.iter().map(|unit| accounts_in(unit, by))).await?;
        let places = ids.into_iter().zip(accounts).flat_map(|(unit, accounts)| {
            let unit = Id::new(unit);
            accounts.into_iter().filter_map(move |account| Some((account.id?, unit.clone())))
        });
        Ok(places.collect())
    })
    .await
}

/// The accounts in a unit, as they are now, closed ones too. A unit that is gone has none.
pub(super) async fn accounts_in(unit: &str, by: &impl Asks) -> Result<Vec<OrganizationsAccount>> {
    let pages = by.account().organizations().list_accounts_for_parent().parent_id(unit).into_paginator().send();
    let pages: Vec<_> = match pages.try_collect().await.edge() {
        Err(error) if error.class == Class::NotFound => return Ok(Vec::new()),
        pages => pages?,
    };
    Ok(pages.into_iter().flat_map(|page| page.accounts.unwrap_or_default()).collect())
}
