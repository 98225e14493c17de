//! The law of access analyzers.

use aws::resources::AccessAnalyzer;
use engine::{Action, Class, Key, Resource};
use testing::{Law, SCOPE, World};

const OUTSIDE: &str = r#"
found = every(accessanalyzer, "list_analyzers", "analyzers", type="ACCOUNT")
[{"tags": analyzer["tags"]} for analyzer in found if analyzer["tags"].get(KEY) == key]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn it_holds() {
    let world = World::new().await;
    Law::new("main", |_| (), |(), _| AccessAnalyzer {}, OUTSIDE).holds(&world).await;
    world.needed_all_declared_by::<AccessAnalyzer>();
}

#[tokio::test(flavor = "multi_thread")]
async fn that_of_somebody_else_is_for_a_person_to_judge() {
    let world = World::new().await;
    world.boto3("accessanalyzer.create_analyzer(analyzerName='theirs', type='ACCOUNT')['arn']");
    let graph = world.graph(|scope| {
        scope.add("main", (), |()| AccessAnalyzer {});
    });
    let plan = world.planned(&graph, &Key::new(SCOPE, AccessAnalyzer::KIND, "main"), Action::Create).await;
    let error = world.failure(&graph, &plan).await;
    assert_eq!(error.class, Class::Invalid, "{error}");
    assert!(error.message.contains("theirs") && error.hint.unwrap().contains("access_analyzer = { off"));
    let names = world.boto3("[a['name'] for a in accessanalyzer.list_analyzers()['analyzers']]");
    assert_eq!(names, serde_json::json!(["theirs"]));
}
