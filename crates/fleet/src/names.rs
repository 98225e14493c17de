//! Names in AWS that are made from names in the files: made here and nowhere else, and checked when the fleet is read.

use sha2::{Digest, Sha256};

use crate::words::{Checked, Wrong};

/// Elastic Load Balancing API `CreateLoadBalancer` and `CreateTargetGroup`, `Name`.
const LOAD_BALANCING: usize = 32;
/// RDS API `CreateDBInstance`, `DBInstanceIdentifier`.
const DATABASE: usize = 63;

/// The load balancer of an account.
#[must_use]
pub fn load_balancer(account: &str) -> String {
    account.to_owned()
}

/// The target group of a service.
#[must_use]
pub fn target_group(account: &str, service: &str) -> String {
    format!("{account}-{service}")
}

/// The other target group of a service that `CodeDeploy` brings out. A long name is cut, and told from others by a few
/// characters in place of what is lost.
#[must_use]
pub fn other_target_group(account: &str, service: &str) -> String {
    let name = target_group(account, service);
    let whole = format!("{name}{OTHER}");
    if whole.len() <= LOAD_BALANCING {
        return whole;
    }
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(&name).into();
    let end = format!("-{:08x}{OTHER}", u32::from_be_bytes([a, b, c, d]));
    let kept: String = name.chars().take(LOAD_BALANCING - end.len()).collect();
    format!("{}{end}", kept.trim_end_matches('-'))
}

/// What the name of the other target group ends in.
const OTHER: &str = "-green";

/// The domain under which the services of an account find each other by DNS.
#[must_use]
pub fn internal_domain(account: &str) -> String {
    format!("{account}.internal")
}

/// The database of an account.
#[must_use]
pub fn database(account: &str) -> String {
    account.to_owned()
}

/// The database in the engine that an account's database has where none is named: the account's name as far as it is
/// letters, digits and underscores, and as it fits.
pub(crate) fn database_in_engine(account: &str, most: usize) -> String {
    account.replace('-', "_").chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(most).collect()
}

/// What the names of the roles of a service end in.
const EXECUTION: &str = "-execution";
const BUILD: &str = "-build";
const DEPLOY: &str = "-deploy";
const TASK: &str = "-task";

/// The node of the role by which tasks of a service are started: it pulls the image and reads the secrets. IAM takes 64
/// characters for the whole name (API `CreateRole`), which names of services leave room for.
#[must_use]
pub fn execution_role(service: &str) -> String {
    format!("{service}{EXECUTION}")
}

/// The node of the role that builds a service's image.
#[must_use]
pub fn build_role(service: &str) -> String {
    format!("{service}{BUILD}")
}

/// The node of the role by which `CodeDeploy` brings a service out.
#[must_use]
pub fn deploy_role(service: &str) -> String {
    format!("{service}{DEPLOY}")
}

/// The node of the role that a service's tasks have themselves: what they may do in AWS.
#[must_use]
pub fn task_role(service: &str) -> String {
    format!("{service}{TASK}")
}

/// Whether a node is called as one of these roles is.
#[must_use]
pub fn is_role_of_service(node: &str) -> bool {
    [EXECUTION, BUILD, DEPLOY, TASK].iter().any(|end| node.ends_with(end))
}

pub(crate) fn check_load_balancer(account: &str) -> Checked {
    let name = load_balancer(account);
    if name.starts_with("internal-") {
        return Err(Wrong::new(
            format!("the load balancer would be called `{name}`, and AWS keeps `internal-` for itself"),
            "begin the account's name (its file's name) with another word",
        ));
    }
    fits("load balancer", &name, LOAD_BALANCING, "the account's name (its file's name)")
}

pub(crate) fn check_target_group(account: &str, service: &str) -> Checked {
    fits("target group", &target_group(account, service), LOAD_BALANCING, "the service's or the account's name")
}

/// Of a service that `CodeDeploy` brings out.
pub(crate) fn check_other_target_group<'s>(
    account: &str,
    service: &str,
    mut others: impl Iterator<Item = &'s str>,
) -> Checked {
    let name = other_target_group(account, service);
    match others.find(|other| target_group(account, other) == name) {
        None => Ok(()),
        Some(other) => Err(Wrong::new(
            format!("with a pipeline, `{service}` has a second target group `{name}`, as that of `{other}` is called"),
            "give one of the two services another name",
        )),
    }
}

pub(crate) fn check_database(account: &str) -> Checked {
    let name = database(account);
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.contains("--") {
        return Err(Wrong::new(
            format!("the database would be called `{name}`"),
            "RDS wants a letter first and no two hyphens in a row: change the account's name (its file's name)",
        ));
    }
    fits("database", &name, DATABASE, "the account's name (its file's name)")
}

fn fits(what: &str, name: &str, most: usize, shorten: &str) -> Checked {
    match name.len().checked_sub(most) {
        None | Some(0) => Ok(()),
        Some(excess) => Err(Wrong::new(
            format!("the {what} would be called `{name}`, {} characters, and AWS takes {most}", name.len()),
            format!("shorten {shorten} by {excess}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_target_group_fits_and_is_another() {
        assert_eq!(other_target_group("dev", "web"), "dev-web-green");
        let long = |service: &str| other_target_group("headless-cms-production", service);
        let (one, other) = (long("backend1"), long("backend2"));
        assert!(one.len() <= LOAD_BALANCING && one != other && one.ends_with(OTHER), "{one} {other}");
        assert_eq!(long("backend1"), one);
    }

    #[test]
    fn the_other_target_group_is_nobody_elses() {
        let check = |others: &[&'static str]| check_other_target_group("dev", "web", others.iter().copied());
        assert_eq!(check(&["api", "web"]), Ok(()));
        assert!(check(&["web-green"]).is_err());
    }
}
