//! A plan as it is shown: by account, with counts.

use std::collections::BTreeMap;

use engine::{Action, Plan, Status, Step};
use serde_json::{Map, Value, json};

use super::{access, edges_json, stats};
use crate::grants::Judgement;
use crate::selection::{LeftOut, Selection};
use crate::walks::Walks;
use crate::workspace::Workspace;

/// A plan or an audit, ready to be rendered.
pub(crate) struct Shown<'p> {
    pub(super) command: String,
    pub(super) fleet: String,
    pub(super) accounts: Vec<AccountShown<'p>>,
    /// Accounts that do not exist yet and that nobody asked for.
    pub(super) not_onboarded: Vec<String>,
    /// Accounts that cannot be worked on.
    pub(super) left_out: Vec<LeftOut>,
    /// Sections of accounts' files that nothing is built from yet.
    pub(super) not_built: BTreeMap<String, Vec<&'static str>>,
    /// What an audit says of grants from account to account.
    pub(super) grants: Option<Judgement>,
    stats: aws::Stats,
    walks: Walks,
}

/// One account of a plan.
pub(super) struct AccountShown<'p> {
    pub(super) name: String,
    pub(super) id: Option<String>,
    pub(super) steps: Vec<&'p Step>,
    pub(super) calls: u64,
}

impl<'p> Shown<'p> {
    pub(crate) fn new(command: &str, workspace: &Workspace, selection: &Selection<'_>, plan: &'p Plan) -> Self {
        let stats = workspace.sessions.stats();
        let names = std::iter::once(aws::MANAGEMENT).chain(selection.looked_at().map(|account| account.name.as_str()));
        let accounts = names.map(|name| AccountShown {
            name: name.to_owned(),
            id: account_id(plan, name).or_else(|| workspace.sessions.account_of(name)),
            steps: plan.steps().filter(|step| step.key.scope == name).collect(),
            calls: stats.of_account(name),
        });
        let not_built =
            selection.worked_on().into_iter().map(|account| (account.name.clone(), blueprint::not_built_yet(account)));
        Self {
            command: command.to_owned(),
            fleet: workspace.fleet.name.clone(),
            accounts: accounts.collect(),
            not_built: not_built.filter(|(_, sections)| !sections.is_empty()).collect(),
            not_onboarded: selection.not_onboarded.clone(),
            left_out: selection.left_out.clone(),
            grants: None,
            stats: stats.clone(),
            walks: workspace.walks.clone(),
        }
    }

    /// With what the live policies allow across accounts.
    pub(crate) fn with_grants(self, grants: Judgement) -> Self {
        Self { grants: Some(grants), ..self }
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = &'p Step> {
        self.accounts.iter().flat_map(|account| account.steps.iter().copied())
    }

    pub(super) fn count(&self, status: Status) -> usize {
        self.steps().filter(|step| step.status() == status).count()
    }

    /// How many objects could not be looked at.
    pub(crate) fn errors(&self) -> usize {
        self.count(Status::Error)
    }

    /// Whether anything is not as desired.
    pub(crate) fn differs(&self) -> bool {
        self.steps().any(|step| !matches!(step.status(), Status::InSync | Status::Error))
            || self.grants.as_ref().is_some_and(|grants| !grants.is_exact())
    }

    /// Adds what the run cost so far to its JSON.
    pub(super) fn add_stats(&self, object: &mut Map<String, Value>) {
        stats::add_to(object, &self.stats, &self.walks);
    }

    /// How many objects there are of each status, in the order of the JSON.
    fn summary(&self) -> [(&'static str, usize); 5] {
        [
            ("in_sync", self.count(Status::InSync)),
            ("drifted", self.count(Status::Drifted)),
            ("missing", self.count(Status::Missing)),
            ("unmanaged", self.count(Status::Unmanaged)),
            ("errors", self.errors()),
        ]
    }

    /// The same, for the journal: what there is none of is left out.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        let counted = self.summary().into_iter().filter(|(_, count)| *count > 0);
        counted.map(|(word, count)| (word.to_owned(), count as u64)).collect()
    }

    /// The stable JSON of `plan` and `audit`.
    pub(super) fn to_json(&self) -> Map<String, Value> {
        let accounts: Vec<_> = self.accounts.iter().map(AccountShown::to_json).collect();
        let mut object = Map::new();
        object.insert("version".into(), json!(1));
        object.insert("command".into(), json!(self.command));
        object.insert("fleet".into(), json!(self.fleet));
        object.insert(
            "summary".into(),
            self.summary().into_iter().map(|(word, count)| (word.to_owned(), json!(count))).collect(),
        );
        object.insert("accounts".into(), json!(accounts));
        object.insert("not_onboarded".into(), json!(self.not_onboarded));
        object.insert("left_out".into(), json!(self.left_out));
        object.insert("not_built_yet".into(), json!(self.not_built));
        if let Some(grants) = &self.grants {
            object.insert("grants".into(), edges_json(grants));
        }
        object
    }
}

impl AccountShown<'_> {
    /// The worst of its objects.
    pub(super) fn status(&self) -> Status {
        let order = [Status::Error, Status::Drifted, Status::Missing, Status::Unmanaged];
        let has = |status: &Status| self.steps.iter().any(|step| step.status() == *status);
        order.into_iter().find(has).unwrap_or(Status::InSync)
    }

    fn to_json(&self) -> Value {
        let resources: Vec<_> = self.steps.iter().map(|step| resource(step)).collect();
        json!({
            "name": self.name, "id": self.id, "status": self.status(), "calls": self.calls, "resources": resources,
        })
    }
}

fn resource(step: &Step) -> Value {
    let mut object = Map::new();
    object.insert("key".into(), json!(step.key));
    object.insert("id".into(), json!(step.id));
    object.insert("status".into(), json!(step.status()));
    object.insert("action".into(), json!(step.action));
    object.insert("diffs".into(), json!(step.diffs));
    if let Some(access) = access::of(step) {
        object.insert("access".into(), json!(access));
    }
    if let Some(cause) = access::cause(step) {
        object.insert("cause".into(), json!(cause));
    }
    if step.action.is_none() {
        // What was skipped names the failure that it was skipped for.
        object.insert("outcome".into(), json!(step.outcome));
    }
    Value::Object(object)
}

fn account_id(plan: &Plan, name: &str) -> Option<String> {
    let mut accounts = plan.steps().filter(|step| step.key.scope == aws::MANAGEMENT && step.key.kind == "account");
    accounts.find(|step| step.key.name == name && step.action != Some(Action::Create))?.id.clone()
}
