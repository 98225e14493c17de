"""What is done in an account, in prowler's Python, with what `orgstrap exec` sets up: push, names, plant, prowl."""

import datetime
import json
import os
import socket
import sys

import boto3

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
EVERYBODY = {"Effect": "Allow", "Principal": "*"}
resolve = socket.getaddrinfo


def resolved(host, *more, **others):
    """S3 Control puts the account before the host, and not every system knows that `*.localhost` is itself (RFC 6761)."""
    here = isinstance(host, str) and host.endswith("localhost")
    return resolve("127.0.0.1" if here else host, *more, **others)


def enter():
    """Gives the account's id, and makes S3 Control's calls arrive."""
    socket.getaddrinfo = resolved
    os.environ["AWS_ENDPOINT_URL"] = os.environ["AWS_ENDPOINT_URL"].replace("127.0.0.1", "localhost")
    return boto3.client("sts").get_caller_identity()["Account"]


def push(account, *images):
    """An image without layers for each REPOSITORY:TAG."""
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 2, "digest": f"sha256:{'0' * 64}"}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []})
    for image in images:
        repository, tag = image.split(":")
        boto3.client("ecr").put_image(repositoryName=repository, imageTag=tag, imageManifest=manifest)


def names(account):
    """How objects are called whose ARNs have random ids, as JSON."""
    ec2, found = boto3.client("ec2"), {}
    arn = f"arn:aws:ec2:{os.environ['AWS_REGION']}:{account}:"
    vpcs = {vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]}
    for acl in ec2.describe_network_acls()["NetworkAcls"]:
        of = "a-vpc" if acl["VpcId"] in vpcs else "no-vpc"
        found[f"{arn}network-acl/{acl['NetworkAclId']}"] = f"ec2/network-acl/{'default' if acl['IsDefault'] else 'own'}-of-{of}"
    for group in ec2.describe_security_groups()["SecurityGroups"]:
        found[f"{arn}security-group/{group['GroupId']}"] = f"ec2/security-group/{group['GroupName']}"
    for endpoint in ec2.describe_vpc_endpoints()["VpcEndpoints"]:
        service = endpoint["ServiceName"].rsplit(".", 1)[1]
        found[f"{arn}vpc-endpoint/{endpoint['VpcEndpointId']}"] = f"ec2/vpc-endpoint/{service}"
    for alias in boto3.client("kms").list_aliases()["Aliases"]:
        if key := alias.get("TargetKeyId"):
            found[f"arn:aws:kms:{os.environ['AWS_REGION']}:{account}:key/{key}"] = f"kms/{alias['AliasName']}"
    print(json.dumps(found))


def plant(account, *faults):
    """Does to the account what `services --self-test` expects to be found."""
    for fault in faults:
        FAULTS[fault](account)


def group_named(name):
    groups = boto3.client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])
    return groups["SecurityGroups"][0]["GroupId"]


def subnets(public):
    found = boto3.client("ec2").describe_subnets()["Subnets"]
    key = "public-" if public else "private-"
    return [s["SubnetId"] for s in found if any(t["Key"] == "orgstrap:key" and f"/{key}" in t["Value"] for t in s["Tags"])]


def open_port(port, group="orgstrap-database"):
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    boto3.client("ec2").authorize_security_group_ingress(GroupId=group_named(group), IpPermissions=[rule])


def public_database(account):
    rds = boto3.client("rds")
    open_port(5432)
    rds.create_db_subnet_group(DBSubnetGroupName="open", DBSubnetGroupDescription="open", SubnetIds=subnets(public=True))
    rds.create_db_instance(
        DBInstanceIdentifier="open", DBInstanceClass="db.t4g.micro", Engine="postgres", EngineVersion="17", AllocatedStorage=20,
        MasterUsername="boss", MasterUserPassword="not-a-secret", DBSubnetGroupName="open", PubliclyAccessible=True,
        Port=5432, VpcSecurityGroupIds=[group_named("orgstrap-database")],
    )  # fmt: skip


def expiring_certificate(account):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key, now = rsa.generate_private_key(65537, 2048), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "open.example")])
    to_come = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    boto3.client("acm").import_certificate(
        Certificate=to_come.sign(key, hashes.SHA256()).public_bytes(pem),
        PrivateKey=key.private_bytes(pem, form, serialization.NoEncryption()),
    )


def administrator(account):
    trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    iam = boto3.client("iam")
    iam.create_role(RoleName="open", AssumeRolePolicyDocument=document(trust))
    iam.attach_role_policy(RoleName="open", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def privileged_container(account):
    container = {"name": "open", "image": "open", "memory": 128, "privileged": True}
    boto3.client("ecs").register_task_definition(
        family="open", requiresCompatibilities=["EC2"], containerDefinitions=[container]
    )


def old_ciphers(account):
    elb = boto3.client("elbv2")
    balancer = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    for listener in elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]:
        if listener["Protocol"] == "HTTPS":
            elb.modify_listener(ListenerArn=listener["ListenerArn"], SslPolicy="ELBSecurityPolicy-2016-08")


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def public_secret(account):
    statement = EVERYBODY | {"Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    boto3.client("secretsmanager").put_resource_policy(SecretId="github", ResourcePolicy=document(statement))


def public_logs(account):
    statement = EVERYBODY | {"Action": "logs:PutLogEvents", "Resource": "*"}
    boto3.client("logs").put_resource_policy(policyName="open", policyDocument=document(statement))


def public_repository(account):
    statement = EVERYBODY | {"Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}
    boto3.client("ecr").set_repository_policy(repositoryName="storefront/web", policyText=document(statement))


def unrotated_key(account):
    kms = boto3.client("kms")
    kms.disable_key_rotation(KeyId=kms.describe_key(KeyId="alias/orgstrap-secrets")["KeyMetadata"]["KeyId"])


def public_buckets(account):
    boto3.client("s3control").delete_public_access_block(AccountId=account)


def public_subnet(account):
    private = subnets(public=False)[0]
    boto3.client("ec2").modify_subnet_attribute(SubnetId=private, MapPublicIpOnLaunch={"Value": True})


FAULTS = {
    "acm": expiring_certificate,
    "cloudwatch": public_logs,
    "ec2": lambda account: open_port(22),
    "ecr": public_repository,
    "ecs": privileged_container,
    "elbv2": old_ciphers,
    "iam": administrator,
    "kms": unrotated_key,
    "rds": public_database,
    "s3": public_buckets,
    "secretsmanager": public_secret,
    "vpc": public_subnet,
}


def prowl(account, *arguments):
    from prowler.__main__ import prowler

    sys.argv = ["prowler", *arguments]
    prowler()


{"push": push, "names": names, "plant": plant, "prowl": prowl}[sys.argv[1]](enter(), *sys.argv[2:])
