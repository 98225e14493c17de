//! Services that may work in every account of the organization.

use aws_sdk_organizations::types::EnabledServicePrincipal;
use engine::{Cx, Found, Id, Nature, Resource, Result};
use serde::Serialize;

use super::Organization;
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// The trusted access of one service. It carries no tags, so what else is enabled may be somebody's: it is left alone, and
/// so is this once nothing wants it any more.
#[derive(Debug, Serialize)]
pub struct TrustedAccess {
    /// The organization.
    #[serde(skip)]
    pub organization: Id<Organization>,
    /// The service's principal, such as `account.amazonaws.com`.
    pub service: String,
}

impl Resource for TrustedAccess {
    const KIND: &'static str = "trusted-access";
    const NATURE: Nature = Nature::Setting;
    const TAGGED: bool = false;
    type Cloud = Account;
    /// The service's principal.
    type Output = Id<Self>;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        if self.organization.known().is_none() {
            return Ok(None);
        }
        let enabled = list(cx, "trusted-access", async {
            let pages = cx.organizations().list_aws_service_access_for_organization().into_paginator().send();
            let pages: Vec<_> = pages.try_collect().await.edge()?;
            let services = pages.into_iter().flat_map(|page| page.enabled_service_principals.unwrap_or_default());
            Ok(services.collect::<Vec<EnabledServicePrincipal>>())
        });
        let enabled = enabled.await?;
        let is_enabled = enabled.iter().any(|one| one.service_principal() == Some(&self.service));
        let actual = Self { organization: self.organization.clone(), service: self.service.clone() };
        Ok(is_enabled.then(|| Found { output: Id::new(self.service.as_str()), actual, tags: None }))
    }

    /// Enabling it once more changes nothing.
    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx.organizations().enable_aws_service_access().service_principal(&self.service);
        call.send().await.edge()?;
        Ok(Id::new(self.service.as_str()))
    }
}

impl Permissions for TrustedAccess {
    const READS: &'static [Grant] = &[Grant::everywhere(&["organizations:ListAWSServiceAccessForOrganization"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&["organizations:EnableAWSServiceAccess"])];
}
