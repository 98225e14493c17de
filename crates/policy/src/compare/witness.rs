//! Points of the space as requests, and requests decided by a document.

use std::borrow::Cow;

use super::callers::Aspect;
use super::solve::Point;
use super::space::{Space, Subject};
use crate::caller::Caller;
use crate::context::{Context, Key};
use crate::decide::{Decision, Policies, decide};
use crate::document::{ActionPattern, Condition, Document, Effect, ResourcePattern, Selection, Statement, Version};
use crate::glob::MARKER;
use crate::language::FENCE;
use crate::principal::Principal;
use crate::request::Request;
use crate::spelling;
use crate::variable::{Piece, pieces};

/// Who owns the object of a witness, where the caller must be of another account.
const OWNER: &str = "222233334444";
/// The same if the caller is of that account.
const OTHER_OWNER: &str = "555566667777";

/// The documents of one side of a comparison, and what else is needed to let them decide.
pub(crate) struct Side<'d> {
    document: Cow<'d, Document>,
    is_resource: bool,
}

impl<'d> Side<'d> {
    pub(crate) fn new(documents: &[&'d Document], is_resource: bool) -> Self {
        let document = if let [only] = documents {
            Cow::Borrowed(*only)
        } else {
            let statements = documents.iter().flat_map(|document| document.statements.clone()).collect();
            Cow::Owned(Document { version: Version::V2012, id: None, statements })
        };
        Self { document, is_resource }
    }

    /// What becomes of a request by the documents alone.
    ///
    /// A resource's policy is asked by a caller as the aspect says; an identity's is asked about objects whose own
    /// policies leave it to the caller's.
    pub(crate) fn decides(&self, request: &Request, aspect: Aspect) -> Decision {
        let document = &*self.document;
        let all = Document { version: Version::V2012, id: None, statements: vec![everything(None)] };
        let delegation = Document {
            version: Version::V2012,
            id: None,
            statements: request
                .caller()
                .account()
                .map(|account| {
                    everything(Some(Principal::Account { partition: "aws".to_owned(), id: account.to_owned() }))
                })
                .into_iter()
                .collect(),
        };
        let nothing = Document { version: Version::V2012, id: None, statements: Vec::new() };
        let (identity, boundary) = match aspect {
            Aspect::Anywhere => (vec![&all], None),
            Aspect::WithinAccount => (Vec::new(), None),
            Aspect::PastLimits => (Vec::new(), Some(&nothing)),
            Aspect::Bounded => (vec![&all], Some(&all)),
        };
        let policies = if self.is_resource {
            Policies { resource: Some(document), identity, boundary, ..Policies::default() }
        } else {
            Policies { resource: Some(&delegation), identity: vec![document], ..Policies::default() }
        };
        decide(request, &policies).decision
    }
}

/// A statement that allows everything.
fn everything(principal: Option<Principal>) -> Statement {
    Statement {
        sid: None,
        effect: Effect::Allow,
        principals: principal.map(|principal| Selection::Only(vec![principal])),
        actions: Some(Selection::Only(vec![ActionPattern::new("*")])),
        resources: Some(Selection::Only(vec![ResourcePattern::new("*", Version::V2012)])),
        conditions: Vec::new(),
    }
}

/// The requests that a point may stand for, those that read best first.
pub(crate) fn requests(space: &Space, point: &Point) -> Vec<Request> {
    let text = |subject: &Subject| {
        space
            .dimensions
            .iter()
            .zip(point)
            .find(|(dimension, _)| dimension.subject == *subject)
            .and_then(|(_, values)| values.as_deref()?.first().cloned())
    };
    let (Some(caller), Some(action), Some(resource)) =
        (text(&Subject::Caller), text(&Subject::Action), text(&Subject::Resource))
    else {
        return Vec::new();
    };
    let action = spelling::action(&ActionPattern::new(action));
    let mut context = Context::default();
    for (dimension, values) in space.dimensions.iter().zip(point) {
        if let (Subject::Key(key), Some(values)) = (&dimension.subject, values) {
            context.set(key.clone(), values.clone());
        }
    }
    // Variables that a value was found to stand beside.
    let found: Vec<_> = context.iter().map(|(key, values)| (key.clone(), values.to_vec())).collect();
    for (key, values) in found {
        let values = values.iter().map(|value| unfenced(value, &mut context)).collect();
        context.set(key, values);
    }
    let resource = unfenced(&resource, &mut context);
    for (dimension, values) in space.dimensions.iter().zip(point) {
        if let (Subject::Condition(condition), Some(holds)) = (&dimension.subject, values) {
            settle(condition, holds.first().is_some_and(|holds| holds == "true"), &mut context);
        }
    }
    let owner_key = Key::new("aws:ResourceAccount");
    let owner = context.get(&owner_key).and_then(<[_]>::first).cloned();
    let session = text(&Subject::Session).filter(|_| space.has_sessions);
    let mut callers: Vec<String> = Vec::new();
    if !space.is_resource && caller == "arn:aws:iam::111122223333:role/example" {
        // Most objects are those of the caller's own account.
        callers.extend(
            resource
                .split(':')
                .nth(4)
                .filter(|account| account.len() == 12)
                .map(|account| format!("arn:aws:iam::{account}:role/example")),
        );
    }
    callers.push(caller);
    let resources = readable_resources(&action, &resource);
    let mut requests = Vec::new();
    for caller in callers {
        for resource in &resources {
            let mut context = context.clone();
            let Some(caller) = who(&caller, session.as_deref(), &mut context) else { continue };
            let account = caller.account().map(str::to_owned);
            let of_arn = resource.split(':').nth(4).filter(|account| account.len() == 12);
            if of_arn.is_some() && owner.is_some() && of_arn != owner.as_deref() {
                // An object belongs to the account in its ARN.
                continue;
            }
            let owner = owner.clone().or_else(|| match account.as_deref() {
                None => None,
                Some(account) if !space.is_resource || space.aspect.is_within_account() => Some(account.to_owned()),
                Some(OWNER) => Some(OTHER_OWNER.to_owned()),
                Some(account) => {
                    let of_arn = resource.split(':').nth(4).filter(|of_arn| !of_arn.is_empty() && *of_arn != account);
                    Some(of_arn.unwrap_or(OWNER).to_owned())
                }
            });
            requests.push(Request::new(caller, action.clone(), resource.clone(), owner, context));
        }
    }
    requests
}

/// The resource, and before it one of the action's service where it is one of another.
fn readable_resources(action: &str, resource: &str) -> Vec<String> {
    let service = action.split(':').next().unwrap_or_default();
    let fitting = match service {
        "ecr" => "arn:aws:ecr:us-west-1:222233334444:repository/example",
        "s3" => "arn:aws:s3:::example/key",
        "sts" => "arn:aws:iam::222233334444:role/example",
        "secretsmanager" => "arn:aws:secretsmanager:us-west-1:222233334444:secret:example-a1b2c3",
        "kms" => "arn:aws:kms:us-west-1:222233334444:key/11111111-2222-3333-4444-555555555555",
        _ => "",
    };
    let is_free =
        ["arn:aws:s3:::example/key", "arn:aws:ecr:us-west-1:222233334444:repository/example"].contains(&resource);
    let fitting = Some(fitting).filter(|fitting| is_free && !fitting.is_empty() && *fitting != resource);
    fitting.into_iter().chain([resource]).map(str::to_owned).collect()
}

/// A caller's text as the caller.
fn who(text: &str, session: Option<&str>, context: &mut Context) -> Option<Caller> {
    let Some(marked) = text.strip_prefix(MARKER) else {
        let caller = Caller::parse(text)?;
        let Caller::Role { partition, account, path_and_name } = &caller else { return Some(caller) };
        let Some(session) = session else { return Some(caller) };
        let (partition, account, session) = (partition.clone(), account.clone(), session.to_owned());
        let role = path_and_name.rsplit('/').next()?.to_owned();
        if *path_and_name != role {
            context.set(Key::new("aws:PrincipalArn"), vec![text.to_owned()]);
        }
        return Some(Caller::Session { partition, account, role, session, role_arn: None });
    };
    let (kind, name) = marked.split_once(':').unwrap_or((marked, ""));
    match kind {
        "service" => Some(Caller::Service(name.to_owned())),
        "federated" => Some(Caller::Federated(name.to_owned())),
        "canonical" => Some(Caller::CanonicalUser(name.to_owned())),
        "anonymous" => Some(Caller::Anonymous),
        _ => None,
    }
}

/// Replaces the policy variables of a text that was found, where they are fenced.
fn unfenced(text: &str, context: &mut Context) -> String {
    let parts = text.split(FENCE).enumerate();
    parts.map(|(number, part)| if number % 2 == 1 { with_values(part, context) } else { part.to_owned() }).collect()
}

/// Replaces the policy variables of a text, and sets their keys to what they are replaced by.
fn with_values(text: &str, context: &mut Context) -> String {
    let mut whole = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => whole.push_str(text),
            Piece::Character(c) => whole.push(c),
            Piece::Variable(variable) => {
                let value = variable.value(context).map_or_else(|| "example".to_owned(), str::to_owned);
                if variable.value(context).is_none() {
                    context.set(variable.key.clone(), vec![value.clone()]);
                }
                whole.push_str(&value);
            }
        }
    }
    whole
}

/// Tries to make a condition with variables hold, or not. Whether it worked shows when the request is decided.
fn settle(condition: &Condition, holds: bool, context: &mut Context) {
    if context.has(&condition.key) {
        return;
    }
    let equal = holds != condition.operator.test.is_negated();
    let value = condition.values.first().map(|value| with_values(value.as_str(), context)).unwrap_or_default();
    let value = if equal { value.replace('*', "example").replace('?', "x") } else { format!("other than {value}") };
    context.set(condition.key.clone(), vec![value]);
}
