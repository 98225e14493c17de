//! A request with the policies that apply to it, as JSON.

use policy::{Document, KeyPath, Mistake, Mistakes, Outcome, Policies, Request, Step};
use serde_json::{Map, Value};

/// One case or several.
pub(super) enum Cases {
    One(Box<Case>),
    List(Vec<Case>),
}

/// A request with the policies that apply to it.
pub(super) struct Case {
    name: Option<String>,
    request: Request,
    identity: Vec<Document>,
    resource: Option<Document>,
    boundary: Option<Document>,
    session: Option<Document>,
    scps: Vec<Vec<Document>>,
}

const POLICIES: [&str; 5] = ["identity", "resource", "boundary", "session", "scps"];

impl Cases {
    /// Reads a case or a list of them; all mistakes at once.
    pub(super) fn read(value: &Value) -> Result<Self, Mistakes> {
        let mut reader = Reader::default();
        let root = KeyPath::root();
        let cases = match value {
            Value::Array(values) => {
                let each = values.iter().enumerate();
                Some(Self::List(each.filter_map(|(index, value)| reader.case(value, &root.index(index))).collect()))
            }
            value => reader.case(value, &root).map(|case| Self::One(Box::new(case))),
        };
        cases.filter(|_| reader.mistakes.is_empty()).ok_or(Mistakes(reader.mistakes))
    }

    pub(super) fn all(&self) -> &[Case] {
        match self {
            Self::One(case) => std::slice::from_ref(case),
            Self::List(cases) => cases,
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }
}

impl Case {
    /// What the case calls itself.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(super) fn decide(&self) -> Outcome {
        let policies = Policies {
            identity: self.identity.iter().collect(),
            resource: self.resource.as_ref(),
            boundary: self.boundary.as_ref(),
            session: self.session.as_ref(),
            scps: self.scps.iter().map(|level| level.iter().collect()).collect(),
        };
        policy::decide(&self.request, &policies)
    }
}

/// Reads cases and remembers what is wrong with them.
#[derive(Default)]
struct Reader {
    mistakes: Vec<Mistake>,
}

impl Reader {
    fn case(&mut self, value: &Value, path: &KeyPath) -> Option<Case> {
        let Value::Object(case) = value else {
            self.wrong(path, format!("{} is no case", kind(value)), "write {\"request\": ..., \"policies\": ...}");
            return None;
        };
        let request = match case.get("request") {
            None => {
                self.wrong(path, "there is no `request`", "add one: who wants to do what to which object");
                None
            }
            Some(value) => self.under(&path.key("request"), Request::from_value(&without_nulls(value))),
        };
        let path = path.key("policies");
        let none = Map::new();
        let policies = match case.get("policies") {
            None | Some(Value::Null) => &none,
            Some(Value::Object(policies)) => policies,
            Some(other) => {
                let help = "write an object of policies; {} if there are none";
                self.wrong(&path, format!("{} instead of policies", kind(other)), help);
                &none
            }
        };
        for name in policies.keys().filter(|name| !POLICIES.contains(&name.as_str())) {
            let help = format!("there are {}", POLICIES.join(", "));
            self.wrong(&path.key(name), format!("there is no kind of policy `{name}`"), help);
        }
        let given = |name: &str| policies.get(name).filter(|value| !value.is_null());
        let mut one = |name: &str| given(name).and_then(|value| self.document(value, &path.key(name)));
        let (resource, boundary, session) = (one("resource"), one("boundary"), one("session"));
        for (name, document) in [("boundary", &boundary), ("session", &session)] {
            if let Some(document) = document {
                self.of_identity(document, &path.key(name));
            }
        }
        let identity = given("identity").map(|value| self.documents(value, &path.key("identity")));
        let scps = given("scps").map(|value| self.levels(value, &path.key("scps")));
        Some(Case {
            name: case.get("name").and_then(Value::as_str).map(str::to_owned),
            request: request?,
            identity: identity.unwrap_or_default(),
            resource,
            boundary,
            session,
            scps: scps.unwrap_or_default(),
        })
    }

    fn levels(&mut self, value: &Value, path: &KeyPath) -> Vec<Vec<Document>> {
        let Value::Array(levels) = value else {
            let help = "write a list with a list of documents for each level, from the root down: [[...], ...]";
            self.wrong(path, format!("{} instead of levels", kind(value)), help);
            return Vec::new();
        };
        levels.iter().enumerate().map(|(index, level)| self.documents(level, &path.index(index))).collect()
    }

    fn documents(&mut self, value: &Value, path: &KeyPath) -> Vec<Document> {
        let Value::Array(documents) = value else {
            self.wrong(path, format!("{} instead of a list of documents", kind(value)), "write a list: [...]");
            return Vec::new();
        };
        let each = documents.iter().enumerate().map(|(index, value)| (value, path.index(index)));
        each.filter_map(|(value, path)| {
            let document = self.document(value, &path)?;
            self.of_identity(&document, &path);
            Some(document)
        })
        .collect()
    }

    /// Takes down what a policy of an identity or an organization cannot have: it would be passed over silently.
    fn of_identity(&mut self, document: &Document, path: &KeyPath) {
        for (index, statement) in document.statements.iter().enumerate() {
            let path = path.key("Statement").index(index);
            if statement.principals.is_some() {
                let help = "leave it out, or give the document as `resource`";
                self.wrong(&path, "only an object's policy has principals", help);
            }
            for (element, is_there) in
                [("Action", statement.actions.is_some()), ("Resource", statement.resources.is_some())]
            {
                if !is_there {
                    let help = format!("add `{element}`, or give the document as `resource`");
                    self.wrong(&path, format!("there is no `{element}`"), help);
                }
            }
        }
    }

    fn document(&mut self, value: &Value, path: &KeyPath) -> Option<Document> {
        self.under(path, Document::from_value(value))
    }

    /// What was read at a path, or its mistakes with the whole way to them.
    fn under<T>(&mut self, path: &KeyPath, read: Result<T, Mistakes>) -> Option<T> {
        let whole = |below: &KeyPath| {
            below.steps().iter().fold(path.clone(), |path, step| match step {
                Step::Key(key) => path.key(key),
                Step::Index(index) => path.index(*index),
            })
        };
        let mistakes = match read {
            Ok(value) => return Some(value),
            Err(mistakes) => mistakes.0,
        };
        self.mistakes.extend(mistakes.into_iter().map(|mistake| Mistake { path: whole(&mistake.path), ..mistake }));
        None
    }

    fn wrong(&mut self, path: &KeyPath, message: impl Into<String>, help: impl Into<String>) {
        self.mistakes.push(Mistake { path: path.clone(), message: message.into(), help: Some(help.into()) });
    }
}

/// An optional part of a request may be null.
fn without_nulls(request: &Value) -> Value {
    let mut request = request.clone();
    if let Some(parts) = request.as_object_mut() {
        parts.retain(|name, value| !(value.is_null() && ["resource_account", "context"].contains(&name.as_str())));
    }
    request
}

/// A value in words.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
