//! What a load balancer says of a service's tasks: why it sends them nothing.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{Container, NetworkInterface, Task};
use aws_sdk_elasticloadbalancingv2::types::{TargetHealth, TargetHealthDescription, TargetHealthStateEnum};
use engine::Cx;

use crate::Account;
use crate::edge::Edge;

/// Tasks that do not pass the checks of their target group, all for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unhealthy {
    /// How many.
    count: usize,
    /// ELB's own word, such as `Target.ResponseCodeMismatch` (Elastic Load Balancing API reference, `TargetHealth`).
    pub(super) reason: String,
    /// What it says beside, such as the codes that it got.
    description: String,
}

impl std::fmt::Display for Unhealthy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tasks = if self.count == 1 { "task fails" } else { "tasks fail" };
        write!(f, "{} {tasks} the load balancer's checks: ", self.count)?;
        match self.description.as_str() {
            "" => write!(f, "{}", self.reason),
            description => write!(f, "{description} ({})", self.reason),
        }
    }
}

/// The tasks that fail the checks of their target group. None while none does, and when nobody can tell: a wait does not end
/// for that.
pub(super) async fn unhealthy(group: Option<&str>, tasks: &[Task], cx: &Cx<'_, Account>) -> Option<Unhealthy> {
    let call = cx.elastic_load_balancing().describe_target_health().target_group_arn(group?);
    among(call.send().await.edge().ok()?.target_health_descriptions(), tasks)
}

/// The most frequent reason among these tasks. The target group has those of the deployment before, too.
fn among(targets: &[TargetHealthDescription], tasks: &[Task]) -> Option<Unhealthy> {
    let interfaces = tasks.iter().flat_map(Task::containers).flat_map(Container::network_interfaces);
    let addresses: BTreeSet<&str> = interfaces.filter_map(NetworkInterface::private_ipv4_address).collect();
    let mine = targets.iter().filter(|target| {
        target.target().and_then(|target| target.id()).is_some_and(|address| addresses.contains(address))
    });
    let health = mine.filter_map(TargetHealthDescription::target_health);
    let unhealthy: Vec<&TargetHealth> =
        health.filter(|health| health.state() == Some(&TargetHealthStateEnum::Unhealthy)).collect();
    let of = |health: &TargetHealth| health.reason().map(|reason| reason.as_str().to_owned()).unwrap_or_default();
    let reasons: BTreeSet<String> = unhealthy.iter().map(|health| of(health)).collect();
    let all = reasons.into_iter().map(|reason| {
        let same: Vec<_> = unhealthy.iter().filter(|health| of(health) == reason).collect();
        let description = same.iter().find_map(|health| health.description()).unwrap_or_default().to_owned();
        Unhealthy { count: same.len(), reason, description }
    });
    all.max_by_key(|one| one.count)
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::{TargetDescription, TargetHealthReasonEnum};

    use super::*;

    fn task(address: &str) -> Task {
        let interface = NetworkInterface::builder().private_ipv4_address(address).build();
        Task::builder().containers(Container::builder().network_interfaces(interface).build()).build()
    }

    fn target(address: &str, state: TargetHealthStateEnum, reason: Option<&str>) -> TargetHealthDescription {
        let health = TargetHealth::builder().state(state).set_reason(reason.map(TargetHealthReasonEnum::from));
        let health = health.set_description(reason.map(|reason| format!("as {reason} says")));
        let target = TargetDescription::builder().id(address).port(1337).build();
        TargetHealthDescription::builder().target(target).target_health(health.build()).build()
    }

    #[test]
    fn only_the_tasks_of_the_deployment_count() {
        use TargetHealthStateEnum::{Healthy, Initial, Unhealthy};
        let (mismatch, timeout) = ("Target.ResponseCodeMismatch", "Target.Timeout");
        let tasks = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map(task);
        let mut targets = vec![
            target("10.0.0.1", Initial, Some("Elb.InitialHealthChecking")),
            target("10.0.0.2", Healthy, None),
            target("10.0.0.9", Unhealthy, Some(timeout)),
            target("10.0.0.8", Unhealthy, Some(timeout)),
        ];
        assert_eq!(among(&targets, &tasks), None);
        targets.push(target("10.0.0.3", Unhealthy, Some(mismatch)));
        let one = among(&targets, &tasks).map(|one| (one.reason.clone(), one.to_string()));
        let text = format!("1 task fails the load balancer's checks: as {mismatch} says ({mismatch})");
        assert_eq!(one, Some((mismatch.to_owned(), text)));
    }
}
