//! Pushing images where they are pulled.

use super::place::Place;
use super::{Report, Rule, Severity};
use crate::context::Key;
use crate::document::{ResourcePattern, Selection, Version, service_of};
use crate::kind::Kind;
use crate::operator::Test;
use crate::principal::Principal;

/// Amazon ECR user guide, "Private repository policy examples" and "Required IAM permissions for pushing an image".
pub(super) const PUSH_WITH_PULL: Rule = Rule {
    id: "push-with-pull",
    severity: Severity::Warning,
    summary: "who pulls images may push them too",
    explanation: "What runs images needs to pull them and nothing more. If it may push as well, whoever gets into one \
        container can replace the image that all others start from.",
};

/// Without the layers there is no pull; `ecr:BatchGetImage` alone belongs to a push too.
const PULL: &str = "ecr:GetDownloadUrlForLayer";
const PUSH: [&str; 4] = ["ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"];

/// What only limits grants nothing, so nobody pulls or pushes by it.
pub(super) fn check(places: &[Place<'_>], kind: Option<Kind>, report: &mut Report) {
    if matches!(kind, Some(Kind::Boundary | Kind::ServiceControl)) {
        return;
    }
    for pushing in places.iter().filter(|place| place.is_allow()) {
        let Some((path, pushed)) = PUSH.iter().find_map(|action| of_registry(pushing, action)) else { continue };
        let pulls = |place: &&Place<'_>| {
            place.is_allow()
                && of_registry(place, PULL).is_some()
                && share_principal(place, pushing)
                && share_resource(place, pushing)
        };
        // The same statement first: then there is one thing to change.
        let itself = Some(pushing).filter(pulls);
        let Some(pulling) = itself.or_else(|| places.iter().find(pulls)) else { continue };
        let message = if pulling.index == pushing.index {
            format!("{} allows both to pull images and, by `{pushed}`, to push them", pushing.name())
        } else {
            format!(
                "{} allows by `{pushed}` to push images whom {} allows to pull them",
                pushing.name(),
                pulling.name()
            )
        };
        let remedy = "keep `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer` for those who run images, and let only \
            the role that builds them push, in a statement or policy of its own";
        report.add(&PUSH_WITH_PULL, path, message, remedy);
    }
}

/// The entry of `Action` that has an action of ECR and is about ECR: `*` is another matter.
fn of_registry<'d>(place: &Place<'d>, action: &str) -> Option<(crate::KeyPath, &'d str)> {
    let (path, entry) = place.entry_for(action)?;
    (service_of(entry.as_str()) == "ecr").then_some((path, entry.as_str()))
}

/// Whether both name someone. In an identity's policy both are about the identity.
fn share_principal(one: &Place<'_>, other: &Place<'_>) -> bool {
    let named = |place: &Place<'_>| -> Vec<Principal> {
        place.named().into_iter().map(|(_, principal)| principal.clone()).collect()
    };
    let same = || named(one).iter().any(|principal| named(other).contains(principal));
    !one.is_resource || one.index == other.index || (same() && !are_different_roles(one, other))
}

/// Whether conditions let in different roles or users of whom the statements name.
fn are_different_roles(one: &Place<'_>, other: &Place<'_>) -> bool {
    let (one, other) = (let_in(one), let_in(other));
    let apart = |ours: &ResourcePattern| other.iter().all(|theirs| ours.pattern().surely_disjoint(theirs.pattern()));
    !one.is_empty() && !other.is_empty() && one.iter().all(apart)
}

/// The patterns of `aws:PrincipalArn` of which one has to match.
fn let_in(place: &Place<'_>) -> Vec<ResourcePattern> {
    let positive = [Test::ArnEquals, Test::ArnLike, Test::StringEquals, Test::StringLike];
    let key = Key::new("aws:PrincipalArn");
    let demands = place.statement.conditions.iter().find(|condition| {
        condition.key == key && positive.contains(&condition.operator.test) && !condition.operator.if_exists
    });
    let values = demands.map(|condition| condition.values.as_slice()).unwrap_or_default();
    values.iter().map(|value| ResourcePattern::new(value.as_str(), Version::V2008)).collect()
}

/// Whether there may be a repository that both are about.
fn share_resource(one: &Place<'_>, other: &Place<'_>) -> bool {
    match (&one.statement.resources, &other.statement.resources) {
        (Some(Selection::Only(ours)), Some(Selection::Only(theirs))) => ours.iter().any(|ours| {
            let meets = |theirs: &ResourcePattern| !ours.pattern().surely_disjoint(theirs.pattern());
            theirs.iter().any(meets)
        }),
        _ => true,
    }
}
