//! Route 53: changes of records are judged by what is there now, names come back in Route 53's own form, and the name
//! servers know a change a while later. The local AWS judges by what was ever asked for, and is done at once.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use xmltree::{Element, XMLNode};

use super::Rule;
use super::clock::Clock;
use super::locks::Locks;
use crate::front::answer::Answer;
use crate::front::call::{Call, Parameters, Request};
use crate::front::chance;
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::{children, children_mut, descendant, set, text};

/// See the module.
#[derive(Default)]
pub(super) struct RecordSets {
    locks: Locks,
    changes: AtomicU64,
    pending: Clock,
}

#[async_trait]
impl Rule for RecordSets {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        let Some(zone) = request.parameters.text("name").map(str::to_owned) else { return Ok(None) };
        if request.call.is("route53.DeleteHostedZone") {
            return Ok(not_empty(&request.call, &zone, world)
                .await?
                .map(|message| Answer::refusal(request.protocol, 400, "HostedZoneNotEmpty", message)));
        }
        let Parameters::Rest { body, .. } = &request.parameters else { return Ok(None) };
        let root = request.call.is("route53.ChangeResourceRecordSets").then(|| Element::parse(&body[..]).ok());
        let Some(mut root) = root.flatten() else { return Ok(None) };
        each_named(&mut root, "Name", &mut |name| plain(name));
        self.locks.hold(request, format!("records {zone}")).await;
        let problem = problem(&request.call, &zone, &root, world).await?;
        let mut written = Vec::new();
        if let Parameters::Rest { body, .. } = &mut request.parameters
            && root.write(&mut written).is_ok()
        {
            *body = written.into();
        }
        let refusal = |problem| Answer::refusal(request.protocol, 400, "InvalidChangeBatch", &format!("[{problem}]"));
        Ok(problem.map(refusal))
    }

    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        let call = &request.call;
        let is_about = ["ChangeResourceRecordSets", "GetChange", "ListResourceRecordSets"];
        if call.service != "route53" || !is_about.contains(&call.operation.as_str()) || !answer.is_success() {
            return Ok(());
        }
        let Some(mut root) = answer.xml() else { return Ok(()) };
        if call.operation == "ListResourceRecordSets" {
            each_named(&mut root, "Name", &mut |name| escaped(name));
            each_named(&mut root, "NextRecordName", &mut |name| escaped(name));
        } else if let Some(info) = root.get_mut_child("ChangeInfo") {
            let id = if call.operation == "GetChange" {
                request.parameters.text("name").unwrap_or_default().to_owned()
            } else {
                let number = self.changes.fetch_add(1, Ordering::Relaxed).to_string();
                let id = format!("C{:016X}", chance::hash(0, &[&call.account, &number]));
                self.pending.begin(&id, world.weather().pending(call));
                id
            };
            set(info, "Id", &format!("/change/{id}"));
            set(info, "Status", if self.pending.is_running(&id) { "PENDING" } else { "INSYNC" });
        }
        answer.set_xml(&root);
        Ok(())
    }
}

/// A name as the local AWS keeps it: in lower case, with a last dot.
fn plain(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.').to_lowercase().replace(r"\052", "*"))
}

/// A name as Route 53 gives it (Route 53 developer guide, "DNS domain name format").
fn escaped(name: &str) -> String {
    plain(name).replace('*', r"\052")
}

/// Changes the text of every element of this name, at any depth.
fn each_named(element: &mut Element, name: &str, change: &mut dyn FnMut(&str) -> String) {
    for child in children_mut(element) {
        if child.name == name
            && let Some(text) = child.get_text().map(|text| change(text.trim()))
        {
            child.children = vec![XMLNode::Text(text)];
        }
        each_named(child, name, change);
    }
}

/// A set of records, in what has to be the same for a deletion.
#[derive(PartialEq)]
struct Set {
    name: String,
    kind: String,
    id: Option<String>,
    content: Vec<String>,
}

impl Set {
    fn read(element: &Element) -> Self {
        let of = |name| text(element, name);
        let mut content: Vec<String> = Vec::new();
        texts(element, &mut content);
        content.retain(|text| text.split_once('=').is_some_and(|(name, _)| name != "Name" && name != "Type"));
        content.sort_unstable();
        let name = plain(&of("Name").unwrap_or_default());
        Self { name, kind: of("Type").unwrap_or_default(), id: of("SetIdentifier"), content }
    }

    fn is_called_as(&self, other: &Self) -> bool {
        self.name == other.name && self.kind == other.kind && self.id == other.id
    }
}

/// Every text below, as `Value=192.0.2.1`.
fn texts(element: &Element, all: &mut Vec<String>) {
    for child in children(element) {
        if let Some(text) = child.get_text() {
            let text = text.trim();
            let text = if child.name == "DNSName" { plain(text) } else { text.to_owned() };
            all.push(format!("{}={text}", child.name));
        }
        texts(child, all);
    }
}

/// Every set of records that a zone has now; nothing if there is no such zone.
async fn sets(call: &Call, zone: &str, world: &World) -> Result<Option<Vec<Set>>, Broken> {
    let path = format!("/2013-04-01/hostedzone/{zone}/rrset?maxitems=10000");
    let answer = world.get(&call.account, &call.region, "route53", &path).await?;
    let root = answer.xml().filter(|_| answer.is_success());
    let all = root.as_ref().and_then(|root| root.get_child("ResourceRecordSets"));
    Ok(all.map(|all| children(all).map(Set::read).collect()))
}

/// Route 53 API reference, `DeleteHostedZone`: a zone can be deleted "only if there are no records other than the default SOA
/// record and NS records". The local AWS takes every NS record for one of those.
async fn not_empty(call: &Call, zone: &str, world: &World) -> Result<Option<&'static str>, Broken> {
    let Some(sets) = sets(call, zone, world).await? else { return Ok(None) };
    let apex = sets.iter().find(|set| set.kind == "SOA").map(|set| set.name.clone());
    let is_more = |set: &Set| set.kind != "SOA" && (set.kind != "NS" || Some(&set.name) != apex.as_ref());
    let message = "The specified hosted zone contains non-required resource record sets and so cannot be deleted.";
    Ok(sets.iter().any(is_more).then_some(message))
}

/// What is wrong with the changes, in Route 53's words, as its users report them.
async fn problem(call: &Call, zone: &str, root: &Element, world: &World) -> Result<Option<String>, Broken> {
    let Some(mut now) = sets(call, zone, world).await? else { return Ok(None) };
    let apex = now.iter().find(|set| set.kind == "SOA").map(|set| set.name.clone()).unwrap_or_default();
    let changes = descendant(root, "Changes").into_iter().flat_map(children);
    for change in changes {
        let (Some(action), Some(element)) = (text(change, "Action"), change.get_child("ResourceRecordSet")) else {
            continue;
        };
        let set = Set::read(element);
        let Set { name, kind, .. } = &set;
        let there = now.iter().position(|other| other.is_called_as(&set));
        let what = format!("resource record set [name='{name}', type='{kind}']");
        if action == "DELETE" {
            match there {
                None => return Ok(Some(format!("Tried to delete {what} but it was not found"))),
                Some(there) if now[there].content != set.content => {
                    let problem = "but the values provided do not match the current values";
                    return Ok(Some(format!("Tried to delete {what} {problem}")));
                }
                Some(there) => drop(now.swap_remove(there)),
            }
            continue;
        }
        if action == "CREATE" && there.is_some() {
            return Ok(Some(format!("Tried to create {what} but it already exists")));
        }
        if *name != apex && !name.ends_with(&format!(".{apex}")) {
            return Ok(Some(format!("RRSet with DNS name {name} is not permitted in zone {apex}")));
        }
        if let Some(problem) = unfit(&set, &apex, &now) {
            return Ok(Some(problem));
        }
        now.retain(|other| !other.is_called_as(&set));
        now.push(set);
    }
    Ok(None)
}

/// What a set of records may not be, or not beside others (Route 53 developer guide, "CNAME record type" and "TXT record
/// type").
fn unfit(set: &Set, apex: &str, now: &[Set]) -> Option<String> {
    let Set { name, kind, .. } = set;
    if kind == "CNAME" && name == apex {
        return Some(format!("RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {apex}"));
    }
    let is_other = |other: &&Set| other.name == *name && (other.kind == "CNAME") != (kind == "CNAME");
    if now.iter().any(|other| is_other(&other)) {
        return Some(format!(
            "RRSet of type {kind} with DNS name {name} is not permitted as it conflicts with other records with the same \
             DNS name in zone {apex}"
        ));
    }
    let is_quoted = |value: &&str| value.len() > 1 && value.starts_with('"') && value.ends_with('"');
    let mut values = set.content.iter().filter_map(|text| text.strip_prefix("Value="));
    let bare = if kind == "TXT" { values.find(|value| !is_quoted(value))? } else { return None };
    Some(format!(
        "Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) \
         encountered with '{bare}''"
    ))
}
