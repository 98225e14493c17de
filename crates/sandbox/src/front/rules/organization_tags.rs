//! The tags of units, accounts and policies of the organization, in the list of everything that is tagged: the local AWS
//! leaves them out (Resource Groups Tagging API reference, `GetResources`).

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{Rule, look};
use crate::front::answer::Answer;
use crate::front::call::{Call, Parameters, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
pub(super) struct OrganizationTags;

/// Where the organization's tags are; in other regions there are none.
const REGION: &str = "us-east-1";
/// `ResourcesPerPage` unless another is asked for.
const PER_PAGE: usize = 50;

#[async_trait]
impl Rule for OrganizationTags {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if !request.call.is("tagging.GetResources") {
            return Ok(None);
        }
        let Parameters::Json(body) = &request.parameters else { return Ok(None) };
        let types: Vec<&str> =
            body["ResourceTypeFilters"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !types.iter().any(|kind| kind.starts_with("organizations")) {
            return Ok(None);
        }
        let all = if request.call.region == REGION { tagged(world, &request.call, &types).await? } else { Vec::new() };
        Ok(Some(page(all, body)))
    }
}

/// The page of what is tagged that a call asks for.
fn page(all: Vec<Value>, body: &Value) -> Answer {
    let all: Vec<Value> = all.into_iter().filter(|one| is_meant(one, &body["TagFilters"])).collect();
    let first = body["PaginationToken"].as_str().and_then(|token| token.parse().ok()).unwrap_or(0);
    let per_page = body["ResourcesPerPage"].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(PER_PAGE);
    let next = first + per_page;
    let token = if next < all.len() { next.to_string() } else { String::new() };
    let page: Vec<_> = all.into_iter().skip(first).take(per_page).collect();
    Answer::success_json(&json!({"ResourceTagMappingList": page, "PaginationToken": token}))
}

/// Everything of these types that has a tag.
async fn tagged(world: &World, call: &Call, types: &[&str]) -> Result<Vec<Value>, Broken> {
    let mut all = Vec::new();
    if types.iter().any(|kind| ["organizations", "organizations:ou"].contains(kind)) {
        let mut level = look::organization(world, call, "ListRoots", json!({}), "Roots").await?;
        while let Some(parent) = level.pop() {
            let parent = json!({"ParentId": parent["Id"]});
            let list = "OrganizationalUnits";
            let units = look::organization(world, call, "ListOrganizationalUnitsForParent", parent, list).await?;
            level.extend(units.iter().cloned());
            all.extend(units);
        }
    }
    if types.iter().any(|kind| ["organizations", "organizations:account"].contains(kind)) {
        all.extend(look::organization(world, call, "ListAccounts", json!({}), "Accounts").await?);
    }
    if types.iter().any(|kind| ["organizations", "organizations:policy"].contains(kind)) {
        let kind = json!({"Filter": "SERVICE_CONTROL_POLICY"});
        all.extend(look::organization(world, call, "ListPolicies", kind, "Policies").await?);
    }
    let mut tagged = Vec::new();
    for one in all {
        let id = json!({"ResourceId": one["Id"]});
        let tags = look::organization(world, call, "ListTagsForResource", id, "Tags").await?;
        if !tags.is_empty() {
            tagged.push(json!({"ResourceARN": one["Arn"], "Tags": tags}));
        }
    }
    Ok(tagged)
}

/// Whether it has, for each filter, the tag with one of its values, or with any where it names none.
fn is_meant(one: &Value, filters: &Value) -> bool {
    let has = |filter: &Value| {
        let values = filter["Values"].as_array().filter(|values| !values.is_empty());
        let tags = one["Tags"].as_array().into_iter().flatten();
        tags.into_iter()
            .any(|tag| tag["Key"] == filter["Key"] && values.is_none_or(|values| values.contains(&tag["Value"])))
    };
    filters.as_array().is_none_or(|filters| filters.iter().all(has))
}
