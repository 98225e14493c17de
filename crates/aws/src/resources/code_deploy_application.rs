//! What `CodeDeploy` knows a service by.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_codedeploy::types::ComputePlatform;
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use serde::Serialize;

use super::account_tags;
use super::code_deploy::{self, arn_of, tags_of, tags_to};
use super::containers::taken;
use crate::edge::{Edge, not_yet_if_unseen, unless_gone};
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// An application of `CodeDeploy` for a service of ECS. It is called as its node is, and known by that name; its tags say whose
/// it is.
#[derive(Debug, Serialize)]
pub struct CodeDeployApplication {}

/// `CodeDeploy` API reference, `BatchGetApplications`, `applicationNames`: 100 at most.
const AT_ONCE: usize = 100;

/// The applications of the account and region by name, with what they are for and their tags.
pub(super) async fn all(cx: &Cx<'_, Account>) -> Result<Arc<BTreeMap<String, (Option<ComputePlatform>, Tags)>>> {
    list(cx, "code-deploy-applications", async {
        let names = cx.code_deploy().list_applications().into_paginator().items().send();
        let names: Vec<String> = names.try_collect().await.edge()?;
        let platforms = names.chunks(AT_ONCE).map(|some| {
            let call = cx.code_deploy().batch_get_applications().set_application_names(Some(some.to_vec()));
            // One of them may be gone, which the list does not show yet.
            async move { call.send().await.edge().map_err(not_yet_if_unseen) }.boxed()
        });
        let all = try_join_all(platforms).await?.into_iter();
        let tagged = all.flat_map(|answer| answer.applications_info.unwrap_or_default()).map(|one| {
            async move {
                let name = one.application_name.unwrap_or_default();
                let tags = tags_of(&arn_of("application", &name, cx), cx).await?;
                Ok::<_, Error>(tags.map(|tags| (name, (one.compute_platform, tags))))
            }
            .boxed()
        });
        Ok(try_join_all(tagged).await?.into_iter().flatten().collect())
    })
    .await
}

/// Those that are ours. Where the tags of the account name none, nothing is listed for it: that list is there anyway.
pub(super) async fn ours(cx: &Cx<'_, Account>) -> Result<Vec<String>> {
    if !account_tags::all(cx).await?.keys().any(|arn| arn.contains(":codedeploy:")) {
        return Ok(Vec::new());
    }
    let all = all(cx).await?;
    Ok(all.iter().filter(|(_, (_, tags))| cx.owner(tags).is_some()).map(|(name, _)| name.clone()).collect())
}

impl Resource for CodeDeployApplication {
    const KIND: &'static str = "code-deploy-application";
    type Cloud = Account;
    /// Its name.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let ours = ours(cx).await?;
        if ours.is_empty() {
            return Ok(Vec::new());
        }
        let all = all(cx).await?;
        let owned = ours.iter().filter_map(|name| {
            let (_, tags) = all.get(name)?;
            let key = cx.owner(tags).filter(|key| key.kind == Self::KIND)?;
            Some((key, found(name, tags)))
        });
        Ok(owned.collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let (name, all) = (&cx.key.name, all(cx).await?);
        let Some((platform, tags)) = all.get(name) else { return Ok(None) };
        if !super::is_free(tags, cx) {
            return Err(taken(&format!("application {name} of CodeDeploy"), tags, cx));
        }
        if let Some(platform) = platform.as_ref().filter(|platform| **platform != ComputePlatform::Ecs) {
            let message =
                format!("the application {name} of CodeDeploy is for {platform}, and cannot bring a service out");
            return Err(Error::new(Class::Invalid, message).hint("delete it, if nobody needs it, and run again"));
        }
        Ok(Some(found(name, tags)))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        // A second one of this name is refused, so it may be repeated.
        let call = cx.code_deploy().create_application().application_name(&cx.key.name);
        let call = call.compute_platform(ComputePlatform::Ecs).set_tags(Some(tags_to(cx.tags)));
        call.send().await.edge()?;
        Ok(Id::new(cx.key.name.as_str()))
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        code_deploy::tag(&arn_of("application", found.output.get()?, cx), tags, cx).await
    }

    /// Its groups go with it.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.code_deploy().delete_application().application_name(found.output.get()?);
        unless_gone(call.send().await.edge().map(drop))
    }
}

/// The applications of the account.
pub(super) const APPLICATIONS: &[&str] = &["arn:aws:codedeploy:{region}:{account}:application:*"];

impl Permissions for CodeDeployApplication {
    const READS: &'static [Grant] = &[
        Grant::everywhere(&["codedeploy:ListApplications", "tag:GetResources"]),
        Grant::on(APPLICATIONS, &["codedeploy:BatchGetApplications", "codedeploy:ListTagsForResource"]),
    ];
    const CHANGES: &'static [Grant] = &[Grant::on(
        APPLICATIONS,
        &["codedeploy:CreateApplication", "codedeploy:DeleteApplication", "codedeploy:TagResource"],
    )];
}

fn found(name: &str, tags: &Tags) -> Found<CodeDeployApplication> {
    Found { output: Id::new(name), actual: CodeDeployApplication {}, tags: Some(tags.clone()) }
}
