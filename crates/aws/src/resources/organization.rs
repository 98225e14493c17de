//! The organization that the fleet's accounts belong to.

use aws_sdk_organizations::types::OrganizationFeatureSet;
use engine::{Class, Cx, Error, Found, Id, Nature, Resource, Result};
use serde::Serialize;

use super::creation;
use crate::edge::Edge;
use crate::{Account, Grant, Permissions, roll};

/// The organization of the management account. It is made once and never deleted.
#[derive(Debug, Serialize)]
pub struct Organization {
    /// `ALL`, or `CONSOLIDATED_BILLING` for an old one.
    pub feature_set: String,
}

impl Default for Organization {
    fn default() -> Self {
        Self { feature_set: OrganizationFeatureSet::All.as_str().to_owned() }
    }
}

impl Resource for Organization {
    const KIND: &'static str = "organization";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = Id<Self>;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let organization = roll::organization(cx).await?;
        let Some(organization) = organization.as_ref() else { return Ok(None) };
        roll::managed_by(organization, cx)?;
        let feature_set = organization.feature_set().map(OrganizationFeatureSet::as_str).unwrap_or_default();
        let actual = Self { feature_set: feature_set.to_owned() };
        Ok(Some(Found { output: Id::new(organization.id().unwrap_or_default()), actual, tags: None }))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx.organizations().create_organization();
        let call = call.feature_set(OrganizationFeatureSet::from(self.feature_set.as_str())).customize();
        let once = aws_sdk_organizations::config::Builder::new().retry_classifier(creation::unless_done());
        let made = call.config_override(once).send().await.edge().map_err(creation::look_again)?;
        let id = made.organization().and_then(|organization| organization.id()).map(Id::new);
        id.ok_or_else(|| Error::new(Class::Other, "AWS Organizations answered without the organization's id"))
    }

    /// All members have to agree, each by hand, so a program cannot do this.
    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let message = format!("the organization of account {} has consolidated billing only", cx.id());
        Err(Error::new(Class::Invalid, message)
            .hint("enable all features in the AWS Organizations console; every member account has to accept"))
    }
}

impl Permissions for Organization {
    const READS: &'static [Grant] = &[Grant::everywhere(&["organizations:DescribeOrganization"])];
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&["organizations:CreateOrganization"]),
        Grant::on(
            &[
                "arn:aws:iam::{account}:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations",
            ],
            &["iam:CreateServiceLinkedRole"],
        ),
    ];
}
