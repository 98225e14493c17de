//! `SimulatePrincipalPolicy`, which the local AWS does not have: what a user or role may do by its policies and its boundary
//! (IAM API reference).

use async_trait::async_trait;
use policy::{Context, Decision, Document, Policies, decide};
use xmltree::{Element, XMLNode};

use super::Rule;
use super::iam;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::{Principal, World};

/// See the module.
pub(super) struct Simulation;

#[async_trait]
impl Rule for Simulation {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if !request.call.is("iam.SimulatePrincipalPolicy") {
            return Ok(None);
        }
        let refused = |status, code, message: &str| Ok(Some(Answer::refusal(request.protocol, status, code, message)));
        let source = request.parameters.text("PolicySourceArn").unwrap_or_default();
        let (actions, mut objects) = (list(request, "ActionNames"), list(request, "ResourceArns"));
        if objects.is_empty() {
            objects.push("*".to_owned());
        }
        let Some(principal) = principal(source) else {
            return refused(400, "InvalidInput", &format!("Invalid Entity Arn: {source}"));
        };
        let Some((caller, _)) = iam::caller(world, &principal).await? else {
            return refused(404, "NoSuchEntity", &format!("The entity {source} cannot be found."));
        };
        let permissions = iam::permissions(world, &principal).await?;
        // What the other side says is not asked: it is taken to let the caller's account in.
        let trust = format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"*"}}}}"#,
            principal.account
        );
        let trust = Document::parse(&trust).ok();
        let policies = |object: &str| Policies {
            identity: permissions.policies.iter().collect(),
            resource: trust.as_ref().filter(|_| object.contains(":role/")),
            boundary: permissions.boundary.as_ref(),
            session: None,
            scps: Vec::new(),
        };
        let mut results = Vec::new();
        for (action, object) in actions.iter().flat_map(|action| objects.iter().map(move |object| (action, object))) {
            let asked = policy::Request::new(caller.clone(), action, object, None, Context::default());
            let decision = match decide(&asked, &policies(object)).decision {
                Decision::Allow => "allowed",
                Decision::ImplicitDeny => "implicitDeny",
                Decision::ExplicitDeny => "explicitDeny",
            };
            let said = [("EvalActionName", action.as_str()), ("EvalDecision", decision), ("EvalResourceName", object)];
            results.push(element(&said));
        }
        Ok(Some(Answer::success_query(&request.call.operation, "EvaluationResults", results)))
    }
}

/// Whose policies are meant: sessions are no entities of IAM.
fn principal(arn: &str) -> Option<Principal> {
    let mut parts = arn.splitn(6, ':').skip(4);
    let (account, resource) = (parts.next()?.to_owned(), parts.next()?);
    if resource.starts_with("user/") {
        return Some(Principal { account, arn: arn.to_owned() });
    }
    let name = resource.strip_prefix("role/")?.rsplit('/').next()?;
    let arn = format!("arn:aws:sts::{account}:assumed-role/{name}/simulated");
    Some(Principal { account, arn })
}

/// The texts of a list of the query protocol.
fn list(request: &Request, name: &str) -> Vec<String> {
    let prefix = format!("{name}.member.");
    request.parameters.texts().into_iter().filter(|(key, _)| key.starts_with(&prefix)).map(|(_, text)| text).collect()
}

fn element(children: &[(&str, &str)]) -> Element {
    let mut all = Element::new("member");
    all.children = children
        .iter()
        .map(|(name, text)| {
            let mut child = Element::new(name);
            child.children.push(XMLNode::Text((*text).to_owned()));
            XMLNode::Element(child)
        })
        .collect();
    all
}
