"""moto as AWS does it: where moto is further from AWS than a test or a rehearsal can bear, it is mended here.

Each mend is made once, when the service is loaded. moto is imported late: the tuning comes before it, and it takes a second.
"""

import functools
import json
import os

RUNNING = "MOTO_ECS_SERVICE_RUNNING"

# What makes moto pass for AWS within seconds. Set before moto is used, and only where the user has not chosen otherwise.
TUNING = {
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",  # ReadOnlyAccess and the like exist
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",  # 50 ms in each region of each account, and nothing boots from them
    "MOTO_ACM_VALIDATION_WAIT": "1",  # seconds until a certificate is ISSUED
    RUNNING: "1000000",  # enough for any service, see let_services_reach_their_count
}

# The services that orgstrap and its tests use, as moto calls them.
USED = """account acm budgets ec2 ecr ecs elbv2 iam kms logs organizations resourcegroupstaggingapi route53 s3 s3control
secretsmanager servicequotas sts""".split()

# Where botocore has another name for one.
BOTOCORES = {"servicequotas": "service-quotas"}


def tune():
    for name, value in TUNING.items():
        os.environ.setdefault(name, value)


def application():
    """moto, loading each service when it is first called."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

    let_managed_policies_be_read_once()
    let_modules_be_listed_once()
    return DomainDispatcherApplication(create_app)


def load(application):
    """Loads every service that is used."""
    from moto.core.utils import get_service_model

    for service in USED:
        application.app_instances[service] = create_app(service)
        get_service_model(BOTOCORES.get(service, service))
    managed_policies()


def create_app(service):
    from moto.moto_server.werkzeug_app import create_backend_app

    app = create_backend_app(service)
    if service == "ecs" and os.environ.get(RUNNING, TUNING[RUNNING]) == TUNING[RUNNING]:
        let_services_reach_their_count()
    if service == "ec2":
        let_nat_gateways_give_back_their_address()
    if service == "ecr":
        let_repositories_be_listed_and_pushed_to()
    if service == "secretsmanager":
        let_secrets_keep_their_labels()
    return app


def let_services_reach_their_count():
    """Gives a new ECS service as many running tasks as it asks for.

    moto gives each service the same number, so that most never become stable.
    """
    from moto.ecs.models import Service

    create = Service.__init__

    def create_and_run(self, *args, **kwargs):
        create(self, *args, **kwargs)
        self.running_count, self.pending_count = self.desired_count, 0
        for deployment in self.deployments:
            deployment["runningCount"], deployment["pendingCount"] = self.desired_count, 0

    Service.__init__ = create_and_run


def let_nat_gateways_give_back_their_address():
    """Frees the elastic IP of a deleted NAT gateway, and deletes its network interface, as AWS does.

    moto leaves it associated, so that no successor could ever have it, and the
    interface in its subnet.
    """
    from moto.ec2.models.nat_gateways import NatGatewayBackend

    delete = NatGatewayBackend.delete_nat_gateway

    def delete_and_free(self, nat_gateway_id):
        gateway = delete(self, nat_gateway_id)
        freed = {address.get("allocationId") for address in gateway.address_set}
        for address in self.addresses:
            if address.allocation_id in freed and address.association_id:
                self.disassociate_address(association_id=address.association_id)
        for address in gateway.address_set:
            self.enis.pop(address.get("networkInterfaceId"), None)
        return gateway

    NatGatewayBackend.delete_nat_gateway = delete_and_free


def let_managed_policies_be_read_once():
    """Reads AWS's managed policies once, and gives them to accounts of the partition `aws` alone.

    moto reads them anew for each account and for each of the partitions, in which it looks for every access key: some
    seconds of each new account.
    """
    from moto.iam import models

    def of_account(self):
        if self.region_name != "aws" or not models.load_iam_aws_managed_policies():
            return []
        made = models.AWSManagedPolicy.from_data
        return [made(name, self.account_id, self.region_name, data) for name, data in managed_policies().items()]

    models.IAMBackend._init_aws_policies = of_account


@functools.cache
def managed_policies():
    from moto.iam import models

    return json.loads(models.aws_managed_policies_data)


def let_modules_be_listed_once():
    """moto looks through its own folders at every call."""
    from moto import backends

    modules = frozenset(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules


def let_repositories_be_listed_and_pushed_to():
    """Lists repositories by their tags, takes the filters of tags that may be moved as the wildcards that they are, and
    calls an image by the digest of its manifest.

    moto leaves repositories out of the tagging API, reads `*-dev` as a regular expression, which it is not, and gives
    images of the same layers the same digest.
    """
    import copy
    import fnmatch
    import hashlib

    from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
    from moto.ecr.models import ECRBackend, Image

    def digest(self):
        self._image_digest = "sha256:" + hashlib.sha256(self.image_manifest.encode()).hexdigest()

    def tagged(self):
        for repository in list(self.repositories.values()):
            tags = self.tagger.get_tag_dict_for_resource(repository.arn)
            yield TaggedResource(arn=repository.arn, tags=tags, resource_type="ecr:repository")

    resolve = ECRBackend._resolve_image_tag_mutability

    def resolve_wildcards(self, repository, tag):
        if tag is None:
            return []
        repository = copy.copy(repository)
        filters = repository.image_tag_mutability_exclusion_filters or []
        filters = [{**one, "filter": fnmatch.translate(one["filter"])} for one in filters]
        repository.image_tag_mutability_exclusion_filters = filters
        return resolve(self, repository, tag)

    if not issubclass(ECRBackend, TaggableResourcesMixin):
        ECRBackend.SERVICE_NAMESPACE, ECRBackend.iter_tagged_resources = "ecr", tagged
        ECRBackend.__bases__ += (TaggableResourcesMixin,)
        ECRBackend._resolve_image_tag_mutability, Image._create_digest = resolve_wildcards, digest


def let_secrets_keep_their_labels():
    """Moves the labels of a secret's versions as AWS does, keeps the keys of replicas, and has one in a region.

    moto takes another version for the current one after AWSCURRENT was moved by hand, so that two have it in the end,
    takes every label from a version that is current no longer, forgets the key that a replica was to have, and makes a
    second replica in a region that has one.
    """
    from moto.secretsmanager.models import FakeSecret, ReplicaSecret, SecretsManagerBackend

    default = SecretsManagerBackend.DEFAULT_KMS_KEY_ALIAS

    def current(self):
        return next((id for id, version in self.versions.items() if "AWSCURRENT" in version["version_stages"]), None)

    def make_current(self, version, id):
        before = self.default_version_id
        self.versions[id] = version
        moved = {*version["version_stages"], "AWSCURRENT", "AWSPREVIOUS"}
        for other in self.versions.values():
            if other is not version:
                other["version_stages"] = [label for label in other["version_stages"] if label not in moved]
        if before not in (None, id):
            self.versions[before]["version_stages"].append("AWSPREVIOUS")

    create, describe = FakeSecret.create_replicas, ReplicaSecret.to_dict

    def create_with_keys(self, replica_regions, force_overwrite):
        there = {replica.config["Region"] for replica in getattr(self, "replicas", [])}
        replica_regions = [asked for asked in replica_regions or [] if asked["Region"] not in there]
        replicas = create(self, replica_regions, force_overwrite)
        for asked, replica in zip(replica_regions, replicas):
            replica.config["KmsKeyId"] = asked.get("KmsKeyId") or default
        return replicas

    def describe_with_key(self):
        key = self.config["KmsKeyId"]
        return {**describe(self), "KmsKeyId": None if key == default else key}

    FakeSecret.default_version_id = property(current, lambda self, _: None)
    FakeSecret.reset_default_version = make_current
    FakeSecret.create_replicas, ReplicaSecret.to_dict = create_with_keys, describe_with_key


def change_account(body):
    """Does to an account of the organization what moto has no operation for.

    {"op": "join", "management", "id", "name", "email", "tags"} or {"op": "rename", "management", "id", "name"}.
    """
    from moto.organizations.models import FakeAccount, organizations_backends

    change = json.loads(body)
    backend = organizations_backends[change["management"]]["aws"]
    if change["op"] == "rename":
        backend.get_account_by_id(change["id"]).name = change["name"]
        return b"{}"
    tags = [{"Key": key, "Value": value} for key, value in change["tags"].items()]
    # moto gives each new account the role that enters it: one of nobody's account, here.
    account = FakeAccount(backend.org, AccountName=change["name"], Email=change["email"], Tags=tags)
    account.id, account.joined_method = change["id"], "INVITED"
    backend.accounts.append(account)
    backend.attach_policy(PolicyId="p-FullAWSAccess", TargetId=account.id)
    organizations_backends.master_accounts[account.id] = (change["management"], "aws")
    return b"{}"
