//! The execution of an approved plan: find again, compare again, create or update. It never deletes.

use futures_util::future::FutureExt;

use crate::walk::{self, Done, Run, Stop};
use crate::{Graph, Plan, Report};

impl<C: Send + Sync + 'static> Graph<C> {
    /// Brings every node to its desired state, in the order of data flow. What the plan replaces must have been
    /// [deleted](Graph::delete) before.
    pub async fn converge(&self, plan: &Plan, run: &Run) -> Report {
        let stops = self.nodes.iter().map(|node| Stop { key: node.key(), before: node.inputs().to_vec() });
        let settled = walk::walk(run, stops.collect(), |position, outputs| {
            async move {
                let visited = self.nodes[position].converge(run, outputs, &plan.steps[position]).await?;
                Ok(Done { outcome: visited.outcome, output: visited.output, detail: Some(()) })
            }
            .boxed()
        })
        .await;
        let keys = self.nodes.iter().map(|node| node.key().clone());
        Report { outcomes: keys.zip(settled.into_iter().map(|done| done.outcome)).collect() }
    }
}
