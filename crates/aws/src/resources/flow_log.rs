//! A record of who talked to whom in the network.

use aws_sdk_ec2::types::{FlowLogsResourceType, LogDestinationType, ResourceType, TrafficType};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::FutureExt;
use serde::Serialize;

use super::{LogGroup, Role, Vpc, creation, ec2};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// A VPC's flow log, delivered to a log group. Nothing of it can be changed (VPC user guide, "Flow logs").
#[derive(Debug, Serialize)]
pub struct FlowLog {
    /// The network.
    pub vpc: Id<Vpc>,
    /// `ALL`, `ACCEPT` or `REJECT`.
    pub traffic: String,
    /// Where it goes.
    pub log_group: Id<LogGroup>,
    /// The ARN of the role that writes it.
    pub role: Id<Role>,
}

impl Resource for FlowLog {
    const KIND: &'static str = "flow-log";
    const FIXED: &'static [&'static str] = &["vpc", "traffic", "log_group", "role"];
    type Cloud = Account;
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = list(cx, "flow-logs", async {
            let call = cx.ec2().describe_flow_logs().filter(ec2::ours(cx));
            call.into_paginator().items().send().try_collect().await.edge()
        });
        Ok(all
            .await?
            .iter()
            .filter_map(|log| {
                ec2::owned(cx, log.flow_log_id(), log.tags(), || Self {
                    vpc: Id::new(log.resource_id().unwrap_or_default()),
                    traffic: log.traffic_type().map(TrafficType::as_str).unwrap_or_default().to_owned(),
                    log_group: Id::new(log.log_group_name().unwrap_or_default()),
                    role: Id::new(log.deliver_logs_permission_arn().unwrap_or_default()),
                })
            })
            .collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let (vpc, group, role) = (self.vpc.get()?, self.log_group.get()?, self.role.get()?);
        let create = |token| {
            let call = cx.ec2().create_flow_logs().client_token(token);
            let call = call.resource_type(FlowLogsResourceType::Vpc).resource_ids(vpc);
            let call = call.traffic_type(TrafficType::from(self.traffic.as_str()));
            let call = call.log_destination_type(LogDestinationType::CloudWatchLogs).log_group_name(group);
            let call = call.deliver_logs_permission_arn(role);
            let call = call.tag_specifications(ec2::tagged(cx, ResourceType::VpcFlowLog));
            async move {
                let made = call.send().await.edge().map_err(not_yet_if_role_is_new)?;
                ec2::all_successful(made.unsuccessful(), "ec2:CreateFlowLogs").map_err(not_yet_if_role_is_new)?;
                ec2::id_of(made.flow_log_ids().first().map(String::as_str))
            }
            .boxed()
        };
        let is_there = |id: Id<Self>| {
            async move {
                let answer = cx.ec2().describe_flow_logs().flow_log_ids(id.get()?).send().await.edge()?;
                creation::listed(answer.flow_logs(), |_| true)
            }
            .boxed()
        };
        creation::with_token(cx, &[vpc, group, role, &self.traffic], refused(cx.attempt), create, is_there).await
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        ec2::tag(&found.output, tags, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let answer = cx.ec2().delete_flow_logs().flow_log_ids(found.output.get()?).send().await.edge()?;
        ec2::all_successful(answer.unsuccessful(), "ec2:DeleteFlowLogs")
    }
}

impl Permissions for FlowLog {
    const READS: &'static [Grant] = &[Grant::everywhere(&["ec2:DescribeFlowLogs"])];
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&["ec2:CreateFlowLogs", "ec2:CreateTags", "ec2:DeleteFlowLogs"]),
        Grant::on(&["arn:aws:iam::{account}:role/orgstrap-flow-logs"], &["iam:PassRole"]).when(&[(
            "StringEquals",
            "iam:PassedToService",
            "vpc-flow-logs.amazonaws.com",
        )]),
    ];
}

/// A role of a few seconds cannot be assumed by the service yet, and the call is refused as invalid or denied.
fn not_yet_if_role_is_new(error: Error) -> Error {
    let about_role = error.message.to_lowercase().contains("iam role");
    let refused = matches!(error.class, Class::Invalid | Class::Denied);
    if about_role && refused { Error { class: Class::NotYet, ..error } } else { error }
}

/// A refusal may be what a repeated token is answered with, so an attempt after one is another call.
fn refused(attempts: u32) -> Vec<String> {
    (0..attempts).map(|attempt| format!("refused {attempt}")).collect()
}
