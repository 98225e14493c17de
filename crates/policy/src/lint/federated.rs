//! Identity providers that many share, and tokens that were meant for someone else.

use super::limit::{is_fixed, is_limited, prefix};
use super::place::Place;
use super::{Report, Rule, Severity};
use crate::context::Key;
use crate::document::ConditionValue;
use crate::principal::Principal;

/// IAM user guide, "Identity-provider controls for shared OIDC providers": IAM refuses trust policies that do not test
/// the claim which tells the customers of a shared provider apart.
pub(super) const WITHOUT_SUBJECT: Rule = Rule {
    id: "oidc-without-subject",
    severity: Severity::Error,
    summary: "a shared identity provider's tokens are trusted, whosever they are",
    explanation: "The provider gives tokens to all of its customers, and only a claim tells whose a token is. Without \
        a condition on that claim, or with one that is open before the customer's name ends, any customer can have a \
        token that assumes the role.",
};

/// IAM user guide, "Create a role for `OpenID` Connect federation (console)" and "Create a role for SAML 2.0 federation
/// (console)", whose trust policies test the audience.
pub(super) const WITHOUT_AUDIENCE: Rule = Rule {
    id: "federated-without-audience",
    severity: Severity::Warning,
    summary: "tokens are trusted whoever they are for",
    explanation: "A token names the audience that it was made for. Without a condition on it the role also takes \
        tokens that a user gave to another application of the same provider.",
};

/// Shared providers by their issuer, with the claim that tells customers apart: the table of the page above, and the
/// providers of "Available keys for AWS OIDC federation" that are named by their host.
const SHARED: [(&str, &str); 20] = [
    ("token.actions.githubusercontent.com", "sub"),
    ("vstoken.actions.githubusercontent.com", "sub"),
    ("oidc-configuration.audit-log.githubusercontent.com", "sub"),
    ("gitlab.com", "sub"),
    ("app.terraform.io", "sub"),
    ("agent.buildkite.com", "sub"),
    ("oidc.codefresh.io", "sub"),
    ("studio.datachain.ai/api", "sub"),
    ("scalr.io", "sub"),
    ("tokens.cloud.shisho.dev", "sub"),
    ("proidc.upbound.io", "sub"),
    ("api.pulumi.com/oidc", "aud"),
    ("sandboxes.cloud", "aud"),
    ("oidc.vercel.com", "aud"),
    ("cognito-identity.amazonaws.com", "aud"),
    ("accounts.google.com", "aud"),
    ("www.amazon.com", "app_id"),
    ("graph.facebook.com", "app_id"),
    ("oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb", "sub"),
    ("oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu", "sub"),
];

/// Other claims of GitHub that tell whose repository a token is of.
const OF_REPOSITORY: [&str; 4] = ["repository", "repository_id", "repository_owner_id", "enterprise_id"];

pub(super) fn check(place: &Place<'_>, report: &mut Report) {
    if !place.is_allow() {
        return;
    }
    for (path, principal) in place.named() {
        let Principal::Federated(name) = principal else { continue };
        if name.contains(":saml-provider/") {
            let fixes = |key: &Key, value: &ConditionValue| key.folded() == "saml:aud" && is_fixed(value);
            if place.has_action("sts:AssumeRoleWithSAML") && !is_limited(place, &fixes) {
                let message = format!("{} trusts {name} whoever the assertion is for", place.name());
                let remedy =
                    "add the condition `\"StringEquals\": {\"SAML:aud\": \"https://signin.aws.amazon.com/saml\"}`";
                report.add(&WITHOUT_AUDIENCE, path, message, remedy);
            }
            continue;
        }
        let issuer = name.split_once(":oidc-provider/").map_or(name.as_str(), |(_, issuer)| issuer);
        if !place.has_action("sts:AssumeRoleWithWebIdentity") || issuer.contains('*') {
            continue;
        }
        let shared = SHARED.iter().find(|(other, _)| other.eq_ignore_ascii_case(issuer));
        let claim = shared.map(|(_, claim)| *claim);
        if let Some(claim) = claim.filter(|claim| !is_limited(place, &tells_customer(issuer, claim))) {
            let open = place.statement.conditions.iter().any(|condition| is_key(&condition.key, issuer, claim));
            let why = if open { "the condition on it is open to all" } else { "there is no condition on it" };
            let message = format!(
                "{} trusts all customers of {issuer}: `{issuer}:{claim}` tells them apart, and {why}",
                place.name()
            );
            report.add(&WITHOUT_SUBJECT, path.clone(), message, remedy(issuer, claim));
        }
        let audience = |key: &Key, value: &ConditionValue| {
            ["aud", "oaud", "app_id"].iter().any(|claim| is_key(key, issuer, claim)) && is_fixed(value)
        };
        // If the audience is what tells customers apart, the other rule speaks of it.
        if matches!(claim, None | Some("sub")) && !is_limited(place, &audience) {
            let message = format!("{} trusts {issuer} whoever the token is for", place.name());
            let remedy = format!("add the condition `\"StringEquals\": {{\"{issuer}:aud\": \"sts.amazonaws.com\"}}`");
            report.add(&WITHOUT_AUDIENCE, path, message, remedy);
        }
    }
}

fn is_key(key: &Key, issuer: &str, claim: &str) -> bool {
    let is_issuer = |name: &str| name.eq_ignore_ascii_case(issuer);
    key.folded().rsplit_once(':').is_some_and(|(name, of)| is_issuer(name) && of == claim)
}

fn tells_customer<'a>(issuer: &'a str, claim: &'a str) -> impl Fn(&Key, &ConditionValue) -> bool + use<'a> {
    move |key, value| {
        let is_repository = || OF_REPOSITORY.iter().any(|claim| is_key(key, issuer, claim));
        match claim {
            "sub" if is_key(key, issuer, "sub") => is_fixed(value) || names_customer(&prefix(value)),
            "sub" if issuer.ends_with(".actions.githubusercontent.com") && is_repository() => is_fixed(value),
            claim => is_key(key, issuer, claim) && is_fixed(value),
        }
    }
}

/// Whether a subject up to its first wildcard has a whole name in it, as `repo:octo-org/` and `organization:octo-org:`
/// do, and `repo:octo` does not, which `repo:octo-evil/` begins with too.
fn names_customer(prefix: &str) -> bool {
    let mut parts: Vec<_> = prefix.split([':', '/']).collect();
    parts.pop();
    parts.len() >= 2 && parts.iter().all(|part| !part.is_empty())
}

fn remedy(issuer: &str, claim: &str) -> String {
    let value = match issuer {
        "token.actions.githubusercontent.com" => "repo:OWNER/REPOSITORY:ref:refs/heads/main",
        "gitlab.com" => "project_path:GROUP/PROJECT:ref_type:branch:ref:main",
        "app.terraform.io" => "organization:ORGANIZATION:project:PROJECT:workspace:WORKSPACE:run_phase:*",
        "agent.buildkite.com" => "organization:ORGANIZATION:pipeline:PIPELINE:*",
        _ => return format!("add a condition on `{issuer}:{claim}` with what is yours alone"),
    };
    format!("add the condition `\"StringLike\": {{\"{issuer}:{claim}\": \"{value}\"}}`")
}
