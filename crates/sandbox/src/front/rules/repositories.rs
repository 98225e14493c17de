//! Repositories of images: settings that ECR does not take, a push to where nothing is, and what the local AWS does not
//! have (ECR API reference, the errors of each operation).

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{Rule, look, objects};
use crate::front::answer::Answer;
use crate::front::call::{Parameters, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
pub(super) struct Repositories;

const TARGET: &str = "AmazonEC2ContainerRegistry_V20150921";
/// `CreateRepository`, `repositoryName`.
const LENGTH: std::ops::RangeInclusive<usize> = 2..=256;
/// `PutImageTagMutability`, `imageTagMutabilityExclusionFilters`: "Maximum number of 5 items".
const FILTERS: usize = 5;
/// "A maximum of 2 wildcards (*) per filter" (ECR user guide, "Preventing image tags from being overwritten").
const WILDCARDS: usize = 2;

#[async_trait]
impl Rule for Repositories {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let Parameters::Json(body) = &mut request.parameters else { return Ok(None) };
        if request.call.service != "ecr" {
            return Ok(None);
        }
        // The SDK for Rust leaves out what is false, and the local AWS goes on scanning then (ECR API reference,
        // `ImageScanningConfiguration`: "If this parameter is not specified, it will default to `false`").
        if request.call.operation == "PutImageScanningConfiguration" && body["imageScanningConfiguration"] == json!({})
        {
            body["imageScanningConfiguration"] = json!({"scanOnPush": false});
        }
        let (body, operation) = (body.clone(), request.call.operation.clone());
        let is_setting = matches!(operation.as_str(), "CreateRepository" | "PutImageTagMutability");
        if let Some(message) = wrong(&body).filter(|_| is_setting) {
            return Ok(Some(Answer::refusal(request.protocol, 400, "InvalidParameterException", &message)));
        }
        match operation.as_str() {
            "CreateRepository" => with_key(request, world, &body).await,
            "PutImage" | "GetDownloadUrlForLayer" if !is_there(request, world, &body).await? => {
                let (name, registry) = (body["repositoryName"].as_str().unwrap_or_default(), &request.call.account);
                let message =
                    format!("The repository with name '{name}' does not exist in the registry with id '{registry}'");
                Ok(Some(Answer::refusal(request.protocol, 400, "RepositoryNotFoundException", &message)))
            }
            "GetDownloadUrlForLayer" => layer(request, world, &body).await.map(Some),
            _ => Ok(None),
        }
    }
}

/// What is wrong with the settings of a repository.
fn wrong(body: &Value) -> Option<String> {
    let constraint = |parameter: &str, constraint: &str| {
        Some(format!("Invalid parameter at '{parameter}' failed to satisfy constraint: '{constraint}'"))
    };
    let length = body["repositoryName"].as_str().map_or(*LENGTH.start(), str::len);
    if length > *LENGTH.end() {
        return constraint("repositoryName", "must have length less than or equal to 256");
    }
    let mutability = body["imageTagMutability"].as_str().unwrap_or("MUTABLE");
    let filters: Vec<&str> = body["imageTagMutabilityExclusionFilters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|filter| filter["filter"].as_str().unwrap_or_default())
        .collect();
    let parameter = "imageTagMutabilityExclusionFilters";
    if filters.len() > FILTERS {
        return constraint(parameter, "must have length less than or equal to 5");
    }
    // The words are the local AWS's, which has them for new repositories.
    if filters.is_empty() == mutability.ends_with("_WITH_EXCLUSION") {
        let said =
            format!("ImageTagMutabilityExclusionFilters can't be null when imageTagMutability is set as {mutability}");
        return constraint(parameter, &said);
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._*-".contains(c);
    let fits = |filter: &&str| (1..=128).contains(&filter.len()) && filter.chars().all(is_allowed);
    if !filters.iter().all(|filter| fits(filter) && filter.matches('*').count() <= WILDCARDS) {
        return constraint(parameter, "must satisfy regular expression '^[0-9a-zA-Z._*-]{1,128}$'");
    }
    None
}

/// The key is kept by its ARN, whatever it was named by (ECR user guide, "Encryption at rest": ECR asks KMS "to validate and
/// retrieve the Amazon Resource Name"), and has to be there and enabled.
async fn with_key(request: &mut Request, world: &World, body: &Value) -> Result<Option<Answer>, Broken> {
    let Some(id) = body["encryptionConfiguration"]["kmsKey"].as_str() else { return Ok(None) };
    let key = objects::key(world, &request.call.account, &request.call.region, id).await?.unwrap_or_default();
    let problem = match (key["Arn"].as_str(), key["KeyState"].as_str()) {
        (Some(_), Some("Enabled")) => None,
        (Some(_), Some("Disabled")) => Some("DisabledException"),
        (Some(_), _) => Some("KMSInvalidStateException"),
        (None, _) => Some("NotFoundException"),
    };
    if let Some(problem) = problem {
        let (code, message) = ("KmsException", "The operation failed due to a KMS exception.");
        let mut answer = Answer::refusal(request.protocol, 400, code, message);
        answer.set_json(&json!({"__type": code, "message": message, "kmsError": problem}));
        return Ok(Some(answer));
    }
    if let Parameters::Json(body) = &mut request.parameters {
        body["encryptionConfiguration"]["kmsKey"] = key["Arn"].clone();
    }
    Ok(None)
}

async fn is_there(request: &Request, world: &World, body: &Value) -> Result<bool, Broken> {
    let wanted = json!({"repositoryNames": [body["repositoryName"]]});
    let found = look::json(world, &request.call, &format!("{TARGET}.DescribeRepositories"), &wanted).await?;
    Ok(found["repositories"].is_array())
}

/// Where a layer is: one that was uploaded, or that an image speaks of.
async fn layer(request: &Request, world: &World, body: &Value) -> Result<Answer, Broken> {
    let (name, digest) = (&body["repositoryName"], &body["layerDigest"]);
    let ask = async |operation: &str, more: Value| {
        look::json(world, &request.call, &format!("{TARGET}.{operation}"), &more).await
    };
    let asked = json!({"repositoryName": name, "layerDigests": [digest]});
    let uploaded = ask("BatchCheckLayerAvailability", asked).await?;
    let images = ask("DescribeImages", json!({"repositoryName": name})).await?;
    let digests = images["imageDetails"].as_array().into_iter().flatten();
    let ids: Vec<Value> = digests.map(|image| json!({"imageDigest": image["imageDigest"]})).collect();
    let manifests = ask("BatchGetImage", json!({"repositoryName": name, "imageIds": ids})).await?;
    let digest = digest.as_str().unwrap_or_default();
    let speaks = |image: &Value| image["imageManifest"].as_str().is_some_and(|manifest| manifest.contains(digest));
    let is_there = uploaded["layers"].as_array().is_some_and(|layers| !layers.is_empty())
        || manifests["images"].as_array().is_some_and(|images| images.iter().any(speaks));
    if !is_there {
        let message = format!(
            "The layer with digest '{digest}' does not exist in the repository with name '{}' in the registry with id '{}'",
            name.as_str().unwrap_or_default(),
            request.call.account
        );
        return Ok(Answer::refusal(request.protocol, 400, "LayersNotFoundException", &message));
    }
    let region = &request.call.region;
    let url = format!("https://prod-{region}-starport-layer-bucket.s3.{region}.amazonaws.com/{digest}");
    Ok(Answer::success_json(&json!({"downloadUrl": url, "layerDigest": digest})))
}
