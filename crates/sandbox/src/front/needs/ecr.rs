//! What calls to ECR are about (service authorization reference, "Amazon Elastic Container Registry").

use crate::front::call::{Call, Request};

/// Calls about repositories by name that name none are about every repository.
const ABOUT_ALL: [&str; 2] = ["DescribeRepositories", "BatchGetRepositoryScanningConfiguration"];

/// The repositories; of what is about the whole registry, `*`.
pub(super) fn objects(request: &Request) -> Vec<String> {
    let Call { operation, account, region, .. } = &request.call;
    let text = |name| request.parameters.text(name).map(str::to_owned);
    let arn = |name: &str| {
        let registry = text("registryId").unwrap_or_else(|| account.clone());
        format!("arn:aws:ecr:{region}:{registry}:repository/{name}")
    };
    if let Some(arn) = text("resourceArn").or_else(|| text("repositoryName").map(|name| arn(&name))) {
        return vec![arn];
    }
    if !ABOUT_ALL.contains(&operation.as_str()) {
        return vec!["*".to_owned()];
    }
    let named = request.parameters.texts().into_iter().filter(|(way, _)| way.starts_with("repositoryNames."));
    let named: Vec<String> = named.map(|(_, name)| arn(&name)).collect();
    if named.is_empty() { vec![arn("*")] } else { named }
}
