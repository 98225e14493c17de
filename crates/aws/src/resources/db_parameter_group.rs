//! How the engine of a database is set.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_rds::types::{ApplyMethod, DbParameterGroup as Listed, Parameter};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result};
use serde::Serialize;

use super::{databases, unless_missing};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// How many parameters a call changes (RDS API reference, `ModifyDBParameterGroup`, `ResetDBParameterGroup`).
const AT_ONCE: usize = 20;

/// A parameter group of RDS. It is known by its name, `orgstrap-<name>`: `DescribeDBParameterGroups` reports no tags, and a
/// call per group would be one per node.
#[derive(Debug, Serialize)]
pub struct DbParameterGroup {
    /// Engine and major version, such as `postgres17`.
    pub family: String,
    /// What is set by somebody, by name; all else is as the engine or RDS has it.
    pub parameters: BTreeMap<String, String>,
}

impl DbParameterGroup {
    /// The name of the group of a node.
    pub fn name(node: &str) -> String {
        databases::group_name(node)
    }
}

impl Resource for DbParameterGroup {
    const KIND: &'static str = "db-parameter-group";
    const FIXED: &'static [&'static str] = &["family"];
    type Cloud = Account;
    /// The group's name.
    type Output = Id<Self>;

    /// Without their parameters, which would be a call for each.
    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = list(cx, "db-parameter-groups", async {
            let groups = cx.rds().describe_db_parameter_groups().into_paginator().items().send();
            let groups: Vec<Listed> = groups.try_collect().await.edge()?;
            Ok(groups)
        });
        let found = |group: &Listed| {
            let name = group.db_parameter_group_name()?;
            let key = Key::new(cx.scope(), Self::KIND, databases::node_of(name)?);
            let family = group.db_parameter_group_family().unwrap_or_default().to_owned();
            let actual = Self { family, parameters: BTreeMap::new() };
            Some((key, Found { output: Id::new(name), actual, tags: None }))
        };
        Ok(all.await?.iter().filter_map(found).collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let name = Self::name(&cx.key.name);
        let listed = Self::owned(cx).await?.into_iter().find(|(_, found)| found.output.known() == Some(&name));
        let Some((_, mut found)) = listed else { return Ok(None) };
        let call = cx.rds().describe_db_parameters().db_parameter_group_name(&name);
        let set: Result<Vec<Parameter>> = call.into_paginator().items().send().try_collect().await.edge();
        // It was deleted, which the list does not show yet.
        let Some(set) = unless_missing(set)? else { return Ok(None) };
        // One that was set to the family's own value is no user's for RDS.
        let counts = |one: &Parameter| {
            let is_wanted = one.parameter_name().is_some_and(|name| self.parameters.contains_key(name));
            is_wanted || one.source() == Some("user")
        };
        let set = set.into_iter().filter(counts);
        let set = set.filter_map(|one| Some((one.parameter_name?, one.parameter_value.unwrap_or_default())));
        found.actual.parameters = set.collect();
        Ok(Some(found))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let name = Self::name(&cx.key.name);
        let call = cx.rds().create_db_parameter_group().db_parameter_group_name(&name);
        let call = call.db_parameter_group_family(&self.family);
        let call = call.description(databases::description(&cx.key.name)).set_tags(Some(databases::to_sdk(cx.tags)));
        // A second one of this name is refused, so it may be repeated.
        call.send().await.edge()?;
        // A run that is killed here leaves a group that differs, which the next run mends.
        let none = BTreeMap::new();
        cx.follow_up(|| Box::pin(self.settle(&name, &none, cx))).await?;
        Ok(Id::new(name))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        self.settle(found.output.get()?, &found.actual.parameters, cx).await
    }

    /// It is in use as long as a database has it.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.rds().delete_db_parameter_group().db_parameter_group_name(found.output.get()?);
        call.send().await.edge().map(drop)
    }
}

impl Permissions for DbParameterGroup {
    const READS: &'static [Grant] = &[Grant::on(
        &["arn:aws:rds:{region}:{account}:pg:*"],
        &["rds:DescribeDBParameterGroups", "rds:DescribeDBParameters"],
    )];
    const CHANGES: &'static [Grant] = &[Grant::on(
        PARAMETER_GROUPS,
        &[
            "rds:AddTagsToResource",
            "rds:CreateDBParameterGroup",
            "rds:DeleteDBParameterGroup",
            "rds:ModifyDBParameterGroup",
            "rds:ResetDBParameterGroup",
        ],
    )];
}

/// Those that are called as ours are.
pub(super) const PARAMETER_GROUPS: &[&str] = &["arn:aws:rds:{region}:{account}:pg:orgstrap-*"];

impl DbParameterGroup {
    /// Sets what differs, and gives back to the engine what is wanted no more.
    async fn settle(&self, name: &str, actual: &BTreeMap<String, String>, cx: &Cx<'_, Account>) -> Result<()> {
        let set = self.parameters.iter().filter(|(parameter, value)| actual.get(*parameter) != Some(value));
        let set: BTreeMap<_, _> = set.map(|(parameter, value)| (parameter.as_str(), Some(value.as_str()))).collect();
        let unset = actual.keys().filter(|parameter| !self.parameters.contains_key(*parameter));
        let unset: BTreeMap<_, _> = unset.map(|parameter| (parameter.as_str(), None)).collect();
        if set.is_empty() && unset.is_empty() {
            return Ok(());
        }
        let methods = methods(name, &set.keys().chain(unset.keys()).copied().collect(), cx).await?;
        let parameters = |some: BTreeMap<&str, Option<&str>>| {
            let method = |parameter: &str| methods.get(parameter).cloned().unwrap_or(ApplyMethod::PendingReboot);
            let parameter = |(parameter, value): (&str, Option<&str>)| {
                let one = Parameter::builder().parameter_name(parameter).apply_method(method(parameter));
                one.set_parameter_value(value.map(str::to_owned)).build()
            };
            some.into_iter().map(parameter).collect::<Vec<_>>()
        };
        for some in parameters(set).chunks(AT_ONCE) {
            let call = cx.rds().modify_db_parameter_group().db_parameter_group_name(name);
            call.set_parameters(Some(some.to_vec())).send().await.edge()?;
        }
        for some in parameters(unset).chunks(AT_ONCE) {
            let call = cx.rds().reset_db_parameter_group().db_parameter_group_name(name).reset_all_parameters(false);
            call.set_parameters(Some(some.to_vec())).send().await.edge()?;
        }
        Ok(())
    }
}

/// When each parameter can come into effect: a static one with the next restart of the database, a dynamic one at once (RDS
/// API reference, `Parameter`, `ApplyType` and `ApplyMethod`).
async fn methods(name: &str, wanted: &BTreeSet<&str>, cx: &Cx<'_, Account>) -> Result<HashMap<String, ApplyMethod>> {
    let call = cx.rds().describe_db_parameters().db_parameter_group_name(name);
    let all: Vec<Parameter> = call.into_paginator().items().send().try_collect().await.edge()?;
    let method = |parameter: &Parameter| match parameter.apply_type() {
        Some("dynamic") => ApplyMethod::Immediate,
        _ => ApplyMethod::PendingReboot,
    };
    let known = all.iter().filter_map(|one| Some((one.parameter_name()?.to_owned(), method(one))));
    let known: HashMap<_, _> = known.filter(|(parameter, _)| wanted.contains(parameter.as_str())).collect();
    match wanted.iter().find(|parameter| !known.contains_key(**parameter)) {
        None => Ok(known),
        Some(unknown) => Err(Error::new(Class::Invalid, format!("the family of {name} has no parameter {unknown}"))
            .hint("look at the engine's parameters: aws rds describe-engine-default-parameters")),
    }
}
