//! The execution of an approved plan: find again, compare again, create or update. It never deletes.

use futures_util::future::FutureExt;

use crate::plan::Step;
use crate::walk::{self, Done, Run, Stop};
use crate::{Action, Class, Error, Graph, Key, Outcome, Plan, Report};

impl<C: Send + Sync + 'static> Graph<C> {
    /// Brings every node to its desired state, in the order of data flow. What the plan replaces must have been
    /// [deleted](Graph::delete) before.
    pub async fn converge(&self, plan: &Plan, run: &Run) -> Report {
        let stops = self.nodes.iter().map(|node| Stop { key: node.key(), before: node.inputs().to_vec() });
        let (settled, course) = walk::walk(run, stops.collect(), |position, outputs| {
            async move {
                let visited = self.nodes[position].converge(run, outputs, &plan.steps[position]).await?;
                Ok(Done { outcome: visited.outcome, output: visited.output, detail: Some(()) })
            }
            .boxed()
        })
        .await;
        let keys = self.nodes.iter().map(|node| node.key().clone());
        Report { outcomes: keys.zip(settled.into_iter().map(|done| done.outcome)).collect(), course }
    }

    /// Brings some nodes to their desired state and leaves all others as they are, whatever they differ in. What the
    /// wanted ones are built on is looked up. The report is of the wanted ones, and of what could not be looked up for
    /// them.
    pub async fn converge_only(&self, plan: &Plan, wanted: impl Fn(&Step) -> bool, run: &Run) -> Report {
        let wanted: Vec<bool> = plan.steps.iter().map(wanted).collect();
        let mut needed = wanted.clone();
        for position in (0..self.nodes.len()).rev().filter(|position| wanted[*position]) {
            self.need(position, &mut needed);
        }
        let stops = self.nodes.iter().map(|node| Stop { key: node.key(), before: node.inputs().to_vec() });
        let (settled, course) = walk::walk(run, stops.collect(), |position, outputs| {
            let (node, is_wanted, is_needed) = (&self.nodes[position], wanted[position], needed[position]);
            async move {
                if is_wanted {
                    let visited = node.converge(run, outputs, &plan.steps[position]).await?;
                    return Ok(Done { outcome: visited.outcome, output: visited.output, detail: Some(()) });
                }
                if !is_needed {
                    return Ok(Done { outcome: Outcome::Kept, output: None, detail: None });
                }
                let (step, output) = node.plan(run, outputs).await?;
                match step.action {
                    Some(Action::Keep | Action::Update) => Ok(Done { outcome: Outcome::Kept, output, detail: None }),
                    Some(_) => Err(absent(node.key())),
                    None => Ok(Done { outcome: step.outcome, output: None, detail: None }),
                }
            }
            .boxed()
        })
        .await;
        let visited = self.nodes.iter().zip(settled).zip(wanted);
        let told = visited.filter(|((_, done), wanted)| *wanted || !done.outcome.is_success());
        Report { outcomes: told.map(|((node, done), _)| (node.key().clone(), done.outcome)).collect(), course }
    }

    /// Marks what a node is built on.
    fn need(&self, position: usize, needed: &mut [bool]) {
        let mut open = self.nodes[position].inputs().to_vec();
        while let Some(input) = open.pop() {
            if !std::mem::replace(&mut needed[input], true) {
                open.extend(self.nodes[input].inputs());
            }
        }
    }
}

/// What is only looked up has to be there.
fn absent(key: &Key) -> Error {
    Error::new(Class::NotFound, format!("{key} does not exist"))
        .hint("`orgstrap plan` shows what is missing, and `orgstrap apply` makes it")
}
