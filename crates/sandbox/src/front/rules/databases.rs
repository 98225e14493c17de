//! Databases of RDS: `creating` at first, `modifying` after a change and `deleting` at last (RDS user guide, "Viewing Amazon
//! RDS DB instance status"), and what RDS refuses and the local AWS does not (RDS API reference, the errors of each
//! operation).

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use xmltree::{Element, XMLNode};

use super::clock::Clock;
use super::{Rule, look};
use crate::front::answer::Answer;
use crate::front::call::{Call, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::{children_mut, each, says, set, text};

/// See the module.
#[derive(Default)]
pub(super) struct Databases {
    made: Clock,
    changed: Clock,
    deleted: Clock,
    /// Each one that was deleted, as it was.
    going: Mutex<HashMap<String, Element>>,
}

type Refusal = Option<(&'static str, String)>;

const IDENTIFIER: &str = "DBInstanceIdentifier";

#[async_trait]
impl Rule for Databases {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if request.call.service != "rds" {
            return Ok(None);
        }
        let refusal = match request.call.operation.as_str() {
            "CreateDBSubnetGroup" | "ModifyDBSubnetGroup" => subnets(request, world).await?,
            "DeleteDBSubnetGroup" | "DeleteDBParameterGroup" => in_use(request, world).await?,
            "CreateDBInstance" | "DeleteDBInstance" | "ModifyDBInstance" => self.state(request),
            _ => None,
        };
        Ok(refusal.map(|(code, message)| Answer::refusal(request.protocol, 400, code, &message)))
    }

    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        let (call, pending) = (&request.call, world.weather().pending(&request.call));
        if call.service != "rds" {
            return Ok(());
        }
        if call.operation == "DescribeDBInstances" {
            self.list(request, answer);
            return Ok(());
        }
        let Some(mut root) = answer.xml().filter(|_| answer.is_success()) else { return Ok(()) };
        match call.operation.as_str() {
            "CreateDBInstance" => each(&mut root, IDENTIFIER, &mut |name, database| {
                self.made.begin(&key(call, name), pending);
                // It never begins as `available`.
                begin(database);
            }),
            "ModifyDBInstance" => each(&mut root, IDENTIFIER, &mut |name, database| {
                self.changed.begin(&key(call, name), pending);
                self.show(call, name, database);
            }),
            "DeleteDBInstance" => each(&mut root, IDENTIFIER, &mut |name, database| {
                set(database, "DBInstanceStatus", "deleting");
                self.deleted.begin(&key(call, name), pending);
                let mut going = self.going.lock().unwrap_or_else(PoisonError::into_inner);
                going.retain(|key, _| self.deleted.is_running(key));
                going.insert(key(call, name), database.clone());
            }),
            _ => return Ok(()),
        }
        answer.set_xml(&root);
        Ok(())
    }
}

impl Databases {
    fn show(&self, call: &Call, name: &str, database: &mut Element) {
        let key = key(call, name);
        if self.made.is_running(&key) {
            begin(database);
        } else if self.changed.is_running(&key) {
            set(database, "DBInstanceStatus", "modifying");
        }
    }

    /// Shows the state that each is in, and those that are going.
    fn list(&self, request: &Request, answer: &mut Answer) {
        let (call, wanted) = (&request.call, request.parameters.text(IDENTIFIER));
        let going: Vec<Element> = {
            let going = self.going.lock().unwrap_or_else(PoisonError::into_inner);
            let mut of_place: Vec<_> = going.iter().filter(|(key, _)| self.deleted.is_running(key)).collect();
            of_place.retain(|(at, database)| {
                let name = text(database, IDENTIFIER).unwrap_or_default();
                **at == key(call, &name) && wanted.is_none_or(|wanted| wanted == name)
            });
            of_place.into_iter().map(|(_, database)| database.clone()).collect()
        };
        if !answer.is_success() && wanted.is_some() && !going.is_empty() {
            *answer = Answer::success_query(&call.operation, "DBInstances", Vec::new());
        }
        let Some(mut root) = answer.xml().filter(|_| answer.is_success()) else { return };
        each(&mut root, IDENTIFIER, &mut |name, database| self.show(call, name, database));
        let lists = children_mut(&mut root).flat_map(children_mut).filter(|list| list.name == "DBInstances");
        for list in lists {
            list.children.extend(going.iter().cloned().map(XMLNode::Element));
        }
        answer.set_xml(&root);
    }

    /// What cannot be done with a database in the state that it is in. What the local AWS refuses itself is not looked for: a
    /// name that is taken, and a database that is protected.
    fn state(&self, request: &Request) -> Refusal {
        let of = |name| request.parameters.text(name);
        let name = of(IDENTIFIER).unwrap_or_default();
        let key = key(&request.call, name);
        let (is_going, is_busy) =
            (self.deleted.is_running(&key), self.made.is_running(&key) || self.changed.is_running(&key));
        let skips = of("SkipFinalSnapshot") == Some("true");
        match request.call.operation.as_str() {
            "CreateDBInstance" => is_going.then(|| ("DBInstanceAlreadyExists", "DB instance already exists".into())),
            _ if is_going => Some(("InvalidDBInstanceState", format!("Instance {name} is already being deleted."))),
            "ModifyDBInstance" => is_busy
                .then(|| ("InvalidDBInstanceState", format!("Database instance {name} is not in available state."))),
            _ if !skips && of("FinalDBSnapshotIdentifier").is_none() => {
                let message = "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.";
                Some(("InvalidParameterCombination", message.into()))
            }
            _ if !skips && is_busy => {
                let message = format!(
                    "Cannot create a snapshot because the database instance {name} is not currently in the available state."
                );
                Some(("InvalidDBInstanceState", message))
            }
            _ => None,
        }
    }
}

/// Names are those of an account and region.
fn key(call: &Call, name: &str) -> String {
    format!("{} {} {name}", call.account, call.region)
}

/// A database as it is while it is being created: without an address, and its secret is not there yet.
fn begin(database: &mut Element) {
    set(database, "DBInstanceStatus", "creating");
    database.children.retain(|child| child.as_element().is_none_or(|child| child.name != "Endpoint"));
    if let Some(secret) = database.get_mut_child("MasterUserSecret") {
        set(secret, "SecretStatus", "creating");
    }
}

/// A subnet group needs subnets in two zones (RDS user guide, "Working with a DB instance in a VPC"), and has its name alone.
async fn subnets(request: &Request, world: &World) -> Result<Refusal, Broken> {
    let call = &request.call;
    let texts = request.parameters.texts();
    let wanted = texts.iter().filter(|(name, _)| name.starts_with("SubnetIds."));
    let all = look::ec2(world, call, "DescribeSubnets", &[]).await?;
    let mut zones = BTreeSet::new();
    for (_, wanted) in wanted {
        let Some(subnet) = all.iter().find(|subnet| text(subnet, "subnetId").as_ref() == Some(wanted)) else {
            return Ok(Some(("InvalidSubnet", format!("Subnet {wanted} is invalid or does not exist."))));
        };
        zones.extend(text(subnet, "availabilityZone"));
    }
    if zones.len() < 2 {
        let covered = zones.into_iter().collect::<Vec<_>>().join(", ");
        let message = format!(
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: {covered}. \
             Add subnets to cover at least 2 AZs."
        );
        return Ok(Some(("DBSubnetGroupDoesNotCoverEnoughAZs", message)));
    }
    let name = request.parameters.text("DBSubnetGroupName").unwrap_or_default().to_lowercase();
    let there = look::databases(world, call, "DescribeDBSubnetGroups").await?;
    let is_there = there.iter().any(|group| text(group, "DBSubnetGroupName").as_ref() == Some(&name));
    Ok(match call.operation.as_str() {
        "CreateDBSubnetGroup" if is_there => {
            Some(("DBSubnetGroupAlreadyExists", format!("The DB subnet group '{name}' already exists.")))
        }
        "ModifyDBSubnetGroup" if !is_there => {
            Some(("DBSubnetGroupNotFoundFault", format!("DB subnet group '{name}' does not exist.")))
        }
        _ => None,
    })
}

/// A group goes after the databases that have it.
async fn in_use(request: &Request, world: &World) -> Result<Refusal, Broken> {
    let of = |name| request.parameters.text(name).unwrap_or_default();
    let (subnets, parameters) = (of("DBSubnetGroupName"), of("DBParameterGroupName"));
    let all = look::databases(world, &request.call, "DescribeDBInstances").await?;
    let user = all.iter().find(|database| {
        says(database, "DBSubnetGroupName", subnets) || says(database, "DBParameterGroupName", parameters)
    });
    let Some(user) = user.and_then(|user| text(user, IDENTIFIER)) else { return Ok(None) };
    Ok(Some(if request.call.operation == "DeleteDBSubnetGroup" {
        let message = format!(
            "Cannot delete the subnet group '{subnets}' because at least one database instance: {user} is still using it."
        );
        ("InvalidDBSubnetGroupStateFault", message)
    } else {
        let message = format!(
            "One or more database instances are still members of this parameter group {parameters}, so the group cannot be \
             deleted"
        );
        ("InvalidDBParameterGroupState", message)
    }))
}
