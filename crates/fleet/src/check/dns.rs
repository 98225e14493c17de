//! `[dns]`.

use crate::desk::{Desk, Sound};
use crate::model::Dns;
use crate::raw::DnsSection;
use crate::words::{self, Checked, Wrong};
use policy::KeyPath;

/// `parent` is the common account's domain, if this is another account and there is one.
pub(super) fn dns(desk: &mut Desk, raw: DnsSection, parent: Option<&str>) -> Sound<Dns> {
    let path = KeyPath::of(["dns", "domain"]);
    let domain = desk.need_text(&path, raw.domain, "\"dev.verb.example\"", words::domain)?;
    desk.check(&path, inside(&domain, parent))?;
    Ok(Dns { domain })
}

/// The common account delegates a project's zone, so that the project's domain is below its own.
fn inside(domain: &str, parent: Option<&str>) -> Checked {
    let Some(parent) = parent else {
        return Ok(());
    };
    if is_below(domain, parent) {
        return Ok(());
    }
    if domain == parent {
        return Err(Wrong::new(
            format!("`{domain}` is the domain of the common account"),
            format!("write a domain below it, such as `dev.{parent}`"),
        ));
    }
    let label = domain.split('.').next().unwrap_or_default();
    Err(Wrong::new(
        format!("`{domain}` is not below `{parent}`, the domain of the common account"),
        format!("write a domain below it, such as `{label}.{parent}`"),
    ))
}

/// Whether `domain` is a subdomain of `parent`.
pub(super) fn is_below(domain: &str, parent: &str) -> bool {
    domain.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.'))
}
