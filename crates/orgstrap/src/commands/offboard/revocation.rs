//! What takes an account out of the documents of the common account.

use std::collections::BTreeMap;

use aws::resources::Member;
use blueprint::Parts;
use engine::{Action, Graph, Plan, Report, Step};

use crate::commands::change::succeeded;
use crate::failure::Failure;
use crate::grants::is_policy_of_object;
use crate::render::Ui;
use crate::workspace::Workspace;

/// They are computed whole, as if the account did not exist.
pub(super) struct Revocation {
    graph: Graph<aws::Account>,
    pub(super) plan: Plan,
}

impl Revocation {
    /// None if among the other accounts there is no common one that could have let it in.
    pub(super) async fn of(
        others: &BTreeMap<String, Member>,
        workspace: &Workspace,
        ui: &Ui,
    ) -> Result<Option<Self>, Failure> {
        if !others.contains_key(&workspace.fleet.common) {
            return Ok(None);
        }
        let parts = Parts { others: others.clone(), shared: true, grants_only: true, ..Parts::default() };
        let graph = workspace.graph_of(&parts)?;
        let plan = workspace.plan(ui, "Reading grants", &graph).await;
        Ok(Some(Self { graph, plan }))
    }

    /// The policies that are to be changed or removed.
    pub(super) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.plan.changes().filter(|step| is_grant(step))
    }

    pub(super) async fn run(&self, workspace: &Workspace, ui: &Ui, reports: &mut Vec<Report>) {
        let (graph, plan) = (&self.graph, &self.plan);
        let changed = |step: &Step| is_grant(step) && step.action == Some(Action::Update);
        let removed = |step: &Step| is_grant(step) && step.action == Some(Action::Delete);
        if plan.changes().any(changed) {
            let change = |run| async move { graph.converge_only(plan, changed, &run).await };
            reports.push(workspace.walk(ui, "Revoking", Some(self.steps().count()), change).await);
        }
        if succeeded(reports) && plan.changes().any(removed) {
            let remove = |run| async move { graph.delete(plan, removed, &run).await };
            reports.push(workspace.walk(ui, "Revoking", None, remove).await);
        }
    }
}

/// Whether a step takes a grant away. What is missing is made by whoever needs it.
fn is_grant(step: &Step) -> bool {
    is_policy_of_object(&step.key) && matches!(step.action, Some(Action::Update | Action::Delete))
}
