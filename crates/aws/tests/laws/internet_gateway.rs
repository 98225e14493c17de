//! The law of internet gateways.

use aws::resources::{InternetGateway, InternetGatewayAttachment};
use engine::{Action, Key, Resource, Step};
use testing::{Law, SCOPE, World};

use crate::given;

const OUTSIDE: &str = r#"
[{"tags": tags_of(gateway)} for gateway in owned("describe_internet_gateways", "InternetGateways")]
"#;

fn law() -> Law<(), InternetGateway> {
    Law::new("main", |_| (), |(), _| InternetGateway {}, OUTSIDE)
}

#[tokio::test]
async fn it_holds() {
    let world = World::new().await;
    law().holds(&world).await;
    one_that_is_attached_goes_too(&world).await;
    world.needed_all_declared_by::<InternetGateway>();
}

/// What no node wants any more is deleted without its attachment, which has no tags and is not found then.
async fn one_that_is_attached_goes_too(world: &World) {
    world
        .settle(&world.graph(|scope| {
            given::vpc_with_gateway(scope);
        }))
        .await;
    let graph = world.graph(|scope| {
        given::vpc(scope, "main");
        scope.watch::<InternetGateway>();
    });
    let key = Key::new(SCOPE, InternetGateway::KIND, "main");
    let is_unmanaged = |step: &Step| step.key == key && step.action == Some(Action::Delete);
    let plan = world.plan_until(&graph, "unmanaged", |plan| plan.steps().any(is_unmanaged)).await;
    assert!(plan.steps().all(|step| step.key.kind != InternetGatewayAttachment::KIND));
    world.delete(&graph, &plan, |step| step.action == Some(Action::Delete)).await;
    world.in_sync(&graph).await;
}
