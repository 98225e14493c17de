//! Who may enter an account by which role: trust policies.

use fleet::{Access, Github, Workflows};
use serde_json::{Map, Value, json};

use aws::resources::Role;

use super::documents::document;

/// Who may enter.
pub(super) struct Trust<'a> {
    pub(super) access: &'a Access,
    pub(super) management: &'a str,
    pub(super) organization: &'a str,
}

impl Trust<'_> {
    /// The caller's account has to allow it too, so that its root stands for whoever it lets (IAM user guide, "Cross-account
    /// policy evaluation logic"). `sts:ExternalId` and a second factor are known to `AssumeRole` alone: the other two
    /// actions need a statement without them.
    pub(super) fn document(&self) -> Value {
        let principal = json!({"AWS": format!("arn:aws:iam::{}:root", self.management)});
        let mut everybody =
            Map::from_iter([("StringEquals".to_owned(), json!({"aws:PrincipalOrgID": self.organization}))]);
        if !self.access.principals.is_empty() {
            let workflows = self.access.github.as_ref().map(|_| format!("role/{}", Role::name(super::WORKFLOWS)));
            let principals = self.access.principals.iter().chain(workflows.as_ref());
            let arns: Vec<_> = principals.map(|name| format!("arn:aws:iam::{}:{name}", self.management)).collect();
            everybody.insert("ArnLike".to_owned(), json!({"aws:PrincipalArn": arns}));
        }
        let mut entering = everybody.clone();
        if let Some(external_id) = &self.access.external_id {
            entering["StringEquals"]["sts:ExternalId"] = json!(external_id);
        }
        if self.access.mfa {
            entering.insert("Bool".to_owned(), json!({"aws:MultiFactorAuthPresent": "true"}));
        }
        json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "Enter", "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": entering},
            {"Sid": "SayWhoItIs", "Effect": "Allow", "Principal": principal,
             "Action": ["sts:SetSourceIdentity", "sts:TagSession"], "Condition": everybody},
        ]})
    }
}

/// Only tokens of the repository's own workflows, for AWS, and for the branch or environment that is meant (GitHub
/// documentation, "`OpenID` Connect reference").
pub(super) fn workflows_trust(provider: &str, host: &str, audience: &str, github: &Github) -> Value {
    let meant = match &github.workflows {
        Workflows::Branch(branch) => format!("ref:refs/heads/{branch}"),
        Workflows::Environment(environment) => format!("environment:{environment}"),
    };
    let subject = format!("repo:{}:{meant}", github.repository);
    let tokens = Map::from_iter([(format!("{host}:aud"), json!(audience)), (format!("{host}:sub"), json!(subject))]);
    document(&[
        json!({"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": tokens}}),
    ])
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use std::collections::BTreeMap;

    use aws::DEPLOYER;
    use policy::{Caller, Context, Decision, Key, Kind, Policies, Request, decide};

    use crate::access::documents::tests::{administrator, is_sound, parsed, place};

    use super::*;

    const MANAGEMENT: &str = "999988887777";

    /// With everything that a trust policy can ask for.
    fn access() -> Access {
        Access {
            role: "OrganizationAccountAccessRole".to_owned(),
            principals: vec!["role/platform-*".to_owned()],
            mfa: true,
            external_id: Some("orgstrap-7f3a".to_owned()),
            source_identity: fleet::SourceIdentity::Person,
            session_tags: BTreeMap::new(),
            session_minutes: 60,
            github: None,
        }
    }

    /// Whether a trust policy lets somebody of the management account do this, whose own policies allow everything.
    fn is_let_in(access: &Access, who: &str, action: &str, keys: &[(&str, &str)]) -> bool {
        let trust = Trust { access, management: MANAGEMENT, organization: "o-a1b2c3d4e5" };
        let (trust, all) = (parsed(&trust.document()), administrator());
        let caller = Caller::parse(&format!("arn:aws:iam::{MANAGEMENT}:{who}")).unwrap();
        let mut context = Context::default();
        for (key, value) in keys {
            context.set(Key::new(*key), vec![(*value).to_owned()]);
        }
        let request = Request::new(caller, action, place().role(DEPLOYER), None, context);
        let policies = Policies { identity: vec![&all], resource: Some(&trust), ..Policies::default() };
        decide(&request, &policies).decision == Decision::Allow
    }

    #[test]
    fn a_role_lets_in_who_is_meant_from_the_organization_with_a_second_factor() {
        let (ours, external) = (("aws:PrincipalOrgID", "o-a1b2c3d4e5"), ("sts:ExternalId", "orgstrap-7f3a"));
        let (factor, none) = (("aws:MultiFactorAuthPresent", "true"), ("aws:MultiFactorAuthPresent", "false"));
        let (meant, other) = ("role/platform-ops", "role/somebody");
        let cases = [
            (meant, vec![ours, external, factor], true),
            // The second factor is denied, or nobody says anything of one: long-term keys (IAM user guide, "AWS global
            // condition context keys", aws:MultiFactorAuthPresent).
            (meant, vec![ours, external, none], false),
            (meant, vec![ours, external], false),
            (meant, vec![ours, factor], false),
            (meant, vec![ours, ("sts:ExternalId", "orgstrap-0000"), factor], false),
            // The management account has left the organization, or is of another.
            (meant, vec![("aws:PrincipalOrgID", "o-zzzzzzzzzz"), external, factor], false),
            (meant, vec![external, factor], false),
            (other, vec![ours, external, factor], false),
        ];
        for (who, keys, is_in) in cases {
            assert_eq!(is_let_in(&access(), who, "sts:AssumeRole", &keys), is_in, "{who} with {keys:?}");
        }
        // Saying who it is knows neither factors nor external ids, but the organization and the principal.
        for action in ["sts:SetSourceIdentity", "sts:TagSession"] {
            assert!(is_let_in(&access(), meant, action, &[ours]), "{action}");
            assert!(!is_let_in(&access(), other, action, &[ours]), "{action} of another");
            assert!(!is_let_in(&access(), meant, action, &[]), "{action} from elsewhere");
        }
        let open = Access { principals: Vec::new(), mfa: false, external_id: None, ..access() };
        assert!(is_let_in(&open, other, "sts:AssumeRole", &[ours]));
        assert!(!is_let_in(&open, other, "sts:AssumeRole", &[]));
    }

    #[test]
    fn it_is_sound_and_small_enough() {
        let trust = Trust { access: &access(), management: MANAGEMENT, organization: "o-a1b2c3d4e5" };
        is_sound(Kind::Trust, &trust.document());
    }
}
