//! Images that are looked up.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws::resources::{ContainerImage, EcrRepository, Image, LogGroup};
use testing::World;

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_named_by_its_digest_once_there_is_one() {
    let world = World::new().await;
    let seen: Arc<Mutex<Option<Image>>> = Arc::default();
    let graph = world.graph(|scope| {
        let repository = scope.add("web", (), |()| EcrRepository {
            mutable_tags: BTreeSet::new(),
            scan_on_push: true,
            lifecycle: None,
            key: None,
        });
        let image = scope.add("web", repository, |repository| ContainerImage { repository, tag: "1".into() });
        let seen = Arc::clone(&seen);
        // Whoever needs it is told.
        scope.add("web", image, move |image| {
            *seen.lock().unwrap() = Some(image);
            LogGroup { retention_days: None, key: None }
        });
    });
    let seen = || {
        let image = seen.lock().unwrap().clone().unwrap();
        (image.reference.known().map(str::to_owned), image.is_pushed)
    };
    // Neither a repository nor an image: everything else can be made.
    world.plan(&graph).await;
    assert_eq!(seen(), (None, false));
    let place = format!("{}.dkr.ecr.us-west-1.amazonaws.com/web", world.account());
    world.settle(&graph).await;
    assert_eq!(seen(), (Some(format!("{place}:1")), false));

    let digest = world.boto3(
        "kind = 'application/vnd.docker.distribution.manifest.v2+json'\n\
         ecr.put_image(repositoryName='web', imageManifest=json.dumps({'mediaType': kind}), imageTag='1')['image']['imageId']['imageDigest']",
    );
    world.plan_until(&graph, "with a digest", |_| seen().1).await;
    assert_eq!(seen(), (Some(format!("{place}@{}", digest.as_str().unwrap())), true));
    world.needed_all_declared_by::<ContainerImage>();
}
