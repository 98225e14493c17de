//! Which requests of a listener go elsewhere than the others.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::{
    HostHeaderConditionConfig, PathPatternConditionConfig, Rule, RuleCondition, RulePriorityPair,
};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags, only_one};
use serde::Serialize;

use super::{Listener, ListenerAction, balancing, listeners};
use crate::edge::Edge;
use crate::{Account, Grant, Permissions};

/// A rule of a listener, known by its tags. A listener has one for each priority.
#[derive(Debug, Serialize)]
pub struct ListenerRule {
    /// The listener.
    pub listener: Id<Listener>,
    /// The first rule that a request fits is followed, beginning with the lowest: 1 to 50000.
    pub priority: i32,
    /// Paths that it is about, such as `/api/*`; none is every path. `(field)` stands for a condition on something else,
    /// which somebody else set.
    pub paths: BTreeSet<String>,
    /// Hosts that it is about, such as `*.example.com`; none is every host.
    pub hosts: BTreeSet<String>,
    /// What is done with them.
    pub action: ListenerAction,
}

impl Resource for ListenerRule {
    const KIND: &'static str = "listener-rule";
    const FIXED: &'static [&'static str] = &["listener"];
    type Cloud = Account;
    /// The rule's ARN.
    type Output = Id<Self>;

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let all = listeners::all(cx).await?;
        let owned = all.rules.iter().filter_map(|(listener, rule, tags)| {
            let key = cx.owner(tags).filter(|key| key.kind == Self::KIND)?;
            let output = Id::new(rule.rule_arn()?);
            Some((key, Found { output, actual: actual(listener, rule), tags: Some(tags.clone()) }))
        });
        Ok(owned.collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let mut found = only_one(cx.key, Self::owned(cx).await?)?;
        if let Some(found) = &mut found {
            found.actual.action = self.action.unless_moved(found.actual.action.clone());
        }
        Ok(found)
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx.elastic_load_balancing().create_rule().listener_arn(self.listener.get()?);
        let call = call.priority(self.priority).set_conditions(Some(self.conditions()));
        let call = call.actions(self.action.to_sdk(cx).await?).set_tags(Some(balancing::to_sdk(cx.tags)));
        // A second one of this priority is refused, so it may be repeated.
        let made = call.send().await.edge().map_err(|error| self.taken(error))?;
        let arn = made.rules().first().and_then(Rule::rule_arn).map(Id::new);
        arn.ok_or_else(|| Error::new(Class::Other, "AWS answered without the ARN of the rule"))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (arn, actual) = (found.output.get()?, &found.actual);
        if (&self.paths, &self.hosts, &self.action) != (&actual.paths, &actual.hosts, &actual.action) {
            let call = cx.elastic_load_balancing().modify_rule().rule_arn(arn);
            let mut call = call.set_conditions(Some(self.conditions()));
            // Only if it differs: `CodeDeploy` may be moving requests.
            if self.action != actual.action {
                call = call.actions(self.action.to_sdk(cx).await?);
            }
            call.send().await.edge()?;
        }
        if self.priority != actual.priority {
            let moved = move_to(arn, self.priority, cx).await;
            // The rule of ours that has it may wait for this one's: it goes aside, and comes here when it is repeated.
            if moved.as_ref().is_err_and(is_taken) && self.is_taken_by_another_of_ours(arn, cx).await? {
                move_to(arn, LAST - self.priority, cx).await?;
            }
            moved.map_err(|error| self.taken(error))?;
        }
        Ok(())
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        balancing::tag(found.output.get()?, tags, cx).await
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.elastic_load_balancing().delete_rule().rule_arn(found.output.get()?);
        call.send().await.edge().map(drop)
    }
}

impl Permissions for ListenerRule {
    const READS: &'static [Grant] = &[Grant::everywhere(&[
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTags",
        "tag:GetResources",
    ])];
    const CHANGES: &'static [Grant] = &[
        Grant::on(
            &["arn:aws:elasticloadbalancing:{region}:{account}:listener/app/*"],
            &["elasticloadbalancing:CreateRule"],
        ),
        Grant::on(
            &["arn:aws:elasticloadbalancing:{region}:{account}:listener-rule/app/*"],
            &[
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:DeleteRule",
                "elasticloadbalancing:ModifyRule",
                "elasticloadbalancing:SetRulePriorities",
            ],
        ),
        // Which of two groups serves.
        Grant::everywhere(&["elasticloadbalancing:DescribeTargetHealth"]),
    ];
}

/// The greatest priority (Elastic Load Balancing API reference, `CreateRule`).
const LAST: i32 = 50_000;

async fn move_to(arn: &str, priority: i32, cx: &Cx<'_, Account>) -> Result<()> {
    let pair = RulePriorityPair::builder().rule_arn(arn).priority(priority).build();
    cx.elastic_load_balancing().set_rule_priorities().rule_priorities(pair).send().await.edge().map(drop)
}

fn is_taken(error: &Error) -> bool {
    error.code.as_deref() == Some("PriorityInUse")
}

const PATHS: &str = "path-pattern";
const HOSTS: &str = "host-header";

impl ListenerRule {
    fn conditions(&self) -> Vec<RuleCondition> {
        let mut conditions = Vec::new();
        if !self.paths.is_empty() {
            let paths = PathPatternConditionConfig::builder().set_values(Some(self.paths.iter().cloned().collect()));
            conditions.push(RuleCondition::builder().field(PATHS).path_pattern_config(paths.build()).build());
        }
        if !self.hosts.is_empty() {
            let hosts = HostHeaderConditionConfig::builder().set_values(Some(self.hosts.iter().cloned().collect()));
            conditions.push(RuleCondition::builder().field(HOSTS).host_header_config(hosts.build()).build());
        }
        conditions
    }

    async fn is_taken_by_another_of_ours(&self, arn: &str, cx: &Cx<'_, Account>) -> Result<bool> {
        let (all, priority) = (listeners::all(cx).await?, self.priority.to_string());
        Ok(all.rules.iter().any(|(listener, rule, tags)| {
            let is_there =
                self.listener.known() == Some(listener.as_str()) && rule.priority() == Some(priority.as_str());
            is_there && rule.rule_arn() != Some(arn) && cx.owner(tags).is_some()
        }))
    }

    /// What to do if the priority stays taken: at first it may be this node's own rule that is not listed yet.
    fn taken(&self, error: Error) -> Error {
        if !is_taken(&error) {
            return error;
        }
        error.hint(format!("another rule of the listener has priority {}: delete that, or take another", self.priority))
    }
}

fn actual(listener: &str, rule: &Rule) -> ListenerRule {
    let conditions = || rule.conditions().iter();
    let paths = conditions().filter_map(RuleCondition::path_pattern_config);
    let hosts = conditions().filter_map(RuleCondition::host_header_config);
    let others = conditions().filter_map(RuleCondition::field).filter(|field| ![PATHS, HOSTS].contains(field));
    ListenerRule {
        listener: Id::new(listener),
        priority: rule.priority().and_then(|text| text.parse().ok()).unwrap_or_default(),
        paths: paths
            .flat_map(|paths| paths.values().to_vec())
            .chain(others.map(|field| format!("({field})")))
            .collect(),
        hosts: hosts.flat_map(|hosts| hosts.values().to_vec()).collect(),
        action: ListenerAction::read(rule.actions()),
    }
}
