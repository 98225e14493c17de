//! What EC2 takes as tags (EC2 user guide, "Tag your Amazon EC2 resources", "Tag restrictions").

use async_trait::async_trait;

use super::Rule;
use crate::front::answer::Answer;
use crate::front::call::{Parameters, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module. The local AWS counts tags itself: 50 at most.
#[derive(Default)]
pub(super) struct Tags;

const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

#[async_trait]
impl Rule for Tags {
    async fn before(&self, request: &mut Request, _: &World) -> Result<Option<Answer>, Broken> {
        let refusal = refusal(request).map(|(code, message)| Answer::refusal(request.protocol, 400, code, &message));
        Ok(refusal)
    }
}

fn refusal(request: &Request) -> Option<(&'static str, String)> {
    let Parameters::Form(pairs) = &request.parameters else { return None };
    let operation = request.call.operation.as_str();
    if request.call.service != "ec2" || !["Create", "Allocate", "Run"].iter().any(|verb| operation.starts_with(verb)) {
        return None;
    }
    // `Tag.1.Key` in CreateTags, `TagSpecification.1.Tag.1.Key` elsewhere.
    let is_tag = |name: &str| name.starts_with("Tag.") || name.contains(".Tag.");
    let part = |part: &'static str| pairs.iter().filter(move |(name, _)| is_tag(name) && name.ends_with(part));
    for (_, key) in part(".Key") {
        // The prefix is reserved in any case of its letters.
        if key.to_ascii_lowercase().starts_with("aws:") {
            let message = format!(
                "Value ( {key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal \
                 use"
            );
            return Some(("InvalidParameterValue", message));
        }
        if key.is_empty() || key.chars().count() > LONGEST_KEY {
            let message = format!("Tag key exceeds the maximum length of {LONGEST_KEY} characters");
            return Some(("InvalidParameterValue", message));
        }
    }
    if part(".Value").any(|(_, value)| value.chars().count() > LONGEST_VALUE) {
        let message = format!("Tag value exceeds the maximum length of {LONGEST_VALUE} characters");
        return Some(("InvalidParameterValue", message));
    }
    None
}
