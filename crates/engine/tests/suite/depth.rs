//! Deep graphs fit on an ordinary stack, and take time in proportion to their size.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::{Action, Cx, Found, Graph, Id, Key, Outcome, Resource, Result, Tags};
use futures_util::FutureExt;
use serde::Serialize;
use tokio::time::sleep;

use crate::toy::{paused, unwatched};

const LENGTH: usize = 5_000;

type Chain = Mutex<HashSet<Key>>;

#[derive(Serialize)]
struct Link {
    on: Option<Id<Self>>,
}

impl Resource for Link {
    const KIND: &'static str = "link";
    type Cloud = Chain;
    type Output = Id<Self>;

    async fn find(&self, cx: &Cx<'_, Chain>) -> Result<Option<Found<Self>>> {
        sleep(Duration::from_millis(10)).await;
        let found = || Found { output: id(cx), actual: Self { on: self.on.clone() }, tags: None };
        Ok(cx.lock().unwrap().contains(cx.key).then(found))
    }

    async fn create(&self, cx: &Cx<'_, Chain>) -> Result<Id<Self>> {
        sleep(Duration::from_millis(10)).await;
        cx.lock().unwrap().insert(cx.key.clone());
        Ok(id(cx))
    }

    async fn delete(_: &Found<Self>, cx: &Cx<'_, Chain>) -> Result<()> {
        sleep(Duration::from_millis(10)).await;
        cx.lock().unwrap().remove(cx.key);
        Ok(())
    }
}

fn id(cx: &Cx<'_, Chain>) -> Id<Link> {
    Id::new(cx.key.to_string())
}

#[test]
fn a_chain_of_thousands_fits_on_the_stack() {
    let test = || {
        let world = Arc::new(Chain::default());
        let mut graph = Graph::default();
        let cloud = Arc::clone(&world);
        let connect = move |()| std::future::ready(Ok(Some(Arc::clone(&cloud)))).boxed();
        let mut scope = graph.scope("root", |_| Tags::new(), (), connect);
        let mut on = None;
        for link in 0..LENGTH {
            on = Some(scope.add(link.to_string(), on, |on| Link { on }));
        }
        paused(async {
            let run = unwatched();
            let plan = graph.plan(&run).await;
            assert_eq!(plan.changes().filter(|step| step.action == Some(Action::Create)).count(), LENGTH);
            let report = graph.converge(&plan, &run).await;
            assert_eq!(report.count(|outcome| matches!(outcome, Outcome::Created)), LENGTH);
            assert_eq!(world.lock().unwrap().len(), LENGTH);
            let plan = graph.plan(&run).await;
            assert!(plan.is_empty());
            let report = graph.delete(&plan, |_| true, &run).await;
            assert_eq!(report.count(|outcome| matches!(outcome, Outcome::Deleted)), LENGTH);
            assert_eq!(world.lock().unwrap().len(), 0);
        });
    };
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(test).unwrap();
    thread.join().unwrap();
}
