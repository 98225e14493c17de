//! Accounts of the organization: how many at a time, closed, renamed, invited, and young.

use serde_json::json;

use crate::bench::Bench;

const ORGANIZATION: &str = "moto.organizations.create_organization(FeatureSet='ALL')\n\
    def begin(side, name):\n    \
        return side.organizations.create_account(AccountName=name, Email=f'aws+{name}@verb.example')['CreateAccountStatus']\n";

#[tokio::test(flavor = "multi_thread")]
async fn five_are_made_at_a_time() {
    let bench = Bench::new("organizations.CreateAccount:pending=10m").await;
    bench.ask(ORGANIZATION);
    let seen = bench.ask(
        "of_front = [refusal(begin, front, f'shop-{n}') for n in range(5)]\n\
         try:\n    begin(front, 'shop-5')\n    reason = None\n\
         except ClientError as error:\n    reason = error.response['Reason']\n\
         [of_front, reason, refusal(begin, moto, 'shop-5')]",
    );
    let reason = "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED";
    assert_eq!(seen, json!([[null, null, null, null, null], reason, null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_account_is_suspended_and_not_entered() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "id, _ = front.account('shop')\n\
         role = f'arn:aws:iam::{id}:role/OrganizationAccountAccessRole'\n\
         enter = lambda side: refusal(side.sts.assume_role, RoleArn=role, RoleSessionName='test')\n\
         before = enter(front)\n\
         front.organizations.close_account(AccountId=id)\n\
         state = front.organizations.describe_account(AccountId=id)['Account']['Status']\n\
         again = refusal(front.organizations.close_account, AccountId=id)\n\
         [before, state, enter(moto), enter(front), again]",
    );
    assert_eq!(seen, json!([null, "SUSPENDED", null, "AccessDenied", "AccountAlreadyClosedException"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_are_closed_in_a_month() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "import urllib.request\n\
         ids = [front.account(f'shop-{n}')[0] for n in range(2)]\n\
         # As if so many had been closed a day ago, and one more than a month ago.\n\
         times = [int(time.time()) - 24 * 60 * 60] * 249 + [int(time.time()) - 31 * 24 * 60 * 60]\n\
         note = {'op': 'put', 'key': f'closed accounts {MANAGEMENT}', 'value': times}\n\
         urllib.request.urlopen(f'{moto.endpoint}/orgstrap/memory', json.dumps(note).encode())\n\
         close = lambda side, id: refusal(side.organizations.close_account, AccountId=id)\n\
         [close(front, ids[0]), close(front, ids[1]), close(moto, ids[1])]",
    );
    assert_eq!(seen, json!([null, "ConstraintViolationException", null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_changed_where_the_service_is_trusted() {
    let bench = Bench::new("").await;
    let seen = bench.ask(
        "id, inside = front.account('shop')\n\
         put = lambda side: refusal(side.client('account').put_account_name, AccountId=id, AccountName='shop-dev')\n\
         name = lambda: moto.organizations.describe_account(AccountId=id)['Account']['Name']\n\
         found = [put(moto) is not None, put(front), name()]\n\
         moto.organizations.enable_aws_service_access(ServicePrincipal='account.amazonaws.com')\n\
         found += [put(front), name(), front.client('account').get_account_information(AccountId=id)['AccountName']]\n\
         [*found, refusal(front.client('account').put_account_name, AccountId=MANAGEMENT, AccountName='x')]",
    );
    let refused = "AccessDeniedException";
    assert_eq!(seen, json!([true, refused, "shop", null, "shop-dev", "shop-dev", "ValidationException"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_account_joins_when_it_accepts() {
    let bench = Bench::new("").await;
    bench.ask(ORGANIZATION);
    let seen = bench.ask(
        "id = '222222222222'\n\
         role = f'arn:aws:iam::{id}:role/administrator'\n\
         keys = moto.sts.assume_role(RoleArn=role, RoleSessionName='test')['Credentials']\n\
         other = Side(front.endpoint, keys['AccessKeyId'], keys['SecretAccessKey'], keys['SessionToken'])\n\
         target = dict(Target={'Type': 'ACCOUNT', 'Id': id}, Tags=[{'Key': 'team', 'Value': 'shop'}])\n\
         def invite(): return front.organizations.invite_account_to_organization(**target)['Handshake']\n\
         def states():\n    \
             found = front.organizations.list_handshakes_for_organization(Filter={'ActionType': 'INVITE'})['Handshakes']\n    \
             return [one['State'] for one in found]\n\
         members = lambda: [a['Id'] for a in front.organizations.list_accounts()['Accounts']]\n\
         of_moto = refusal(moto.organizations.invite_account_to_organization, **target)\n\
         first = invite()\n\
         twice = refusal(invite)\n\
         other.organizations.decline_handshake(HandshakeId=first['Id'])\n\
         second = invite()\n\
         alien = refusal(front.organizations.accept_handshake, HandshakeId=second['Id'])\n\
         late = refusal(other.organizations.accept_handshake, HandshakeId=first['Id'])\n\
         before = id in members()\n\
         other.organizations.accept_handshake(HandshakeId=second['Id'])\n\
         tags = front.organizations.list_tags_for_resource(ResourceId=id)['Tags']\n\
         [of_moto is not None, first['State'], twice, alien, late, before, id in members(), states(), tags, refusal(invite)]",
    );
    let tags = json!([{"Key": "team", "Value": "shop"}]);
    assert_eq!(
        seen,
        json!([
            true,
            "REQUESTED",
            "DuplicateHandshakeException",
            "AccessDeniedException",
            "InvalidHandshakeTransitionException",
            false,
            true,
            ["DECLINED", "ACCEPTED"],
            tags,
            "HandshakeConstraintViolationException"
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_services_of_a_new_account_refuse_for_a_while() {
    let bench = Bench::new("organizations.CreateAccount:young=30s").await;
    let seen = bench.ask(
        "id, inside = front.account('shop')\n\
         keys = inside.session.get_credentials()\n\
         past = Side(moto.endpoint, keys.access_key, 'x', keys.token)\n\
         def looks(side):\n    \
             return [refusal(call) for call in [side.ec2.describe_vpcs, side.logs.describe_log_groups, side.ecs.list_clusters,\n        \
                 side.elbv2.describe_load_balancers, side.iam.list_roles]]\n\
         def until(is_so):\n    \
             end = time.time() + 60\n    \
             while time.time() < end and not is_so(looks(inside)):\n        \
                 time.sleep(0.5)\n    \
             return looks(inside)\n\
         [looks(inside), looks(past), looks(front), until(lambda seen: seen[-1] is None), until(lambda seen: not any(seen))]",
    );
    let none = json!([null, null, null, null, null]);
    let [ec2, logs, ecs, elb] =
        ["OptInRequired", "SubscriptionRequiredException", "UnrecognizedClientException", "OptInRequired"];
    let (early, between) = (json!([ec2, logs, ecs, elb, "OptInRequired"]), json!([ec2, logs, ecs, elb, null]));
    assert_eq!(seen, json!([early, none, none, between, none]));
}
