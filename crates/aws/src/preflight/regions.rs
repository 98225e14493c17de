//! Whether a region can be used in an account.

use engine::Result;

use crate::{Account, edge::Edge};

/// A region that every account can use.
const ALWAYS: &str = "us-east-1";

/// Whether a region is enabled in an account. The region itself would not answer, so another one is asked.
///
/// # Errors
/// When the regions cannot be listed.
pub async fn is_enabled(account: &Account, region: &str) -> Result<bool> {
    Ok(status(account, region).await?.as_deref().is_some_and(|status| status != "not-opted-in"))
}

/// Whether a region is enabled in accounts that are made from now on, without anybody enabling it: one that needs no
/// opt-in (Account Management reference guide, "Enable or disable AWS Regions in your account").
///
/// # Errors
/// When the regions cannot be listed.
pub async fn is_enabled_by_itself(home: &Account, region: &str) -> Result<bool> {
    Ok(status(home, region).await?.as_deref() == Some("opt-in-not-required"))
}

/// EC2 API reference, `Region`: `opt-in-not-required`, `opted-in` or `not-opted-in`.
async fn status(account: &Account, region: &str) -> Result<Option<String>> {
    let call = account.in_region(ALWAYS).ec2().describe_regions().all_regions(true).region_names(region);
    let regions = call.send().await.edge()?.regions.unwrap_or_default();
    Ok(regions.into_iter().find_map(|found| found.opt_in_status))
}
