//! The law of applications of `CodeDeploy`.

use aws::resources::CodeDeployApplication;
use testing::{Law, World};

const OUTSIDE: &str = r#"
def shown():
    assert codedeploy.get_application(applicationName=name)["application"]["computePlatform"] == "ECS"
    arn = f"arn:aws:codedeploy:us-west-1:{own_id}:application:{name}"
    return {"tags": tags_of(codedeploy.list_tags_for_resource(ResourceArn=arn))}

[shown() for one in every(codedeploy, "list_applications", "applications") if one == name]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    let law = Law::new("web", |_| (), |(), _| CodeDeployApplication {}, OUTSIDE);
    // It is described, and its tags are in no list.
    law.named().reads_per_object(2).holds(&world).await;
    world.needed_all_declared_by::<CodeDeployApplication>();
}

/// One that is there for something else is nobody's to take.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_something_else_is_left_alone() {
    let world = World::new().await;
    world.boto3("codedeploy.create_application(applicationName='web', computePlatform='Lambda')['applicationId']");
    let graph = world.graph(|scope| _ = scope.add("web", (), |()| CodeDeployApplication {}));
    let error = world.refusal(&graph).await;
    assert!(error.message.contains("is for Lambda"), "{error}");
    assert!(error.hint.is_some());
}
