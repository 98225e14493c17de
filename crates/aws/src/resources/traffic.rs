//! Which of two target groups serves, where `CodeDeploy` moves a service from the one to the other.

use std::collections::BTreeSet;

use engine::{Cx, Id, Result};

use super::{ListenerAction, TargetGroup, listeners};
use crate::Account;
use crate::edge::Edge;

/// Of two groups, the one that has targets: the first one, if both or neither has.
pub(super) async fn serving<'g>(
    groups: [&'g Id<TargetGroup>; 2],
    cx: &Cx<'_, Account>,
) -> Result<[&'g Id<TargetGroup>; 2]> {
    let [one, other] = groups;
    let is_other = !has_targets(one, cx).await? && has_targets(other, cx).await?;
    Ok(if is_other { [other, one] } else { [one, other] })
}

async fn has_targets(group: &Id<TargetGroup>, cx: &Cx<'_, Account>) -> Result<bool> {
    let call = cx.elastic_load_balancing().describe_target_health().target_group_arn(group.get()?);
    Ok(!call.send().await.edge()?.target_health_descriptions().is_empty())
}

/// The one of these groups that a listener of ours sends requests to. None: no listener leads to any of them.
pub(super) async fn leading(
    groups: &BTreeSet<Id<TargetGroup>>,
    cx: &Cx<'_, Account>,
) -> Result<Option<Id<TargetGroup>>> {
    let all = listeners::all(cx).await?;
    let actions = all.listeners.iter().map(|(listener, _)| listener.default_actions());
    let mut actions = actions.chain(all.rules.iter().map(|(_, rule, _)| rule.actions()));
    Ok(actions.find_map(|actions| match ListenerAction::read(actions) {
        ListenerAction::Forward(group) | ListenerAction::ForwardEither { first: group, .. }
            if groups.contains(&group) =>
        {
            Some(group)
        }
        _ => None,
    }))
}
