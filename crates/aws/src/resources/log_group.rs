//! Where logs are kept, and for how long.

use engine::{Cx, Found, Id, Key, Resource, Result};
use serde::Serialize;

use super::KmsKey;
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// A log group. It is known by its name, `/orgstrap/<account>/<name>`: `DescribeLogGroups` reports no tags, and a
/// call per group would be one per node.
#[derive(Debug, Serialize)]
pub struct LogGroup {
    /// How long entries are kept, in days; one of the values that `PutRetentionPolicy` takes. None: for ever.
    pub retention_days: Option<i32>,
    /// What entries are encrypted with; none is the service's own key. The key's policy has to let
    /// `logs.<region>.amazonaws.com` in (`CloudWatch` Logs user guide, "Encrypt log data in `CloudWatch` Logs using AWS KMS").
    pub key: Option<Id<KmsKey>>,
}

impl LogGroup {
    /// The name of the group of a node.
    pub fn name(scope: &str, node: &str) -> String {
        format!("{}{node}", prefix(scope))
    }
}

fn prefix(scope: &str) -> String {
    format!("/orgstrap/{scope}/")
}

impl Resource for LogGroup {
    const KIND: &'static str = "log-group";
    type Cloud = Account;
    /// The group's name.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let prefix = prefix(cx.scope());
        let all = list(cx, "log-groups", async {
            let call = cx.logs().describe_log_groups().log_group_name_prefix(&prefix);
            call.into_paginator().items().send().try_collect().await.edge()
        });
        Ok(all
            .await?
            .iter()
            .filter_map(|group| {
                let key = Key::new(cx.scope(), Self::KIND, group.log_group_name()?.strip_prefix(&prefix)?);
                let actual = Self { retention_days: group.retention_in_days(), key: group.kms_key_id().map(Id::new) };
                Some((key, Found { output: Id::new(group.log_group_name()?), actual, tags: None }))
            })
            .collect())
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let id = Id::new(Self::name(cx.scope(), &cx.key.name));
        let tags = cx.tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        let call = cx.logs().create_log_group().log_group_name(id.get()?).set_tags(Some(tags));
        let key = self.key.as_ref().map(|key| key.get().map(str::to_owned)).transpose()?;
        call.set_kms_key_id(key).send().await.edge()?;
        cx.follow_up(|| Box::pin(self.set_retention(&id, cx))).await?;
        Ok(id)
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        if self.retention_days != found.actual.retention_days {
            self.set_retention(&found.output, cx).await?;
        }
        if self.key != found.actual.key {
            self.set_key(&found.output, cx).await?;
        }
        Ok(())
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        cx.logs().delete_log_group().log_group_name(found.output.get()?).send().await.edge()?;
        Ok(())
    }
}

impl Permissions for LogGroup {
    const READS: &'static [Grant] = &[Grant::everywhere(&["logs:DescribeLogGroups"])];
    const CHANGES: &'static [Grant] = &[Grant::on(
        &["arn:aws:logs:{region}:{account}:log-group:/orgstrap/*"],
        &[
            "logs:AssociateKmsKey",
            "logs:CreateLogGroup",
            "logs:DeleteLogGroup",
            "logs:DeleteRetentionPolicy",
            "logs:DisassociateKmsKey",
            "logs:PutRetentionPolicy",
            "logs:TagResource",
        ],
    )];
}

impl LogGroup {
    async fn set_retention(&self, id: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let name = id.get()?;
        match self.retention_days {
            Some(days) => {
                let call = cx.logs().put_retention_policy().log_group_name(name);
                call.retention_in_days(days).send().await.edge()?;
            }
            None => drop(cx.logs().delete_retention_policy().log_group_name(name).send().await.edge()?),
        }
        Ok(())
    }
    /// What is there already stays encrypted as it is (`CloudWatch` Logs API reference, `AssociateKmsKey`).
    async fn set_key(&self, id: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let name = id.get()?;
        match &self.key {
            Some(key) => {
                let call = cx.logs().associate_kms_key().log_group_name(name).kms_key_id(key.get()?);
                call.send().await.edge().map(drop)
            }
            None => cx.logs().disassociate_kms_key().log_group_name(name).send().await.edge().map(drop),
        }
    }
}
