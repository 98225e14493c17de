//! The key that secrets and images of an account are encrypted with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_kms::types::{AliasListEntry, KeyListEntry, KeyState, Tag};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags, only_one};
use futures_util::future;
use serde::Serialize;

use super::{account_tags, confirmed, creation, db_instances, unless_missing};
use crate::edge::{Edge, unless_gone};
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// What the names of our keys begin with.
const PREFIX: &str = "alias/orgstrap-";

/// How long a key that is to be deleted can be brought back: the longest (KMS API `ScheduleKeyDeletion`).
const DAYS_TO_REGRET: i32 = 30;

/// A symmetric customer managed key, known by its tags. The tagging API is late, so a key is also found by its alias,
/// `alias/orgstrap-<name>`.
#[derive(Debug, Serialize)]
pub struct KmsKey {
    /// The name that people and other services find it by.
    pub alias: Option<String>,
    /// Whether it can be used.
    pub enabled: bool,
    /// Whether KMS changes its material every year.
    pub rotation: bool,
}

impl KmsKey {
    /// A key in use, with the alias of its node.
    pub fn named(node: &str) -> Self {
        Self { alias: Some(format!("{PREFIX}{node}")), enabled: true, rotation: true }
    }
}

impl Resource for KmsKey {
    const KIND: &'static str = "kms-key";
    const NOTED: bool = true;
    type Cloud = Account;
    /// The key's ARN.
    type Output = Id<Self>;

    /// A key that is to be deleted is none any more.
    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = all(cx).await?;
        let found = all.iter().filter(|key| !key.is_doomed()).filter_map(|key| {
            let actual = Self { alias: key.alias.clone(), enabled: key.enabled, rotation: key.rotation };
            let found = Found { output: Id::new(key.arn.as_str()), actual, tags: Some(key.tags.clone()) };
            Some((cx.owner(&key.tags).filter(|owner| owner.kind == Self::KIND)?, found))
        });
        Ok(found.collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let Some(mut found) = only_one(cx.key, Self::owned(cx).await?)? else { return Ok(None) };
        let asked = tags_of(id_of(found.output.get()?), cx);
        found.tags = Some(confirmed(found.tags.as_ref(), cx, asked).await?);
        Ok(Some(found))
    }

    /// A key of this node that is to be deleted is brought back: what was encrypted with it can be read again then.
    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let new = Self { alias: None, enabled: true, rotation: false };
        let (arn, actual) = match left_over(cx).await? {
            Some(key) => {
                // What was read of its state may be old.
                match cx.kms().cancel_key_deletion().key_id(id_of(&key.arn)).send().await.edge() {
                    Err(error) if is_in_another_state(&error) => {}
                    kept => {
                        kept?;
                        cx.tell(format!("{} was to be deleted, and is kept", key.arn));
                    }
                }
                (key.arn, None)
            }
            None => (made(cx).await?, Some(&new)),
        };
        // A run that is killed here leaves a key that differs, which the next run finishes.
        let id = Id::new(arn.as_str());
        cx.follow_up(|| Box::pin(self.settle(&arn, actual, cx))).await?;
        Ok(id)
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        self.settle(found.output.get()?, Some(&found.actual), cx).await
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.kms().tag_resource().key_id(id_of(found.output.get()?));
        call.set_tags(Some(to_sdk(tags)?)).send().await.edge().map(drop)
    }

    /// Without its key nobody reads the last snapshot of a database any more (RDS user guide, "Encrypting Amazon RDS
    /// resources").
    async fn stays(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<Option<String>> {
        let encrypted = db_instances::encrypted_with(found.output.get()?, cx).await?;
        Ok((!encrypted.is_empty()).then(|| {
            format!("nothing wants this key, and it stays as long as it is needed to read {}", encrypted.join(", "))
        }))
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        if let Some(alias) = &found.actual.alias {
            unless_gone(cx.kms().delete_alias().alias_name(alias).send().await.edge().map(drop))?;
        }
        let call = cx.kms().schedule_key_deletion().key_id(id_of(found.output.get()?));
        match call.pending_window_in_days(DAYS_TO_REGRET).send().await.edge() {
            // An earlier attempt came this far.
            Err(error) if is_in_another_state(&error) => Ok(()),
            scheduled => scheduled.map(drop),
        }
    }
}

/// The keys of the account, whoever made them: which are ours is told by their tags, and by that alone they are changed.
impl Permissions for KmsKey {
    const READS: &'static [Grant] = &[
        Grant::everywhere(&[
            "kms:ListAliases",
            "rds:DescribeDBInstances",
            "rds:DescribeDBSnapshots",
            "tag:GetResources",
        ]),
        Grant::on(KEYS, &["kms:DescribeKey", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]),
    ];
    const CHANGES: &'static [Grant] = &[
        Grant::everywhere(&["kms:CreateKey", "kms:ListKeys"]),
        Grant::on(ALIASES, &["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]),
        Grant::on(
            KEYS,
            &[
                "kms:CancelKeyDeletion",
                "kms:CreateAlias",
                "kms:DeleteAlias",
                "kms:DisableKey",
                "kms:DisableKeyRotation",
                "kms:EnableKey",
                "kms:EnableKeyRotation",
                "kms:ScheduleKeyDeletion",
                "kms:TagResource",
                "kms:UpdateAlias",
            ],
        ),
    ];
}

/// Keys have no names of ours in their ARNs.
pub(super) const KEYS: &[&str] = &["arn:aws:kms:{region}:{account}:key/*"];

/// Calls about an alias need the permission on the alias and on the key (KMS developer guide, "Controlling access to
/// aliases").
const ALIASES: &[&str] = &["arn:aws:kms:{region}:{account}:alias/orgstrap-*"];

impl KmsKey {
    /// Makes a key that exists what it should be.
    async fn settle(&self, arn: &str, actual: Option<&Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (kms, id) = (cx.kms(), id_of(arn));
        let turns = actual.map(|actual| actual.rotation) != Some(self.rotation);
        // First: the rotation of a disabled key cannot be changed (KMS developer guide, "Key states").
        let was_enabled = actual.is_some_and(|actual| actual.enabled);
        if !was_enabled && (self.enabled || turns) {
            kms.enable_key().key_id(id).send().await.edge()?;
        }
        if turns {
            if self.rotation {
                kms.enable_key_rotation().key_id(id).send().await.edge()?;
            } else {
                kms.disable_key_rotation().key_id(id).send().await.edge()?;
            }
        }
        let alias = actual.and_then(|actual| actual.alias.as_deref());
        if self.alias.as_deref() != alias {
            if let Some(wanted) = &self.alias {
                self::alias(wanted, id, cx).await?;
            }
            if let Some(unwanted) = alias {
                unless_gone(kms.delete_alias().alias_name(unwanted).send().await.edge().map(drop))?;
            }
        }
        if !self.enabled && (was_enabled || turns) {
            kms.disable_key().key_id(id).send().await.edge()?;
        }
        Ok(())
    }
}

/// Whether a call came too late, or too early, for the state that the key is in.
fn is_in_another_state(error: &Error) -> bool {
    error.code.as_deref() == Some("KMSInvalidStateException")
}

/// The id that ends a key's ARN.
pub(super) fn id_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Gives the key a name, which another key may have had until now.
async fn alias(alias: &str, key: &str, cx: &Cx<'_, Account>) -> Result<()> {
    match cx.kms().create_alias().alias_name(alias).target_key_id(key).send().await.edge() {
        Err(error) if error.code.as_deref() == Some("AlreadyExistsException") => {
            cx.kms().update_alias().alias_name(alias).target_key_id(key).send().await.edge().map(drop)
        }
        made => made.map(drop),
    }
}

/// A new key. Its policy is the one that AWS gives: the account decides. Another comes with the node of the policy.
async fn made(cx: &Cx<'_, Account>) -> Result<String> {
    let call = cx.kms().create_key().set_tags(Some(to_sdk(cx.tags)?));
    let once = aws_sdk_kms::config::Builder::new().retry_classifier(creation::unless_done());
    let made = call.customize().config_override(once).send().await.edge().map_err(creation::look_again)?;
    let arn = made.key_metadata.and_then(|key| key.arn);
    arn.ok_or_else(|| Error::new(Class::Other, "KMS answered without the ARN of the key"))
}

/// A key, as KMS has it.
struct Existing {
    arn: String,
    alias: Option<String>,
    enabled: bool,
    rotation: bool,
    state: Option<KeyState>,
    tags: Tags,
}

impl Existing {
    /// Whether it is waiting for its deletion (KMS developer guide, "Key states").
    fn is_doomed(&self) -> bool {
        matches!(self.state, Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion))
    }
}

/// Every key of ours. Nothing lists keys with their states, so each is asked: for its tags too, where they are not listed.
async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Existing>>> {
    list(cx, KmsKey::KIND, async {
        let aliases = cx.kms().list_aliases().into_paginator().items().send();
        let (aliases, tagged) =
            future::try_join(async { aliases.try_collect().await.edge() }, account_tags::all(cx)).await?;
        let aliases: Vec<AliasListEntry> = aliases;
        let named = aliases.iter().filter_map(|alias| Some((alias.target_key_id()?, alias.alias_name()?)));
        let named: Vec<_> = named.filter(|(_, name)| name.starts_with(PREFIX)).collect();
        let tagged = tagged.iter().filter_map(|(arn, tags)| Some((arn.split(":key/").nth(1)?, tags)));
        let tagged: BTreeMap<&str, &Tags> = tagged.collect();
        let ids: BTreeSet<&str> = named.iter().map(|(id, _)| *id).chain(tagged.keys().copied()).collect();
        let keys = ids.into_iter().map(|id| {
            let alias = named.iter().find(|(target, _)| *target == id).map(|(_, name)| (*name).to_owned());
            existing(id.to_owned(), alias, tagged.get(id).map(|tags| (*tags).clone()), cx)
        });
        Ok(future::try_join_all(keys).await?.into_iter().flatten().collect())
    })
    .await
}

/// What an earlier run, or a run before an offboarding, has left of this node's key. Everything in the account is asked:
/// a key that was made a moment ago is in no other list.
async fn left_over(cx: &Cx<'_, Account>) -> Result<Option<Existing>> {
    let keys: Vec<KeyListEntry> = cx.kms().list_keys().into_paginator().items().send().try_collect().await.edge()?;
    let keys = keys.into_iter().filter_map(|key| key.key_id).map(|id| async move {
        match existing(id, None, None, cx).await {
            // Somebody else's, whose own policy lets nobody of the account in (KMS developer guide, "Key policies").
            Err(error) if error.class == Class::Denied => Ok(None),
            key => key,
        }
    });
    let ours = future::try_join_all(keys).await?.into_iter().flatten();
    let mut ours: Vec<_> = ours.filter(|key| cx.owner(&key.tags).as_ref() == Some(cx.key)).collect();
    ours.sort_by_key(Existing::is_doomed);
    Ok(ours.into_iter().next())
}

/// One key, fresh, but for what is known of its tags; none if it is gone, or one of AWS's own.
async fn existing(
    id: String,
    alias: Option<String>,
    tags: Option<Tags>,
    cx: &Cx<'_, Account>,
) -> Result<Option<Existing>> {
    let tags = async {
        match tags {
            Some(tags) => Ok(tags),
            None => tags_of(&id, cx).await,
        }
    };
    let describe = async { cx.kms().describe_key().key_id(&id).send().await.edge() };
    // All at once, so what a key does not have is no error before it is known what key it is.
    let (described, rotation, tags) = future::join3(describe, rotation_of(&id, cx), tags).await;
    let Some(key) = unless_missing(described)?.and_then(|answer| answer.key_metadata) else { return Ok(None) };
    if key.key_manager != Some(aws_sdk_kms::types::KeyManagerType::Customer) {
        return Ok(None);
    }
    let (arn, state) = (key.arn.unwrap_or_default(), key.key_state);
    // A key that is to be deleted has no rotation (KMS API `GetKeyRotationStatus`).
    let rotation = state != Some(KeyState::PendingDeletion) && rotation?;
    Ok(Some(Existing { arn, alias, enabled: key.enabled, rotation, state, tags: tags? }))
}

async fn tags_of(id: &str, cx: &Cx<'_, Account>) -> Result<Tags> {
    let pages = cx.kms().list_resource_tags().key_id(id).into_paginator().items().send();
    let tags: Vec<Tag> = pages.try_collect().await.edge()?;
    Ok(tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect())
}

async fn rotation_of(id: &str, cx: &Cx<'_, Account>) -> Result<bool> {
    Ok(cx.kms().get_key_rotation_status().key_id(id).send().await.edge()?.key_rotation_enabled)
}

fn to_sdk(tags: &Tags) -> Result<Vec<Tag>> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().tag_key(key).tag_value(value).build());
    tags.collect::<Result<_, _>>().map_err(|error| Error::new(Class::Invalid, format!("tags: {error}")))
}
