//! Reads that show what was true before a change, as AWS's do for a while (EC2 API reference, "Eventual consistency";
//! IAM user guide, "Changes that I make are not always immediately visible").
//!
//! What was just made is not listed, and not found by its id, for some calls of each operation. What was just changed or
//! deleted reads back as it was: the answer to the same question before the change.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde_json::Value;
use xmltree::{Element, XMLNode};

use super::answer::Answer;
use super::call::{Call, Parameters, Request};
use super::protocol::Protocol;
use super::weather::{Staleness, Weather};
use super::world::descendant;

/// Services that always show the last state: S3 ("Amazon S3 data consistency model"), and STS, which has none.
const CONSISTENT: [&str; 2] = ["s3", "sts"];

/// What an account's calls to a service may still not show.
#[derive(Default)]
struct Place {
    /// When each change was made.
    changes: Vec<Instant>,
    hidden: Vec<Hidden>,
    /// The last fresh answer to each question.
    answers: HashMap<String, Known>,
}

/// What a question was answered with.
struct Known {
    answer: Answer,
    /// How many changes there were before it.
    changes: usize,
    /// How often it may still be given, once there was a change after it.
    left: Option<u32>,
}

/// Something new, by its id or name.
struct Hidden {
    name: String,
    since: Instant,
    change: usize,
    /// How often an operation may still not see it.
    left: HashMap<String, u32>,
}

/// What was changed lately in every account.
#[derive(Default)]
pub(super) struct Visibility {
    places: Mutex<HashMap<(String, String), Place>>,
}

impl Visibility {
    /// The old answer to a call, if it gets one.
    pub(super) fn before(&self, request: &Request, weather: &Weather) -> Option<Answer> {
        let call = &request.call;
        if CONSISTENT.contains(&call.service.as_str()) {
            return None;
        }
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let place = places.get_mut(&key(call))?;
        let texts: HashSet<String> = request.parameters.texts().into_iter().map(|(_, text)| text).collect();
        let by_name = place.hidden.iter_mut().filter(|hidden| texts.contains(&hidden.name)).find_map(|hidden| {
            let answer = not_found(request, &hidden.name)?;
            hidden.is_from(call, weather).then_some(answer)
        });
        if by_name.is_some() {
            return by_name;
        }
        if call.is_change() {
            return None;
        }
        let known = place.answers.get_mut(&question(request))?;
        // What it does not show: the first change after it. No view is older than that allows.
        let missed = place.changes.get(known.changes)?;
        let staleness = weather.staleness(call, known.changes)?;
        if missed.elapsed() >= staleness.time {
            return None;
        }
        let left = known.left.get_or_insert(staleness.reads);
        *left = left.checked_sub(1)?;
        Some(known.answer.clone())
    }

    /// Notes what a change has made, and takes out of a list what it does not show yet.
    pub(super) fn after(&self, request: &Request, answer: &mut Answer, weather: &Weather) {
        let call = &request.call;
        if CONSISTENT.contains(&call.service.as_str()) || !answer.is_success() {
            return;
        }
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let place = places.entry(key(call)).or_default();
        if call.is_change() {
            place.changes.push(Instant::now());
            let change = place.changes.len();
            // What was done in fair weather has been seen.
            if !weather.is_ever_stale() {
                return;
            }
            let hidden = |name| Hidden { name, since: Instant::now(), change, left: HashMap::new() };
            place.hidden.extend(made(request, answer).into_iter().map(hidden));
            return;
        }
        let names: HashSet<String> = place
            .hidden
            .iter_mut()
            .filter_map(|hidden| hidden.is_from(call, weather).then(|| hidden.name.clone()))
            .collect();
        if !names.is_empty() {
            hide(answer, &names);
        }
        let known = Known { answer: answer.clone(), changes: place.changes.len(), left: None };
        place.answers.insert(question(request), known);
    }
}

impl Hidden {
    /// Whether it is hidden from this call, which uses up one of the times that it is.
    fn is_from(&mut self, call: &Call, weather: &Weather) -> bool {
        let Some(Staleness { reads, time }) = weather.staleness(call, self.change) else { return false };
        if self.since.elapsed() >= time {
            return false;
        }
        let left = self.left.entry(call.operation.clone()).or_insert(reads);
        let is_hidden = *left > 0;
        *left = left.saturating_sub(1);
        is_hidden
    }
}

fn key(call: &Call) -> (String, String) {
    (call.account.clone(), call.service.clone())
}

/// What is asked, so that the same question is known again.
fn question(request: &Request) -> String {
    let mut texts = request.parameters.texts();
    texts.sort();
    format!("{} {} {} {texts:?}", request.call.region, request.call.operation, request.target)
}

/// The ids and names of what a call has made.
fn made(request: &Request, answer: &Answer) -> Vec<String> {
    let operation = request.call.operation.as_str();
    let noun = ["Create", "Allocate", "Associate"].iter().find_map(|verb| operation.strip_prefix(verb));
    let Some(noun) = noun else { return Vec::new() };
    match &request.parameters {
        Parameters::Form(_) if request.protocol == Protocol::Ec2 => {
            let mut camel: Vec<char> = noun.chars().collect();
            if let Some(first) = camel.first_mut() {
                first.make_ascii_lowercase();
            }
            let camel: String = camel.into_iter().collect();
            let element = match operation {
                "AllocateAddress" => "allocationId".to_owned(),
                "AssociateAddress" | "AssociateRouteTable" => "associationId".to_owned(),
                "CreateFlowLogs" => "flowLogIdSet".to_owned(),
                "CreateSecurityGroup" => "groupId".to_owned(),
                _ => format!("{camel}Id"),
            };
            let root = answer.xml();
            let found = root.as_ref().and_then(|root| descendant(root, &element));
            found.map(all_texts).unwrap_or_default()
        }
        parameters => {
            let wanted = format!("{noun}name").to_lowercase();
            let named = |(name, _): &&(String, String)| {
                let name = name.to_lowercase();
                name == wanted || name == "name"
            };
            parameters.texts().iter().find(named).map(|(_, text)| text.clone()).into_iter().collect()
        }
    }
}

fn all_texts(element: &Element) -> Vec<String> {
    let own = element.get_text().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let below = element.children.iter().filter_map(XMLNode::as_element).flat_map(all_texts);
    own.into_iter().chain(below).collect()
}

/// How a service says that something is not there; none where a list is simply shorter.
///
/// EC2 API reference, "Error codes"; IAM API reference, `NoSuchEntity`; the error lists of the others.
fn not_found(request: &Request, name: &str) -> Option<Answer> {
    let ec2 = |prefix: &str| {
        Some(match prefix {
            "vpc" => "InvalidVpcID.NotFound",
            "subnet" => "InvalidSubnetID.NotFound",
            "igw" => "InvalidInternetGatewayID.NotFound",
            "rtb" => "InvalidRouteTableID.NotFound",
            "eipalloc" => "InvalidAllocationID.NotFound",
            "nat" => "NatGatewayNotFound",
            "vpce" => "InvalidVpcEndpointId.NotFound",
            "sg" => "InvalidGroup.NotFound",
            _ => return None,
        })
    };
    let (status, code) = match (request.protocol, request.call.service.as_str()) {
        (Protocol::Ec2, _) => (400, ec2(name.split('-').next()?)?),
        (_, "iam") => (404, "NoSuchEntity"),
        // Names in calls to these are prefixes to list by.
        (_, "logs") if request.call.operation.starts_with("Describe") => return None,
        (_, "ecr") => (400, "RepositoryNotFoundException"),
        (_, "ecs") => (400, "ClusterNotFoundException"),
        (_, "logs" | "secretsmanager" | "acm") => (400, "ResourceNotFoundException"),
        _ => return None,
    };
    // Making it once more is refused as what it is: a second one of that name.
    if request.call.operation.starts_with("Create") && request.protocol != Protocol::Ec2 {
        return None;
    }
    let message = format!("The {} '{name}' does not exist", name.split('-').next().unwrap_or("object"));
    Some(Answer::refusal(request.protocol, status, code, &message))
}

/// Takes out of every list what one of the names stands in.
fn hide(answer: &mut Answer, names: &HashSet<String>) {
    if let Some(mut json) = answer.json() {
        hide_in_json(&mut json, names);
        answer.set_json(&json);
    } else if let Some(mut xml) = answer.xml() {
        hide_in_xml(&mut xml, names);
        answer.set_xml(&xml);
    }
}

fn hide_in_json(value: &mut Value, names: &HashSet<String>) {
    match value {
        Value::Array(items) => {
            items.retain(|item| {
                let mut texts =
                    item.as_object().into_iter().flat_map(serde_json::Map::values).filter_map(Value::as_str);
                !texts.any(|text| names.contains(text))
            });
            for item in items {
                hide_in_json(item, names);
            }
        }
        Value::Object(object) => object.values_mut().for_each(|value| hide_in_json(value, names)),
        _ => {}
    }
}

fn hide_in_xml(element: &mut Element, names: &HashSet<String>) {
    let is_hidden = |node: &XMLNode| {
        let item = node.as_element().filter(|item| matches!(item.name.as_str(), "item" | "member"));
        item.is_some_and(|item| {
            let children = item.children.iter().filter_map(XMLNode::as_element);
            children.filter_map(Element::get_text).any(|text| names.contains(text.trim()))
        })
    };
    element.children.retain(|node| !is_hidden(node));
    for child in element.children.iter_mut().filter_map(XMLNode::as_mut_element) {
        hide_in_xml(child, names);
    }
}
