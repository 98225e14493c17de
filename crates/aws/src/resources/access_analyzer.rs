//! What finds out which of the account's objects somebody outside of it can use.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_accessanalyzer::types::{AnalyzerStatus, AnalyzerSummary, Type};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use serde::Serialize;

use crate::edge::Edge;
use crate::inventory::list;
use crate::token::token;
use crate::{Account, Grant, Permissions};

/// An external access analyzer of IAM Access Analyzer, whose zone of trust is the account, in the account's region. It
/// costs nothing (IAM Access Analyzer pricing). Known by its tags, named `orgstrap-<name>`.
#[derive(Debug, Serialize)]
pub struct AccessAnalyzer {}

impl AccessAnalyzer {
    /// The name of the analyzer of a node.
    pub fn name(node: &str) -> String {
        format!("orgstrap-{node}")
    }
}

impl Permissions for AccessAnalyzer {
    const READS: &'static [Grant] = &[Grant::everywhere(&["access-analyzer:ListAnalyzers"])];
    const CHANGES: &'static [Grant] = &[
        Grant::on(
            &["arn:aws:access-analyzer:{region}:{account}:analyzer/orgstrap-*"],
            &[
                "access-analyzer:CreateAnalyzer",
                "access-analyzer:DeleteAnalyzer",
                "access-analyzer:GetAnalyzer",
                "access-analyzer:TagResource",
            ],
        ),
        // The first analyzer of an account makes it (IAM user guide, "Using service-linked roles for IAM Access
        // Analyzer").
        Grant::on(
            &["arn:aws:iam::{account}:role/aws-service-role/access-analyzer.amazonaws.com/AWSServiceRoleForAccessAnalyzer"],
            &["iam:CreateServiceLinkedRole"],
        )
        .when(&[("StringEquals", "iam:AWSServiceName", "access-analyzer.amazonaws.com")]),
    ];
}

/// Every analyzer for external access to the account that works, or will.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<AnalyzerSummary>>> {
    list(cx, AccessAnalyzer::KIND, async {
        let call = cx.access_analyzer().list_analyzers().r#type(Type::Account);
        call.into_paginator().items().send().try_collect().await.edge()
    })
    .await
}

fn tags_of(analyzer: &AnalyzerSummary) -> Tags {
    analyzer.tags().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn tags_to(tags: &Tags) -> HashMap<String, String> {
    tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

impl Resource for AccessAnalyzer {
    const KIND: &'static str = "access-analyzer";
    type Cloud = Account;
    /// The analyzer's ARN.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let ours = all.iter().filter_map(|analyzer| {
            let tags = tags_of(analyzer);
            let key = cx.owner(&tags).filter(|key| key.kind == Self::KIND)?;
            Some((key, Found { output: Id::new(analyzer.arn()), actual: Self {}, tags: Some(tags) }))
        });
        Ok(ours.collect())
    }

    /// AWS takes one of this type in a region (Access Analyzer API reference, `CreateAnalyzer`), so another one that is
    /// there is for a person to judge.
    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        if let Some(other) = all(cx).await?.first() {
            if cx.owner(&tags_of(other)).as_ref() == Some(cx.key) {
                return Err(Error::new(Class::NotYet, format!("{} was made a moment ago", other.name())));
            }
            let message = format!("account {} has an access analyzer already, {}", cx.id(), other.name());
            return Err(Error::new(Class::Invalid, message).hint(
                "AWS allows one of this type in a region: delete it, and run again, or leave it as it is and write \
                 `access_analyzer = { off = \"...\" }` under [hardening] in the account's file",
            ));
        }
        let tags: Vec<&str> = cx.tags.iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]).collect();
        let call = cx.access_analyzer().create_analyzer().analyzer_name(Self::name(&cx.key.name));
        let call = call.r#type(Type::Account).set_tags(Some(tags_to(cx.tags))).client_token(token(cx.key, &tags));
        let made = call.send().await.edge()?;
        let arn = made.arn.map(Id::new);
        arn.ok_or_else(|| Error::new(Class::Other, "IAM Access Analyzer answered without the ARN of the analyzer"))
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.access_analyzer().tag_resource().resource_arn(found.output.get()?);
        call.set_tags(Some(tags_to(tags))).send().await.edge()?;
        Ok(())
    }

    async fn ready(output: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let arn = output.get()?;
        let is_active = |analyzer: &AnalyzerSummary| *analyzer.status() == AnalyzerStatus::Active;
        if all(cx).await?.iter().any(|analyzer| analyzer.arn() == arn && is_active(analyzer)) {
            return Ok(());
        }
        // It was made after the list was.
        let answer = cx.access_analyzer().get_analyzer().analyzer_name(name_of(arn)).send().await.edge()?;
        match answer.analyzer() {
            Some(analyzer) if is_active(analyzer) => Ok(()),
            Some(analyzer) if *analyzer.status() != AnalyzerStatus::Creating => {
                let reason = analyzer.status_reason().map_or("AWS gives no reason", |reason| reason.code().as_str());
                let message = format!("{arn} is {}: {reason}", analyzer.status());
                Err(Error::new(Class::Other, message).hint(
                    "IAM Access Analyzer may need its role AWSServiceRoleForAccessAnalyzer: see whether the account \
                     has it, or delete the analyzer and run again",
                ))
            }
            _ => Err(Error::new(Class::NotYet, format!("{arn} is being created"))),
        }
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let name = name_of(found.output.get()?);
        cx.access_analyzer().delete_analyzer().analyzer_name(name).send().await.edge()?;
        Ok(())
    }
}

/// An analyzer is called by the last part of its ARN.
fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
