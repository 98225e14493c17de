//! What calls to Application Auto Scaling need beside their own actions (Application Auto Scaling user guide, "Permissions
//! validation for Application Auto Scaling API calls on target resources"; ECS developer guide, "IAM permissions required for
//! Amazon ECS service auto scaling").

use super::Need;
use crate::front::call::Request;

/// Sets the condition key of the service, and adds what it tries in the name of whoever calls before it changes anything.
pub(super) fn complete(request: &Request, needs: &mut Vec<Need>) {
    let (call, text) = (&request.call, |name| request.parameters.text(name));
    for need in needs.iter_mut().filter(|need| need.action.starts_with("application-autoscaling:")) {
        let namespace = text("ServiceNamespace").map(str::to_owned).into_iter().collect();
        need.set("application-autoscaling:service-namespace", namespace);
    }
    if matches!(call.operation.as_str(), "DeleteScalingPolicy" | "PutScalingPolicy" | "RegisterScalableTarget") {
        let alarms = ["DeleteAlarms", "DescribeAlarms", "PutMetricAlarm"];
        needs.extend(alarms.map(|action| Need::new(format!("cloudwatch:{action}"), "*")));
    }
    let service =
        text("ResourceId").filter(|id| call.operation == "RegisterScalableTarget" && id.starts_with("service/"));
    if let Some(id) = service {
        let service = format!("arn:aws:ecs:{}:{}:{id}", call.region, call.account);
        needs.extend(["DescribeServices", "UpdateService"].map(|action| Need::new(format!("ecs:{action}"), &service)));
    }
}
