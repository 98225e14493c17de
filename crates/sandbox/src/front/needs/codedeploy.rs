//! What calls to `CodeDeploy` are about (service authorization reference, "AWS `CodeDeploy`").

use super::Need;
use crate::front::call::{Call, Request};

/// The ARN of the application or group that a call names; of a deployment, that of any group.
pub(super) fn object(request: &Request, action: &str) -> String {
    let Call { operation, account, region, .. } = &request.call;
    let arn = |kind: &str, name: &str| format!("arn:aws:codedeploy:{region}:{account}:{kind}:{name}");
    let text = |name| request.parameters.text(name);
    let application = text("applicationName").unwrap_or("*");
    let group = || {
        let name = text("deploymentGroupName").or(text("currentDeploymentGroupName"));
        let name = name.or(text("deploymentGroupNames")).unwrap_or("*");
        arn("deploymentgroup", &format!("{application}/{name}"))
    };
    match operation.as_str() {
        "TagResource" | "UntagResource" | "ListTagsForResource" => text("ResourceArn").unwrap_or("*").to_owned(),
        "ListApplications" | "GetDeploymentTarget" | "ListDeploymentTargets" | "StopDeployment" => "*".to_owned(),
        "CreateApplication" | "DeleteApplication" | "GetApplication" | "ListDeploymentGroups" => {
            arn("application", application)
        }
        "BatchGetApplications" => arn("application", "*"),
        // One of its own.
        _ if action == "codedeploy:RegisterApplicationRevision" => arn("application", application),
        "GetDeployment" => arn("deploymentgroup", "*"),
        _ => group(),
    }
}

/// What a call needs beside its own action: a new group hands its role on, and a deployment registers its revision and reads how
/// requests are moved.
pub(super) fn beside(request: &Request) -> Vec<Need> {
    let Call { operation, account, region, .. } = &request.call;
    let text = |name| request.parameters.text(name);
    let mut needs = Vec::new();
    if let (true, Some(role)) = (operation.ends_with("DeploymentGroup"), text("serviceRoleArn")) {
        needs.push(Need::new("iam:PassRole", role).with("iam:PassedToService", Some("codedeploy.amazonaws.com")));
    }
    if operation == "CreateDeployment" {
        let register = "codedeploy:RegisterApplicationRevision";
        needs.push(Need::new(register, object(request, register)));
        let config = format!("arn:aws:codedeploy:{region}:{account}:deploymentconfig:CodeDeployDefault.ECSAllAtOnce");
        needs.push(Need::new("codedeploy:GetDeploymentConfig", config));
    }
    needs
}
