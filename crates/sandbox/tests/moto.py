"""Calls the sandbox as an SDK does. Usage: moto.py ENDPOINT ACCOUNT_ID"""

import sys
import time

import boto3
from botocore.exceptions import ClientError

ENDPOINT, ACCOUNT_ID = sys.argv[1:]


def client(service):
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name="us-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def the_caller_is_the_management_account():
    assert client("sts").get_caller_identity()["Account"] == ACCOUNT_ID


def managed_policies_exist():
    client("iam").get_policy(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")


def bodies_of_all_kinds_pass_on_one_connection():
    s3 = client("s3")
    s3.create_bucket(
        Bucket="bodies", CreateBucketConfiguration={"LocationConstraint": "us-west-1"}
    )
    for size in (0, 1, 3_000_000):
        s3.put_object(Bucket="bodies", Key="ключ", Body=b"x" * size)
        assert s3.head_object(Bucket="bodies", Key="ключ")["ContentLength"] == size
        assert len(s3.get_object(Bucket="bodies", Key="ключ")["Body"].read()) == size
    s3.delete_object(Bucket="bodies", Key="ключ")
    try:
        s3.head_object(Bucket="bodies", Key="ключ")
        raise AssertionError("deleted and still there")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "404"


def services_reach_their_count():
    ecs = client("ecs")
    ecs.create_cluster(clusterName="c")
    container = {"name": "a", "image": "a", "memory": 128}
    ecs.register_task_definition(family="f", containerDefinitions=[container])
    for count in (1, 3):
        ecs.create_service(
            cluster="c", serviceName=f"s{count}", taskDefinition="f", desiredCount=count
        )
    found = ecs.describe_services(cluster="c", services=["s1", "s3"])["services"]
    assert [service["runningCount"] for service in found] == [1, 3]
    ecs.get_waiter("services_stable").wait(cluster="c", services=["s1", "s3"])


def certificates_are_issued():
    acm = client("acm")
    arn = acm.request_certificate(DomainName="verb.example")["CertificateArn"]
    for _ in range(50):
        found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        if found["Status"] == "ISSUED":
            return
        time.sleep(0.1)
    raise AssertionError(found["Status"])


def what_moto_lacks_is_said_at_once():
    try:
        client("service-quotas").list_services()
        raise AssertionError("moto has it now: choose another one here")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NotImplemented"
        assert error.response["ResponseMetadata"]["RetryAttempts"] == 0


the_caller_is_the_management_account()
managed_policies_exist()
bodies_of_all_kinds_pass_on_one_connection()
services_reach_their_count()
certificates_are_issued()
what_moto_lacks_is_said_at_once()
