//! What makes an internet gateway a network's.

use aws_sdk_ec2::types::InternetGateway as Ec2InternetGateway;
use engine::{Cx, Found, Id, Resource, Result};
use serde::Serialize;

use super::{InternetGateway, Vpc, internet_gateway};
use crate::edge::Edge;
use crate::{Account, Grant, Permissions};

/// The attachment of an internet gateway to a network. It takes no tags: it is known by its gateway, which has some.
#[derive(Debug, Serialize)]
pub struct InternetGatewayAttachment {
    /// The gateway.
    pub gateway: Id<InternetGateway>,
    /// The network.
    pub vpc: Id<Vpc>,
}

impl Resource for InternetGatewayAttachment {
    const KIND: &'static str = "internet-gateway-attachment";
    const FIXED: &'static [&'static str] = &["gateway", "vpc"];
    const TAGGED: bool = false;
    type Cloud = Account;
    /// The gateway, which leads somewhere only now.
    type Output = Id<InternetGateway>;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let Some(id) = self.gateway.known() else { return Ok(None) };
        let all = internet_gateway::all(cx).await?;
        let gateway = all.iter().find(|gateway| gateway.internet_gateway_id() == Some(id));
        let attachments = gateway.map(Ec2InternetGateway::attachments).unwrap_or_default();
        // EC2 says `available` here, which its own list of attachment states does not have.
        let attached = attachments.iter().find(|attachment| {
            !attachment.state().is_some_and(|state| matches!(state.as_str(), "detaching" | "detached"))
        });
        Ok(attached.and_then(|attachment| attachment.vpc_id()).map(|vpc| {
            let actual = Self { gateway: self.gateway.clone(), vpc: Id::new(vpc) };
            Found { output: self.gateway.clone(), actual, tags: None }
        }))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<InternetGateway>> {
        let call = cx.ec2().attach_internet_gateway().internet_gateway_id(self.gateway.get()?);
        call.vpc_id(self.vpc.get()?).send().await.edge()?;
        Ok(self.gateway.clone())
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.ec2().detach_internet_gateway().internet_gateway_id(found.output.get()?);
        call.vpc_id(found.actual.vpc.get()?).send().await.edge()?;
        Ok(())
    }
}

impl Permissions for InternetGatewayAttachment {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:DescribeInternetGateways"])];
    const CHANGES: &'static [Grant] = &[Grant::everywhere(&["ec2:AttachInternetGateway", "ec2:DetachInternetGateway"])];
}
