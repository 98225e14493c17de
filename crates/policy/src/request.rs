//! A request: who wants to do what to which object, and what else is known.

use serde_json::{Map, Value};

use crate::caller::Caller;
use crate::context::{Context, Key};
use crate::document::{folded_action, service_of};
use crate::key_path::KeyPath;
use crate::mistake::{Mistake, Mistakes};

/// A request to AWS, with the context that AWS derives from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    caller: Caller,
    action: String,
    folded_action: String,
    resource: String,
    resource_account: Option<String>,
    given: Context,
    context: Context,
    user_id: Option<String>,
}

impl Request {
    /// A request.
    ///
    /// `resource_account` is the account that owns the resource. Without it, it is the one of the resource's ARN, and for
    /// ARNs without one, such as a bucket's, the caller's own.
    ///
    /// The keys that follow from the caller (`aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:PrincipalType`,
    /// `aws:username`, `aws:PrincipalIsAWSService`) and `aws:ResourceAccount` are added unless `context` has them.
    pub fn new(
        caller: Caller,
        action: impl Into<String>,
        resource: impl Into<String>,
        resource_account: Option<String>,
        context: Context,
    ) -> Self {
        let (action, resource) = (action.into(), resource.into());
        let resource_account = resource_account.or_else(|| account_of(&resource).map(str::to_owned));
        let given = context.clone();
        let caller = match context.get(&Key::new("aws:PrincipalArn")) {
            Some([arn]) => caller.of_role(arn),
            _ => caller,
        };
        let mut context = context;
        let is_service = match caller {
            Caller::Service(_) => Some("true"),
            _ => caller.account().map(|_| "false"),
        };
        for (key, value) in [
            ("aws:PrincipalArn", caller.principal_arn()),
            ("aws:PrincipalAccount", caller.account().map(str::to_owned)),
            ("aws:PrincipalType", caller.principal_type().map(str::to_owned)),
            ("aws:PrincipalIsAWSService", is_service.map(str::to_owned)),
            ("aws:username", caller.user_name().map(str::to_owned)),
            ("aws:ResourceAccount", resource_account.clone()),
        ] {
            let key = Key::new(key);
            if let Some(value) = value.filter(|_| !context.has(&key)) {
                context.set(key, vec![value]);
            }
        }
        let user_id = context.get(&Key::new("aws:userid")).and_then(<[_]>::first).cloned();
        let folded_action = folded_action(&action);
        Self { caller, action, folded_action, resource, resource_account, given, context, user_id }
    }

    /// Reads a request from JSON: `{"principal", "action", "resource", "resource_account", "context"}`.
    ///
    /// # Errors
    ///
    /// All that is wrong with it.
    pub fn from_value(value: &Value) -> Result<Self, Mistakes> {
        let mut mistakes = Vec::new();
        let mut wrong = |path: KeyPath, message: String, help: &str| {
            mistakes.push(Mistake { path, message, help: Some(help.to_owned()) });
        };
        let root = KeyPath::root();
        let empty = Map::new();
        let map = value.as_object().unwrap_or_else(|| {
            wrong(root.clone(), "a request is an object".to_owned(), "write {\"principal\", \"action\", \"resource\"}");
            &empty
        });
        let known = ["principal", "action", "resource", "resource_account", "context"];
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            wrong(root.key(key), format!("a request has no `{key}`"), &format!("there are {}", known.join(", ")));
        }
        let mut text = |name: &str, needed: bool| match map.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            None if !needed || value.as_object().is_none() => None,
            None => {
                wrong(root.clone(), format!("there is no `{name}`"), "add it, as a string");
                None
            }
            Some(other) => {
                wrong(root.key(name), format!("{other} is not a string"), "write a string");
                None
            }
        };
        let (principal, action) = (text("principal", true), text("action", true));
        let (resource, resource_account) = (text("resource", true), text("resource_account", false));
        let caller = principal.and_then(|principal| {
            let caller = Caller::parse(&principal);
            if caller.is_none() {
                let help = "write the ARN of a role, user, session or provider, a service such as ecs-tasks.amazonaws.com, or *";
                wrong(root.key("principal"), format!("`{principal}` is no principal that makes requests"), help);
            }
            caller
        });
        let mut context = Context::default();
        match map.get("context") {
            None => {}
            Some(Value::Object(keys)) => {
                for (key, value) in keys {
                    match values_of(value) {
                        Some(values) => context.set(Key::new(key), values),
                        None => wrong(
                            root.key("context").key(key),
                            format!("{value} is no value of a key"),
                            "write a string, a number, true, false, or a list of them",
                        ),
                    }
                }
            }
            Some(other) => {
                wrong(root.key("context"), format!("{other} is no context"), "write an object of keys and values");
            }
        }
        match (caller, action, resource) {
            (Some(caller), Some(action), Some(resource)) if mistakes.is_empty() => {
                Ok(Self::new(caller, action, resource, resource_account, context))
            }
            _ => Err(Mistakes(mistakes)),
        }
    }

    /// The request as JSON, without what follows from the rest.
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        map.insert("principal".into(), self.caller.arn().into());
        map.insert("action".into(), self.action.as_str().into());
        map.insert("resource".into(), self.resource.as_str().into());
        if let Some(account) =
            self.resource_account.as_deref().filter(|account| account_of(&self.resource) != Some(account))
        {
            map.insert("resource_account".into(), account.into());
        }
        if self.given.iter().next().is_some() {
            map.insert("context".into(), self.given.to_json());
        }
        Value::Object(map)
    }

    /// Who.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// To which object.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The account that owns the object, as far as that is known.
    pub fn resource_account(&self) -> Option<&str> {
        self.resource_account.as_deref()
    }

    /// Everything else, with what AWS derives.
    pub fn context(&self) -> &Context {
        &self.context
    }

    pub(crate) fn folded_action(&self) -> &str {
        &self.folded_action
    }

    pub(crate) fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// Whether caller and object belong to different accounts.
    pub(crate) fn is_cross_account(&self) -> bool {
        match (self.caller.account(), self.resource_account()) {
            (Some(caller), Some(owner)) => caller != owner,
            _ => false,
        }
    }

    /// Whether the object is a KMS key, for which nothing is allowed without its own policy.
    pub(crate) fn is_for_key(&self) -> bool {
        is_key(&self.resource)
    }

    /// Whether a role is assumed, which only its trust policy can allow.
    pub(crate) fn is_for_trust(&self) -> bool {
        service_of(&self.action) == "sts" && self.is_for_role()
    }

    /// Whether the object is a role.
    pub(crate) fn is_for_role(&self) -> bool {
        let mut parts = self.resource.splitn(6, ':').skip(2);
        parts.next() == Some("iam") && parts.nth(2).is_some_and(|rest| rest.starts_with("role/"))
    }
}

/// Whether an ARN is that of a KMS key. Aliases and key stores have no policies.
pub(crate) fn is_key(resource: &str) -> bool {
    let mut parts = resource.splitn(6, ':').skip(2);
    parts.next() == Some("kms") && parts.nth(2).is_some_and(|rest| rest.starts_with("key/"))
}

/// The account in an ARN. `aws` stands there in the ARNs of AWS's own policies.
fn account_of(arn: &str) -> Option<&str> {
    let account = arn.strip_prefix("arn:")?.split(':').nth(3)?;
    (!account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

/// The values of a key: one or several scalars.
fn values_of(value: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    match value {
        Value::Array(values) => values.iter().map(one).collect(),
        value => one(value).map(|value| vec![value]),
    }
}
