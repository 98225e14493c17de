//! Lifecycle policies of repositories, of which the local AWS looks at each field alone (ECR user guide, "Lifecycle policies":
//! "Lifecycle policy evaluation rules" and "Lifecycle policy parameters").

use std::collections::HashSet;

use async_trait::async_trait;
use serde_json::Value;

use super::Rule;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
pub(super) struct LifecyclePolicies;

/// As the schema's validator says it (cloudposse/terraform-aws-ecr, pull request 132).
const SCHEMA: &str = "instance failed to match exactly one schema (matched 0 out of 2)";

#[async_trait]
impl Rule for LifecyclePolicies {
    async fn before(&self, request: &mut Request, _: &World) -> Result<Option<Answer>, Broken> {
        if !request.call.is("ecr.PutLifecyclePolicy") {
            return Ok(None);
        }
        let text = request.parameters.text("lifecyclePolicyText").unwrap_or_default();
        // What is no policy at all the local AWS refuses itself.
        let policy: Value = serde_json::from_str(text).unwrap_or_default();
        let mistake = policy["rules"].as_array().and_then(|rules| mistake(rules));
        let refusal = |mistake| {
            let message = format!(
                "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation \
                 failure: {mistake}'"
            );
            Answer::refusal(request.protocol, 400, "InvalidParameterException", &message)
        };
        Ok(mistake.map(refusal))
    }
}

/// The first mistake. But for the schema's, the words are ours: no source has AWS's.
fn mistake(rules: &[Value]) -> Option<String> {
    if rules.is_empty() {
        return Some("array is too short: must have at least 1 elements but instance has 0 elements".to_owned());
    }
    let priority = |rule: &Value| rule["rulePriority"].as_i64();
    let status = |rule: &Value| rule["selection"]["tagStatus"].as_str().unwrap_or_default().to_owned();
    if let Some(least) = rules.iter().filter_map(priority).find(|priority| *priority < 1) {
        return Some(format!("numeric instance is lower than the required minimum (minimum: 1, found: {least})"));
    }
    if rules.iter().any(|rule| !fits(&rule["selection"])) {
        return Some(SCHEMA.to_owned());
    }
    let mut seen = HashSet::new();
    if let Some(twice) = rules.iter().filter_map(priority).find(|priority| !seen.insert(*priority)) {
        return Some(format!("rulePriority {twice} is used by more than one rule"));
    }
    if rules.iter().filter(|rule| status(rule) == "untagged").count() > 1 {
        return Some("only one rule may select untagged images".to_owned());
    }
    let highest = rules.iter().filter_map(priority).max();
    if rules.iter().any(|rule| status(rule) == "any" && priority(rule) != highest) {
        return Some("a rule with tagStatus any must have the highest value for rulePriority".to_owned());
    }
    let mut prefixes = HashSet::new();
    let lists = rules.iter().filter_map(|rule| rule["selection"]["tagPrefixList"].as_array());
    let twice = lists.flatten().filter_map(Value::as_str).find(|prefix| !prefixes.insert((*prefix).to_owned()));
    twice.map(|prefix| format!("the tag prefix {prefix} is used by more than one rule"))
}

/// Whether what is selected is said as the schema has it: prefixes or patterns for what is tagged and nothing else, a unit
/// for what is counted in time and nothing else.
fn fits(selection: &Value) -> bool {
    let is_list = |name: &str| selection[name].as_array().is_some_and(|items| !items.is_empty());
    let lists = ["tagPrefixList", "tagPatternList"];
    let given = lists.iter().filter(|name| !selection[**name].is_null()).count();
    let tags = match selection["tagStatus"].as_str() {
        Some("tagged") => given == 1 && lists.iter().any(|name| is_list(name)),
        _ => given == 0,
    };
    let patterns = selection["tagPatternList"].as_array().into_iter().flatten().filter_map(Value::as_str);
    // "There is a maximum limit of four wildcards (*) per string" (the same page).
    let wildcards = patterns.into_iter().all(|pattern| pattern.matches('*').count() <= 4);
    let unit = match selection["countType"].as_str() {
        Some("sinceImagePushed") => selection["countUnit"] == "days",
        _ => selection["countUnit"].is_null(),
    };
    tags && wildcards && unit
}
