//! Where an account's services run.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecs::types::{
    CapacityProviderStrategyItem, Cluster, ClusterConfiguration, ClusterServiceConnectDefaultsRequest, ClusterSetting,
    ClusterSettingName, ExecuteCommandConfiguration, ExecuteCommandLogConfiguration, ExecuteCommandLogging,
};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use serde::Serialize;

use super::containers::{clusters, tag, tags_of, tags_to, taken, unbuilt};
use super::{HttpNamespace, LogGroup};
use crate::edge::Edge;
use crate::{Account, Grant, Permissions};

/// A cluster of Fargate. It is called as its node is.
#[derive(Debug, Serialize)]
pub struct EcsCluster {
    /// Where its tasks may run: `FARGATE`, `FARGATE_SPOT`.
    pub providers: BTreeSet<String>,
    /// How tasks are shared among the providers, where a service says nothing about it.
    pub strategy: BTreeMap<String, Share>,
    /// How much is measured: `disabled`, `enabled` or `enhanced` (ECS developer guide, "Container Insights").
    pub insights: String,
    /// Where is kept what is typed and printed in `execute-command`; none: where the container's own output is.
    pub command_log: Option<Id<LogGroup>>,
    /// The namespace in which services find each other if they do not name another.
    pub namespace: Option<Id<HttpNamespace>>,
}

/// A provider's share of the tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// How many tasks it runs at least; more than none for one provider at most.
    pub base: i32,
    /// Its part of the others, beside the weights of the other providers.
    pub weight: i32,
}

impl Resource for EcsCluster {
    const KIND: &'static str = "ecs-cluster";
    type Cloud = Account;
    /// The cluster's ARN.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = clusters(cx).await?;
        let ours = all.iter().filter_map(|cluster| {
            let tags = tags_of(cluster.tags());
            let key = cx.owner(&tags).filter(|key| key.kind == Self::KIND)?;
            Some((key, Found { output: Id::new(cluster.cluster_arn()?), actual: actual(cluster), tags: Some(tags) }))
        });
        Ok(ours.collect())
    }

    /// A creation of a name that there is gives the cluster that has it, as long as it is the same (ECS API reference,
    /// `CreateCluster`), so it may be repeated.
    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let name = &cx.key.name;
        if let Some(other) = clusters(cx).await?.iter().find(|other| other.cluster_name() == Some(name)) {
            return Err(taken(&format!("cluster {name}"), &tags_of(other.tags()), cx));
        }
        let call = cx.ecs().create_cluster().cluster_name(name).set_tags(Some(tags_to(cx.tags)));
        let call = call.set_capacity_providers(Some(self.providers.iter().cloned().collect()));
        let call = call.set_default_capacity_provider_strategy(Some(self.shares()?)).settings(self.insights());
        let call = call.set_configuration(self.command_log.is_some().then(|| self.configuration()).transpose()?);
        let call = call.set_service_connect_defaults(self.namespace.is_some().then(|| self.defaults()).transpose()?);
        let made = call.send().await.edge()?;
        let arn = made.cluster.and_then(|cluster| cluster.cluster_arn).map(Id::new);
        arn.ok_or_else(|| Error::new(Class::Other, format!("ECS answered without the ARN of cluster {name}")))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (arn, actual) = (found.output.get()?, &found.actual);
        if (&self.providers, &self.strategy) != (&actual.providers, &actual.strategy) {
            let call = cx.ecs().put_cluster_capacity_providers().cluster(arn);
            let call = call.set_capacity_providers(Some(self.providers.iter().cloned().collect()));
            call.set_default_capacity_provider_strategy(Some(self.shares()?)).send().await.edge()?;
        }
        let (log, namespace) = (self.command_log != actual.command_log, self.namespace != actual.namespace);
        if log || namespace || self.insights != actual.insights {
            let call = cx.ecs().update_cluster().cluster(arn).settings(self.insights());
            let call = call.set_configuration(log.then(|| self.configuration()).transpose()?);
            let call = call.set_service_connect_defaults(namespace.then(|| self.defaults()).transpose()?);
            call.send().await.edge()?;
        }
        Ok(())
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        tag(found.output.get()?, tags, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        cx.ecs().delete_cluster().cluster(found.output.get()?).send().await.edge().map(drop)
    }
}

/// The clusters of the account.
const CLUSTERS: &[&str] = &["arn:aws:ecs:{region}:{account}:cluster/*"];

/// ECS makes its role when it is first used (ECS developer guide, "Using service-linked roles for Amazon ECS").
pub(super) const LINKED_ROLE: Grant = Grant::on(
    &["arn:aws:iam::{account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"],
    &["iam:CreateServiceLinkedRole"],
)
.when(&[("StringEquals", "iam:AWSServiceName", "ecs.amazonaws.com")]);

impl Permissions for EcsCluster {
    const READS: &'static [Grant] =
        &[Grant::everywhere(&["ecs:ListClusters"]), Grant::on(CLUSTERS, &["ecs:DescribeClusters"])];
    const CHANGES: &'static [Grant] = &[
        // It takes no cluster as its resource (Service authorization reference, "Amazon Elastic Container Service").
        Grant::everywhere(&["ecs:CreateCluster"]),
        Grant::on(
            CLUSTERS,
            &["ecs:DeleteCluster", "ecs:PutClusterCapacityProviders", "ecs:TagResource", "ecs:UpdateCluster"],
        ),
        LINKED_ROLE,
    ];
}

impl EcsCluster {
    fn shares(&self) -> Result<Vec<CapacityProviderStrategyItem>> {
        let items = self.strategy.iter().map(|(provider, share)| {
            let item = CapacityProviderStrategyItem::builder().capacity_provider(provider);
            item.base(share.base).weight(share.weight).build()
        });
        items.collect::<Result<_, _>>().map_err(unbuilt)
    }

    fn insights(&self) -> ClusterSetting {
        ClusterSetting::builder().name(ClusterSettingName::ContainerInsights).value(&self.insights).build()
    }

    fn configuration(&self) -> Result<ClusterConfiguration> {
        let commands = ExecuteCommandConfiguration::builder();
        let commands = match &self.command_log {
            Some(group) => {
                let log = ExecuteCommandLogConfiguration::builder().cloud_watch_log_group_name(group.get()?).build();
                commands.logging(ExecuteCommandLogging::Override).log_configuration(log)
            }
            None => commands.logging(ExecuteCommandLogging::Default),
        };
        Ok(ClusterConfiguration::builder().execute_command_configuration(commands.build()).build())
    }

    /// An empty name takes the namespace away (ECS API reference, `ClusterServiceConnectDefaultsRequest`).
    fn defaults(&self) -> Result<ClusterServiceConnectDefaultsRequest> {
        let namespace = self.namespace.as_ref().map(Id::get).transpose()?.unwrap_or_default();
        ClusterServiceConnectDefaultsRequest::builder().namespace(namespace).build().map_err(unbuilt)
    }
}

fn actual(cluster: &Cluster) -> EcsCluster {
    let strategy = cluster.default_capacity_provider_strategy().iter();
    let insights = cluster.settings().iter().find(|one| one.name() == Some(&ClusterSettingName::ContainerInsights));
    let commands = cluster.configuration().and_then(ClusterConfiguration::execute_command_configuration);
    let log = commands.filter(|commands| commands.logging() == Some(&ExecuteCommandLogging::Override));
    let group = log.and_then(|log| log.log_configuration()?.cloud_watch_log_group_name());
    let namespace = cluster.service_connect_defaults().and_then(|defaults| defaults.namespace());
    EcsCluster {
        providers: cluster.capacity_providers().iter().cloned().collect(),
        strategy: strategy
            .map(|item| (item.capacity_provider().to_owned(), Share { base: item.base(), weight: item.weight() }))
            .collect(),
        insights: insights.and_then(ClusterSetting::value).unwrap_or("disabled").to_owned(),
        command_log: group.map(Id::new),
        namespace: namespace.filter(|namespace| !namespace.is_empty()).map(Id::new),
    }
}
