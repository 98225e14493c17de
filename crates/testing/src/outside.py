"""What the laws ask AWS with boto3, in words of their own."""

import sys

import boto3

KEY = "orgstrap:key"
REGION = sys.argv[1]


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
    """From now on `ec2`, `iam` and `logs` are clients of this account."""
    global ec2, iam, logs
    session = account(id)
    ec2, iam, logs = (Lazy(lambda name=name: session.client(name)) for name in ["ec2", "iam", "logs"])


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


def tag_list(tags):
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def tagged(kind):
    """The tags of the node that the test is about, for an EC2 call that creates."""
    return [{"ResourceType": kind, "Tags": tag_list(tags)}]
