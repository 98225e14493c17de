//! How rules look at the account and region of a call, past the front.

use serde_json::Value;
use xmltree::Element;

use crate::front::call::Call;
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::{children, text};

/// The items that an operation of EC2 lists, such as `DescribeSubnets`, under filters such as `("vpc-id", "vpc-1")`.
pub(super) async fn ec2(
    world: &World,
    call: &Call,
    operation: &str,
    filters: &[(&str, &str)],
) -> Result<Vec<Element>, Broken> {
    let numbered = |part: &str, number: usize| format!("Filter.{}.{part}", number + 1);
    let mut parameters = vec![("Action".to_owned(), operation.to_owned())];
    for (number, (name, value)) in filters.iter().enumerate() {
        parameters.push((numbered("Name", number), (*name).to_owned()));
        parameters.push((numbered("Value.1", number), (*value).to_owned()));
    }
    Ok(sets(&form(world, call, "ec2", &parameters).await?))
}

/// What an operation of Elastic Load Balancing lists.
pub(super) async fn balancing(
    world: &World,
    call: &Call,
    operation: &str,
    parameters: &[(&str, &str)],
) -> Result<Vec<Element>, Broken> {
    let mut all = vec![("Action".to_owned(), operation.to_owned())];
    all.extend(parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let root = form(world, call, "elasticloadbalancing", &all).await?;
    Ok(children(&root).flat_map(sets).collect())
}

/// What an operation of RDS lists, such as `DescribeDBInstances`.
pub(super) async fn databases(world: &World, call: &Call, operation: &str) -> Result<Vec<Element>, Broken> {
    let root = form(world, call, "rds", &[("Action".to_owned(), operation.to_owned())]).await?;
    let item = operation.trim_start_matches("Describe").trim_end_matches('s');
    Ok(children(&root).flat_map(children).flat_map(children).filter(|one| one.name == item).cloned().collect())
}

/// The answer of a query protocol.
async fn form(world: &World, call: &Call, service: &str, parameters: &[(String, String)]) -> Result<Element, Broken> {
    let parameters: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = world.form(&call.account, &call.region, service, &parameters).await?;
    // What a call is about may not be there; the local AWS says so itself when the call comes to it.
    Ok(answer.xml().unwrap_or_else(|| Element::new("nothing")))
}

/// The answer of a service that speaks JSON: `target` is such as `Logs_20140328.DescribeLogGroups`.
pub(super) async fn json(world: &World, call: &Call, target: &str, body: &Value) -> Result<Value, Broken> {
    let answer = world.json(&call.account, &call.region, &call.service, target, body).await?;
    Ok(answer.json().unwrap_or_default())
}

/// A list of a service that speaks JSON, every page of it.
pub(super) async fn pages(
    world: &World,
    call: &Call,
    target: &str,
    mut body: Value,
    list: &str,
) -> Result<Vec<Value>, Broken> {
    let mut all = Vec::new();
    loop {
        let page = json(world, call, target, &body).await?;
        all.extend(page[list].as_array().cloned().unwrap_or_default());
        if page["NextToken"].is_null() {
            return Ok(all);
        }
        body["NextToken"] = page["NextToken"].clone();
    }
}

/// A list of Organizations, every page of it, whatever service the call is for.
pub(super) async fn organization(
    world: &World,
    call: &Call,
    operation: &str,
    body: Value,
    list: &str,
) -> Result<Vec<Value>, Broken> {
    let call = Call { service: "organizations".to_owned(), region: "us-east-1".to_owned(), ..call.clone() };
    pages(world, &call, &format!("AWSOrganizationsV20161128.{operation}"), body, list).await
}

/// The items of every list at the top of an answer.
fn sets(root: &Element) -> Vec<Element> {
    let items = children(root).flat_map(children);
    items.filter(|item| matches!(item.name.as_str(), "item" | "member")).cloned().collect()
}

/// Whether it has not begun to go, as its state says.
pub(super) fn is_alive(one: &Element) -> bool {
    let state = text(one, "state").unwrap_or_default().to_lowercase();
    !matches!(state.as_str(), "deleted" | "failed")
}
