"""What the laws ask AWS with boto3, in words of their own."""

import json
import sys

import boto3

KEY = "orgstrap:key"
REGION = sys.argv[1]
# What moto does not have is behind the front alone. What the front keeps itself is never late.
FRONT = sys.argv[2]


def account(id):
    """A session of an account of the organization."""
    role = f"arn:aws:iam::{id}:role/OrganizationAccountAccessRole"
    keys = client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], REGION)


def client(service):
    """A client of the management account."""
    return boto3.client(service, region_name=REGION)


class Lazy:
    """A client that is made when it is first used."""

    def __init__(self, make):
        self.make, self.made = make, None

    def __getattr__(self, name):
        self.made = self.made or self.make()
        return getattr(self.made, name)


organizations = Lazy(lambda: client("organizations"))


def enter(id):
    """From now on `ec2`, `iam`, `logs` and the like are clients of this account, and `own_id` is its id."""
    global own_id, session
    own_id, session = id, account(id)
    for service in ["account", "acm", "codedeploy", "ec2", "ecr", "elbv2", "iam", "kms", "logs", "rds", "route53", "s3", "s3control",
                    "secretsmanager", "servicediscovery"]:
        name = "account_api" if service == "account" else service
        globals()[name] = Lazy(lambda service=service: without_account_in_host(session.client(service)))
    # The front keeps the account's settings of ECS; what ECS runs is moto's.
    for name, service in [("autoscaling", "application-autoscaling"), ("containers", "ecs")]:
        globals()[name] = Lazy(lambda service=service: session.client(service))
    for name in ["accessanalyzer", "budgets", "ecs"]:
        globals()[name] = Lazy(lambda name=name: in_front(name))


def in_front(service, region=REGION):
    """A client of the account that goes through the front."""
    return session.client(service, region, endpoint_url=FRONT)


def without_account_in_host(client):
    """S3 Control puts the account before the host, which no loopback address has."""

    def strip(request, **_):
        request.url = request.url.replace(f"//{own_id}.", "//", 1)

    client.meta.events.register("before-sign.s3-control", strip)
    return client


def every(client, operation, answer, **arguments):
    """Every page of a list."""
    if not client.can_paginate(operation):
        return getattr(client, operation)(**arguments)[answer]
    return [item for page in client.get_paginator(operation).paginate(**arguments) for item in page[answer]]


def tags_of(item):
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}


def owned(operation, answer):
    """Every EC2 object that carries the key of the node that the test is about."""
    return [item for item in every(ec2, operation, answer) if tags_of(item).get(KEY) == key]


def balancing(operation, answer, **arguments):
    """Every object of Elastic Load Balancing that carries the key of the node that the test is about, with its tags."""
    items = every(elbv2, operation, answer, **arguments)
    for item in items:
        arn = item[f"{answer[:-1]}Arn"]
        item["Tags"] = elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
    return [item for item in items if tags_of(item).get(KEY) == key]


def tag_list(tags):
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def tagged(kind):
    """The tags of the node that the test is about, for an EC2 call that creates."""
    return [{"ResourceType": kind, "Tags": tag_list(tags)}]
