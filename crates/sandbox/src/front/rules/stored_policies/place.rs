//! Where calls have policies in them.

use hyper::header::HeaderName;
use policy::Kind;
use serde_json::json;

use crate::front::call::{Call, Parameters, Request};
use crate::front::upstream::Broken;
use crate::front::world::World;

/// Operations that store a policy, with the parameter that it is in and its kind.
const WRITTEN: [(&str, &str, Kind); 12] = [
    ("iam.CreateRole", "AssumeRolePolicyDocument", Kind::Trust),
    ("iam.UpdateAssumeRolePolicy", "PolicyDocument", Kind::Trust),
    ("iam.PutRolePolicy", "PolicyDocument", Kind::InlineOfRole),
    ("iam.PutUserPolicy", "PolicyDocument", Kind::InlineOfUser),
    ("iam.PutGroupPolicy", "PolicyDocument", Kind::InlineOfGroup),
    ("iam.CreatePolicy", "PolicyDocument", Kind::Managed),
    ("iam.CreatePolicyVersion", "PolicyDocument", Kind::Managed),
    ("ecr.SetRepositoryPolicy", "policyText", Kind::EcrRepository),
    ("ecr.PutRegistryPolicy", "policyText", Kind::EcrRegistry),
    ("secretsmanager.PutResourcePolicy", "ResourcePolicy", Kind::Secret),
    ("kms.CreateKey", "Policy", Kind::Key),
    ("kms.PutKeyPolicy", "Policy", Kind::Key),
];

/// Operations whose answers have policies with principals.
const SHOWN: [&str; 13] = [
    "iam.CreateRole",
    "iam.GetRole",
    "iam.ListRoles",
    "iam.GetAccountAuthorizationDetails",
    "iam.UpdateRoleDescription",
    "ecr.SetRepositoryPolicy",
    "ecr.GetRepositoryPolicy",
    "ecr.DeleteRepositoryPolicy",
    "ecr.PutRegistryPolicy",
    "ecr.GetRegistryPolicy",
    "secretsmanager.GetResourcePolicy",
    "kms.GetKeyPolicy",
    "s3.GetBucketPolicy",
];

/// Whether the answer to a call has policies with principals.
pub(super) fn shows_policies(call: &Call) -> bool {
    SHOWN.iter().any(|operation| call.is(operation))
}

/// The document that a call stores, where a parameter has it.
pub(crate) fn written(request: &Request) -> Option<String> {
    let (_, parameter, _) = WRITTEN.iter().find(|(operation, ..)| request.call.is(operation))?;
    request.parameters.text(parameter).map(str::to_owned)
}

/// Where the policy is that a call stores.
pub(super) struct Place {
    /// The parameter; without one it is the body.
    parameter: Option<&'static str>,
    /// None for the policies of endpoints.
    pub(super) kind: Option<Kind>,
}

impl Place {
    /// The place in a call that stores a policy.
    pub(super) async fn written_by(request: &Request, world: &World) -> Result<Option<Self>, Broken> {
        let call = &request.call;
        if let Some((_, parameter, kind)) = WRITTEN.iter().find(|(operation, ..)| call.is(operation)) {
            return Ok(Some(Self { parameter: Some(parameter), kind: Some(*kind) }));
        }
        if call.is("s3.PutBucketPolicy") {
            return Ok(Some(Self { parameter: None, kind: Some(Kind::Bucket) }));
        }
        if call.is("ec2.CreateVpcEndpoint") || call.is("ec2.ModifyVpcEndpoint") {
            return Ok(Some(Self { parameter: Some("PolicyDocument"), kind: None }));
        }
        let is_policy = call.is("organizations.CreatePolicy") || call.is("organizations.UpdatePolicy");
        if is_policy && type_of(request, world).await? == "SERVICE_CONTROL_POLICY" {
            return Ok(Some(Self { parameter: Some("Content"), kind: Some(Kind::ServiceControl) }));
        }
        Ok(None)
    }

    /// Whether the principal is whoever the policy is attached to, so that it names none.
    pub(super) fn is_of_identity(&self) -> bool {
        use Kind::{InlineOfGroup, InlineOfRole, InlineOfUser, Managed, ServiceControl};
        matches!(self.kind, Some(Managed | InlineOfRole | InlineOfUser | InlineOfGroup | ServiceControl))
    }

    /// The policy, if there is one.
    pub(super) fn text(&self, request: &Request) -> Option<String> {
        match (self.parameter, &request.parameters) {
            (Some(parameter), parameters) => parameters.text(parameter).map(str::to_owned),
            (None, Parameters::Rest { body, .. }) => Some(String::from_utf8_lossy(body).into_owned()),
            (None, _) => None,
        }
    }

    /// Puts another in its place.
    pub(super) fn set_text(&self, request: &mut Request, text: String) {
        match (self.parameter, &mut request.parameters) {
            (Some(parameter), parameters) => parameters.set(parameter, text),
            (None, Parameters::Rest { body, .. }) => {
                *body = text.into();
                // They are of the body as it was sent.
                let is_sum =
                    |name: &HeaderName| name.as_str() == "content-md5" || name.as_str().starts_with("x-amz-checksum-");
                let sums: Vec<_> = request.headers.keys().filter(|name| is_sum(name)).cloned().collect();
                for name in sums {
                    request.headers.remove(name);
                }
            }
            (None, _) => {}
        }
    }
}

/// The type of the organization's policy that a call is about.
async fn type_of(request: &Request, world: &World) -> Result<String, Broken> {
    if let Some(kind) = request.parameters.text("Type") {
        return Ok(kind.to_owned());
    }
    let body = json!({"PolicyId": request.parameters.text("PolicyId")});
    let target = "AWSOrganizationsV20161128.DescribePolicy";
    let answer = world.json(&request.call.account, "us-east-1", "organizations", target, &body).await?;
    let found = answer.json().unwrap_or_default();
    Ok(found["Policy"]["PolicySummary"]["Type"].as_str().unwrap_or_default().to_owned())
}
