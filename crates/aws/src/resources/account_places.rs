//! Which account is in which unit.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_organizations::types::Account as OrganizationsAccount;
use engine::{Class, Id, Result};
use futures_util::future;

use super::{OrganizationalUnit, unless_missing};
use crate::edge::Edge;
use crate::inventory::{Asks, list};
use crate::roll;

/// The unit, or the root, that each account is in, by the account's id.
pub(crate) async fn all(by: &impl Asks) -> Result<Arc<HashMap<String, Id<OrganizationalUnit>>>> {
    list(by, "account-places", async {
        let accounts = roll::accounts(by).await?;
        let places = accounts.iter().filter_map(|account| Some((account.id()?, account))).map(|(id, account)| async {
            let place = match units_of(account).pop() {
                Some(unit) => Some(unit.to_owned()),
                None => parent(id, by).await?,
            };
            Ok::<_, engine::Error>(place.map(|place| (id.to_owned(), Id::new(place))))
        });
        Ok(future::try_join_all(places).await?.into_iter().flatten().collect())
    })
    .await
}

/// The root and the units that an account is in, from the root down. It is listed with them since 2026-03-31, as
/// `o-a1b2/r-c3d4/ou-c3d4-e5f6/` (Organizations API reference, `Account`, `Paths`).
pub(super) fn units_of(account: &OrganizationsAccount) -> Vec<&str> {
    let path = account.paths().first().map_or("", String::as_str);
    path.split('/').filter(|part| part.starts_with("r-") || part.starts_with("ou-")).collect()
}

/// What an account is in that is listed without its path, as by what only resembles AWS.
async fn parent(account: &str, by: &impl Asks) -> Result<Option<String>> {
    let parents = by.account().organizations().list_parents().child_id(account).send().await.edge();
    Ok(unless_missing(parents)?.and_then(|answer| answer.parents?.pop()?.id))
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
