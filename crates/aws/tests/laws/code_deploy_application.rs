//! The law of applications of `CodeDeploy`.

use aws::resources::CodeDeployApplication;
use testing::{Law, World};

const OUTSIDE: &str = r#"
def shown():
    arn = f"arn:aws:codedeploy:us-west-1:{own_id}:application:{name}"
    return {
        "platform": codedeploy.get_application(applicationName=name)["application"]["computePlatform"],
        "tags": tags_of(codedeploy.list_tags_for_resource(ResourceArn=arn)),
    }

[shown() for one in every(codedeploy, "list_applications", "applications") if one == name]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    let law = Law::new(
        "web",
        |_| (),
        |(), variant| CodeDeployApplication { platform: variant.fix("platform", "ECS", "Lambda").into() },
        OUTSIDE,
    );
    // It is described, and its tags are in no list.
    law.named().reads_per_object(2).holds(&world).await;
    world.needed_all_declared_by::<CodeDeployApplication>();
}
