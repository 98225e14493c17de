//! The end of the account itself: it is moved to where closed accounts are, and closed.

use aws::resources::{MemberAccount, OrganizationalUnit};
use blueprint::SUSPENDED;
use engine::{Action, Graph, Plan, Report, Resource, Step};

use crate::commands::change::succeeded;
use crate::render::Ui;
use crate::workspace::Workspace;

/// Whether this is the account itself.
pub(super) fn is_account(step: &Step) -> bool {
    step.key.kind == MemberAccount::KIND
}

/// Whether this is the unit of closed accounts.
fn is_unit(step: &Step) -> bool {
    step.key.scope == aws::MANAGEMENT && step.key.kind == OrganizationalUnit::KIND && step.key.name == SUSPENDED
}

/// Whether a closure still has to move the account.
fn is_move(account: &Step) -> bool {
    account.action == Some(Action::Update) && account.diffs.iter().any(|diff| diff.field == "unit")
}

/// Moves the account, and closes it. A run that was stopped between the two goes on with the second.
pub(super) async fn run(
    account: &Step,
    (graph, plan): (&Graph<aws::Account>, &Plan),
    workspace: &Workspace,
    ui: &Ui,
    reports: &mut Vec<Report>,
) {
    if is_move(account) {
        let moved = |step: &Step| is_account(step) || is_unit(step);
        let change = |run| async move { graph.converge_only(plan, moved, &run).await };
        reports.push(workspace.walk(ui, "Moving", Some(2), change).await);
    }
    if succeeded(reports) {
        let close = |run| async move { graph.delete(plan, is_account, &run).await };
        reports.push(workspace.walk(ui, "Closing", Some(1), close).await);
    }
}
