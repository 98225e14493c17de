"""What the end-to-end tests ask AWS with boto3, in words of their own."""

import functools
import json
import re
import subprocess
import sys

import boto3

HOME_REGION = "us-west-1"
FLEET, KEY = "orgstrap:fleet", "orgstrap:key"


def root(service, region=HOME_REGION):
    """A client of the management account."""
    return boto3.client(service, region_name=region)


def accounts():
    """The accounts of the organization by name."""
    pages = root("organizations").get_paginator("list_accounts").paginate()
    return {account["Name"]: account for page in pages for account in page["Accounts"]}


class Member:
    """An account of the organization, entered as its administrators would: `ec2`, `iam`, `logs` are its clients."""

    def __init__(self, id, region=HOME_REGION):
        self.id, self.region = id, region
        role = f"arn:aws:iam::{id}:role/OrganizationAccountAccessRole"
        keys = root("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        self.session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region)

    @functools.cached_property
    def ec2(self):
        return self.session.client("ec2")

    @functools.cached_property
    def iam(self):
        return self.session.client("iam")

    @functools.cached_property
    def logs(self):
        return self.session.client("logs")

    def all(self, client, operation, answer, **arguments):
        """Every page of a list."""
        if not client.can_paginate(operation):
            return getattr(client, operation)(**arguments)[answer]
        pages = client.get_paginator(operation).paginate(**arguments)
        return [item for page in pages for item in page[answer]]

    def objects(self):
        """Everything in the account and region, whoever made it."""
        found = {kind: self.all(self.ec2, operation, answer) for kind, (operation, answer) in EC2.items()}
        for kind in ["nat-gateways", "vpc-endpoints"]:
            found[kind] = [item for item in found[kind] if item["State"] != "deleted"]
        # moto keeps the associations of subnets that are gone.
        subnets = {None} | {subnet["SubnetId"] for subnet in found["subnets"]}
        for table in found["route-tables"]:
            table["Associations"] = [a for a in table["Associations"] if a.get("SubnetId") in subnets]
        for vpc in found["vpcs"]:
            for name in ["EnableDnsHostnames", "EnableDnsSupport"]:
                attribute = name[0].lower() + name[1:]
                answer = self.ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)
                vpc[name] = answer[name]["Value"]
        found["log-groups"] = self.all(self.logs, "describe_log_groups", "logGroups")
        for group in found["log-groups"]:
            group["tags"] = self.logs.list_tags_log_group(logGroupName=group["logGroupName"])["tags"]
        for kind, (entity, answer) in IAM.items():
            arguments = {"Filter": [entity]}
            found[kind] = self.all(self.iam, "get_account_authorization_details", answer, **arguments)
        found["keys"], found["secrets"], found["repositories"] = self.keys(), self.secrets(), self.repositories()
        found.update(services_of(self))
        return ordered(found)

    def keys(self):
        """The keys that are not about to be deleted, with their policies."""
        kms = self.session.client("kms")
        ids = [key["KeyId"] for key in self.all(kms, "list_keys", "Keys")]
        alive = [id for id in ids if kms.describe_key(KeyId=id)["KeyMetadata"]["KeyState"] != "PendingDeletion"]
        aliases = self.all(kms, "list_aliases", "Aliases")
        return [{
            "KeyId": id,
            "Aliases": [alias["AliasName"] for alias in aliases if alias.get("TargetKeyId") == id],
            "Rotation": kms.get_key_rotation_status(KeyId=id)["KeyRotationEnabled"],
            "Policy": json.loads(kms.get_key_policy(KeyId=id, PolicyName="default")["Policy"]),
            "Tags": {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=id)["Tags"]},
        } for id in alive]  # fmt: skip

    def secrets(self):
        """The secrets that are not about to be deleted, with their policies and with what is in force."""
        client = self.session.client("secretsmanager")
        return [{
            "ARN": secret["ARN"],
            "KmsKeyId": secret.get("KmsKeyId"),
            "Stages": sorted(sum(secret["SecretVersionsToStages"].values(), [])),
            "Policy": json.loads(client.get_resource_policy(SecretId=secret["ARN"]).get("ResourcePolicy", "null")),
            "Tags": secret.get("Tags", []),
        } for secret in self.all(client, "list_secrets", "SecretList")]  # fmt: skip

    def repositories(self):
        """The registries of images, with their policies."""
        ecr = self.session.client("ecr")

        def text(read, answer, name):
            try:
                return json.loads(read(repositoryName=name)[answer])
            except (ecr.exceptions.RepositoryPolicyNotFoundException, ecr.exceptions.LifecyclePolicyNotFoundException):
                return None

        return [{
            **{name: value for name, value in repository.items() if name != "createdAt"},
            "Policy": text(ecr.get_repository_policy, "policyText", repository["repositoryName"]),
            "Lifecycle": text(ecr.get_lifecycle_policy, "lifecyclePolicyText", repository["repositoryName"]),
            "Tags": ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"],
        } for repository in self.all(ecr, "describe_repositories", "repositories")]  # fmt: skip

    def id_of(self, key):
        """The id of the one object of a node, such as `subnet/public-a`."""
        ids = [id for _, id, tags in tagged(self.objects()) if tags.get(KEY, "").split("/", 1)[-1] == key]
        assert len(ids) == 1, f"{key}: {ids}"
        return ids[0]


EC2 = {
    "addresses": ("describe_addresses", "Addresses"),
    "flow-logs": ("describe_flow_logs", "FlowLogs"),
    "instances": ("describe_instances", "Reservations"),
    "internet-gateways": ("describe_internet_gateways", "InternetGateways"),
    "nat-gateways": ("describe_nat_gateways", "NatGateways"),
    "route-tables": ("describe_route_tables", "RouteTables"),
    "security-groups": ("describe_security_groups", "SecurityGroups"),
    "subnets": ("describe_subnets", "Subnets"),
    "vpc-endpoints": ("describe_vpc_endpoints", "VpcEndpoints"),
    "vpcs": ("describe_vpcs", "Vpcs"),
}

IAM = {
    "policies": ("LocalManagedPolicy", "Policies"),
    "roles": ("Role", "RoleDetailList"),
    "users": ("User", "UserDetailList"),
}


@functools.cache
def member(name="headless-cms-dev", region=HOME_REGION):
    return Member(accounts()[name]["Id"], region)


def camel(operation):
    return "".join(word.capitalize() for word in operation.split("_"))


# Times, random values that are no identities, and what moto makes of the order of calls.
FORGOTTEN = {
    "AttachmentCount", "AvailableIpAddressCount", "CreateDate", "CreateTime", "CreationTime", "CreationTimestamp", "DefaultForAz",
    "PolicyId", "RoleId", "RoleLastUsed", "UpdateDate", "creationTime",
}  # fmt: skip

OWN_ID = {
    "addresses": "AllocationId", "flow-logs": "FlowLogId", "internet-gateways": "InternetGatewayId",
    "keys": "KeyId", "repositories": "repositoryArn", "secrets": "ARN", "log-groups": "logGroupName", "nat-gateways": "NatGatewayId", "roles": "Arn", "route-tables": "RouteTableId",
    "security-groups": "GroupId", "subnets": "SubnetId", "vpc-endpoints": "VpcEndpointId", "vpcs": "VpcId",
    **{kind: "Arn" for kind in (
        "applications", "buckets", "certificates", "clusters", "databases", "db-parameter-groups", "db-subnet-groups",
        "deployment-groups", "discovery-services", "hosted-zones", "listener-rules", "listeners", "load-balancers", "namespaces", "services", "target-groups", "task-definitions",
    )},
}  # fmt: skip


def ordered(value):
    """Without what changes by itself, and with every list in an order."""
    if isinstance(value, dict):
        return {name: ordered(value[name]) for name in sorted(value) if name not in FORGOTTEN}
    if isinstance(value, list):
        return sorted((ordered(item) for item in value), key=json.dumps)
    return value


def tags_of(item):
    tags = item.get("Tags", item.get("tags", []))
    return tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}


def tagged(objects):
    """The kind, the id and the tags of every object that has tags."""
    named = ((kind, item[id], tags_of(item)) for kind, id in OWN_ID.items() for item in objects[kind])
    return [(kind, id, tags) for kind, id, tags in named if tags]


def canonical(objects):
    """The same objects with each id replaced by what the object is for, so that two worlds can be compared."""
    roles = {id: tags[KEY] for _, id, tags in tagged(objects) if KEY in tags}
    # The tags say what each of these is for.
    objects = {kind: [{name: value for name, value in item.items() if name != "Arn" or OWN_ID.get(kind) != "Arn"} for item in items]
               for kind, items in objects.items()}  # fmt: skip
    addresses, keys = r'"\d+\.\d+\.\d+\.\d+"', r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    text = re.sub(r"\b[a-z-]+-[0-9a-f]{17}\b", lambda id: roles.get(id[0], id[0].rsplit("-", 1)[0]), json.dumps(objects))
    # Keys before accounts: the last part of one may be all digits.
    for pattern, stands_for in ((addresses, '"ADDRESS"'), (keys, "KEY"), (r"\b\d{12}\b", "ACCOUNT"),
                                (r"\bo-[a-z0-9]{10,32}\b", "ORGANIZATION"), (r"(:secret:[\w!-]+)-\w{6}\b", r"\1")):
        text = re.sub(pattern, stands_for, text)
    return ordered(json.loads(text))


def at_end():
    """Stops the sandbox: the arguments are the command that does."""
    subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
