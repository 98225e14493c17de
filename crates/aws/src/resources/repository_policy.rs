//! Who may pull from a repository, and push to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Cx, Found, Id, Key, Resource, Result};
use futures_util::future;
use policy::Kind;
use serde::Serialize;

use super::ecr_repository::REPOSITORIES;
use super::repositories::{self, name_of};
use super::{EcrRepository, policy_size, unless_missing};
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions, PolicyDocument};

/// The policy of a repository, whose name its node has. It takes no tags: it is ours where the repository is.
#[derive(Debug, Serialize)]
pub struct RepositoryPolicy {
    /// The repository.
    #[serde(skip)]
    pub repository: Id<EcrRepository>,
    /// What it allows.
    pub document: PolicyDocument,
}

impl Resource for RepositoryPolicy {
    const KIND: &'static str = "repository-policy";
    const TAGGED: bool = false;
    type Cloud = Account;
    /// The repository, which has the policy.
    type Output = Id<EcrRepository>;

    fn check(&self, key: &Key) -> Result<Option<String>> {
        policy_size::check(&self.document, Kind::EcrRepository, policy_size::BY_UNITS, key)
    }

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let owned = of_owned(cx).await?;
        let owned = owned.iter().filter_map(|(arn, document)| {
            let repository = Id::new(arn.as_str());
            let key = Key::new(cx.scope(), Self::KIND, name_of(&repository).ok()?);
            Some((key, found(&repository, document.clone()?)))
        });
        Ok(owned.collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let Some(arn) = self.repository.known() else { return Ok(None) };
        let owned = of_owned(cx).await?;
        let document = match owned.get(arn) {
            Some(document) => document.clone(),
            // It is to be taken over, or its tags are not listed yet.
            None => policy_of(name_of(&self.repository)?, cx).await?,
        };
        Ok(document.map(|document| found(&self.repository, document)))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Self::Output> {
        self.set(cx).await?;
        Ok(self.repository.clone())
    }

    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        self.set(cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.ecr().delete_repository_policy().repository_name(name_of(&found.output)?);
        call.send().await.edge().map(drop)
    }
}

impl Permissions for RepositoryPolicy {
    const READS: &'static [Grant] = &[
        Grant::on(REPOSITORIES, &["ecr:DescribeRepositories", "ecr:GetRepositoryPolicy"]),
        Grant::everywhere(&["tag:GetResources"]),
    ];
    const CHANGES: &'static [Grant] =
        &[Grant::on(REPOSITORIES, &["ecr:DeleteRepositoryPolicy", "ecr:SetRepositoryPolicy"])];
}

impl RepositoryPolicy {
    /// Never by force: a policy that keeps its own writer out is a mistake (ECR API reference, `SetRepositoryPolicy`).
    async fn set(&self, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.ecr().set_repository_policy().repository_name(name_of(&self.repository)?);
        call.policy_text(self.document.to_string()).send().await.edge().map(drop)
    }
}

fn found(repository: &Id<EcrRepository>, document: PolicyDocument) -> Found<RepositoryPolicy> {
    let actual = RepositoryPolicy { repository: repository.clone(), document };
    Found { output: repository.clone(), actual, tags: None }
}

/// The policy of every repository that is ours, or none, by the repository's ARN: a call for each.
async fn of_owned(cx: &Cx<'_, Account>) -> Result<Arc<BTreeMap<String, Option<PolicyDocument>>>> {
    list(cx, "repository-policies", async {
        let owned = repositories::owned(cx).await?.into_iter();
        let named = owned.filter_map(|(_, one, _)| Some((one.repository_arn?, one.repository_name?)));
        let policies = named.map(|(arn, name)| async move {
            let document = policy_of(&name, cx).await?;
            Ok::<_, engine::Error>((arn, document))
        });
        Ok(future::try_join_all(policies).await?.into_iter().collect())
    })
    .await
}

/// The policy of a repository; none, too, of a repository that is not there.
pub(crate) async fn policy_of(name: &str, account: &Account) -> Result<Option<PolicyDocument>> {
    let answer = account.ecr().get_repository_policy().repository_name(name).send().await.edge();
    let text = unless_missing(answer)?.and_then(|answer| answer.policy_text);
    Ok(text.as_deref().map(PolicyDocument::read))
}
