//! What calls to ECS are about (service authorization reference, "Amazon Elastic Container Service").

use super::Need;
use crate::front::call::{Call, Request};

/// The ARNs of what an action is about. Of what takes no resource, `*`.
pub(super) fn objects(request: &Request, action: &str) -> Vec<String> {
    let Call { account, region, .. } = &request.call;
    let arn = |kind: &str, name: &str| {
        if name.starts_with("arn:") { name.to_owned() } else { format!("arn:aws:ecs:{region}:{account}:{kind}/{name}") }
    };
    let text = |name: &str| request.parameters.text(name);
    let many = |list: &'static str| {
        let texts = request.parameters.texts().into_iter();
        let is_of = move |way: &str| way.strip_prefix(list).is_some_and(|rest| rest.starts_with('.'));
        texts.filter(move |(way, _)| is_of(way)).map(|(_, text)| text)
    };
    // A cluster is said by its name or its ARN; what is in it has its name.
    let cluster = text("cluster").unwrap_or("default");
    let cluster = cluster.rsplit('/').next().unwrap_or(cluster);
    let within = |kind: &str, name: &str| {
        if name.starts_with("arn:") { name.to_owned() } else { arn(kind, &format!("{cluster}/{name}")) }
    };
    let named: Vec<String> = match (action, request.call.operation.as_str()) {
        ("ecs:TagResource", "CreateCluster") => {
            text("clusterName").map(|name| arn("cluster", name)).into_iter().collect()
        }
        ("ecs:TagResource", "RegisterTaskDefinition") => {
            text("family").map(|family| arn("task-definition", &format!("{family}:*"))).into_iter().collect()
        }
        (_, "CreateService") => text("serviceName").map(|name| within("service", name)).into_iter().collect(),
        (_, "UpdateService" | "DeleteService") => {
            text("service").map(|name| within("service", name)).into_iter().collect()
        }
        (_, "DescribeServices") => many("services").map(|name| within("service", &name)).collect(),
        (_, "DescribeTasks") => many("tasks").map(|name| within("task", &name)).collect(),
        (_, "DescribeClusters") => many("clusters").map(|name| arn("cluster", &name)).collect(),
        (_, "DeleteCluster" | "UpdateCluster" | "PutClusterCapacityProviders") => vec![arn("cluster", cluster)],
        (_, "DeleteTaskDefinitions") => many("taskDefinitions").map(|name| arn("task-definition", &name)).collect(),
        (_, "TagResource" | "UntagResource" | "ListTagsForResource") => {
            text("resourceArn").map(str::to_owned).into_iter().collect()
        }
        _ => Vec::new(),
    };
    if named.is_empty() { vec!["*".to_owned()] } else { named }
}

/// Who registers a task definition passes its roles on to tasks (ECS developer guide, "IAM roles for Amazon ECS").
pub(super) fn passed(request: &Request) -> impl Iterator<Item = Need> {
    let is_registered = request.call.operation == "RegisterTaskDefinition";
    let roles = ["executionRoleArn", "taskRoleArn"].into_iter().filter(move |_| is_registered);
    roles
        .filter_map(|role| request.parameters.text(role))
        .map(|role| Need::new("iam:PassRole", role).with("iam:PassedToService", Some("ecs-tasks.amazonaws.com")))
}
