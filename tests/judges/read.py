"""Writes every policy document of the organization's accounts to FOLDER/ACCOUNT/KIND/NAME.json, as AWS has it.

Not those that AWS made itself: a role of another name, AWS's own managed policies, keys and control policies.
"""

import json
import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "src"))
from driver import HOME_REGION, Member, accounts, boto3, root  # noqa: E402

NOT_OURS = ("OrganizationAccountAccessRole", "AWSServiceRoleFor")
BOUNDARIES = ("orgstrap-boundary", "orgstrap-workload")


def every(client, operation, answer, **arguments):
    """Every page of a list."""
    pages = client.get_paginator(operation).paginate(**arguments)
    return [item for page in pages for item in page[answer]]


def of_iam(iam):
    """Roles' trust and inline policies, and managed policies: boundaries, also where no role has one yet, and the deployer's."""
    for role in every(iam, "list_roles", "Roles"):
        name = role["RoleName"]
        if name.startswith(NOT_OURS):
            continue
        yield "trust", name, role["AssumeRolePolicyDocument"]
        for inline in every(iam, "list_role_policies", "PolicyNames", RoleName=name):
            document = iam.get_role_policy(RoleName=name, PolicyName=inline)["PolicyDocument"]
            yield "inline-of-role", f"{name}.{inline}", document
    for policy in every(iam, "list_policies", "Policies", Scope="Local"):
        version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        kind = "boundary" if policy["PolicyName"] in BOUNDARIES else "managed"
        yield kind, policy["PolicyName"], version["PolicyVersion"]["Document"]


def of_objects(client):
    """The policies of repositories, secrets, keys and buckets."""
    ecr, secrets, kms, s3 = client("ecr"), client("secretsmanager"), client("kms"), client("s3")
    for repository in every(ecr, "describe_repositories", "repositories"):
        name = repository["repositoryName"]
        try:
            yield "ecr-repository", name.replace("/", "."), ecr.get_repository_policy(repositoryName=name)["policyText"]
        except ecr.exceptions.RepositoryPolicyNotFoundException:
            pass
    for secret in every(secrets, "list_secrets", "SecretList"):
        document = secrets.get_resource_policy(SecretId=secret["ARN"]).get("ResourcePolicy")
        if document:
            yield "secret", secret["Name"].replace("/", "."), document
    for alias in every(kms, "list_aliases", "Aliases"):
        name = alias["AliasName"].removeprefix("alias/")
        if "TargetKeyId" in alias and not name.startswith("aws/"):
            yield "key", name, kms.get_key_policy(KeyId=alias["TargetKeyId"], PolicyName="default")["Policy"]
    for bucket in s3.list_buckets()["Buckets"]:
        try:
            yield "bucket", re.sub(r"\d{12}", "ACCOUNT", bucket["Name"]), s3.get_bucket_policy(Bucket=bucket["Name"])["Policy"]
        except s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
                raise


def of_organization(organizations):
    for policy in every(organizations, "list_policies", "Policies", Filter="SERVICE_CONTROL_POLICY"):
        if not policy["AwsManaged"]:
            content = organizations.describe_policy(PolicyId=policy["Id"])["Policy"]["Content"]
            yield "service-control", policy["Name"], content


def main(folder):
    management = root("sts").get_caller_identity()["Account"]
    clients = {"management": lambda service: boto3.client(service, region_name=HOME_REGION)}
    clients |= {
        name: Member(account["Id"]).session.client
        for name, account in accounts().items()
        if account["Id"] != management
    }
    found = [("management", *policy) for policy in of_organization(clients["management"]("organizations"))]
    for account, client in clients.items():
        found += [(account, *policy) for policies in (of_iam(client("iam")), of_objects(client)) for policy in policies]
    for account, kind, name, document in found:
        path = folder / account / kind / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document if isinstance(document, dict) else json.loads(document), indent=2) + "\n")


main(Path(sys.argv[1]))
