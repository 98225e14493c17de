//! What moto gets wrong about repositories of images.

use serde_json::json;

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn their_tags_are_listed() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "for name, fleet in [('a/one', 'verb'), ('two', 'verb'), ('three', 'other')]:\n    \
             moto.ecr.create_repository(repositoryName=name, tags=[{'Key': 'fleet', 'Value': fleet}])\n\
         created = moto.ecr.create_repository(repositoryName='bare')\n\
         def listed(side, **more):\n    \
             client = side.session.client('resourcegroupstaggingapi', endpoint_url=side.endpoint, region_name='us-west-1', config=ONCE)\n    \
             pages = client.get_paginator('get_resources').paginate(PaginationConfig={'PageSize': 1}, **more)\n    \
             return sorted(one['ResourceARN'].split(':repository/')[-1] for page in pages for one in page['ResourceTagMappingList'])\n\
         kinds, verb = ['ecr:repository'], [{'Key': 'fleet', 'Values': ['verb']}]\n\
         [listed(moto, ResourceTypeFilters=kinds), listed(front, ResourceTypeFilters=kinds),\n    \
             listed(front, ResourceTypeFilters=kinds, TagFilters=verb)]",
    );
    assert_eq!(seen, json!([[], ["a/one", "three", "two"], ["a/one", "two"]]));
}

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
