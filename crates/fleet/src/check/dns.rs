//! `[dns]`.

use crate::desk::{Desk, Sound};
use crate::model::Dns;
use crate::raw::DnsSection;
use crate::words::{self, Checked, Wrong};
use policy::KeyPath;

/// `common` is the common account's domain, if this is another account and there is one.
pub(super) fn dns(desk: &mut Desk, raw: DnsSection, common: Option<&str>) -> Sound<Dns> {
    let path = KeyPath::of(["dns"]);
    let wildcard = desk.need(&path.key("wildcard"), raw.wildcard, "true");
    let caa = desk.need(&path.key("caa"), raw.caa, "true");
    let parent = desk.text(&path.key("parent"), raw.parent, words::domain);
    let domain = desk.need_text(&path.key("domain"), raw.domain, "\"dev.verb.example\"", words::domain);
    let (parent, domain) = (parent?, domain?);
    let above = match (&parent, common) {
        (Some(parent), _) => Some((parent.as_str(), "its `parent`")),
        (None, common) => common.map(|common| (common, "the domain of the common account")),
    };
    desk.check(&path.key("domain"), inside(&domain, above))?;
    let parent = parent.filter(|parent| Some(parent.as_str()) != common);
    Ok(Dns { domain, wildcard: wildcard?, caa: caa?, parent })
}

/// A zone of the common account delegates a project's zone, so that the project's domain is below that zone's.
fn inside(domain: &str, above: Option<(&str, &str)>) -> Checked {
    let Some((parent, what)) = above else {
        return Ok(());
    };
    if is_below(domain, parent) {
        return Ok(());
    }
    if domain == parent {
        return Err(Wrong::new(
            format!("`{domain}` is {what}"),
            format!("write a domain below it, such as `dev.{parent}`"),
        ));
    }
    let label = domain.split('.').next().unwrap_or_default();
    Err(Wrong::new(
        format!("`{domain}` is not below `{parent}`, {what}"),
        format!("write a domain below it, such as `{label}.{parent}`"),
    ))
}

/// Whether `domain` is a subdomain of `parent`.
pub(super) fn is_below(domain: &str, parent: &str) -> bool {
    domain.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.'))
}
