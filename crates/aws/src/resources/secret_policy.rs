//! Who in other accounts may read a secret.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Cx, Found, Id, Key, Resource, Result};
use futures_util::future;
use policy::Kind;
use serde::Serialize;

use super::secret::SECRETS;
use super::{Secret, policy_size};
use crate::edge::{Edge, unless_gone};
use crate::inventory::list;
use crate::{Account, Grant, Permissions, PolicyDocument};

/// The policy of a secret, which is called as its node.
#[derive(Debug, Serialize)]
pub struct SecretPolicy {
    /// The secret, by whose name it is known.
    #[serde(skip)]
    pub secret: Id<Secret>,
    /// What it allows.
    pub document: PolicyDocument,
}

impl Resource for SecretPolicy {
    const KIND: &'static str = "secret-policy";
    const TAGGED: bool = false;
    type Cloud = Account;
    /// The secret's ARN.
    type Output = Id<Secret>;

    fn check(&self, key: &Key) -> Result<Option<String>> {
        policy_size::check(&self.document, Kind::Secret, policy_size::FEWER, key)
    }

    /// The policies of the secrets that are ours.
    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let key = |name: &String| Key::new(cx.scope(), Self::KIND, name.as_str());
        Ok(all.iter().map(|(name, (arn, document))| (key(name), found(arn, document))).collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        if let Some((arn, document)) = all(cx).await?.get(&cx.key.name) {
            return Ok(Some(found(arn, document)));
        }
        // A secret that was made within five minutes may be in no list (Secrets Manager API reference, `ListSecrets`).
        let Some(arn) = self.secret.known() else { return Ok(None) };
        Ok(document(arn, cx).await?.map(|document| found(arn, &document)))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Secret>> {
        self.put(cx).await?;
        Ok(self.secret.clone())
    }

    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        self.put(cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.secrets_manager().delete_resource_policy().secret_id(found.output.get()?);
        unless_gone(call.send().await.edge().map(drop))
    }
}

impl Permissions for SecretPolicy {
    const READS: &'static [Grant] = &[
        Grant::everywhere(&["secretsmanager:ListSecrets"]),
        Grant::on(SECRETS, &["secretsmanager:GetResourcePolicy"]),
    ];
    const CHANGES: &'static [Grant] =
        &[Grant::on(SECRETS, &["secretsmanager:DeleteResourcePolicy", "secretsmanager:PutResourcePolicy"])];
}

impl SecretPolicy {
    /// Secrets Manager refuses what would let everybody in.
    async fn put(&self, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.secrets_manager().put_resource_policy().secret_id(self.secret.get()?);
        call.resource_policy(self.document.to_string()).block_public_policy(true).send().await.edge().map(drop)
    }
}

fn found(arn: &str, document: &PolicyDocument) -> Found<SecretPolicy> {
    let (secret, document) = (Id::new(arn), document.clone());
    Found { output: secret.clone(), actual: SecretPolicy { secret, document }, tags: None }
}

/// The policy of a secret, if it has one.
async fn document(secret: &str, cx: &Cx<'_, Account>) -> Result<Option<PolicyDocument>> {
    let answer = cx.secrets_manager().get_resource_policy().secret_id(secret).send().await.edge();
    let text = super::unless_missing(answer)?.and_then(|answer| answer.resource_policy);
    Ok(text.map(|text| PolicyDocument::read(&text)))
}

/// The policies of our secrets, by the secret's name, with its ARN. No list has them.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<BTreeMap<String, (String, PolicyDocument)>>> {
    list(cx, SecretPolicy::KIND, async {
        let ours = Secret::owned(cx).await?.into_iter().map(|(key, found)| async move {
            let arn = found.output.get()?.to_owned();
            Ok(document(&arn, cx).await?.map(|document| (key.name, (arn, document))))
        });
        Ok(future::try_join_all(ours).await?.into_iter().flatten().collect())
    })
    .await
}
