//! What the registry of an account holds, for people who look: its repositories with their images and whom they let in.
//! Every call here reads.

use std::time::SystemTime;

use aws_sdk_ecr::types::{DescribeImagesFilter, ImageDetail, Repository as Listed, TagStatus};
use engine::{Class, Result};
use futures_util::FutureExt;
use futures_util::future;

use crate::edge::Edge;
use crate::resources::{REPOSITORIES, policy_of};
use crate::{Account, Grant, Permissions, PolicyDocument};

/// What looking at a registry needs.
#[derive(Debug)]
pub struct Registry;

impl Permissions for Registry {
    const READS: &'static [Grant] =
        &[Grant::on(REPOSITORIES, &["ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:GetRepositoryPolicy"])];
    const CHANGES: &'static [Grant] = &[];
}

/// A repository as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its policy, if it has one.
    pub policy: Option<PolicyDocument>,
    /// Its images with tags, the one that was pushed last first.
    pub images: Vec<Image>,
}

/// An image that has tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Its tags, in order.
    pub tags: Vec<String>,
    /// The digest of its manifest.
    pub digest: String,
    /// When it was pushed.
    pub pushed: Option<SystemTime>,
    /// Its size in bytes as the registry keeps it, compressed.
    pub size: Option<i64>,
}

/// Every repository of the account and region, by name; each with so many of its images.
///
/// # Errors
/// When something cannot be read. A repository that goes meanwhile is left out.
pub async fn repositories(account: &Account, images: usize) -> Result<Vec<Repository>> {
    let call = account.ecr().describe_repositories().max_results(1000);
    let listed: Vec<Listed> = call.into_paginator().items().send().try_collect().await.edge()?;
    let read = listed.into_iter().map(|one| read(account, one, images).boxed());
    let mut repositories: Vec<_> = future::try_join_all(read).await?.into_iter().flatten().collect();
    repositories.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(repositories)
}

async fn read(account: &Account, listed: Listed, most: usize) -> Result<Option<Repository>> {
    let (Some(name), Some(arn)) = (listed.repository_name, listed.repository_arn) else { return Ok(None) };
    match future::try_join(images(account, &name).boxed(), policy_of(&name, account).boxed()).await {
        Ok((mut images, policy)) => {
            images.truncate(most);
            Ok(Some(Repository { name, arn, policy, images }))
        }
        Err(error) if error.class == Class::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The images of a repository. They come in no order, so all of them are listed (ECR API reference, `DescribeImages`).
async fn images(account: &Account, name: &str) -> Result<Vec<Image>> {
    let tagged = DescribeImagesFilter::builder().tag_status(TagStatus::Tagged).build();
    let call = account.ecr().describe_images().repository_name(name).filter(tagged).max_results(1000);
    let listed: Vec<ImageDetail> = call.into_paginator().items().send().try_collect().await.edge()?;
    let mut images: Vec<_> = listed.into_iter().map(image).filter(|image| !image.tags.is_empty()).collect();
    images.sort_unstable_by(|one, other| other.pushed.cmp(&one.pushed).then_with(|| one.digest.cmp(&other.digest)));
    Ok(images)
}

fn image(listed: ImageDetail) -> Image {
    let mut tags = listed.image_tags.unwrap_or_default();
    tags.sort_unstable();
    let pushed = listed.image_pushed_at.and_then(|at| SystemTime::try_from(at).ok());
    Image { tags, digest: listed.image_digest.unwrap_or_default(), pushed, size: listed.image_size_in_bytes }
}
