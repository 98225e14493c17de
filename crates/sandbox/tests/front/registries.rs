//! Registries of images: what ECR takes, lists and refuses.

use serde_json::{Value, json};

use crate::bench::Bench;

/// A repository `aa` and manifests of images.
const WORDS: &str = "\
front.ecr.create_repository(repositoryName='aa')
def manifest(layer):
    return json.dumps({'schemaVersion': 2, 'mediaType': 'application/vnd.docker.distribution.manifest.v2+json',
                       'config': {'size': 1, 'digest': 'sha256:' + '0' * 64}, 'layers': [{'digest': 'sha256:' + layer * 64, 'size': 1}]})
def push(side, tag, layer, name='aa'):
    return refusal(side.ecr.put_image, repositoryName=name, imageManifest=manifest(layer), imageTag=tag)
def mutable(side, kind, *filters):
    filters = [{'filterType': 'WILDCARD', 'filter': filter} for filter in filters]
    more = {'imageTagMutabilityExclusionFilters': filters} if filters else {}
    return refusal(side.ecr.put_image_tag_mutability, repositoryName='aa', imageTagMutability=kind, **more)
";

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_immutable_but_for_what_is_excluded() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let seen = bench.ask(
        "def wrong(side):\n    \
             kind = 'IMMUTABLE_WITH_EXCLUSION'\n    \
             return [mutable(side, 'IMMUTABLE', 'dev-*'), mutable(side, kind, *[f'd{n}*' for n in range(6)]),\n        \
                 mutable(side, kind, 'a b'), mutable(side, kind, '*a*b*'), mutable(side, kind),\n        \
                 refusal(side.ecr.create_repository, repositoryName='1' * 257)]\n\
         [wrong(moto), wrong(front)]",
    );
    let (nothing, refused) = (vec![Value::Null; 6], vec!["InvalidParameterException"; 6]);
    assert_eq!(seen, json!([nothing, refused]));
    let seen = bench.ask(
        "found = [mutable(front, 'IMMUTABLE_WITH_EXCLUSION', '*-dev', 'latest')]\n\
         found += [push(front, tag, layer) for tag in ('1', 'a-dev', 'latest', 'latest-1') for layer in '12']\n\
         there = front.ecr.describe_repositories()['repositories'][0]\n\
         found + [there['imageTagMutability'], [f['filter'] for f in there['imageTagMutabilityExclusionFilters']],\n    \
             push(moto, 'b', '3', 'none'), push(front, 'b', '3', 'none'), refusal(front.ecr.delete_repository, repositoryName='aa')]",
    );
    let taken = "ImageAlreadyExistsException";
    let pushed = json!([null, null, taken, null, null, null, null, null, taken]);
    let shown = json!([
        "IMMUTABLE_WITH_EXCLUSION",
        ["*-dev", "latest"],
        "InternalFailure",
        "RepositoryNotFoundException",
        "RepositoryNotEmptyException"
    ]);
    let found: Vec<_> = seen.as_array().unwrap().clone();
    assert_eq!((json!(found[..9]), json!(found[9..])), (pushed, shown));
    let named = bench.ask(
        "import hashlib\n\
         ids = {i['imageTag']: i['imageDigest'] for i in front.ecr.list_images(repositoryName='aa')['imageIds']}\n\
         [ids[tag] == 'sha256:' + hashlib.sha256(manifest(layer).encode()).hexdigest() for tag, layer in (('1', '1'), ('latest', '2'))]",
    );
    assert_eq!(named, json!([true, true]));
}

#[tokio::test(flavor = "multi_thread")]
async fn lifecycle_policies_make_sense() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let seen = bench.ask(
        "def rule(priority, status='untagged', kind='imageCountMoreThan', **more):\n    \
             selection = {'tagStatus': status, 'countType': kind, 'countNumber': 1, **more}\n    \
             return {'rulePriority': priority, 'description': 'd' * 60, 'selection': selection, 'action': {'type': 'expire'}}\n\
         def put(side, *rules):\n    \
             return refusal(side.ecr.put_lifecycle_policy, repositoryName='aa', lifecyclePolicyText=json.dumps({'rules': list(rules)}))\n\
         def wrong(side):\n    \
             return [put(side, rule(1), rule(1, 'any')), put(side, rule(1), rule(2)), put(side, rule(1, 'any'), rule(2)),\n        \
                 put(side, rule(0)), put(side, rule(1, 'tagged')), put(side, rule(1, tagPrefixList=['a'])),\n        \
                 put(side, rule(1, 'tagged', tagPrefixList=['a'], tagPatternList=['a'])), put(side, rule(1, countUnit='days')),\n        \
                 put(side, rule(1, kind='sinceImagePushed')), put(side, rule(1, 'tagged', tagPatternList=['*a*b*c*d*'])),\n        \
                 put(side, rule(1, 'tagged', tagPrefixList=['a']), rule(2, 'tagged', tagPrefixList=['a']))]\n\
         right = put(front, rule(1, kind='sinceImagePushed', countUnit='days'), rule(2, 'tagged', tagPatternList=['*']), rule(3, 'any'))\n\
         [wrong(moto), wrong(front), right]",
    );
    let (nothing, refused) = (vec![Value::Null; 11], vec!["InvalidParameterException"; 11]);
    assert_eq!(seen, json!([nothing, refused, null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_has_its_key_its_tags_and_its_layers() {
    let bench = Bench::new("").await;
    bench.ask(WORDS);
    let seen = bench.ask(
        "key = front.kms.create_key()['KeyMetadata']\n\
         front.kms.create_alias(AliasName='alias/a', TargetKeyId=key['KeyId'])\n\
         def make(side, name, key):\n    \
             return refusal(side.ecr.create_repository, repositoryName=name, tags=[{'Key': 'orgstrap:key', 'Value': name}],\n        \
                 encryptionConfiguration={'encryptionType': 'KMS', 'kmsKey': key})\n\
         def shown(name):\n    \
             return front.ecr.describe_repositories(repositoryNames=[name])['repositories'][0]['encryptionConfiguration']['kmsKey']\n\
         found = [make(moto, 'moto', 'alias/a'), make(front, 'front', 'alias/a'), make(moto, 'none', 'alias/none'), make(front, 'none', 'alias/b')]\n\
         found += [shown('moto') == key['Arn'], shown('front') == key['Arn']]\n\
         def tagged(*kinds, **more):\n    \
             found = front.resourcegroupstaggingapi.get_resources(ResourceTypeFilters=list(kinds), **more)['ResourceTagMappingList']\n    \
             return sorted(r['ResourceARN'].split('/')[-1] for r in found)\n\
         found += [tagged('ecr:repository'), tagged('ecr'), tagged('ecr:repository', TagFilters=[{'Key': 'orgstrap:key', 'Values': ['front']}])]\n\
         def layer(side, digit):\n    \
             return refusal(side.ecr.get_download_url_for_layer, repositoryName='aa', layerDigest='sha256:' + digit * 64)\n\
         push(front, 'a', '1')\n\
         found + [lacks(moto.ecr.get_download_url_for_layer, repositoryName='aa', layerDigest='sha256:' + '1' * 64),\n    \
             layer(front, '1'), layer(front, '2')]",
    );
    let all = ["front", "moto", "none"];
    let expected = json!([
        null,
        null,
        null,
        "KmsException",
        false,
        true,
        all,
        all,
        ["front"],
        true,
        null,
        "LayersNotFoundException"
    ]);
    assert_eq!(seen, expected);
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
