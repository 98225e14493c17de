//! What the kinds of Elastic Load Balancing share: tags, which no other list of the service has, and actions.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, FixedResponseActionConfig, ForwardActionConfig, RedirectActionConfig,
    RedirectActionStatusCodeEnum, Tag, TargetGroupTuple,
};
use engine::{Class, Cx, Error, Id, Result, Tags};
use futures_util::future;
use serde::Serialize;

use super::{TargetGroup, traffic};
use crate::edge::{Edge, not_yet_if_unseen};
use crate::{Account, FLEET_TAG, KEY_TAG};

/// How many objects a call asks the tags of (Elastic Load Balancing API reference, `DescribeTags`).
const AT_ONCE: usize = 20;

/// How long names of load balancers and target groups may be (`CreateLoadBalancer`, `CreateTargetGroup`).
const LONGEST_NAME: usize = 32;

/// Where a request goes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListenerAction {
    /// To a target of this group.
    Forward(Id<TargetGroup>),
    /// To a target of either group, and of the second one never at first. `CodeDeploy` moves requests from the one to the other,
    /// and since 2022 leaves both in place, with weights of 100 and 0 (terraform-provider-aws, issue 28129): whatever it
    /// leaves is as it should be.
    ForwardEither {
        /// The one that gets requests.
        first: Id<TargetGroup>,
        /// The other one.
        second: Id<TargetGroup>,
    },
    /// Back to whoever made it, with the same address under HTTPS: 301.
    RedirectToHttps,
    /// Nowhere: it is answered with this status, such as `404`, and without a body.
    FixedResponse(String),
    /// What somebody else set.
    Other(String),
}

impl ListenerAction {
    /// As a call takes it. Of two groups the one gets requests whose targets serve.
    pub(super) async fn to_sdk(&self, cx: &Cx<'_, Account>) -> Result<Action> {
        let action = Action::builder();
        Ok(match self {
            Self::Forward(group) => action.r#type(ActionTypeEnum::Forward).target_group_arn(group.get()?).build(),
            Self::ForwardEither { first, second } => {
                let groups = traffic::serving([first, second], cx).await?.into_iter().zip([100, 0]);
                let groups = groups.map(|(group, weight)| {
                    Ok(TargetGroupTuple::builder().target_group_arn(group.get()?).weight(weight).build())
                });
                let groups = ForwardActionConfig::builder().set_target_groups(Some(groups.collect::<Result<_>>()?));
                action.r#type(ActionTypeEnum::Forward).forward_config(groups.build()).build()
            }
            Self::RedirectToHttps => {
                let to = RedirectActionConfig::builder().protocol("HTTPS").port("443");
                let to = to.status_code(RedirectActionStatusCodeEnum::Http301).build();
                action.r#type(ActionTypeEnum::Redirect).redirect_config(to).build()
            }
            Self::FixedResponse(status) => {
                let response = FixedResponseActionConfig::builder().status_code(status).content_type("text/plain");
                action.r#type(ActionTypeEnum::FixedResponse).fixed_response_config(response.build()).build()
            }
            Self::Other(what) => {
                return Err(Error::new(Class::Invalid, format!("an action of type {what} is not supported")));
            }
        })
    }

    /// As a list has it. Of several, and of those of other shapes, the types are told.
    pub(super) fn read(actions: &[Action]) -> Self {
        let other = || {
            let types = actions.iter().filter_map(Action::r#type).map(ActionTypeEnum::as_str);
            Self::Other(types.collect::<Vec<_>>().join(", "))
        };
        let [action] = actions else { return other() };
        let weighed = action.forward_config().map_or(&[][..], ForwardActionConfig::target_groups);
        let mut weighed: Vec<_> =
            weighed.iter().filter_map(|one| Some((one.weight(), one.target_group_arn()?))).collect();
        weighed.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        if let [(_, first), (_, second)] = weighed[..] {
            return Self::ForwardEither { first: Id::new(first), second: Id::new(second) };
        }
        let only = if let [(_, group)] = weighed[..] { Some(group) } else { None };
        let group = action.target_group_arn().or(only);
        match (group, action.redirect_config(), action.fixed_response_config()) {
            (Some(group), None, None) => Self::Forward(Id::new(group)),
            (None, Some(to), None) if is_to_https(to) => Self::RedirectToHttps,
            (None, None, Some(response)) if response.message_body().unwrap_or_default().is_empty() => {
                Self::FixedResponse(response.status_code().unwrap_or_default().to_owned())
            }
            _ => other(),
        }
    }

    /// What was found, as far as it differs from this: of two groups either may get requests, and both may be there.
    pub(super) fn unless_moved(&self, found: Self) -> Self {
        let Self::ForwardEither { first, second } = self else { return found };
        let is_one = |group: &Id<TargetGroup>| group == first || group == second;
        let is_same = match &found {
            Self::Forward(group) => is_one(group),
            Self::ForwardEither { first, second } => is_one(first) && is_one(second),
            _ => false,
        };
        if is_same { self.clone() } else { found }
    }
}

/// What is not set stands for that part of the request's own address, which may be written out.
fn is_to_https(to: &RedirectActionConfig) -> bool {
    let is_own = |part: Option<&str>, own: [&str; 2]| part.is_none_or(|part| own.contains(&part));
    to.protocol() == Some("HTTPS")
        && to.port() == Some("443")
        && to.status_code() == Some(&RedirectActionStatusCodeEnum::Http301)
        && is_own(to.host(), ["#{host}", ""])
        && is_own(to.path(), ["/#{path}", ""])
        && is_own(to.query(), ["#{query}", ""])
}

/// The tags of objects, by ARN. Those that are not among the account's [known](super::account_tags::all) ones are asked for:
/// they are somebody else's, or new.
pub(super) async fn tags_of(
    arns: &[&str],
    known: &HashMap<String, Tags>,
    cx: &Cx<'_, Account>,
) -> Result<HashMap<String, Tags>> {
    let unknown: Vec<&str> = arns.iter().copied().filter(|arn| !known.contains_key(*arn)).collect();
    let mut all = asked(&unknown, cx).await?;
    all.extend(arns.iter().filter_map(|arn| Some(((*arn).to_owned(), known.get(*arn)?.clone()))));
    Ok(all)
}

/// The tags of the node's object, of which these are listed.
pub(super) async fn confirmed(listed: &Tags, arn: &str, cx: &Cx<'_, Account>) -> Result<Tags> {
    let asked = async { Ok(asked(&[arn], cx).await?.remove(arn).unwrap_or_default()) };
    super::confirmed(Some(listed), cx, asked).await
}

/// The tags of objects, by ARN, as the service says them.
pub(super) async fn asked(arns: &[&str], cx: &Cx<'_, Account>) -> Result<HashMap<String, Tags>> {
    let of = |arns: &[&str]| {
        let arns = arns.iter().map(|arn| (*arn).to_owned()).collect();
        let call = cx.elastic_load_balancing().describe_tags().set_resource_arns(Some(arns));
        async move { call.send().await.edge().map_err(not_yet_if_unseen) }
    };
    let answers = future::try_join_all(arns.chunks(AT_ONCE).map(of)).await?;
    let all = answers.into_iter().flat_map(|answer| answer.tag_descriptions.unwrap_or_default());
    Ok(all.filter_map(|one| Some((one.resource_arn?, from_sdk(one.tags.unwrap_or_default())))).collect())
}

/// Tags that AWS itself sets are not ours to compare.
fn from_sdk(tags: Vec<Tag>) -> Tags {
    let pairs = tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())));
    pairs.filter(|(key, _)| !key.starts_with("aws:")).collect()
}

/// Tags for a call.
pub(super) fn to_sdk(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// Sets tags on an object that exists.
pub(super) async fn tag(arn: &str, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
    let call = cx.elastic_load_balancing().add_tags().resource_arns(arn);
    call.set_tags(Some(to_sdk(tags))).send().await.edge().map(drop)
}

/// The name of the node, which its object has too, if AWS takes it.
pub(super) fn own_name<'c>(cx: &'c Cx<'_, Account>) -> Result<&'c str> {
    let name = cx.key.name.as_str();
    if name.len() <= LONGEST_NAME {
        return Ok(name);
    }
    let message =
        format!("a {} called {name} has {} characters, and AWS takes {LONGEST_NAME}", cx.key.kind, name.len());
    Err(Error::new(Class::Invalid, message).hint("give it a shorter name"))
}

/// Whether the object of this node's name is nobody's, or this node's: one that somebody made by hand is taken over.
pub(super) fn is_free(tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
    if super::is_free(tags, cx) {
        return Ok(());
    }
    let (kind, name) = (&cx.key.kind, &cx.key.name);
    let message = format!("the {kind} {name} has the tags of another node, and {} is called so too", cx.key);
    Err(Error::new(Class::Invalid, message).hint(format!(
        "give one of the two another name; if nothing else looks after it any more, remove its tags {FLEET_TAG} and \
         {KEY_TAG}, and run again"
    )))
}
