//! What an account is hardened with: the local AWS knows a part of it, and takes what AWS refuses.

use serde_json::json;

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn only_enabled_regions_are_listed() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "def regions(side, **arguments):\n    \
             return [r['RegionName'] for r in side.ec2.describe_regions(**arguments)['Regions']]\n\
         [[name in regions(side) for name in ('us-west-1', 'ap-east-1', 'us-gov-west-1', 'cn-north-1')]\n    \
             for side in (moto, front)] + [[name in regions(front, AllRegions=True) for name in ('ap-east-1', 'cn-north-1')]]",
    );
    assert_eq!(seen, json!([[true, true, true, true], [true, false, false, false], [true, false]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn instance_metadata_has_defaults() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "def defaults(region='us-west-1'):\n    \
             side = front.session.client('ec2', region, endpoint_url=front.endpoint, config=ONCE)\n    \
             return side.get_instance_metadata_defaults()['AccountLevel']\n\
         def put(side, **arguments):\n    return refusal(side.ec2.modify_instance_metadata_defaults, **arguments)\n\
         modify = moto.ec2.modify_instance_metadata_defaults\n\
         seen = [lacks(moto.ec2.get_instance_metadata_defaults), lacks(modify, HttpTokens='required'), defaults()]\n\
         seen += [put(front, HttpTokens='required', HttpPutResponseHopLimit=2), defaults(), defaults('eu-west-1')]\n\
         seen += [put(front, HttpTokens='no-preference', HttpEndpoint='enabled'), defaults()]\n\
         seen += [put(front, HttpTokens='never'), put(front, HttpPutResponseHopLimit=65), defaults()]\n\
         seen",
    );
    let seen = seen.as_array().unwrap();
    assert_eq!(json!(seen[..2]), json!([true, true]));
    let wrong = "InvalidParameterValue";
    let expected = json!([
        {},
        null,
        {"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        {},
        null,
        {"HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 2},
        wrong,
        wrong,
        {"HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 2},
    ]);
    assert_eq!(json!(seen[2..]), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_have_settings() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "def put(side, name, value):\n    return refusal(side.ecs.put_account_setting_default, name=name, value=value)\n\
         def settings():\n    \
             pages = front.ecs.get_paginator('list_account_settings').paginate(effectiveSettings=True)\n    \
             pages = [page['settings'] for page in pages]\n    \
             return [len(pages), {s['name']: s['value'] for page in pages for s in page}['containerInsights']]\n\
         def one(name):\n    \
             return [s['value'] for s in front.ecs.list_account_settings(effectiveSettings=True, name=name)['settings']]\n\
         def scan(side, value):\n    \
             return refusal(side.ecr.put_account_setting, name='BASIC_SCAN_TYPE_VERSION', value=value)\n\
         def scanned():\n    return front.ecr.get_account_setting(name='BASIC_SCAN_TYPE_VERSION')['value']\n\
         seen = [lacks(moto.ecs.put_account_setting_default, name='containerInsights', value='enhanced'),\n        \
             lacks(moto.ecr.put_account_setting, name='BASIC_SCAN_TYPE_VERSION', value='AWS_NATIVE'),\n    \
             moto.ecs.list_account_settings(effectiveSettings=True)['settings']]\n\
         seen += [settings(), put(front, 'containerInsights', 'enhanced'), settings(), one('tagResourceAuthorization')]\n\
         seen += [put(front, 'containerInsights', 'on'), put(front, 'guardDutyActivate', 'on'), put(front, 'x', 'on')]\n\
         seen += [scanned(), scan(front, 'CLAIR'), scanned(), scan(front, 'OTHER')]\n\
         seen",
    );
    let seen = seen.as_array().unwrap();
    assert_eq!(json!(seen[..2]), json!([true, true]));
    let wrong = "InvalidParameterException";
    let expected = json!([
        [],
        [2, "disabled"],
        null,
        [2, "enhanced"],
        ["off"],
        wrong,
        wrong,
        wrong,
        "AWS_NATIVE",
        null,
        "CLAIR",
        wrong
    ]);
    assert_eq!(json!(seen[2..]), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_one_analyzer() {
    let bench = Bench::new("pending=500ms").await;
    let seen = bench.ask(
        "def make(side, name, **more):\n    \
             return refusal(side.accessanalyzer.create_analyzer, analyzerName=name, type='ACCOUNT', **more)\n\
         def listed(**arguments):\n    \
             found = front.accessanalyzer.list_analyzers(**arguments)['analyzers']\n    \
             return [[a['name'], a['status'], a['tags']] for a in found]\n\
         seen = [lacks(moto.accessanalyzer.create_analyzer, analyzerName='a', type='ACCOUNT'), listed(), make(front, 'a', clientToken='t', tags={'b': 'c'}), listed(type='ACCOUNT')]\n\
         seen += [make(front, 'a', clientToken='t', tags={'b': 'c'}), make(front, 'a', clientToken='t'), make(front, 'a'),\n    \
             make(front, '9'), make(front, 'b')]\n\
         arn = front.accessanalyzer.get_analyzer(analyzerName='a')['analyzer']['arn']\n\
         front.accessanalyzer.tag_resource(resourceArn=arn, tags={'d': 'e'})\n\
         front.accessanalyzer.untag_resource(resourceArn=arn, tagKeys=['b'])\n\
         time.sleep(0.6)\n\
         seen += [listed(type='ORGANIZATION'), listed(), front.accessanalyzer.list_tags_for_resource(resourceArn=arn)['tags']]\n\
         seen += [refusal(front.accessanalyzer.delete_analyzer, analyzerName='b'),\n    \
             refusal(front.accessanalyzer.delete_analyzer, analyzerName='a'), listed(), make(front, 'b')]\n\
         seen",
    );
    let seen = seen.as_array().unwrap();
    assert_eq!(seen[0], true);
    let expected = json!([
        [],
        null,
        [["a", "CREATING", {"b": "c"}]],
        null,
        "ConflictException",
        "ConflictException",
        "ValidationException",
        "ServiceQuotaExceededException",
        [],
        [["a", "ACTIVE", {"d": "e"}]],
        {"d": "e"},
        "ResourceNotFoundException",
        null,
        [],
        null,
    ]);
    assert_eq!(json!(seen[1..]), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn budgets_have_subscribers() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "budget = {'BudgetName': 'a', 'BudgetLimit': {'Amount': '500', 'Unit': 'USD'}, 'BudgetType': 'COST', 'TimeUnit': 'MONTHLY'}\n\
         about = {'NotificationType': 'ACTUAL', 'ComparisonOperator': 'GREATER_THAN', 'Threshold': 80.0}\n\
         def to(*names):\n    return [{'SubscriptionType': 'EMAIL', 'Address': f'{name}@verb.example'} for name in names]\n\
         def make(side, names=('b',), account=MANAGEMENT):\n    \
             told = [{'Notification': about, 'Subscribers': to(*names)}]\n    \
             return refusal(side.budgets.create_budget, AccountId=account, Budget=budget, NotificationsWithSubscribers=told)\n\
         where = {'AccountId': MANAGEMENT, 'BudgetName': 'a'}\n\
         def told():\n    \
             call = front.budgets.describe_subscribers_for_notification\n    \
             code = refusal(call, **where, Notification=about)\n    \
             return code or [s['Address'][0] for s in call(**where, Notification=about)['Subscribers']]\n\
         other = '999999999999'\n\
         ask = moto.budgets.describe_subscribers_for_notification\n\
         seen = [make(moto), make(moto, account=other), make(moto, names='abcdefghijk', account='888888888888')]\n\
         seen += [lacks(ask, **where, Notification=about), lacks(moto.budgets.update_budget, AccountId=MANAGEMENT, NewBudget=budget)]\n\
         seen += [told(), make(front, account=other), make(front, names='abcdefghijk'), make(front), make(front), told()]\n\
         def change(operation, **arguments):\n    \
             return refusal(getattr(front.budgets, operation), **where, Notification=about, **arguments)\n\
         [b], [c] = to('b'), to('c')\n\
         seen += [change('create_subscriber', Subscriber=b), change('create_subscriber', Subscriber=c), told()]\n\
         [d] = to('d')\n\
         seen += [change('update_subscriber', OldSubscriber=d, NewSubscriber=d), change('update_subscriber', OldSubscriber=b, NewSubscriber=d), told()]\n\
         seen += [change('delete_subscriber', Subscriber=b), change('delete_subscriber', Subscriber=c), change('delete_subscriber', Subscriber=d), told()]\n\
         budget['BudgetLimit']['Amount'] = '7'\n\
         seen += [refusal(front.budgets.update_budget, AccountId=MANAGEMENT, NewBudget=budget)]\n\
         seen += [[b['BudgetLimit']['Amount'] for b in front.budgets.describe_budgets(AccountId=MANAGEMENT)['Budgets']]]\n\
         seen += [refusal(front.budgets.delete_budget, **where), refusal(front.budgets.delete_budget, **where)]\n\
         seen",
    );
    let seen = seen.as_array().unwrap();
    // moto takes any account, and any number of addresses.
    assert_eq!(json!(seen[..5]), json!([null, null, null, true, true]));
    let (missing, twice) = ("NotFoundException", "DuplicateRecordException");
    let expected = json!([
        missing,
        "AccessDeniedException",
        "CreationLimitExceededException",
        null,
        twice,
        ["b"],
        twice,
        null,
        ["b", "c"],
        missing,
        null,
        ["d", "c"],
        missing,
        null,
        null,
        missing,
        null,
        ["7.0"],
        null,
        missing,
    ]);
    assert_eq!(json!(seen[5..]), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_control_is_called_by_its_name() {
    let bench = Bench::new("").await;
    bench.ask(
        "side = front.s3control\n\
         def without_account(request, **_):\n    request.url = request.url.replace(MANAGEMENT + '.', '', 1)\n\
         side.meta.events.register('before-sign.s3-control', without_account)\n\
         on = {'BlockPublicAcls': True, 'IgnorePublicAcls': True, 'BlockPublicPolicy': True, 'RestrictPublicBuckets': True}\n\
         side.put_public_access_block(AccountId=MANAGEMENT, PublicAccessBlockConfiguration=on)\n\
         side.get_public_access_block(AccountId=MANAGEMENT)['PublicAccessBlockConfiguration']",
    );
    for operation in ["PutPublicAccessBlock", "GetPublicAccessBlock"] {
        assert_eq!(bench.front.calls().to("s3control").named(operation).count(), 1, "{}", bench.front.calls());
    }
}
