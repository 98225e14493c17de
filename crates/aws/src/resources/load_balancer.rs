//! What lets the internet in, to the services behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::{
    IpAddressType, LoadBalancer as Listed, LoadBalancerAttribute, LoadBalancerSchemeEnum, LoadBalancerStateEnum,
    LoadBalancerTypeEnum,
};
use engine::{Class, Cx, Error, Found, Id, Key, Output, Resource, Result, Tags};
use futures_util::future;
use serde::Serialize;

use super::{Bucket, SecurityGroup, Subnet, account_tags, balancing, ids};
use crate::edge::{Edge, not_yet_if_unseen};
use crate::inventory::list;
use crate::wait::Wait;
use crate::{Account, FLEET_TAG, Grant, Permissions};

/// Two to five minutes are usual.
const PATIENCE: Duration = Duration::from_mins(15);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// An application load balancer. It is called as its node is, and known by that name, which is unique in the region; its
/// tags say whose it is.
#[derive(Debug, Serialize)]
pub struct LoadBalancer {
    /// Subnets in two zones at least, one in each.
    pub subnets: BTreeSet<Id<Subnet>>,
    /// Who may talk to it, and it to whom.
    pub security_groups: BTreeSet<Id<SecurityGroup>>,
    /// `internet-facing` or `internal`.
    pub scheme: String,
    /// `ipv4` or `dualstack`.
    pub ip_type: String,
    /// Whether AWS refuses to delete it.
    pub deletion_protected: bool,
    /// Whether headers are removed whose names are no HTTP headers' (AWS Foundational Security Best Practices, ELB.4).
    pub drops_invalid_headers: bool,
    /// After how many seconds without data a connection is closed.
    pub idle_timeout_seconds: i32,
    /// Where each request is recorded; none is nowhere.
    pub access_logs: Option<AccessLogs>,
}

/// Where a load balancer writes what it was asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AccessLogs {
    /// A bucket of the same region, encrypted with S3's own key, whose policy lets
    /// `logdelivery.elasticloadbalancing.amazonaws.com` write (Elastic Load Balancing user guide, "Enable access logs for
    /// your Application Load Balancer").
    pub bucket: Id<Bucket>,
    /// What the names of the logs begin with; may be empty.
    pub prefix: String,
}

/// What others need to know of a load balancer. Nothing changes it.
#[derive(Clone, Debug)]
pub struct Balancer {
    /// Its ARN.
    pub arn: Id<LoadBalancer>,
    /// The name that DNS has for it.
    pub dns_name: Id<LoadBalancer>,
    /// The hosted zone of that name, for an alias record: that of the region.
    pub hosted_zone: Id<LoadBalancer>,
}

impl Output for Balancer {
    fn pending(key: &Key) -> Self {
        let pending = || Id::pending(key.clone());
        Self { arn: pending(), dns_name: pending(), hosted_zone: pending() }
    }

    fn id(&self) -> Option<&str> {
        self.arn.known()
    }
}

/// A load balancer of the region, with its tags.
struct Existing {
    listed: Listed,
    tags: Tags,
}

/// Those of a load balancer, as AWS calls them.
type Attributes = BTreeMap<String, String>;

impl Existing {
    fn arn(&self) -> &str {
        self.listed.load_balancer_arn().unwrap_or_default()
    }
}

/// Every application load balancer of the region, by name.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<BTreeMap<String, Existing>>> {
    list(cx, "load-balancers", async {
        let pages = cx.elastic_load_balancing().describe_load_balancers().into_paginator().items().send();
        let (all, known) = future::try_join(async { pages.try_collect().await.edge() }, account_tags::all(cx)).await?;
        let all: Vec<Listed> = all;
        let all: Vec<_> =
            all.into_iter().filter(|one| one.r#type() == Some(&LoadBalancerTypeEnum::Application)).collect();
        let arns: Vec<&str> = all.iter().filter_map(Listed::load_balancer_arn).collect();
        let mut tags = balancing::tags_of(&arns, &known, cx).await?;
        let existing = all.into_iter().map(|listed| {
            let tags = tags.remove(listed.load_balancer_arn().unwrap_or_default()).unwrap_or_default();
            (listed.load_balancer_name().unwrap_or_default().to_owned(), Existing { listed, tags })
        });
        Ok(existing.collect())
    })
    .await
}

/// The attributes of those of the fleet, by name: a call for each.
async fn all_attributes(cx: &Cx<'_, Account>) -> Result<Arc<BTreeMap<String, Attributes>>> {
    let all = all(cx).await?;
    list(cx, "load-balancer-attributes", async {
        let is_of_fleet = |one: &Existing| one.tags.get(FLEET_TAG).is_some_and(|fleet| fleet == cx.fleet());
        let ours = all.iter().filter(|(_, one)| is_of_fleet(one));
        let read = ours.map(|(name, one)| async { Ok((name.clone(), attributes(&one.listed, cx).await?)) });
        Ok(future::try_join_all(read).await?.into_iter().collect())
    })
    .await
}

/// The ARNs of those that carry the key of a node of this scope.
pub(super) async fn ours(cx: &Cx<'_, Account>) -> Result<Vec<String>> {
    let all = all(cx).await?;
    Ok(all.values().filter(|one| cx.owner(&one.tags).is_some()).map(|one| one.arn().to_owned()).collect())
}

async fn attributes(listed: &Listed, cx: &Cx<'_, Account>) -> Result<Attributes> {
    let call = cx.elastic_load_balancing().describe_load_balancer_attributes();
    let call = call.load_balancer_arn(listed.load_balancer_arn().unwrap_or_default());
    let answer = call.send().await.edge().map_err(not_yet_if_unseen)?;
    let all = answer.attributes.unwrap_or_default().into_iter();
    Ok(all.filter_map(|one| Some((one.key?, one.value.unwrap_or_default()))).collect())
}

impl Resource for LoadBalancer {
    const KIND: &'static str = "load-balancer";
    const FIXED: &'static [&'static str] = &["scheme"];
    type Cloud = Account;
    type Output = Balancer;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let (all, attributes) = (all(cx).await?, all_attributes(cx).await?);
        let owned = all.iter().filter_map(|(name, one)| {
            let key = cx.owner(&one.tags).filter(|key| key.kind == Self::KIND)?;
            Some((key, found(&one.listed, attributes.get(name)?, &one.tags)))
        });
        Ok(owned.collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let (all, name) = (all(cx).await?, balancing::own_name(cx)?);
        let Some(one) = all.get(name) else { return Ok(None) };
        let tags = balancing::confirmed(&one.tags, one.arn(), cx).await?;
        balancing::is_free(&tags, cx)?;
        Ok(Some(match all_attributes(cx).await?.get(name) {
            Some(attributes) => found(&one.listed, attributes, &tags),
            // It is to be taken over.
            None => found(&one.listed, &attributes(&one.listed, cx).await?, &tags),
        }))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Balancer> {
        let call = cx.elastic_load_balancing().create_load_balancer().name(balancing::own_name(cx)?);
        let call = call.r#type(LoadBalancerTypeEnum::Application).scheme(self.scheme.as_str().into());
        let call = call.ip_address_type(self.ip_type.as_str().into());
        let call = call.set_subnets(Some(ids(&self.subnets)?)).set_security_groups(Some(ids(&self.security_groups)?));
        // One of the same name is the same, so it may be repeated.
        let made = call.set_tags(Some(balancing::to_sdk(cx.tags))).send().await.edge()?;
        let balancer = made.load_balancers().first().map(balancer);
        let balancer =
            balancer.ok_or_else(|| Error::new(Class::Other, "AWS answered without the ARN of the load balancer"))?;
        // A run that is killed here leaves one that differs, which the next run mends.
        cx.follow_up(|| Box::pin(self.set_attributes(&balancer.arn, cx))).await?;
        Ok(balancer)
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (balancing, arn, actual) = (cx.elastic_load_balancing(), &found.output.arn, &found.actual);
        if self.security_groups != actual.security_groups {
            let call = balancing.set_security_groups().load_balancer_arn(arn.get()?);
            call.set_security_groups(Some(ids(&self.security_groups)?)).send().await.edge()?;
        }
        if self.subnets != actual.subnets {
            let call = balancing.set_subnets().load_balancer_arn(arn.get()?);
            call.set_subnets(Some(ids(&self.subnets)?)).send().await.edge()?;
        }
        if self.ip_type != actual.ip_type {
            let call = balancing.set_ip_address_type().load_balancer_arn(arn.get()?);
            call.ip_address_type(self.ip_type.as_str().into()).send().await.edge()?;
        }
        self.set_attributes(arn, cx).await
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        balancing::tag(found.output.arn.get()?, tags, cx).await
    }

    async fn ready(output: &Balancer, cx: &Cx<'_, Account>) -> Result<()> {
        let (arn, mut wait) = (output.arn.get()?, Wait::with_pauses_up_to(LONGEST_PAUSE));
        loop {
            let answer = cx.elastic_load_balancing().describe_load_balancers().load_balancer_arns(arn).send().await;
            let answer = answer.edge()?;
            let state = answer.load_balancers().first().and_then(Listed::state);
            match state.and_then(|state| state.code()) {
                Some(LoadBalancerStateEnum::Active | LoadBalancerStateEnum::ActiveImpaired) => return Ok(()),
                Some(LoadBalancerStateEnum::Provisioning) | None if wait.waited() < PATIENCE => {
                    cx.waiting(format!("{} to become active", cx.key.name));
                }
                code => {
                    let code = code.map_or("not listed", LoadBalancerStateEnum::as_str);
                    let reason = state.and_then(|state| state.reason()).map(|reason| format!(": {reason}"));
                    let message = format!("{arn} is {code}{}", reason.unwrap_or_default());
                    return Err(Error::new(Class::Other, message)
                        .hint("if it failed, mend the reason and delete it; run again to go on"));
                }
            }
            wait.pause().await;
        }
    }

    /// Its network interfaces go some minutes later, and its subnets and security groups are in use until then.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let arn = found.output.arn.get()?;
        if found.actual.deletion_protected && cx.losses().protected {
            let unprotected = LoadBalancerAttribute::builder().key(PROTECTED).value("false").build();
            let call = cx.elastic_load_balancing().modify_load_balancer_attributes().load_balancer_arn(arn);
            call.attributes(unprotected).send().await.edge()?;
        }
        let deleted = cx.elastic_load_balancing().delete_load_balancer().load_balancer_arn(arn).send().await.edge();
        deleted.map(drop).map_err(|error| match error.code.as_deref() {
            Some("OperationNotPermitted") => {
                error.hint("it is protected against deletion: to delete it nevertheless, run again with --unprotect")
            }
            _ => error,
        })
    }
}

impl Permissions for LoadBalancer {
    const READS: &'static [Grant] = &[Grant::everywhere(&[
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTags",
        "tag:GetResources",
    ])];
    const CHANGES: &'static [Grant] = &[
        Grant::on(
            &["arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/*"],
            &[
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:CreateLoadBalancer",
                "elasticloadbalancing:DeleteLoadBalancer",
                "elasticloadbalancing:ModifyLoadBalancerAttributes",
                "elasticloadbalancing:SetIpAddressType",
                "elasticloadbalancing:SetSecurityGroups",
                "elasticloadbalancing:SetSubnets",
            ],
        ),
        // The first one of an account makes it (Elastic Load Balancing user guide, "Service-linked role").
        Grant::on(
            &["arn:aws:iam::{account}:role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing"],
            &["iam:CreateServiceLinkedRole"],
        )
        .when(&[("StringEquals", "iam:AWSServiceName", "elasticloadbalancing.amazonaws.com")]),
        // What it looks at in the name of whoever calls (Elastic Load Balancing user guide, "API permissions";
        // aws-load-balancer-controller, issue 3917).
        Grant::everywhere(&[
            "ec2:DescribeAccountAttributes",
            "ec2:DescribeAddresses",
            "ec2:DescribeInternetGateways",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "ec2:GetSecurityGroupsForVpc",
        ]),
    ];
}

const PROTECTED: &str = "deletion_protection.enabled";
const DROPS_HEADERS: &str = "routing.http.drop_invalid_header_fields.enabled";
const IDLE_TIMEOUT: &str = "idle_timeout.timeout_seconds";
const LOGS: &str = "access_logs.s3.enabled";
const LOGS_BUCKET: &str = "access_logs.s3.bucket";
const LOGS_PREFIX: &str = "access_logs.s3.prefix";

impl LoadBalancer {
    /// Sets every attribute that is a field, in one call.
    async fn set_attributes(&self, arn: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let mut all = vec![
            (PROTECTED, self.deletion_protected.to_string()),
            (DROPS_HEADERS, self.drops_invalid_headers.to_string()),
            (IDLE_TIMEOUT, self.idle_timeout_seconds.to_string()),
            (LOGS, self.access_logs.is_some().to_string()),
        ];
        if let Some(logs) = &self.access_logs {
            all.extend([(LOGS_BUCKET, logs.bucket.get()?.to_owned()), (LOGS_PREFIX, logs.prefix.clone())]);
        }
        let all = all.into_iter().map(|(key, value)| LoadBalancerAttribute::builder().key(key).value(value).build());
        let call = cx.elastic_load_balancing().modify_load_balancer_attributes().load_balancer_arn(arn.get()?);
        call.set_attributes(Some(all.collect())).send().await.edge().map(drop).map_err(not_yet_if_policy_is_new)
    }
}

/// AWS writes a file into the bucket to see whether it may, and a policy of a few seconds may not be known yet.
fn not_yet_if_policy_is_new(error: Error) -> Error {
    if !error.message.contains("Access Denied for bucket") {
        return error;
    }
    Error { class: Class::NotYet, ..error }
        .hint("the policy of the bucket lets logdelivery.elasticloadbalancing.amazonaws.com write under another prefix")
}

fn balancer(listed: &Listed) -> Balancer {
    Balancer {
        arn: Id::new(listed.load_balancer_arn().unwrap_or_default()),
        dns_name: Id::new(listed.dns_name().unwrap_or_default()),
        hosted_zone: Id::new(listed.canonical_hosted_zone_id().unwrap_or_default()),
    }
}

fn found(listed: &Listed, attributes: &Attributes, tags: &Tags) -> Found<LoadBalancer> {
    let is_on = |key: &str| attributes.get(key).is_some_and(|value| value == "true");
    let text = |key: &str| attributes.get(key).cloned().unwrap_or_default();
    let logs = || AccessLogs { bucket: Id::new(text(LOGS_BUCKET)), prefix: text(LOGS_PREFIX) };
    let actual = LoadBalancer {
        subnets: listed.availability_zones().iter().filter_map(|zone| zone.subnet_id()).map(Id::new).collect(),
        security_groups: listed.security_groups().iter().map(|group| Id::new(group.as_str())).collect(),
        scheme: listed.scheme().map(LoadBalancerSchemeEnum::as_str).unwrap_or_default().to_owned(),
        ip_type: listed.ip_address_type().map(IpAddressType::as_str).unwrap_or_default().to_owned(),
        deletion_protected: is_on(PROTECTED),
        drops_invalid_headers: is_on(DROPS_HEADERS),
        idle_timeout_seconds: attributes.get(IDLE_TIMEOUT).and_then(|text| text.parse().ok()).unwrap_or(60),
        access_logs: is_on(LOGS).then(logs),
    };
    Found { output: balancer(listed), actual, tags: Some(tags.clone()) }
}
