//! What the local AWS gets wrong about repositories of images. It leaves their tags out of the list of everything that is
//! tagged (Resource Groups Tagging API reference, `GetResources`), and goes on scanning where a call does not say that it
//! should (ECR API reference, `ImageScanningConfiguration`: "If this parameter is not specified, it will default to
//! `false`"), as the SDK for Rust says it.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{Rule, look, organization_tags};
use crate::front::answer::Answer;
use crate::front::call::{Call, Parameters, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module. Tags only for calls that ask for repositories and nothing else.
pub(super) struct Repositories;

#[async_trait]
impl Rule for Repositories {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let Parameters::Json(body) = &mut request.parameters else { return Ok(None) };
        if request.call.is("ecr.PutImageScanningConfiguration") && body["imageScanningConfiguration"] == json!({}) {
            body["imageScanningConfiguration"] = json!({"scanOnPush": false});
        }
        if !request.call.is("tagging.GetResources") {
            return Ok(None);
        }
        let types: Vec<_> =
            body["ResourceTypeFilters"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if types.is_empty() || !types.iter().all(|kind| ["ecr", "ecr:repository"].contains(kind)) {
            return Ok(None);
        }
        Ok(Some(organization_tags::page(tagged(world, &request.call).await?, body)))
    }
}

/// Every repository of the account and region that has a tag.
async fn tagged(world: &World, call: &Call) -> Result<Vec<Value>, Broken> {
    let call = Call { service: "ecr".to_owned(), ..call.clone() };
    let ask = |operation: &str, body: Value| {
        let (target, call) = (format!("AmazonEC2ContainerRegistry_V20150921.{operation}"), &call);
        async move { look::json(world, call, &target, &body).await }
    };
    let all = ask("DescribeRepositories", json!({})).await?;
    let mut tagged = Vec::new();
    for one in all["repositories"].as_array().into_iter().flatten() {
        let answer = ask("ListTagsForResource", json!({"resourceArn": one["repositoryArn"]})).await?;
        if answer["tags"].as_array().is_some_and(|tags| !tags.is_empty()) {
            tagged.push(json!({"ResourceARN": one["repositoryArn"], "Tags": answer["tags"]}));
        }
    }
    Ok(tagged)
}
