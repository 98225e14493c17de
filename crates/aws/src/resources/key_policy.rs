//! Who may use a key.

use engine::{Class, Cx, Found, Id, Key, Nature, Resource, Result};
use policy::Kind;
use serde::Serialize;

use super::kms_key::{KEYS, id_of};
use super::{KmsKey, policy_size};
use crate::edge::Edge;
use crate::{Account, Grant, Permissions, PolicyDocument};

/// The only policy that a key has (KMS API `PutKeyPolicy`, `PolicyName`).
const ONLY: &str = "default";

/// The policy of a key, which always has one.
#[derive(Debug, Serialize)]
pub struct KeyPolicy {
    /// The key.
    pub key: Id<KmsKey>,
    /// What it allows.
    pub document: PolicyDocument,
}

impl Resource for KeyPolicy {
    const KIND: &'static str = "key-policy";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = Id<KmsKey>;

    fn check(&self, key: &Key) -> Result<Option<String>> {
        policy_size::check(&self.document, Kind::Key, policy_size::FEWER, key)
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let Some(key) = self.key.known() else { return Ok(None) };
        let answer = cx.kms().get_key_policy().key_id(id_of(key)).policy_name(ONLY).send().await.edge();
        let document = match answer {
            // It was made a moment ago.
            Err(error) if error.class == Class::NotFound => {
                return Err(engine::Error { class: Class::NotYet, ..error });
            }
            answer => PolicyDocument::read(answer?.policy().unwrap_or_default()),
        };
        let actual = Self { key: self.key.clone(), document };
        Ok(Some(Found { output: self.key.clone(), actual, tags: None }))
    }

    /// KMS refuses a policy by which the caller could not change it again, unless told to let it pass, which never happens
    /// here.
    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.kms().put_key_policy().key_id(id_of(found.output.get()?)).policy_name(ONLY);
        call.policy(self.document.to_string()).send().await.edge().map(drop)
    }
}

impl Permissions for KeyPolicy {
    const READS: &'static [Grant] = &[Grant::on(KEYS, &["kms:GetKeyPolicy"])];
    const CHANGES: &'static [Grant] = &[Grant::on(KEYS, &["kms:PutKeyPolicy"])];
}
