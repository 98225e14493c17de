//! The image that a tag names now: what a service is to run.

use aws_sdk_ecr::types::ImageIdentifier;
use engine::{Cx, Found, Id, Key, Nature, Output, Resource, Result};
use serde::Serialize;

use super::repositories::name_of;
use super::{EcrRepository, REPOSITORIES, unless_missing};
use crate::edge::Edge;
use crate::{Account, Grant, Permissions};

/// Looks an image up, in the account that has the repository. It is asked each time, since anybody may push.
#[derive(Debug, Serialize)]
pub struct ContainerImage {
    /// The repository.
    pub repository: Id<EcrRepository>,
    /// The tag.
    pub tag: String,
}

/// What a tag stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// What a task definition takes: with the digest, or with the tag alone as long as nothing is pushed.
    pub reference: Id<ContainerImage>,
    /// Whether it is there. While it is not, nothing can run, and everything else can be made.
    pub is_pushed: bool,
}

impl Output for Image {
    fn pending(key: &Key) -> Self {
        Self { reference: Id::pending(key.clone()), is_pushed: false }
    }

    fn id(&self) -> Option<&str> {
        self.reference.known()
    }
}

impl Resource for ContainerImage {
    const KIND: &'static str = "container-image";
    const NATURE: Nature = Nature::Lookup;
    type Cloud = Account;
    type Output = Image;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        if self.repository.known().is_none() {
            return Ok(None);
        }
        let name = name_of(&self.repository)?;
        let wanted = ImageIdentifier::builder().image_tag(&self.tag).build();
        let call = cx.ecr().describe_images().repository_name(name).image_ids(wanted);
        let answer = unless_missing(call.send().await.edge())?;
        let digest = answer.as_ref().and_then(|answer| answer.image_details().first()?.image_digest());
        // Amazon ECR user guide, "Pulling an image".
        let place = format!("{}.dkr.ecr.{}.amazonaws.com/{name}", cx.id(), cx.region());
        let reference = match digest {
            Some(digest) => format!("{place}@{digest}"),
            None => format!("{place}:{}", self.tag),
        };
        let actual = Self { repository: self.repository.clone(), tag: self.tag.clone() };
        let output = Image { reference: Id::new(reference), is_pushed: digest.is_some() };
        Ok(Some(Found { output, actual, tags: None }))
    }
}

impl Permissions for ContainerImage {
    const READS: &'static [Grant] = &[Grant::on(REPOSITORIES, &["ecr:DescribeImages"])];
    const CHANGES: &'static [Grant] = &[];
}
