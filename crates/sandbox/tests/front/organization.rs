//! The organization above the accounts: where accounts and policies go, and who is trusted.

use serde_json::json;

use crate::bench::Bench;

/// An organization with a unit and an account, and a policy to attach.
const WORLD: &str = "\
    made = moto.organizations.create_organization(FeatureSet='ALL')\n\
    root = moto.organizations.list_roots()['Roots'][0]['Id']\n\
    deny = lambda action: json.dumps({'Version': '2012-10-17', 'Statement': [{'Effect': 'Deny', 'Action': action, 'Resource': '*'}]})\n\
    def unit(side, name, parent=None):\n    \
        return side.organizations.create_organizational_unit(ParentId=parent or root, Name=name)['OrganizationalUnit']['Id']\n\
    def policy(side, name):\n    \
        made = side.organizations.create_policy(Type='SERVICE_CONTROL_POLICY', Name=name, Description='', Content=deny('s3:*'))\n    \
        return made['Policy']['PolicySummary']['Id']\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_moved_from_where_it_is() {
    let bench = Bench::new("").await;
    bench.ask(WORLD);
    let seen = bench.ask(
        "def moves(side, name):\n    \
             id, _ = side.account(name)\n    \
             here, there = unit(moto, name + '1'), unit(moto, name + '2')\n    \
             move = lambda source, to: refusal(side.organizations.move_account, AccountId=id, SourceParentId=source, DestinationParentId=to)\n    \
             return [move(here, there), move(root, root), move(root, here), move(here, there)]\n\
         [moves(moto, 'a'), moves(front, 'b')]",
    );
    let refused = json!(["SourceParentNotFoundException", "DuplicateAccountException", null, null]);
    assert_eq!(seen, json!([[null, null, null, null], refused]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_attached_once_where_its_type_is_enabled() {
    let bench = Bench::new("organizations.EnablePolicyType:pending=2s").await;
    bench.ask(WORLD);
    let seen = bench.ask(
        "def attach(side, id, target):\n    \
             return refusal(side.organizations.attach_policy, PolicyId=id, TargetId=target)\n\
         def detach(side, id, target):\n    \
             return refusal(side.organizations.detach_policy, PolicyId=id, TargetId=target)\n\
         one = policy(moto, 'one')\n\
         before = [attach(side, one, unit(moto, name)) for side, name in ((moto, 'm'), (front, 'f'))]\n\
         made = front.organizations.enable_policy_type(RootId=root, PolicyType='SERVICE_CONTROL_POLICY')['Root']\n\
         types = lambda side: side.organizations.list_roots()['Roots'][0]['PolicyTypes'][0]['Status']\n\
         place = unit(moto, 'late')\n\
         now = [made['PolicyTypes'][0]['Status'], types(front), types(moto), attach(front, one, place)]\n\
         time.sleep(2)\n\
         [before, now, types(front), attach(front, one, place)]",
    );
    let disabled = "PolicyTypeNotEnabledException";
    let now = json!(["PENDING_ENABLE", "PENDING_ENABLE", "ENABLED", disabled]);
    assert_eq!(seen, json!([[null, disabled], now, "ENABLED", null]));

    let seen = bench.ask(
        "def life(side, name):\n    \
             place, other = unit(moto, name), policy(moto, name)\n    \
             full = 'p-FullAWSAccess'\n    \
             codes = [attach(side, other, place), attach(side, other, place), detach(side, full, place),\n        \
                 detach(side, other, place), attach(side, full, place), detach(side, other, place), detach(side, other, place)]\n    \
             more = [attach(side, policy(moto, f'{name}{n}'), place) for n in range(10)]\n    \
             left = len(moto.organizations.list_policies_for_target(TargetId=place, Filter='SERVICE_CONTROL_POLICY')['Policies'])\n    \
             return [codes, more[-2:], left]\n\
         [life(moto, 'x'), life(front, 'y')]",
    );
    let constraint = "ConstraintViolationException";
    let of_moto = json!([[null, null, null, null, null, null, null], [null, null], 11]);
    let twice = "DuplicatePolicyAttachmentException";
    let of_front =
        json!([[null, twice, null, constraint, null, null, "PolicyNotAttachedException"], [null, constraint], 10]);
    assert_eq!(seen, json!([of_moto, of_front]));

    // What moto sees to itself, or other rules do.
    let seen = bench.ask(
        "renamed = lambda side, name: refusal(side.organizations.update_policy, PolicyId=policy(moto, name), Name='one')\n\
         twice = refusal(policy, front, 'one')\n\
         again = refusal(front.organizations.enable_policy_type, RootId=root, PolicyType='SERVICE_CONTROL_POLICY')\n\
         used = refusal(front.organizations.delete_policy, PolicyId=one)\n\
         [renamed(front, 'q'), renamed(moto, 'r'), twice, again, used]",
    );
    let (taken, enabled) = ("DuplicatePolicyException", "PolicyTypeAlreadyEnabledException");
    assert_eq!(seen, json!([taken, null, taken, enabled, "PolicyInUseException"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_is_trusted_is_administered_by_others() {
    let bench = Bench::new("").await;
    bench.ask(WORLD);
    let seen = bench.ask(
        "def delegated(side, name):\n    \
             id, _ = side.account(name)\n    \
             return lambda account=id: refusal(side.organizations.register_delegated_administrator,\n        \
                 AccountId=account, ServicePrincipal='access-analyzer.amazonaws.com')\n\
         by_moto, by_front = delegated(moto, 'a'), delegated(front, 'b')\n\
         before = [by_moto(), by_front()]\n\
         front.organizations.enable_aws_service_access(ServicePrincipal='access-analyzer.amazonaws.com')\n\
         [before, by_front(), by_front(), by_front(MANAGEMENT)]",
    );
    let constraint = "ConstraintViolationException";
    assert_eq!(seen, json!([[null, constraint], null, "AccountAlreadyRegisteredException", constraint]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tags_of_the_organization_are_listed_in_one_region() {
    let bench = Bench::new("").await;
    bench.ask(WORLD);
    let seen = bench.ask(
        "ours = [{'Key': 'fleet', 'Value': 'verb'}]\n\
         tagged = unit(moto, 'tagged')\n\
         moto.organizations.tag_resource(ResourceId=tagged, Tags=ours)\n\
         moto.organizations.tag_resource(ResourceId=unit(moto, 'deep', tagged), Tags=[{'Key': 'fleet', 'Value': 'other'}])\n\
         unit(moto, 'bare')\n\
         moto.organizations.tag_resource(ResourceId=policy(moto, 'one'), Tags=ours)\n\
         account, _ = moto.account('a')\n\
         moto.organizations.tag_resource(ResourceId=account, Tags=ours)\n\
         def listed(side, region, kinds, **more):\n    \
             client = side.session.client('resourcegroupstaggingapi', endpoint_url=side.endpoint, region_name=region, config=ONCE)\n    \
             pages = client.get_paginator('get_resources').paginate(ResourceTypeFilters=kinds, PaginationConfig={'PageSize': 1}, **more)\n    \
             return sorted(one['ResourceARN'].split(':')[5].split('/')[0] for page in pages for one in page['ResourceTagMappingList'])\n\
         kinds = ['organizations:ou', 'organizations:account', 'organizations:policy']\n\
         verb = [{'Key': 'fleet', 'Values': ['verb']}]\n\
         [listed(moto, 'us-east-1', kinds), listed(front, 'us-west-1', kinds), listed(front, 'us-east-1', kinds),\n    \
             listed(front, 'us-east-1', kinds, TagFilters=verb), listed(front, 'us-east-1', kinds[:1])]",
    );
    assert_eq!(seen, json!([[], [], ["account", "ou", "ou", "policy"], ["account", "ou", "policy"], ["ou", "ou"]]));
}
