//! Where images of one name are kept.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecr::types::{
    EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability,
    ImageTagMutabilityExclusionFilter, ImageTagMutabilityExclusionFilterType, Repository,
};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use serde::Serialize;

use super::kms_key::KEYS;
use super::repositories::{self, name_of};
use super::{KmsKey, LifecyclePolicy};
use crate::edge::Edge;
use crate::{Account, FLEET_TAG, Grant, KEY_TAG, Permissions};

/// A private repository. It is called as its node is, such as `headless-cms/backend`, and known by that name: one that
/// somebody made by hand is taken over, as long as it belongs to no other node or fleet.
#[derive(Debug, Serialize)]
pub struct EcrRepository {
    /// Tags that may be moved to another image, as patterns with `*`; five at most. All others stay where they are
    /// (Amazon ECR user guide, "Preventing image tags from being overwritten").
    pub mutable_tags: BTreeSet<String>,
    /// Whether an image is scanned when it is pushed.
    pub scan_on_push: bool,
    /// Which images go, and when; none: they all stay.
    pub lifecycle: Option<LifecyclePolicy>,
    /// What images are encrypted with; none is ECR's own way, AES-256. Nothing changes the encryption of a repository that
    /// exists (ECR API reference, `CreateRepository`, `encryptionConfiguration`), and another in its place would be
    /// without its images. So what exists keeps its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Id<KmsKey>>,
}

impl Resource for EcrRepository {
    const KIND: &'static str = "ecr-repository";
    type Cloud = Account;
    /// The repository's ARN.
    type Output = Id<Self>;

    /// Without their lifecycle, which would be a call for each.
    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let owned = repositories::owned(cx).await?.into_iter();
        Ok(owned.map(|(key, repository, tags)| (key, found(&repository, None, tags))).collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let all = repositories::all(cx).await?;
        let Some(repository) = all.get(&cx.key.name) else { return Ok(None) };
        match self.read(repository, &all, cx).await {
            // It was deleted, which the list does not show yet.
            Err(error) if error.class == Class::NotFound => Ok(None),
            found => found.map(Some),
        }
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let name = &cx.key.name;
        let call = cx.ecr().create_repository().repository_name(name).set_tags(Some(repositories::tags_to(cx.tags)?));
        let call = call.image_tag_mutability(self.mutability());
        let call = call.set_image_tag_mutability_exclusion_filters(self.exclusions()?);
        let call = call.image_scanning_configuration(self.scanning());
        let call = call.set_encryption_configuration(self.encryption()?);
        // A second one of this name is refused, so it may be repeated.
        let made = call.send().await.edge()?;
        if let Some(lifecycle) = &self.lifecycle {
            cx.follow_up(|| Box::pin(put_lifecycle(name, lifecycle, cx))).await?;
        }
        let arn = made.repository.and_then(|repository| repository.repository_arn).map(Id::new);
        arn.ok_or_else(|| Error::new(Class::Other, format!("ECR answered without the ARN of repository {name}")))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (name, actual) = (name_of(&found.output)?, &found.actual);
        if self.mutable_tags != actual.mutable_tags {
            let call = cx.ecr().put_image_tag_mutability().repository_name(name);
            let call = call.image_tag_mutability(self.mutability());
            call.set_image_tag_mutability_exclusion_filters(self.exclusions()?).send().await.edge()?;
        }
        if self.scan_on_push != actual.scan_on_push {
            let call = cx.ecr().put_image_scanning_configuration().repository_name(name);
            call.image_scanning_configuration(self.scanning()).send().await.edge()?;
        }
        match &self.lifecycle {
            lifecycle if *lifecycle == actual.lifecycle => Ok(()),
            Some(lifecycle) => put_lifecycle(name, lifecycle, cx).await,
            // What is not found here may be there and not be seen yet: the engine looks again.
            None => cx.ecr().delete_lifecycle_policy().repository_name(name).send().await.edge().map(drop),
        }
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.ecr().tag_resource().resource_arn(found.output.get()?);
        call.set_tags(Some(repositories::tags_to(tags)?)).send().await.edge().map(drop)
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.ecr().delete_repository().repository_name(name_of(&found.output)?);
        let deleted = call.force(cx.losses().may_lose_images()).send().await.edge();
        deleted.map(drop).map_err(|error| match error.code.as_deref() {
            Some("RepositoryNotEmptyException") => error.hint(
                "images are never deleted unless that is said: pull those that are needed, and run again with --delete-images",
            ),
            _ => error,
        })
    }
}

impl Permissions for EcrRepository {
    const READS: &'static [Grant] = &[
        Grant::on(REPOSITORIES, &["ecr:DescribeRepositories", "ecr:GetLifecyclePolicy", "ecr:ListTagsForResource"]),
        Grant::everywhere(&["tag:GetResources"]),
    ];
    const CHANGES: &'static [Grant] = &[
        Grant::on(
            REPOSITORIES,
            &[
                "ecr:CreateRepository",
                "ecr:DeleteLifecyclePolicy",
                "ecr:DeleteRepository",
                "ecr:PutImageScanningConfiguration",
                "ecr:PutImageTagMutability",
                "ecr:PutLifecyclePolicy",
                "ecr:TagResource",
            ],
        ),
        // ECR gives itself the use of the key, in the name of whoever makes the repository. Those who pull need no
        // permission on it (Amazon ECR user guide, "Encryption at rest").
        Grant::on(KEYS, &["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"]).when(&[(
            "StringEquals",
            "kms:ViaService",
            "ecr.{region}.amazonaws.com",
        )]),
    ];
}

/// A list is allowed on every repository, or it is refused (Service authorization reference, "Amazon Elastic Container
/// Registry").
pub(crate) const REPOSITORIES: &[&str] = &["arn:aws:ecr:{region}:{account}:repository/*"];

impl EcrRepository {
    /// What the list leaves out of a repository: its tags, and its lifecycle.
    async fn read(
        &self,
        repository: &Repository,
        all: &BTreeMap<String, Repository>,
        cx: &Cx<'_, Account>,
    ) -> Result<Found<Self>> {
        let (name, arn) = (&cx.key.name, repository.repository_arn().unwrap_or_default());
        let listed = super::account_tags::all(cx).await?;
        let tags = super::confirmed(listed.get(arn), cx, repositories::asked(arn, cx)).await?;
        is_free(name, &tags, cx)?;
        let owner = |other: &Repository| cx.owner(listed.get(other.repository_arn()?)?);
        if let Some((twin, _)) = all.iter().find(|(other, one)| *other != name && owner(one).as_ref() == Some(cx.key)) {
            let message = format!("two repositories claim to be {}: {name} and {twin}", cx.key);
            return Err(Error::new(Class::Invalid, message).hint(format!("remove the tag {KEY_TAG} from {twin}")));
        }
        let mut found = found(repository, lifecycle(name, cx).await?, tags);
        if found.actual.key != self.key {
            let of = |key: &Option<Id<KmsKey>>| key.as_ref().map_or_else(|| "AES-256".to_owned(), Id::to_string);
            cx.tell(format!(
                "it is encrypted with {}, not with {}, and stays so: nothing changes the encryption of a repository that exists",
                of(&found.actual.key),
                of(&self.key)
            ));
            found.actual.key.clone_from(&self.key);
        }
        Ok(found)
    }

    fn mutability(&self) -> ImageTagMutability {
        if self.mutable_tags.is_empty() {
            ImageTagMutability::Immutable
        } else {
            ImageTagMutability::ImmutableWithExclusion
        }
    }

    fn exclusions(&self) -> Result<Option<Vec<ImageTagMutabilityExclusionFilter>>> {
        let filters = self.mutable_tags.iter().map(|pattern| {
            let filter = ImageTagMutabilityExclusionFilter::builder().filter(pattern);
            filter.filter_type(ImageTagMutabilityExclusionFilterType::Wildcard).build()
        });
        let filters: Vec<_> = filters.collect::<Result<_, _>>().map_err(unbuilt)?;
        Ok((!filters.is_empty()).then_some(filters))
    }

    fn scanning(&self) -> ImageScanningConfiguration {
        ImageScanningConfiguration::builder().scan_on_push(self.scan_on_push).build()
    }

    fn encryption(&self) -> Result<Option<EncryptionConfiguration>> {
        let Some(key) = &self.key else { return Ok(None) };
        let encryption = EncryptionConfiguration::builder().encryption_type(EncryptionType::Kms).kms_key(key.get()?);
        encryption.build().map(Some).map_err(unbuilt)
    }
}

/// Whether the repository of this name is nobody's, or this node's.
fn is_free(name: &str, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
    let (fleet, key) = (tags.get(FLEET_TAG), tags.get(KEY_TAG));
    if fleet.is_none_or(|fleet| fleet == cx.fleet()) && key.is_none_or(|key| *key == cx.key.to_string()) {
        return Ok(());
    }
    let other = |tag: Option<&String>| tag.map_or("(no name)", |tag| tag).to_owned();
    let message = format!(
        "the repository {name} in account {} belongs to {} of fleet {}, and {} of fleet {} is called so too",
        cx.id(),
        other(key),
        other(fleet),
        cx.key,
        cx.fleet()
    );
    Err(Error::new(Class::Invalid, message).hint(format!(
        "give one of the two images another name; if nothing else looks after the repository any more, remove its tags \
         {FLEET_TAG} and {KEY_TAG}, and run again"
    )))
}

fn found(repository: &Repository, lifecycle: Option<LifecyclePolicy>, tags: Tags) -> Found<EcrRepository> {
    let scanning = repository.image_scanning_configuration();
    let key = repository.encryption_configuration().and_then(|encryption| encryption.kms_key());
    let actual = EcrRepository {
        mutable_tags: mutable_tags(repository),
        scan_on_push: scanning.is_some_and(ImageScanningConfiguration::scan_on_push),
        lifecycle,
        key: key.map(Id::new),
    };
    Found { output: Id::new(repository.repository_arn().unwrap_or_default()), actual, tags: Some(tags) }
}

/// The tags that may be moved. Where only some may not, those are marked with `!`, which is in no pattern.
fn mutable_tags(repository: &Repository) -> BTreeSet<String> {
    let patterns = repository.image_tag_mutability_exclusion_filters().iter().map(|filter| filter.filter().to_owned());
    let all = || std::iter::once("*".to_owned());
    match repository.image_tag_mutability() {
        Some(ImageTagMutability::Immutable) => BTreeSet::new(),
        Some(ImageTagMutability::ImmutableWithExclusion) => patterns.collect(),
        Some(ImageTagMutability::MutableWithExclusion) => {
            all().chain(patterns.map(|pattern| format!("!{pattern}"))).collect()
        }
        _ => all().collect(),
    }
}

async fn lifecycle(name: &str, cx: &Cx<'_, Account>) -> Result<Option<LifecyclePolicy>> {
    match cx.ecr().get_lifecycle_policy().repository_name(name).send().await.edge() {
        Ok(answer) => Ok(answer.lifecycle_policy_text().map(LifecyclePolicy::read)),
        Err(error) if error.code.as_deref() == Some("LifecyclePolicyNotFoundException") => Ok(None),
        Err(error) => Err(error),
    }
}

async fn put_lifecycle(name: &str, lifecycle: &LifecyclePolicy, cx: &Cx<'_, Account>) -> Result<()> {
    let call = cx.ecr().put_lifecycle_policy().repository_name(name).lifecycle_policy_text(lifecycle.text());
    call.send().await.edge().map(drop)
}

fn unbuilt(error: impl std::fmt::Display) -> Error {
    Error::new(Class::Invalid, format!("a repository: {error}"))
}
