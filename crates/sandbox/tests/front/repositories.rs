//! What moto gets wrong about repositories of images.

use serde_json::json;

use crate::bench::Bench;

/// The SDK for Rust leaves out what is false.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_to_be_scanned_is_not() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "def scans(side, name):\n    \
             moto.ecr.create_repository(repositoryName=name, imageScanningConfiguration={'scanOnPush': True})\n    \
             side.ecr.put_image_scanning_configuration(repositoryName=name, imageScanningConfiguration={})\n    \
             found = moto.ecr.describe_repositories(repositoryNames=[name])['repositories'][0]\n    \
             return found['imageScanningConfiguration']['scanOnPush']\n\
         [scans(moto, 'one'), scans(front, 'two')]",
    );
    assert_eq!(seen, json!([true, false]));
}
