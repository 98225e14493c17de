//! The way to a service of AWS that stays inside the network.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_ec2::operation::create_vpc_endpoint::builders::CreateVpcEndpointFluentBuilder;
use aws_sdk_ec2::types::{SecurityGroupIdentifier, VpcEndpoint as Ec2VpcEndpoint, VpcEndpointType};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use serde::Serialize;

use super::{SecurityGroup, Subnet, Vpc, ec2, ids, unless_missing, vpc_endpoints};
use crate::edge::Edge;
use crate::wait::Wait;
use crate::{Account, Grant, Permissions};

/// One or two minutes are usual.
const PATIENCE: Duration = Duration::from_mins(15);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// An interface endpoint: an address in each of its subnets, which is the service.
#[derive(Debug, Serialize)]
pub struct InterfaceEndpoint {
    /// The network.
    pub vpc: Id<Vpc>,
    /// Such as `com.amazonaws.us-west-1.secretsmanager`.
    pub service: String,
    /// Where it has an address, one subnet in a zone.
    pub subnets: BTreeSet<Id<Subnet>>,
    /// Who may talk to it.
    pub security_groups: BTreeSet<Id<SecurityGroup>>,
    /// Whether the service's own name leads to it in the network.
    pub private_dns: bool,
}

impl Resource for InterfaceEndpoint {
    const KIND: &'static str = "interface-endpoint";
    const FIXED: &'static [&'static str] = &["vpc", "service"];
    type Cloud = Account;
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let groups = |endpoint: &Ec2VpcEndpoint| {
            endpoint.groups().iter().filter_map(SecurityGroupIdentifier::group_id).map(Id::new).collect()
        };
        let actual = |endpoint: &Ec2VpcEndpoint| Self {
            vpc: Id::new(endpoint.vpc_id().unwrap_or_default()),
            service: endpoint.service_name().unwrap_or_default().to_owned(),
            subnets: endpoint.subnet_ids().iter().map(|id| Id::new(id.as_str())).collect(),
            security_groups: groups(endpoint),
            private_dns: endpoint.private_dns_enabled().unwrap_or_default(),
        };
        vpc_endpoints::owned(cx, actual).await
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let (vpc, subnets, groups) = (self.vpc.get()?, ids(&self.subnets)?, ids(&self.security_groups)?);
        let private_dns = self.private_dns.to_string();
        let parameters = [vpc, &self.service, &private_dns].into_iter();
        let parameters: Vec<&str> = parameters.chain(subnets.iter().chain(&groups).map(String::as_str)).collect();
        let call = |new: CreateVpcEndpointFluentBuilder| {
            let call = new.service_name(&self.service).vpc_id(vpc).private_dns_enabled(self.private_dns);
            call.set_subnet_ids(Some(subnets.clone())).set_security_group_ids(Some(groups.clone()))
        };
        vpc_endpoints::create(VpcEndpointType::Interface, &parameters, cx, call).await
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let actual = &found.actual;
        let (subnets, groups) = ((&self.subnets, &actual.subnets), (&self.security_groups, &actual.security_groups));
        let call = cx.ec2().modify_vpc_endpoint().vpc_endpoint_id(found.output.get()?);
        let call = call.set_add_subnet_ids(Some(ids(subnets.0.difference(subnets.1))?));
        let call = call.set_remove_subnet_ids(Some(ids(subnets.1.difference(subnets.0))?));
        let call = call.set_add_security_group_ids(Some(ids(groups.0.difference(groups.1))?));
        let call = call.set_remove_security_group_ids(Some(ids(groups.1.difference(groups.0))?));
        let private_dns = (self.private_dns != actual.private_dns).then_some(self.private_dns);
        call.set_private_dns_enabled(private_dns).send().await.edge().map(drop)
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        ec2::tag(&found.output, tags, cx).await
    }

    async fn ready(output: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (id, mut wait) = (output.get()?, Wait::with_pauses_up_to(LONGEST_PAUSE));
        loop {
            // A new one may not be seen yet.
            let endpoint = unless_missing(vpc_endpoints::one(output, cx).await)?.flatten();
            let state = endpoint.as_ref().map_or_else(|| "not listed".to_owned(), vpc_endpoints::state);
            match state.as_str() {
                "available" => return Ok(()),
                "pending" | "not listed" if wait.waited() < PATIENCE => {}
                _ => {
                    let reason = endpoint.as_ref().and_then(|endpoint| endpoint.last_error()?.message());
                    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                    return Err(Error::new(Class::Other, format!("{id} is {state}{reason}"))
                        .hint("if it failed, mend the reason and delete it; run again to go on"));
                }
            }
            cx.waiting(format!("{id} to become available"));
            wait.pause().await;
        }
    }

    /// Its addresses go with it, and its subnets and security groups are in use until then.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        vpc_endpoints::delete(&found.output, cx).await?;
        cx.unless_cancelled(Box::pin(gone(&found.output, cx))).await
    }
}

impl Permissions for InterfaceEndpoint {
    const READS: &'static [Grant] = vpc_endpoints::READS;
    // The names in the network are a hosted zone of AWS's (AWS PrivateLink guide, "Identity and access management").
    const CHANGES: &'static [Grant] =
        &[vpc_endpoints::CHANGES, Grant::everywhere(&["route53:AssociateVPCWithHostedZone"])];
}

async fn gone(id: &Id<InterfaceEndpoint>, cx: &Cx<'_, Account>) -> Result<()> {
    let mut wait = Wait::with_pauses_up_to(LONGEST_PAUSE);
    loop {
        let endpoint = unless_missing(vpc_endpoints::one(id, cx).await)?.flatten();
        let state = endpoint.as_ref().map_or_else(|| "deleted".to_owned(), vpc_endpoints::state);
        if state == "deleted" {
            return Ok(());
        }
        if wait.waited() >= PATIENCE {
            return Err(Error::new(Class::Other, format!("{id} is still {state}")).hint("run again to go on"));
        }
        cx.waiting(format!("{id} to be deleted"));
        wait.pause().await;
    }
}
