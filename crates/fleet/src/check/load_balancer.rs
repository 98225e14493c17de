//! `[load_balancer]`.

use crate::desk::{Desk, Sound};
use crate::raw::LoadBalancerSection;
use crate::service::LoadBalancing;
use policy::KeyPath;

pub(super) fn load_balancer(desk: &mut Desk, raw: &LoadBalancerSection) -> Sound<LoadBalancing> {
    let path = KeyPath::of(["load_balancer"]);
    let deletion_protection = desk.need(&path.key("deletion_protection"), raw.deletion_protection, "true");
    let log_days = desk.need(&path.key("log_days"), raw.log_days, "90");
    let idle_timeout = desk.need(&path.key("idle_timeout"), raw.idle_timeout, "60");
    Ok(LoadBalancing { deletion_protection: deletion_protection?, log_days: log_days?, idle_timeout: idle_timeout? })
}
