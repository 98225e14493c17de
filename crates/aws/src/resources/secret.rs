//! A secret: where its value is kept. The value itself is no part of the state that is planned, shown or noted.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::{ReplicaRegionType, SecretListEntry, StatusType, Tag};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::KmsKey;
use super::secret_values::{OURS, SecretValues, in_force};
use crate::edge::{Edge, unless_gone};
use crate::inventory::list;
use crate::token::token;
use crate::{Account, FLEET_TAG, Grant, KEY_TAG, Permissions};

/// How long a deleted secret can be brought back: the longest (Secrets Manager API `DeleteSecret`).
const DAYS_TO_REGRET: i64 = 30;

/// A secret, known by its name, which is its node's: one that somebody made by hand is taken over with its value.
#[derive(Debug, Serialize)]
pub struct Secret {
    /// What it is encrypted with; none is the account's default key, which no other account can use.
    pub key: Option<Id<KmsKey>>,
    /// Other regions that have a copy.
    pub replicas: BTreeSet<String>,
    /// Whether it has the value that it should.
    pub value: Value,
    /// Where that comes from.
    #[serde(skip)]
    pub content: Content,
}

/// All that is ever said of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// It has one, which is as it should be as far as can be told without reading it.
    Set,
    /// It was written by orgstrap, from what was wanted then and is not any more.
    Differs,
    /// It has none.
    Missing,
}

/// Where the value of a secret comes from.
#[derive(Clone, Debug)]
pub enum Content {
    /// From outside, once: it is not compared, because whoever plans may not read it.
    Given(SecretValues),
    /// It is in the fleet's files, for everybody to read. The version that has it is known by it.
    Public(String),
    /// A copy of another secret, made again when that one has another version.
    Copy {
        /// The other one's version.
        of: Id<super::SharedSecret>,
        /// The other one's value.
        values: SecretValues,
    },
}

impl Content {
    /// The id of the version with this content, if it can be told without the value. An id is for everybody to see: it is
    /// derived from values that are, and from no others.
    fn version(&self, key: &Key) -> Option<String> {
        match self {
            Self::Given(_) => None,
            Self::Public(value) => Some(public_version(key, value)),
            Self::Copy { of, .. } => of.known().map(|version| version_of(key, &["copy", version])),
        }
    }

    /// The id of the version that is to be written.
    fn next_version(&self, key: &Key) -> String {
        self.version(key).unwrap_or_else(|| version_of(key, &["first"]))
    }

    /// How the version in force stands to it. What somebody else wrote is newer than what the files say.
    fn standing(&self, key: &Key, current: Option<&str>) -> Value {
        match (current, self.version(key)) {
            (None, _) => Value::Missing,
            (Some(current), Some(wanted)) if current != wanted && current.starts_with(OURS) => Value::Differs,
            (Some(_), _) => Value::Set,
        }
    }

    fn value(&self, key: &Key) -> Result<SecretString> {
        match self {
            Self::Public(value) => Ok(SecretString::from(value.as_str())),
            Self::Given(values) | Self::Copy { values, .. } => values.get(key),
        }
    }
}

/// The id of the version with a value that is in the fleet's files. By it the value counts as theirs, whoever writes it.
#[must_use]
pub fn public_version(key: &Key, value: &str) -> String {
    version_of(key, &["public", value])
}

/// The id of a version that orgstrap writes: 49 characters of the 64 that there may be.
fn version_of(key: &Key, context: &[&str]) -> String {
    format!("{OURS}{}", token(key, context))
}

impl Resource for Secret {
    const KIND: &'static str = "secret";
    type Cloud = Account;
    /// The secret's ARN.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let ours = all.iter().filter(|entry| entry.deleted_date.is_none()).filter_map(|entry| {
            let tags = tags_of(entry);
            let key = cx.owner(&tags).filter(|key| key.kind == Self::KIND)?;
            let actual = Self {
                key: entry.kms_key_id().map(Id::new),
                replicas: BTreeSet::new(),
                value: Value::Set,
                content: Content::Given(SecretValues::default()),
            };
            Some((key, Found { output: Id::new(entry.arn().unwrap_or_default()), actual, tags: Some(tags) }))
        });
        Ok(ours.collect())
    }

    /// By its name: a list may be five minutes old (Secrets Manager API reference, `ListSecrets`).
    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        // One that is to be deleted is brought back by its creation.
        let described = described(&cx.key.name, cx).await?.filter(|secret| secret.deleted_date.is_none());
        let Some(secret) = described else { return Ok(None) };
        let tags = from_sdk(secret.tags());
        is_free(&tags, cx.key, cx)?;
        let versions = secret.version_ids_to_stages.clone().unwrap_or_default();
        let current = in_force(&versions);
        let is_foreign = |version: &str| !version.starts_with(OURS);
        if current.is_some_and(is_foreign) && self.content.version(cx.key).is_some() {
            cx.tell("its value was set by somebody else and stays; `orgstrap secret set` writes another");
        }
        let value = self.content.standing(cx.key, current);
        let actual = Self {
            key: secret.kms_key_id().map(Id::new),
            replicas: usable_replicas(&secret, cx),
            value,
            content: self.content.clone(),
        };
        Ok(Some(Found { output: Id::new(secret.arn().unwrap_or_default()), actual, tags: Some(tags) }))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let (name, secrets) = (&cx.key.name, cx.secrets_manager());
        if let Some(secret) = described(name, cx).await? {
            if secret.deleted_date.is_some() {
                return self.restore(from_sdk(secret.tags()), cx).await;
            }
            return Err(Error::new(Class::NotYet, format!("secret {name} was made a moment ago")));
        }
        let value = self.content.value(cx.key)?;
        let version = self.content.next_version(cx.key);
        let call = secrets.create_secret().name(name).client_request_token(version);
        let call = call.secret_string(value.expose_secret()).set_tags(Some(to_sdk(cx.tags)));
        let key = self.key.as_ref().map(Id::get).transpose()?.map(str::to_owned);
        let regions = self.replicas.iter().map(|region| replica(region));
        let regions = (!self.replicas.is_empty()).then(|| regions.collect());
        let made = call.set_kms_key_id(key).set_add_replica_regions(regions).send().await.edge()?;
        made.arn.map(Id::new).ok_or_else(|| nameless(name))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (arn, secrets, actual) = (found.output.get()?, cx.secrets_manager(), &found.actual);
        if self.key != actual.key
            && let Some(key) = &self.key
        {
            secrets.update_secret().secret_id(arn).kms_key_id(key.get()?).send().await.edge()?;
        }
        if self.value != actual.value {
            let version = self.content.next_version(cx.key);
            cx.exchange_secret(&cx.key.name, &self.content.value(cx.key)?, &version).await?;
        }
        let missing: Vec<_> = self.replicas.difference(&actual.replicas).map(|region| replica(region)).collect();
        if !missing.is_empty() {
            let call = secrets.replicate_secret_to_regions().secret_id(arn);
            call.set_add_replica_regions(Some(missing)).send().await.edge()?;
        }
        remove_replicas(arn, actual.replicas.difference(&self.replicas).cloned().collect(), cx).await
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.secrets_manager().tag_resource().secret_id(found.output.get()?);
        call.set_tags(Some(to_sdk(tags))).send().await.edge().map(drop)
    }

    /// It can be brought back for a month. A secret that has copies cannot be deleted.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let arn = found.output.get()?;
        let copies = described(arn, cx).await?.and_then(|secret| secret.replication_status).unwrap_or_default();
        remove_replicas(arn, copies.into_iter().filter_map(|copy| copy.region).collect(), cx).await?;
        let call = cx.secrets_manager().delete_secret().secret_id(arn).recovery_window_in_days(DAYS_TO_REGRET);
        unless_gone(call.send().await.edge().map(drop))
    }
}

/// Values are read back before they take the place of others, so whoever changes them may read them. Who only looks may not.
impl Permissions for Secret {
    const READS: &'static [Grant] =
        &[Grant::everywhere(&["secretsmanager:ListSecrets"]), Grant::on(SECRETS, &["secretsmanager:DescribeSecret"])];
    const CHANGES: &'static [Grant] = &[
        Grant::on(
            SECRETS,
            &[
                "secretsmanager:CreateSecret",
                "secretsmanager:DeleteSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:RemoveRegionsFromReplication",
                "secretsmanager:ReplicateSecretToRegions",
                "secretsmanager:RestoreSecret",
                "secretsmanager:TagResource",
                "secretsmanager:UpdateSecret",
                "secretsmanager:UpdateSecretVersionStage",
            ],
        ),
        // Without `kms:Encrypt`, a secret that gets another key has its values under the one before, and nothing says so
        // (Secrets Manager API reference, `UpdateSecret`).
        Grant::on(super::kms_key::KEYS, &["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]).when(&[(
            "StringEquals",
            "kms:ViaService",
            "secretsmanager.{region}.amazonaws.com",
        )]),
    ];
}

/// The secrets of an account: their names are the users'.
pub(super) const SECRETS: &[&str] = &["arn:aws:secretsmanager:{region}:{account}:secret:*"];

impl Secret {
    /// Brings back a secret that is to be deleted, with the value that it had, and makes it what it should be.
    async fn restore(&self, tags: Tags, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        is_free(&tags, cx.key, cx)?;
        let name = &cx.key.name;
        let restored = cx.secrets_manager().restore_secret().secret_id(name).send().await.edge()?;
        cx.tell(format!("secret {name} was to be deleted, and is kept with the value that it had"));
        let id = restored.arn.map(Id::new).ok_or_else(|| nameless(name))?;
        cx.follow_up(|| Box::pin(self.settle(&id, cx))).await?;
        Ok(id)
    }

    /// Makes a secret that was brought back what it should be.
    async fn settle(&self, id: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let arn = id.get()?;
        let described = cx.secrets_manager().describe_secret().secret_id(arn).send().await.edge()?;
        let current = described.version_ids_to_stages.as_ref().and_then(in_force);
        let value = self.content.standing(cx.key, current);
        let replicas = usable_replicas(&described, cx);
        let actual = Self { key: described.kms_key_id.map(Id::new), replicas, value, content: self.content.clone() };
        let found = Found { output: id.clone(), actual, tags: None };
        self.update(&found, cx).await?;
        Self::tag(&found, cx.tags, cx).await
    }
}

/// A secret as it is, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretStanding {
    /// The id of the version in force; none of one that has no value.
    pub version: Option<String>,
    /// Whether it is to be deleted.
    pub is_deleted: bool,
}

impl SecretStanding {
    /// Whether the value in force was written by somebody else than orgstrap.
    pub fn is_foreign(&self) -> bool {
        self.version.as_ref().is_some_and(|version| !version.starts_with(OURS))
    }
}

impl Account {
    /// How the secret of a node stands; none if there is none.
    ///
    /// # Errors
    /// When it cannot be looked at, or belongs to another node or fleet.
    pub async fn secret_standing(&self, key: &Key) -> Result<Option<SecretStanding>> {
        let described = self.secrets_manager().describe_secret().secret_id(&key.name).send().await.edge();
        let Some(described) = super::unless_missing(described)? else { return Ok(None) };
        is_free(&from_sdk(described.tags()), key, self)?;
        let versions = described.version_ids_to_stages.unwrap_or_default();
        let version = in_force(&versions).map(str::to_owned);
        Ok(Some(SecretStanding { version, is_deleted: described.deleted_date.is_some() }))
    }
}

/// Whether the secret of this name is nobody else's: it carries no tags of ours, or this node's.
fn is_free(tags: &Tags, key: &Key, account: &Account) -> Result<()> {
    let is = |tag: &str, value: &str| tags.get(tag).is_none_or(|found| found == value);
    if is(FLEET_TAG, account.fleet()) && is(KEY_TAG, &key.to_string()) {
        return Ok(());
    }
    let tag = |tag: &str| tags.get(tag).map_or("?", String::as_str);
    let owner = format!("{} of fleet {}", tag(KEY_TAG), tag(FLEET_TAG));
    let message = format!("secret {} of account {} is tagged as {owner}", key.name, account.id());
    Err(Error::new(Class::Invalid, message).hint("give one of the two another name, or remove the orgstrap tags"))
}

/// Every secret of the account, those that are to be deleted too. A copy of another region's is none of its own.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<SecretListEntry>>> {
    list(cx, Secret::KIND, async {
        let call = cx.secrets_manager().list_secrets().include_planned_deletion(true).max_results(100);
        let pages: Vec<_> = call.into_paginator().send().try_collect().await.edge()?;
        let all = pages.into_iter().flat_map(|page| page.secret_list.unwrap_or_default());
        let is_own = |entry: &SecretListEntry| entry.primary_region().is_none_or(|region| region == cx.region());
        Ok(all.filter(is_own).collect())
    })
    .await
}

/// One secret, fresh; none if there is none, or if it is a copy of another region's.
async fn described(secret: &str, cx: &Cx<'_, Account>) -> Result<Option<DescribeSecretOutput>> {
    let described = cx.secrets_manager().describe_secret().secret_id(secret).send().await.edge();
    let is_own = |secret: &DescribeSecretOutput| secret.primary_region().is_none_or(|region| region == cx.region());
    Ok(super::unless_missing(described)?.filter(is_own))
}

/// The regions in which a secret has a copy. What could not be copied stays listed (Secrets Manager user guide, "Troubleshoot
/// AWS Secrets Manager replication").
fn usable_replicas(secret: &DescribeSecretOutput, cx: &Cx<'_, Account>) -> BTreeSet<String> {
    let usable = secret.replication_status().iter().filter(|copy| {
        let has_failed = copy.status() == Some(&StatusType::Failed);
        if has_failed {
            let (region, why) =
                (copy.region().unwrap_or_default(), copy.status_message().unwrap_or("no reason is said"));
            cx.tell(format!("its copy in {region} came to nothing: {why}"));
        }
        !has_failed
    });
    usable.filter_map(|copy| copy.region().map(str::to_owned)).collect()
}

async fn remove_replicas(secret: &str, regions: Vec<String>, cx: &Cx<'_, Account>) -> Result<()> {
    if regions.is_empty() {
        return Ok(());
    }
    let call = cx.secrets_manager().remove_regions_from_replication().secret_id(secret);
    call.set_remove_replica_regions(Some(regions)).send().await.edge().map(drop)
}

fn replica(region: &str) -> ReplicaRegionType {
    ReplicaRegionType::builder().region(region).build()
}

fn tags_of(entry: &SecretListEntry) -> Tags {
    from_sdk(entry.tags())
}

fn from_sdk(tags: &[Tag]) -> Tags {
    tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned()))).collect()
}

fn to_sdk(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

fn nameless(name: &str) -> Error {
    Error::new(Class::Other, format!("Secrets Manager answered without the ARN of secret {name}"))
}
