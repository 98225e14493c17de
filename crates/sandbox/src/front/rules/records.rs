//! The DNS records that the sandbox's accounts publish.

use serde_json::{Value, json};
use xmltree::Element;

use super::look;
use crate::ACCOUNT_ID;
use crate::front::call::Call;
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::{children, says, text};

/// Whether a record, as ACM describes it, stands in a public hosted zone of the caller's account or of the
/// organization.
pub(super) async fn exist(world: &World, call: &Call, record: &Value) -> Result<bool, Broken> {
    let of = |part: &str| record[part].as_str().unwrap_or_default().trim_end_matches('.').to_lowercase();
    let (name, kind, value) = (of("Name"), record["Type"].as_str().unwrap_or_default(), of("Value"));
    for account in accounts(world, call).await? {
        for zone in items(world, &account, "hostedzone").await? {
            let zone_name = text(&zone, "Name").unwrap_or_default();
            let is_above = format!(".{name}.").ends_with(&format!(".{zone_name}"));
            let Some(id) = text(&zone, "Id").filter(|_| is_above && !says(&zone, "PrivateZone", "true")) else {
                continue;
            };
            let path = format!("hostedzone/{}/rrset?type={kind}&name={name}.", id.trim_start_matches("/hostedzone/"));
            let is_it = |set: &Element| {
                text(set, "Name").is_some_and(|there| there.trim_end_matches('.').to_lowercase() == name)
                    && text(set, "Type").as_deref() == Some(kind)
                    && (says(set, "Value", &value) || says(set, "Value", &format!("{value}.")))
            };
            if items(world, &account, &path).await?.iter().any(is_it) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

async fn accounts(world: &World, call: &Call) -> Result<Vec<String>, Broken> {
    let management = Call { service: "organizations".to_owned(), account: ACCOUNT_ID.to_owned(), ..call.clone() };
    let all = look::pages(world, &management, "AWSOrganizationsV20161128.ListAccounts", json!({}), "Accounts").await?;
    let mut all: Vec<String> = all.iter().filter_map(|account| Some(account["Id"].as_str()?.to_owned())).collect();
    for own in [&call.account, ACCOUNT_ID] {
        if !all.iter().any(|account| account == own) {
            all.push(own.to_owned());
        }
    }
    Ok(all)
}

/// The items of a list of Route 53's.
async fn items(world: &World, account: &str, path: &str) -> Result<Vec<Element>, Broken> {
    let answer = world.get(account, "us-east-1", "route53", &format!("/2013-04-01/{path}")).await?;
    Ok(answer.xml().iter().flat_map(children).flat_map(children).cloned().collect())
}
