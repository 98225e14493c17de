//! What calls to Route 53 are about (service authorization reference, "Amazon Route 53").

use xmltree::Element;

use crate::front::call::{Parameters, Request};
use crate::front::xml::{children, descendant};

/// The zone or the change; of a list of zones, and of a new one, `*`. Their ARNs name no account.
pub(super) fn objects(request: &Request) -> Vec<String> {
    let zone = |id: &str| format!("arn:aws:route53:::hostedzone/{id}");
    match (request.call.operation.as_str(), request.parameters.text("name"), &request.parameters) {
        ("GetChange", Some(id), _) => vec![format!("arn:aws:route53:::change/{id}")],
        ("ListTagsForResources", _, Parameters::Rest { body, .. }) => {
            let root = Element::parse(&body[..]).ok();
            let ids = root.as_ref().and_then(|root| descendant(root, "ResourceIds")).into_iter().flat_map(children);
            ids.filter_map(Element::get_text).map(|id| zone(id.trim())).collect()
        }
        (operation, Some(id), _) if !operation.contains("HealthCheck") => vec![zone(id)],
        _ => vec!["*".to_owned()],
    }
}
