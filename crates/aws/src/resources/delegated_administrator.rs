//! Accounts that administer a service for the whole organization in the management account's place.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::{Class, Cx, Error, Found, Id, Resource, Result};
use futures_util::future;
use serde::Serialize;

use super::{MemberAccount, TrustedAccess};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// One account's administration of one service. It takes no tags and is known by the two; other accounts that administer
/// the service, and what nothing wants any more, are left alone.
#[derive(Debug, Serialize)]
pub struct DelegatedAdministrator {
    /// The service, which needs trusted access first.
    pub service: Id<TrustedAccess>,
    /// The account.
    pub account: Id<MemberAccount>,
}

/// The pairs of account and service that there are.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<BTreeSet<(String, String)>>> {
    list(cx, "delegated-administrators", async {
        let accounts = cx.organizations().list_delegated_administrators().into_paginator().items();
        let accounts: Vec<_> = accounts.send().try_collect().await.edge()?;
        let services = accounts.into_iter().filter_map(|account| account.id).map(|account| async move {
            let services = cx.organizations().list_delegated_services_for_account().account_id(&account);
            let services: Vec<_> = match services.into_paginator().items().send().try_collect().await.edge() {
                // It was deregistered, which the list of accounts does not show yet.
                Err(error) if error.class == Class::NotFound => Vec::new(),
                services => services?,
            };
            let services = services.into_iter().filter_map(|service| service.service_principal);
            Ok::<_, Error>(services.map(move |service| (account.clone(), service)).collect::<Vec<_>>())
        });
        Ok(future::try_join_all(services).await?.into_iter().flatten().collect())
    })
    .await
}

impl Resource for DelegatedAdministrator {
    const KIND: &'static str = "delegated-administrator";
    const FIXED: &'static [&'static str] = &["service", "account"];
    const TAGGED: bool = false;
    type Cloud = Account;
    /// The account's id.
    type Output = Id<MemberAccount>;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let (Some(service), Some(account)) = (self.service.known(), self.account.known()) else { return Ok(None) };
        let is_there = all(cx).await?.contains(&(account.to_owned(), service.to_owned()));
        let actual = Self { service: self.service.clone(), account: self.account.clone() };
        Ok(is_there.then(|| Found { output: self.account.clone(), actual, tags: None }))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Self::Output> {
        let (service, account) = (self.service.get()?, self.account.get()?);
        let call = cx.organizations().register_delegated_administrator().service_principal(service);
        call.account_id(account).send().await.edge().map_err(|error| refused(error, service))?;
        Ok(self.account.clone())
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.organizations().deregister_delegated_administrator().account_id(found.actual.account.get()?);
        call.service_principal(found.actual.service.get()?).send().await.edge()?;
        Ok(())
    }
}

impl Permissions for DelegatedAdministrator {
    const READS: &'static [Grant] = &[Grant::everywhere(&[
        "organizations:ListDelegatedAdministrators",
        "organizations:ListDelegatedServicesForAccount",
    ])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&[
        "organizations:DeregisterDelegatedAdministrator",
        "organizations:RegisterDelegatedAdministrator",
    ])];
}

/// Some services have one administrator at most, others a few (Organizations API reference, reasons of
/// `ConstraintViolationException`).
fn refused(error: Error, service: &str) -> Error {
    let is_taken = error.message.contains("DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE")
        || error.message.contains("MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED");
    if error.class == Class::Invalid && is_taken {
        let list = format!("aws organizations list-delegated-administrators --service-principal {service}");
        return error.hint(format!("another account administers it (`{list}`): deregister that one if it should not"));
    }
    error
}
