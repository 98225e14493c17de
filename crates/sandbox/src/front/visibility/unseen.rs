//! Something new: its id or name, and how it is left out of answers.

use std::collections::HashSet;

use serde_json::Value;
use xmltree::{Element, XMLNode};

use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::protocol::Protocol;
use crate::front::xml::{children, children_mut, descendant, text};

/// Something that a call has made.
pub(super) struct Made {
    /// `Vpc`, as in the operation's name.
    noun: String,
    /// Its id in EC2, its name elsewhere.
    pub(super) name: String,
}

impl Made {
    /// Whether a call is about it. What a list is filtered by does not have to be there; and in IAM and ECS things of
    /// different kinds may be called the same.
    pub(super) fn is_named_in(&self, request: &Request) -> bool {
        let names_its_kind = |name: &str| match request.call.service.as_str() {
            "iam" => name.strip_suffix("Name") == Some(&self.noun),
            "rds" => name.starts_with(&self.noun),
            "ecs" => name.starts_with(&self.noun.to_lowercase()),
            _ => true,
        };
        let is_it = |(name, text): &(String, String)| {
            *text == self.name && !name.starts_with("Filter.") && names_its_kind(name)
        };
        request.parameters.texts().iter().any(is_it)
    }
}

/// What a call has made.
pub(super) fn made(request: &Request, answer: &Answer) -> Vec<Made> {
    let operation = request.call.operation.as_str();
    let with_id =
        |noun: &str, ids: Vec<String>| ids.into_iter().map(|name| Made { noun: noun.to_owned(), name }).collect();
    if request.call.is("acm.RequestCertificate") {
        let arn = answer.json().and_then(|json| Some(json["CertificateArn"].as_str()?.to_owned()));
        return with_id("Certificate", arn.into_iter().collect());
    }
    if request.call.is("route53.CreateHostedZone") {
        // Lists have `/hostedzone/Z1`, and calls `Z1`.
        let id = answer.xml().and_then(|root| text(descendant(&root, "HostedZone")?, "Id")).unwrap_or_default();
        let bare = id.rsplit('/').next().unwrap_or_default().to_owned();
        return with_id("HostedZone", vec![bare, id]);
    }
    let noun = ["Create", "Allocate", "Associate", "Authorize"].iter().find_map(|verb| operation.strip_prefix(verb));
    let Some(noun) = noun else { return Vec::new() };
    let names = if request.protocol == Protocol::Ec2 { ids(operation, noun, answer) } else { own_name(noun, request) };
    names.into_iter().map(|name| Made { noun: noun.to_owned(), name }).collect()
}

/// The ids in an answer of EC2.
fn ids(operation: &str, noun: &str, answer: &Answer) -> Vec<String> {
    let element = match operation {
        "AllocateAddress" => "allocationId".to_owned(),
        // The address that shows it was there before.
        "AssociateAddress" => return Vec::new(),
        "AssociateRouteTable" => "associationId".to_owned(),
        "CreateFlowLogs" => "flowLogIdSet".to_owned(),
        "CreateSecurityGroup" => "groupId".to_owned(),
        "AuthorizeSecurityGroupEgress" | "AuthorizeSecurityGroupIngress" => "securityGroupRuleId".to_owned(),
        _ => {
            let first = noun.chars().take(1).map(|c| c.to_ascii_lowercase());
            first.chain(noun.chars().skip(1)).chain("Id".chars()).collect()
        }
    };
    let root = answer.xml();
    root.as_ref().and_then(|root| descendant(root, &element)).map(all_texts).unwrap_or_default()
}

/// The name that a call gives.
fn own_name(noun: &str, request: &Request) -> Vec<String> {
    let wanted = ["name", "identifier"].map(|end| format!("{noun}{end}").to_lowercase());
    let is_name = |name: &str| name.eq_ignore_ascii_case("name") || wanted.contains(&name.to_lowercase());
    let own = request.parameters.texts().into_iter().find(|(name, _)| is_name(name));
    own.map(|(_, name)| name).into_iter().collect()
}

fn all_texts(element: &Element) -> Vec<String> {
    let own = element.get_text().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let below = children(element).flat_map(all_texts);
    own.into_iter().chain(below).collect()
}

/// How a service says that something is not there; none where a list is simply shorter.
///
/// EC2 API reference, "Error codes"; IAM API reference, `NoSuchEntity`; the error lists of the others.
pub(super) fn not_found(request: &Request, made: &Made) -> Option<Answer> {
    let Made { noun, name } = made;
    let operation = request.call.operation.as_str();
    let ec2 = |prefix: &str| {
        Some(match prefix {
            "vpc" => "InvalidVpcID.NotFound",
            "subnet" => "InvalidSubnetID.NotFound",
            "igw" => "InvalidInternetGatewayID.NotFound",
            "rtb" => "InvalidRouteTableID.NotFound",
            "rtbassoc" => "InvalidAssociationID.NotFound",
            "eipalloc" => "InvalidAllocationID.NotFound",
            "eni" => "InvalidNetworkInterfaceID.NotFound",
            "nat" => "NatGatewayNotFound",
            "vpce" => "InvalidVpcEndpointId.NotFound",
            "sg" => "InvalidGroup.NotFound",
            "sgr" => "InvalidSecurityGroupRuleId.NotFound",
            _ => return None,
        })
    };
    let (status, code) = match (request.protocol, request.call.service.as_str()) {
        (Protocol::Ec2, _) => (400, ec2(name.split('-').next()?)?),
        // Making it once more is refused as what it is: a second one of that name.
        _ if operation.starts_with("Create") => return None,
        (_, "iam") => (404, "NoSuchEntity"),
        (_, "route53") => (404, "NoSuchHostedZone"),
        (_, "rds") => match noun.as_str() {
            "DBInstance" => (404, "DBInstanceNotFound"),
            "DBParameterGroup" => (404, "DBParameterGroupNotFound"),
            "DBSubnetGroup" => (404, "DBSubnetGroupNotFoundFault"),
            _ => return None,
        },
        // Names in calls to these are prefixes to list by, or many at once.
        (_, "logs" | "ecs") if operation.starts_with("Describe") => return None,
        (_, "ecr") => (400, "RepositoryNotFoundException"),
        (_, "ecs") if noun == "Cluster" => (400, "ClusterNotFoundException"),
        (_, "ecs") if noun == "Service" => (400, "ServiceNotFoundException"),
        (_, "acm" | "logs" | "secretsmanager") => (400, "ResourceNotFoundException"),
        _ => return None,
    };
    let message = format!("The {noun} '{name}' does not exist");
    Some(Answer::refusal(request.protocol, status, code, &message))
}

/// Takes out of every list what one of the names stands in. Whether there was anything.
pub(super) fn hide(answer: &mut Answer, names: &HashSet<String>) -> bool {
    if let Some(mut json) = answer.json() {
        let is_hidden = hide_in_json(&mut json, names);
        if is_hidden {
            answer.set_json(&json);
        }
        is_hidden
    } else if let Some(mut xml) = answer.xml() {
        let is_hidden = hide_in_xml(&mut xml, names);
        if is_hidden {
            answer.set_xml(&xml);
        }
        is_hidden
    } else {
        false
    }
}

/// The lists of JSON are at the top. What is below are parts of something, such as the containers of a task, which may be
/// called as something else is.
fn hide_in_json(answer: &mut Value, names: &HashSet<String>) -> bool {
    let is_shown = |item: &Value| {
        let mut texts = item.as_object().into_iter().flat_map(serde_json::Map::values).filter_map(Value::as_str);
        !texts.any(|text| names.contains(text))
    };
    let lists = answer.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut);
    let mut is_hidden = false;
    for items in lists.filter_map(Value::as_array_mut) {
        let before = items.len();
        items.retain(is_shown);
        is_hidden |= items.len() < before;
    }
    is_hidden
}

/// What a list of RDS has items called after; parts of a database are called so, too.
const OF_RDS: [&str; 3] = ["DBInstance", "DBParameterGroup", "DBSubnetGroup"];

fn hide_in_xml(element: &mut Element, names: &HashSet<String>) -> bool {
    if OF_RDS.contains(&element.name.as_str()) {
        return false;
    }
    let is_item = |name: &str| matches!(name, "HostedZone" | "item" | "member") || OF_RDS.contains(&name);
    let is_shown = |node: &XMLNode| {
        let item = node.as_element().filter(|item| is_item(&item.name));
        item.is_none_or(|item| !children(item).filter_map(Element::get_text).any(|text| names.contains(text.trim())))
    };
    let before = element.children.len();
    element.children.retain(is_shown);
    let mut is_hidden = element.children.len() < before;
    for child in children_mut(element) {
        is_hidden |= hide_in_xml(child, names);
    }
    is_hidden
}
