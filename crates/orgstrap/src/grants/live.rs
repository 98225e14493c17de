//! The policies that are in force, as a plan found them, and what they decide.

use std::collections::HashMap;

use aws::resources::{
    EcrRepository, KeyPolicy, KmsKey, ManagedPolicy, Organization, OrganizationalUnit, RepositoryPolicy,
};
use aws::resources::{Role, Secret, SecretPolicy};
use engine::{Action, Key, Plan, Resource, Step};
use fleet::names;
use policy::{Caller, Context, Decision, Document, Outcome, Policies, Request, decide};
use serde::Serialize;
use serde_json::Value;

/// What a plan found, by node.
pub(crate) struct Live<'p> {
    steps: HashMap<&'p Key, &'p Step>,
}

/// A role with all that limits it.
pub(crate) struct LiveRole {
    /// Its ARN.
    pub(crate) arn: String,
    /// Its inline policies, by name.
    pub(crate) policies: Vec<(String, Document)>,
    boundary: Option<Document>,
    /// Managed policies, which no plan reads.
    pub(crate) attached: Vec<String>,
    context: Context,
}

/// An object that roles of other accounts may reach.
#[derive(Clone)]
pub(crate) struct LiveObject {
    /// Its ARN.
    pub(crate) arn: String,
    /// Its own policy.
    policy: Option<Document>,
    /// The key that it is encrypted with, if whoever reads it needs that.
    key: Option<Box<Self>>,
    /// What is known of each request for it.
    context: Vec<(&'static str, String)>,
}

impl<'p> Live<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Self { steps: plan.steps().map(|step| (&step.key, step)).collect() }
    }

    /// The id of an object that exists.
    fn id(&self, key: &Key) -> Option<String> {
        self.steps.get(key)?.id.clone()
    }

    /// A field of an object that exists, as it is.
    fn field(&self, key: &Key, field: &str) -> Option<&'p Value> {
        let step = self.steps.get(key).filter(|step| !matches!(step.action, None | Some(Action::Create)))?;
        let differing = step.diffs.iter().find(|diff| diff.field == field).map(|diff| &diff.actual);
        differing.or_else(|| step.desired.get(field)).filter(|value| !value.is_null())
    }

    fn document(&self, key: &Key) -> Option<Document> {
        Document::from_value(self.field(key, "document")?).ok()
    }

    /// The nodes of the roles of an account that are for its services.
    pub(crate) fn roles_of(&self, account: &str) -> Vec<String> {
        let is_of_service =
            |key: &&&Key| key.scope == account && key.kind == Role::KIND && names::is_role_of_service(&key.name);
        let mut roles: Vec<_> = self.steps.keys().filter(is_of_service).map(|key| key.name.clone()).collect();
        roles.sort_unstable();
        roles
    }

    /// A role of an account, by its node.
    pub(crate) fn role(&self, account: &str, role: &str) -> Option<LiveRole> {
        let key = Key::new(account, Role::KIND, role);
        let arn = self.id(&key)?;
        let policies = self.field(&key, "policies").and_then(Value::as_object);
        let policies = policies
            .into_iter()
            .flatten()
            .filter_map(|(name, document)| Some((name.clone(), Document::from_value(document).ok()?)));
        let attached = self.field(&key, "attached").and_then(Value::as_array).into_iter().flatten();
        let boundary = self.field(&key, "boundary").and_then(Value::as_str);
        let boundary = boundary.and_then(|arn| arn.rsplit("policy/orgstrap-").next());
        let boundary = boundary.and_then(|node| self.document(&Key::new(account, ManagedPolicy::KIND, node)));
        Some(LiveRole {
            arn,
            policies: policies.collect(),
            boundary,
            attached: attached.filter_map(|arn| arn.as_str().map(str::to_owned)).collect(),
            context: self.organization_of(account),
        })
    }

    /// Where an account is in the organization, as requests carry it.
    fn organization_of(&self, account: &str) -> Context {
        let mut context = Context::default();
        let organization = Key::new(aws::MANAGEMENT, Organization::KIND, "main");
        let Some(organization) = self.id(&organization) else { return context };
        context.set(policy::Key::new("aws:PrincipalOrgID"), vec![organization.clone()]);
        let member = Key::new(aws::MANAGEMENT, aws::resources::MemberAccount::KIND, account);
        let unit = self.field(&member, "unit").and_then(Value::as_str);
        let units = self.steps.values().filter(|step| step.key.kind == OrganizationalUnit::KIND);
        let units: HashMap<&str, &Step> = units.filter_map(|step| Some((step.id.as_deref()?, *step))).collect();
        let (mut path, mut at) = (Vec::new(), unit);
        while let Some(id) = at {
            path.push(id);
            at = units.get(id).and_then(|step| self.field(&step.key, "parent")).and_then(Value::as_str);
        }
        path.push(&organization);
        path.reverse();
        context.set(policy::Key::new("aws:PrincipalOrgPaths"), vec![format!("{}/", path.join("/"))]);
        context
    }

    /// The repository of an image.
    pub(crate) fn repository(&self, common: &str, image: &str) -> Option<LiveObject> {
        let arn = self.id(&Key::new(common, EcrRepository::KIND, image))?;
        let policy = self.document(&Key::new(common, RepositoryPolicy::KIND, image));
        Some(LiveObject { arn, policy, key: None, context: Vec::new() })
    }

    /// One of the objects that were read, by its ARN.
    pub(crate) fn by_arn(&self, arn: &str) -> Option<LiveObject> {
        let step = self.steps.values().find(|step| step.id.as_deref() == Some(arn))?;
        match step.key.kind.as_str() {
            EcrRepository::KIND => self.repository(&step.key.scope, &step.key.name),
            Secret::KIND => self.secret(&step.key.scope, &step.key.name),
            KmsKey::KIND => {
                let policy = self.document(&Key::new(&step.key.scope, KeyPolicy::KIND, step.key.name.as_str()));
                Some(LiveObject { policy, ..unknown_object(arn) })
            }
            _ => None,
        }
    }

    /// A secret of an account, with its key.
    pub(crate) fn secret(&self, account: &str, name: &str) -> Option<LiveObject> {
        let node = Key::new(account, Secret::KIND, name);
        let arn = self.id(&node)?;
        let region = arn.split(':').nth(3).unwrap_or_default();
        let context = vec![
            ("kms:ViaService", format!("secretsmanager.{region}.amazonaws.com")),
            ("kms:EncryptionContext:SecretARN", arn.clone()),
        ];
        let used = self.field(&node, "key").and_then(Value::as_str);
        let keys = self.steps.values().filter(|step| step.key.kind == KmsKey::KIND && step.key.scope == account);
        let key = keys.into_iter().find(|step| step.id.as_deref() == used);
        let key = key.and_then(|step| {
            let policy = self.document(&Key::new(account, KeyPolicy::KIND, step.key.name.as_str()));
            Some(Box::new(LiveObject { arn: step.id.clone()?, policy, key: None, context }))
        });
        let policy = self.document(&Key::new(account, SecretPolicy::KIND, name));
        Some(LiveObject { arn, policy, key, context: Vec::new() })
    }
}

/// What is decided about one action.
#[derive(Debug, Serialize)]
pub(crate) struct Decided {
    /// The action.
    pub(crate) action: String,
    /// The ARN of what it would be done to.
    pub(crate) object: String,
    /// The decision with its reasons.
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
}

impl Decided {
    fn of(role: &LiveRole, action: &str, object: &LiveObject) -> Self {
        Self { action: action.to_owned(), object: object.arn.clone(), outcome: outcome(role, action, object) }
    }

    pub(crate) fn is_allowed(&self) -> bool {
        self.outcome.decision == Decision::Allow
    }
}

/// What the policies of both sides decide about an action on an object, and where it is read, on its key.
pub(crate) fn decided(role: &LiveRole, action: &str, object: &LiveObject) -> Vec<Decided> {
    let key = object.key.as_deref().filter(|_| action == "secretsmanager:GetSecretValue");
    let on_key = key.map(|key| Decided::of(role, "kms:Decrypt", key));
    [Decided::of(role, action, object)].into_iter().chain(on_key).collect()
}

/// What the role's own policies decide about an action on no object of anybody's.
pub(crate) fn decided_alone(role: &LiveRole, action: &str) -> Decided {
    Decided::of(role, action, &unknown_object("*"))
}

/// An object that is known by its ARN alone.
pub(crate) fn unknown_object(arn: &str) -> LiveObject {
    LiveObject { arn: arn.to_owned(), policy: None, key: None, context: Vec::new() }
}

fn outcome(role: &LiveRole, action: &str, object: &LiveObject) -> Outcome {
    let mut context = role.context.clone();
    for (key, value) in &object.context {
        context.set(policy::Key::new(*key), vec![value.clone()]);
    }
    // A role's ARN comes from AWS, so it can be read.
    let caller = Caller::parse(&role.arn).unwrap_or(Caller::Anonymous);
    let request = Request::new(caller, action, &object.arn, None, context);
    let policies = Policies {
        identity: role.policies.iter().map(|(_, document)| document).collect(),
        resource: object.policy.as_ref(),
        boundary: role.boundary.as_ref(),
        ..Policies::default()
    };
    decide(&request, &policies)
}

/// What one role may do.
pub(crate) struct Answer {
    /// The role's node.
    pub(crate) role: String,
    /// Its ARN.
    pub(crate) principal: String,
    /// What is decided about each action.
    pub(crate) decisions: Vec<Decided>,
}

impl Answer {
    /// Whether it may do all of it.
    pub(crate) fn is_allowed(&self) -> bool {
        self.decisions.iter().all(Decided::is_allowed)
    }
}

/// What a role may do of several actions.
pub(crate) fn answer(name: &str, role: &LiveRole, actions: &[String], object: &LiveObject) -> Answer {
    let decisions = actions.iter().flat_map(|action| decided(role, action, object)).collect();
    Answer { role: name.to_owned(), principal: role.arn.clone(), decisions }
}
