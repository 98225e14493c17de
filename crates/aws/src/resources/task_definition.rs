//! What the tasks of a service are made from.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_ecs::types::{
    Compatibility, CpuArchitecture, EphemeralStorage, NetworkMode, OsFamily, RuntimePlatform,
    TaskDefinition as EcsTaskDefinition, TaskDefinitionField, TaskDefinitionStatus,
};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::container::others;
use super::containers::{tag, tags_of, tags_to, taken};
use super::{Container, Role, unless_missing};
use crate::edge::{Edge, unless_gone};
use crate::inventory::list;
use crate::token::hex;
use crate::{Account, Grant, Permissions};

/// A task definition for Fargate. Its family is called as its node is; its revisions are immutable, so that a change is
/// another revision. The newest active one is what is there.
#[derive(Debug, Serialize)]
pub struct TaskDefinition {
    /// CPU units: 1024 are one vCPU.
    pub cpu: i32,
    /// Memory in MiB. Fargate has certain pairs of the two (ECS API reference, `RegisterTaskDefinition`, `cpu`).
    pub memory: i32,
    /// `X86_64` or `ARM64`.
    pub architecture: String,
    /// GiB of disk, from 21 to 200; none: 20.
    pub storage: Option<i32>,
    /// What ECS itself does for a task, such as pulling its images and reading its secrets.
    pub execution_role: Id<Role>,
    /// What the containers may do.
    pub task_role: Option<Id<Role>>,
    /// The containers, by name.
    pub containers: BTreeMap<String, Container>,
    /// What a revision of somebody else's has that ours never have. It is never wanted.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub others: BTreeSet<String>,
}

/// How many revisions stay active, so that a service can go back to them.
const KEPT: usize = 5;
/// ECS API reference, `DeleteTaskDefinitions`: "You can specify up to 10 task definitions".
const DELETIONS: usize = 10;

/// A revision, with its tags.
pub(super) struct Revision {
    pub(super) arn: String,
    pub(super) definition: EcsTaskDefinition,
    tags: Tags,
}

impl Resource for TaskDefinition {
    const KIND: &'static str = "task-definition";
    type Cloud = Account;
    /// The family, which stays while revisions come and go. Who runs a revision knows it by its
    /// [content](TaskDefinition::content).
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = newest(cx).await?;
        let ours = all.iter().filter_map(|(family, revision)| {
            let key = cx.owner(&revision.tags).filter(|key| key.kind == Self::KIND)?;
            Some((key, found(family, revision)))
        });
        Ok(ours.collect())
    }

    /// By the family's name. A revision without our tags is one that a person or a pipeline has registered; one with
    /// those of another node is that node's.
    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let (family, all) = (&cx.key.name, newest(cx).await?);
        let Some(revision) = all.get(family) else { return Ok(None) };
        if crate::tags::is_claimed(&revision.tags) && cx.owner(&revision.tags).as_ref() != Some(cx.key) {
            return Err(taken(&format!("task definition {family}"), &revision.tags, cx));
        }
        Ok(Some(found(family, revision)))
    }

    /// There is no token for it; a second revision of the same content does no harm, and is deregistered in time.
    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        self.register(cx).await?;
        Ok(Id::new(cx.key.name.as_str()))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        self.register(cx).await?;
        // What a run that is killed here leaves, the next revision takes along.
        for old in listed(found.output.get()?, TaskDefinitionStatus::Active, cx).await?.into_iter().skip(KEPT) {
            deregister(&old, cx).await?;
        }
        Ok(())
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        let newest = described(found.output.get()?, cx).await?;
        tag(&newest.arn, tags, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let family = found.output.get()?;
        // First what an earlier run has deregistered and not deleted; the newest last, by which the family is found.
        let inactive = listed(family, TaskDefinitionStatus::Inactive, cx).await?;
        delete_all(&inactive, cx).await?;
        let mut active = listed(family, TaskDefinitionStatus::Active, cx).await?;
        active.reverse();
        for some in active.chunks(DELETIONS) {
            for one in some {
                deregister(one, cx).await?;
            }
            delete_all(some, cx).await?;
        }
        // The list may have lacked the newest.
        match unless_missing(described(family, cx).await)? {
            Some(left) if left.definition.status() == Some(&TaskDefinitionStatus::Active) => {
                Err(Error::new(Class::NotYet, format!("{} is still active", left.arn)))
            }
            _ => Ok(()),
        }
    }
}

impl Permissions for TaskDefinition {
    /// None of these takes a resource (Service authorization reference, "Amazon Elastic Container Service").
    const READS: &'static [Grant] = &[Grant::everywhere(&["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"])];
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&["ecs:DeregisterTaskDefinition", "ecs:RegisterTaskDefinition"]),
        Grant::on(
            &["arn:aws:ecs:{region}:{account}:task-definition/*"],
            &["ecs:DeleteTaskDefinitions", "ecs:TagResource"],
        ),
        Grant::on(&["arn:aws:iam::{account}:role/orgstrap-*"], &["iam:PassRole"]).when(&[(
            "StringEquals",
            "iam:PassedToService",
            "ecs-tasks.amazonaws.com",
        )]),
    ];
}

impl TaskDefinition {
    /// What a revision is known by to those who run it: the same for the same desired state, whatever its number. It is
    /// computed from the desired state before there is a revision, and from what ECS shows after that.
    ///
    /// # Panics
    /// Never: everything in it can be written as JSON.
    pub fn content(&self) -> String {
        let text = serde_json::to_string(self).expect("a task definition can be written as JSON");
        hex(&Sha256::digest(text)[..16])
    }

    pub(super) fn read(definition: &EcsTaskDefinition) -> Self {
        let number = |text: Option<&str>| text.and_then(|text| text.parse().ok()).unwrap_or_default();
        let containers = definition.container_definitions();
        let platform = definition.runtime_platform();
        let architecture = platform.and_then(RuntimePlatform::cpu_architecture).unwrap_or(&CpuArchitecture::X8664);
        let is_linux =
            platform.and_then(RuntimePlatform::operating_system_family).is_none_or(|os| *os == OsFamily::Linux);
        let unusual = [
            ("networkMode", definition.network_mode() != Some(&NetworkMode::Awsvpc)),
            ("operatingSystemFamily", !is_linux),
            ("proxyConfiguration", definition.proxy_configuration().is_some()),
            ("requiresCompatibilities", !definition.requires_compatibilities().contains(&Compatibility::Fargate)),
            ("pidMode", definition.pid_mode().is_some()),
            ("volumes", !definition.volumes().is_empty()),
        ];
        let unusual = unusual.into_iter().filter(|(_, is_so)| *is_so).map(|(name, _)| name.to_owned());
        Self {
            cpu: number(definition.cpu()),
            memory: number(definition.memory()),
            architecture: architecture.as_str().to_owned(),
            storage: definition.ephemeral_storage().map(EphemeralStorage::size_in_gib),
            execution_role: Id::new(definition.execution_role_arn().unwrap_or_default()),
            task_role: definition.task_role_arn().map(Id::new),
            containers: containers
                .iter()
                .map(|container| (container.name().unwrap_or_default().to_owned(), Container::read(container)))
                .collect(),
            others: unusual.chain(containers.iter().flat_map(others)).collect(),
        }
    }

    async fn register(&self, cx: &Cx<'_, Account>) -> Result<()> {
        let containers = self.containers.iter().map(|(name, container)| container.definition(name));
        let platform = RuntimePlatform::builder().operating_system_family(OsFamily::Linux);
        let platform = platform.cpu_architecture(self.architecture.as_str().into()).build();
        let storage = self.storage.map(|size| EphemeralStorage::builder().size_in_gib(size).build());
        let call = cx.ecs().register_task_definition().family(&cx.key.name).set_tags(Some(tags_to(cx.tags)));
        let call = call.requires_compatibilities(Compatibility::Fargate).network_mode(NetworkMode::Awsvpc);
        let call = call.cpu(self.cpu.to_string()).memory(self.memory.to_string()).runtime_platform(platform);
        let call = call.set_ephemeral_storage(storage).execution_role_arn(self.execution_role.get()?);
        let call = call.set_task_role_arn(self.task_role.as_ref().map(Id::get).transpose()?.map(str::to_owned));
        call.set_container_definitions(Some(containers.collect::<Result<_>>()?)).send().await.edge().map(drop)
    }
}

fn found(family: &str, revision: &Revision) -> Found<TaskDefinition> {
    let actual = TaskDefinition::read(&revision.definition);
    Found { output: Id::new(family), actual, tags: Some(revision.tags.clone()) }
}

/// The newest active revision of every family.
pub(super) async fn newest(cx: &Cx<'_, Account>) -> Result<Arc<BTreeMap<String, Revision>>> {
    list(cx, "task-definitions", async {
        let arns = cx.ecs().list_task_definitions().into_paginator().items().send();
        let arns: Vec<String> = arns.try_collect().await.edge()?;
        let mut newest: BTreeMap<&str, (i32, &str)> = BTreeMap::new();
        for arn in &arns {
            let (family, number) = parts(arn);
            let one = newest.entry(family).or_insert((number, arn));
            *one = (*one).max((number, arn));
        }
        let described = newest.into_iter().map(|(family, (_, arn))| {
            async move { Ok(unless_missing(described(arn, cx).await)?.map(|revision| (family.to_owned(), revision))) }.boxed()
        });
        Ok(try_join_all(described).await?.into_iter().flatten().collect())
    })
    .await
}

/// A revision by its ARN, or the newest active one of a family.
pub(super) async fn described(name: &str, cx: &Cx<'_, Account>) -> Result<Revision> {
    let call = cx.ecs().describe_task_definition().task_definition(name).include(TaskDefinitionField::Tags);
    let answer = call.send().await.edge()?;
    let tags = tags_of(answer.tags());
    let revision = answer
        .task_definition
        .and_then(|definition| Some(Revision { arn: definition.task_definition_arn.clone()?, definition, tags }));
    revision.ok_or_else(|| Error::new(Class::NotFound, format!("there is no task definition {name}")))
}

/// The newest revision of a family, if its content is the one that is wanted.
pub(super) async fn wanted(family: &Id<TaskDefinition>, content: &str, cx: &Cx<'_, Account>) -> Result<Revision> {
    let family = family.get()?;
    let revision = unless_missing(described(family, cx).await)?;
    let is_wanted = |one: &Revision| TaskDefinition::read(&one.definition).content() == content;
    revision.filter(is_wanted).ok_or_else(|| {
        let message = format!("the newest revision of task definition {family} is not the one that was registered");
        Error::new(Class::NotYet, message)
            .hint("if somebody else registers revisions of it, see who does, and run again")
    })
}

/// The content of a revision, whatever its number; nothing of one that is gone.
pub(super) async fn content_of(arn: &str, cx: &Cx<'_, Account>) -> Result<String> {
    let all = newest(cx).await?;
    if let Some(revision) = all.values().find(|revision| revision.arn == arn) {
        return Ok(TaskDefinition::read(&revision.definition).content());
    }
    // An older one, or one that is not listed yet.
    let revision = unless_missing(described(arn, cx).await)?;
    Ok(revision.map(|revision| TaskDefinition::read(&revision.definition).content()).unwrap_or_default())
}

/// The ARNs of a family's revisions, the newest first.
async fn listed(family: &str, status: TaskDefinitionStatus, cx: &Cx<'_, Account>) -> Result<Vec<String>> {
    let call = cx.ecs().list_task_definitions().family_prefix(family).status(status);
    let mut all: Vec<String> = call.into_paginator().items().send().try_collect().await.edge()?;
    all.retain(|arn| parts(arn).0 == family);
    all.sort_by_key(|arn| Reverse(parts(arn).1));
    Ok(all)
}

async fn deregister(arn: &str, cx: &Cx<'_, Account>) -> Result<()> {
    unless_gone(cx.ecs().deregister_task_definition().task_definition(arn).send().await.edge().map(drop))
}

async fn delete_all(arns: &[String], cx: &Cx<'_, Account>) -> Result<()> {
    for some in arns.chunks(DELETIONS) {
        let call = cx.ecs().delete_task_definitions().set_task_definitions(Some(some.to_vec()));
        let answer = call.send().await.edge()?;
        let is_there = |reason: &str| !reason.contains("does not exist");
        let failure = answer.failures().iter().find(|failure| failure.reason().is_some_and(is_there));
        if let Some(failure) = failure {
            let (arn, reason) = (failure.arn().unwrap_or_default(), failure.reason().unwrap_or_default());
            return Err(Error::new(Class::NotYet, format!("{arn} is not deleted: {reason}")));
        }
    }
    Ok(())
}

/// The family and the number of a revision: `arn:aws:ecs:us-west-1:111122223333:task-definition/backend:7`.
fn parts(arn: &str) -> (&str, i32) {
    let name = arn.rsplit_once('/').map_or(arn, |(_, name)| name);
    let (family, number) = name.rsplit_once(':').unwrap_or((name, ""));
    (family, number.parse().unwrap_or_default())
}
