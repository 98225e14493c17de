//! Providers of tokens are made, and those of others are added to: an audience is never taken from one, so the law of what
//! can be changed there and back does not fit.

use aws::Account;
use aws::resources::OidcProvider;
use engine::{Action, Graph, Key, Resource};
use serde_json::json;
use testing::{World, step};

const HOST: &str = "tokens.example.com";

fn graph(world: &World) -> Graph<Account> {
    world.graph(|scope| {
        scope.add(HOST, (), |()| OidcProvider { audience: Some("sts.amazonaws.com".to_owned()) });
    })
}

#[tokio::test]
async fn it_is_made_and_others_are_added_to() {
    let world = World::new().await;
    let (graph, key) = (graph(&world), Key::new("dev", OidcProvider::KIND, HOST));
    let plan = world.planned(&graph, &key, Action::Create).await;
    world.converge(&graph, &plan).await;
    let plan = world.in_sync(&graph).await;
    world.boto3(
        "arn = iam.list_open_id_connect_providers()['OpenIDConnectProviderList'][0]['Arn']\n\
         def provider():\n    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)\n    \
         return [found['Url'].removeprefix('https://'), sorted(found['ClientIDList']), tags_of(found)]",
    );
    let made = world.boto3("provider()");
    assert_eq!(made, json!([HOST, ["sts.amazonaws.com"], World::tags_of(&key)]));

    world.delete(&graph, &plan, |step| step.key == key).await;
    assert_eq!(world.boto3("iam.list_open_id_connect_providers()['OpenIDConnectProviderList']"), json!([]));
    world.boto3(&format!(
        "theirs = {{'Url': 'https://{HOST}', 'ClientIDList': ['theirs'], 'ThumbprintList': ['a' * 40]}}\n\
         iam.create_open_id_connect_provider(**theirs)['OpenIDConnectProviderArn']"
    ));
    let plan = world.planned(&graph, &key, Action::Update).await;
    assert_eq!(step(&plan, &key).diffs[0].field, "audience");
    world.converge(&graph, &plan).await;
    world.in_sync(&graph).await;
    assert_eq!(world.boto3("provider()[1]"), json!(["sts.amazonaws.com", "theirs"]));
    world.needed_all_declared_by::<OidcProvider>();
}
