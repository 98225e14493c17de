"""What the tests of the front ask, with boto3, moto alone and moto behind the front."""

import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

# One attempt, so that every answer is seen.
ONCE = Config(retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=5, read_timeout=20)
MANAGEMENT = "123456789012"


class Side:
    """One way into the same world: its endpoint, and the credentials of an account."""

    def __init__(self, endpoint, key=sys.argv[1], secret="test", token=None):
        self.endpoint, self.session = endpoint, boto3.Session(key, secret, token, "us-west-1")
        self.clients = {}

    def client(self, service):
        if service not in self.clients:
            self.clients[service] = self.session.client(service, endpoint_url=self.endpoint, config=ONCE)
        return self.clients[service]

    def __getattr__(self, service):
        return self.client(service)

    def enter(self, role, **arguments):
        """This way in, with a session of a role."""
        keys = self.sts.assume_role(RoleArn=role, RoleSessionName="test", **arguments)["Credentials"]
        return Side(self.endpoint, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

    def account(self, name):
        """This way in, into a new account of the organization."""
        try:
            self.organizations.create_organization(FeatureSet="ALL")
        except ClientError:
            pass
        made = self.organizations.create_account(AccountName=name, Email=f"aws+{name}@verb.example")
        request = made["CreateAccountStatus"]["Id"]
        made = self.organizations.describe_create_account_status(CreateAccountRequestId=request)
        id = made["CreateAccountStatus"]["AccountId"]
        return id, self.enter(f"arn:aws:iam::{id}:role/OrganizationAccountAccessRole")


def refusal(call, *arguments, **named):
    """The code that a call is refused with; None if it is not, and a word if it has no answer."""
    try:
        call(*arguments, **named)
    except ClientError as error:
        return error.response["Error"]["Code"]
    except BotoCoreError as error:
        return type(error).__name__


def lacks(call, **named):
    """Whether a service has no answer to a call that boto3 can put: moto says so in many ways."""
    try:
        call(**named)
    except ParamValidationError:
        raise
    except Exception:
        return True
    return False


moto, front = map(Side, sys.argv[2:])
