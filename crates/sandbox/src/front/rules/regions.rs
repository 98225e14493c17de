//! The regions of an account: unless all are asked for, only those that are enabled in it (EC2 API reference,
//! `DescribeRegions`), and never those of another partition. The local AWS lists whatever it has heard of.

use async_trait::async_trait;
use xmltree::XMLNode;

use super::Rule;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::{children_mut, text};

/// The second of the regions that are left when the weather says so.
const FAR_AWAY: &str = "eu-west-1";

/// See the module.
pub(super) struct Regions;

#[async_trait]
impl Rule for Regions {
    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        if !request.call.is("ec2.DescribeRegions") || !answer.is_success() {
            return Ok(());
        }
        let Some(mut xml) = answer.xml() else { return Ok(()) };
        let all = request.parameters.text("AllRegions") == Some("true");
        let most = world.weather().regions(&request.call).unwrap_or(usize::MAX);
        for list in children_mut(&mut xml).filter(|list| list.name == "regionInfo") {
            list.children.retain(|node| match node {
                XMLNode::Element(region) => {
                    let name = text(region, "regionName").unwrap_or_default();
                    let is_enabled = text(region, "optInStatus").as_deref() != Some("not-opted-in");
                    (all || is_enabled) && !["cn-", "us-gov-", "us-iso", "eusc-"].iter().any(|of| name.starts_with(of))
                }
                _ => true,
            });
        }
        for list in children_mut(&mut xml).filter(|list| list.name == "regionInfo") {
            // The account's own, one far away, and then the others.
            list.children.sort_by_cached_key(|node| {
                let name = node.as_element().and_then(|region| text(region, "regionName")).unwrap_or_default();
                (name != request.call.region, name != FAR_AWAY, name)
            });
            list.children.truncate(most);
        }
        answer.set_xml(&xml);
        Ok(())
    }
}
