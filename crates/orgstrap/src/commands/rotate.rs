//! `orgstrap rotate policies`: exchanges cross-account policies with no moment in which an intended grant is missing on
//! either side: old and new grants beside each other, a look at the live policies, and then the new ones alone.

use aws::resources::{ManagedPolicy, Role};
use blueprint::{Parts, Rewrite, Rewrites};
use clap::{Args, Subcommand};
use engine::{Action, Graph, Key, Plan, Report, Resource, Step};
use fleet::names;
use serde_json::Value;

use super::change::{declined, how_far, succeeded};
use super::edges::{grants_of, judged};
use crate::approval::{Answer, Stakes, ask};
use crate::books::Books;
use crate::cli::{Accounts, Global};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::grants::{Judgement, is_policy_of_object};
use crate::policy_fields;
use crate::render::{self, Ui};
use crate::second_look::SecondLook;
use crate::selection::{Asked, Selection};
use crate::workspace::Workspace;

/// Exchange what grants access across accounts, without an outage
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The policies of registries, shared secrets and their keys, and of the roles that use them
    Policies {
        #[command(flatten)]
        accounts: Accounts,
        /// Put back what a run has replaced, in the same careful way
        #[arg(long, value_name = "RUN")]
        rollback: Option<String>,
    },
}

/// What a rotation has come to, for whoever prints it.
#[derive(Default)]
pub(crate) struct Rotated {
    pub(crate) reports: Vec<Report>,
    /// What was seen at the end.
    pub(crate) judgement: Option<Judgement>,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let What::Policies { accounts, rollback } = &arguments.what;
    let workspace = Workspace::open("rotate", global, ui).await?;
    let mut rotated = Rotated::default();
    let result = work(accounts, rollback.as_deref(), &workspace, global, ui, &mut rotated).await;
    let result = workspace.unless_interrupted(result, ui);
    workspace.close(ui, result.as_ref().map_or(Exit::Error, |exit| *exit), &rotated.reports).await;
    result
}

async fn work(
    accounts: &Accounts,
    rollback: Option<&str>,
    workspace: &Workspace,
    global: &Global,
    ui: &Ui,
    rotated: &mut Rotated,
) -> Result<Exit, Failure> {
    let asked = Asked::new(&workspace.fleet, accounts)?;
    let books = workspace.open_books("rotate", &asked.names(), global, ui).await?;
    let selection = asked.judged(&workspace.sessions).await?;
    let old = match rollback {
        Some(run) => earlier(books, run).await?,
        None => Rewrites::default(),
    };
    let wanted = Parts { rewrites: old, ..grants_of(&selection) };
    let graph = workspace.graph_of(&wanted)?;
    let plan = workspace.plan(ui, "Reading policies", &graph).await;

    let steps: Vec<&Step> = plan.changes().filter(|step| is_rotated(step, workspace)).collect();
    if ui.is_human() {
        render::rotation(ui, &steps);
    }
    let exit = if plan.is_cancelled() {
        Exit::Interrupted
    } else if !plan.is_complete() {
        render::unread(ui, &plan);
        Exit::Error
    } else if steps.is_empty() {
        rotated.judgement = Some(judged(workspace, &selection, &plan));
        Exit::Done
    } else {
        match ask("Rotate them?", stakes(&steps, workspace), global)? {
            Answer::Yes => {
                books.rotating(&steps, ui, &workspace.cancel).await?;
                let exchange =
                    Exchange { workspace, selection: &selection, wanted: &wanted, graph: &graph, plan: &plan };
                exchange.run(rollback.is_some(), ui, rotated).await?
            }
            answer => declined(ui, answer),
        }
    };
    render::rotated(ui, workspace, &steps, rotated, exit);
    render::stats(ui, workspace);
    Ok(exit)
}

/// Whether a step is about a policy that grants access across accounts. The roles by which accounts are entered, and what
/// services of AWS itself assume, are exchanged by `apply`.
fn is_rotated(step: &Step, workspace: &Workspace) -> bool {
    if is_policy_of_object(&step.key) {
        return step.key.scope == workspace.fleet.common && step.action != Some(Action::Replace);
    }
    match step.key.kind.as_str() {
        // It limits those roles, so it goes with their policies.
        ManagedPolicy::KIND => step.key.name == aws::WORKLOAD_BOUNDARY && step.action == Some(Action::Update),
        Role::KIND => {
            step.action == Some(Action::Update)
                && documents(step).next().is_some()
                && names::is_role_of_service(&step.key.name)
        }
        _ => false,
    }
}

/// The documents that a step would exchange: the field, the document's name in it, and what is there. Trust policies are
/// none of them.
fn documents(step: &Step) -> impl Iterator<Item = (&str, Value)> {
    let fields = step.diffs.iter().filter(|diff| matches!(diff.field.as_str(), "document" | "policies"));
    fields.flat_map(|diff| {
        let there = policy_fields::documents(&diff.field, &diff.actual).unwrap_or_default();
        there.into_iter().map(|(name, document)| (name, document.clone()))
    })
}

/// A grant that goes is not lost: it is in the history. But somebody may miss it.
fn stakes(steps: &[&Step], workspace: &Workspace) -> Stakes {
    if workspace.is_rehearsal() && steps.iter().all(|step| step.action != Some(Action::Delete)) {
        Stakes::None
    } else {
        Stakes::Loss
    }
}

/// What a run has replaced, to be put back.
async fn earlier(books: &Books, run: &str) -> Result<Rewrites, Failure> {
    let replaced = books.replaced_by(run).await?;
    let rewrites = replaced.into_iter().filter_map(|one| {
        let name = match one.field.split_once('.') {
            Some(("policies", name)) => name.to_owned(),
            _ if one.field == "document" => String::new(),
            _ => return None,
        };
        Some(((one.key.parse::<Key>().ok()?, name), Rewrite::Instead(one.document)))
    });
    let rewrites = Rewrites::new(rewrites);
    if rewrites.is_empty() {
        let message = format!("run {run} has replaced no policy that grants access across accounts");
        return Err(Failure::new(
            message,
            "`orgstrap runs` lists the runs, `orgstrap runs show ID` what each replaced",
        ));
    }
    Ok(rewrites)
}

/// One exchange of policies.
struct Exchange<'a> {
    workspace: &'a Workspace,
    selection: &'a Selection<'a>,
    wanted: &'a Parts<'a>,
    graph: &'a Graph<aws::Account>,
    plan: &'a Plan,
}

impl Exchange<'_> {
    async fn run(&self, is_rollback: bool, ui: &Ui, rotated: &mut Rotated) -> Result<Exit, Failure> {
        // Old and new beside each other.
        let both = self.workspace.graph_of(&Parts { rewrites: self.beside(), ..self.wanted.clone() })?;
        let plan_of_both = self.workspace.plan(ui, "Expanding", &both).await;
        if !plan_of_both.is_complete() {
            render::unread(ui, &plan_of_both);
            return Ok(if plan_of_both.is_cancelled() { Exit::Interrupted } else { Exit::Error });
        }
        rotated.reports.push(self.write(ui, "Expanding", &both, &plan_of_both).await);
        if !succeeded(&rotated.reports) {
            return Ok(how_far(&rotated.reports));
        }
        // What is put back may be of a time when other grants were intended.
        if !is_rollback && !self.is_allowed(ui, &both, rotated).await {
            return Ok(self.stopped(ui));
        }
        // The new ones alone: planned anew, since what is there now is both.
        let plan = self.workspace.plan(ui, "Contracting", self.graph).await;
        if !plan.is_complete() {
            render::unread(ui, &plan);
            return Ok(if plan.is_cancelled() { Exit::Interrupted } else { Exit::Partly });
        }
        rotated.reports.push(self.write(ui, "Contracting", self.graph, &plan).await);
        let unwanted = |step: &Step| step.action == Some(Action::Delete) && is_rotated(step, self.workspace);
        if succeeded(&rotated.reports) && plan.changes().any(unwanted) {
            let (graph, plan) = (self.graph, &plan);
            let delete = |run| async move { graph.delete(plan, unwanted, &run).await };
            rotated.reports.push(self.workspace.walk(ui, "Removing", None, delete).await);
        }
        if !succeeded(&rotated.reports) {
            return Ok(how_far(&rotated.reports));
        }
        Ok(if self.is_allowed(ui, self.graph, rotated).await || is_rollback { Exit::Done } else { Exit::Partly })
    }

    /// Every document that is there, to stay beside what takes its place.
    fn beside(&self) -> Rewrites {
        let steps = self.plan.changes().filter(|step| is_rotated(step, self.workspace));
        let there = steps.flat_map(|step| {
            documents(step).map(|(name, document)| ((step.key.clone(), name.to_owned()), document)).collect::<Vec<_>>()
        });
        self.wanted.rewrites.with_beside(there)
    }

    /// Brings the policies, and nothing else, to what the graph says.
    async fn write(&self, ui: &Ui, title: &str, graph: &Graph<aws::Account>, plan: &Plan) -> Report {
        let wanted = |step: &Step| {
            matches!(step.action, Some(Action::Create | Action::Update)) && is_rotated(step, self.workspace)
        };
        let count = plan.changes().filter(|step| wanted(step)).count();
        let write = |run| async move { graph.converge_only(plan, wanted, &run).await };
        self.workspace.walk(ui, title, Some(count), write).await
    }

    /// Whether the live policies allow everything that is intended; looked at again for a while, since AWS shows changes of
    /// policies late.
    async fn is_allowed(&self, ui: &Ui, graph: &Graph<aws::Account>, rotated: &mut Rotated) -> bool {
        let mut look = SecondLook::new(&self.workspace.cancel);
        loop {
            let plan = self.workspace.plan(ui, "Checking", graph).await;
            let settled = plan.is_complete() && !plan.changes().any(|step| is_rotated(step, self.workspace));
            let judgement = judged(self.workspace, self.selection, &plan);
            let is_allowed = judgement.is_allowed();
            rotated.judgement = Some(judgement);
            if settled && is_allowed {
                return true;
            }
            if !look.again().await {
                return false;
            }
        }
    }

    fn stopped(&self, ui: &Ui) -> Exit {
        ui.warn("stopped between the steps: old and new grants are both in force; the same command goes on from here");
        if self.workspace.cancel.is_cancelled() { Exit::Interrupted } else { Exit::Partly }
    }
}
