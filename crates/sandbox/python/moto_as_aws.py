"""moto as AWS does it: where moto is further from AWS than a test or a rehearsal can bear, it is mended here.

Each mend is made once, when the service is loaded. moto is imported late: the tuning comes before it, and it takes a second.
"""

import copy
import functools
import json
import os

import code_deploy

RUNNING = "MOTO_ECS_SERVICE_RUNNING"

# What makes moto pass for AWS within seconds. Set before moto is used, and only where the user has not chosen otherwise.
TUNING = {
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",  # ReadOnlyAccess and the like exist
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",  # 50 ms in each region of each account, and nothing boots from them
    "MOTO_ACM_VALIDATION_WAIT": "1",  # seconds until a certificate is ISSUED
    RUNNING: "1000000",  # enough for any service, see let_services_reach_their_count
}

# The services that orgstrap and its tests use, as moto calls them.
USED = """account acm applicationautoscaling budgets codedeploy ec2 ecr ecs elbv2 iam kms logs organizations rds
resourcegroupstaggingapi route53 s3 s3control secretsmanager servicediscovery servicequotas sts""".split()

# Where botocore has another name for one.
BOTOCORES = {"applicationautoscaling": "application-autoscaling", "servicequotas": "service-quotas"}


def tune():
    for name, value in TUNING.items():
        os.environ.setdefault(name, value)


def application():
    """moto, loading each service when it is first called."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

    let_managed_policies_be_read_once()
    let_modules_be_listed_once()
    let_operations_be_listed_once()
    return DomainDispatcherApplication(create_app)


def loaded():
    """The same with every service that is used, loaded already."""
    tune()  # before moto is imported, which reads most of it once
    from moto.core.utils import get_service_model

    moto = application()
    for service in USED:
        moto.app_instances[service] = create_app(service)
        get_service_model(BOTOCORES.get(service, service))
    managed_policies()
    return moto


def create_app(service):
    from moto.moto_server.werkzeug_app import create_backend_app

    app = create_backend_app(service)
    if service == "acm":
        let_certificates_have_their_algorithm()
    if service == "codedeploy":
        code_deploy.let_deployments_bring_services_out()
    if service == "servicediscovery":
        code_deploy.let_names_be_registered()
    if service == "ecs" and os.environ.get(RUNNING, TUNING[RUNNING]) == TUNING[RUNNING]:
        let_services_reach_their_count()
    if service == "ecs":
        let_services_keep_their_settings()
        code_deploy.let_services_have_task_sets()
        let_tasks_share_their_memory()
    if service == "applicationautoscaling":
        let_autoscaling_know_its_targets()
    if service == "ec2":
        let_nat_gateways_give_back_their_address()
        let_rules_about_groups_be_described()
        let_endpoints_change_their_names()
    if service == "logs":
        let_log_groups_have_keys()
    if service == "organizations":
        let_accounts_have_paths()
    if service == "rds":
        let_databases_keep_their_settings()
        let_parameters_have_sources()
    if service == "ecr":
        let_repositories_be_listed_and_pushed_to()
    if service == "s3":
        let_buckets_be_made_with_tags()
        let_versioning_be_called_so()
    if service == "secretsmanager":
        let_secrets_keep_their_labels()
    return app


def let_certificates_have_their_algorithm():
    """Shows a certificate with the key algorithm that it was requested with, and lists it with its names.

    moto gives each an RSA key of 2048 bits, and lists none of the names but the first.
    """
    from moto.acm.models import CertBundle
    from moto.acm.responses import AWSCertificateManagerResponse

    request, describe = AWSCertificateManagerResponse.request_certificate, CertBundle.describe

    def request_with_algorithm(self):
        answer = request(self)
        certificate = self.acm_backend._certificates[answer.result["CertificateArn"]]
        certificate.wanted_algorithm = self._get_param("KeyAlgorithm") or "RSA_2048"
        return answer

    def describe_with_algorithm(self):
        shown = describe(self)
        of = shown["Certificate"]
        of["KeyAlgorithm"] = getattr(self, "wanted_algorithm", of["KeyAlgorithm"])
        of["SubjectAlternativeNameSummaries"] = of["SubjectAlternativeNames"]
        return shown

    AWSCertificateManagerResponse.request_certificate = request_with_algorithm
    CertBundle.describe = describe_with_algorithm


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


def let_services_keep_their_settings():
    """Keeps of an ECS service what moto forgets: when it was made, how it is deployed and reached, and what its deployment
    runs. A service that is made anew is another one.

    moto drops these parameters of CreateService, and UpdateService changes the service, but not its deployment.
    """
    from moto.core.utils import utcnow
    from moto.ecs.responses import EC2ContainerServiceResponse as Response

    kept = {
        "availabilityZoneRebalancing": "availability_zone_rebalancing",
        "deploymentConfiguration": "deployment_configuration",
        "enableECSManagedTags": "enable_ecs_managed_tags",
        "enableExecuteCommand": "enable_execute_command",
        "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    }
    create, update = Response.create_service, Response.update_service

    def keep(response, service):
        for parameter, attribute in kept.items():
            if (value := response._get_param(parameter)) is not None:
                setattr(service, attribute, value)
        connect = response._get_param("serviceConnectConfiguration")
        for deployment in service.deployments:
            deployment["taskDefinition"] = service.task_definition
            deployment["networkConfiguration"] = service.network_configuration
            deployment["desiredCount"] = service.desired_count
            deployment["runningCount"], deployment["pendingCount"] = service.running_count, service.pending_count
            if connect is not None:
                deployment["serviceConnectConfiguration"] = connect

    def of(response, name):
        cluster = response._get_param("cluster", "default")
        return response.ecs_backend._get_service(cluster, name)

    def create_and_keep(self):
        made = create(self)
        service = of(self, self._get_param("serviceName"))
        service.created_at = utcnow()
        keep(self, service)
        return made

    def update_and_keep(self):
        changed = update(self)
        keep(self, of(self, self._get_param("service")))
        return changed

    Response.create_service, Response.update_service = create_and_keep, update_and_keep


def let_tasks_share_their_memory():
    """Runs tasks whose containers share what the task has, as those of Fargate do: moto adds up the containers' own."""
    import copy

    from moto.ecs.models import EC2ContainerServiceBackend as Backend

    calculate = Backend._calculate_task_resource_requirements

    def with_shares(task_definition):
        sized = copy.copy(task_definition)
        own = sized.container_definitions
        sized.container_definitions = [one if "memoryReservation" in one else {"memory": 0, **one} for one in own]
        return calculate(sized)

    Backend._calculate_task_resource_requirements = staticmethod(with_shares)


def let_autoscaling_know_its_targets():
    """Refuses policies of what is not a scalable target, deletes those of one that is deregistered, and says that something
    is not there by the code that AWS has for it.

    moto takes and keeps them, and has only ValidationException.
    """
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend as Backend
    from moto.core.exceptions import JsonRESTError

    deregister, delete, put = Backend.deregister_scalable_target, Backend.delete_scaling_policy, Backend.put_scaling_policy

    def known(self, resource_id, dimension):
        if not self._scalable_target_exists(resource_id, dimension):
            message = f"No scalable target registered for resource ID: {resource_id}, scalable dimension: {dimension}"
            raise JsonRESTError("ObjectNotFoundException", message)

    def deregister_with_policies(self, namespace, r_id, dimension):
        known(self, r_id, dimension)
        deregister(self, namespace, r_id, dimension)
        for policy in list(self.policies.values()):
            if (policy.resource_id, policy.scalable_dimension) == (r_id, dimension):
                delete(self, policy.policy_name, policy.service_namespace, r_id, dimension)

    def delete_known(self, policy_name, service_namespace, resource_id, scalable_dimension):
        wanted = (policy_name, resource_id, scalable_dimension)
        policies = self.policies.values()
        if wanted not in [(one.policy_name, one.resource_id, one.scalable_dimension) for one in policies]:
            raise JsonRESTError("ObjectNotFoundException", f"No scaling policy found for policy name: {policy_name}")
        delete(self, policy_name, service_namespace, resource_id, scalable_dimension)

    def put_known(self, policy_name, service_namespace, resource_id, scalable_dimension, *args, **kwargs):
        known(self, resource_id, scalable_dimension)
        return put(self, policy_name, service_namespace, resource_id, scalable_dimension, *args, **kwargs)

    Backend.deregister_scalable_target = deregister_with_policies
    Backend.delete_scaling_policy, Backend.put_scaling_policy = delete_known, put_known


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


def let_rules_about_groups_be_described():
    """Shows the description of a rule whose other end is a security group, and knows the rule again without it.

    moto looks for a description beside addresses alone, and takes two rules for different ones that differ in nothing else.
    """
    from moto.ec2.models.security_groups import SecurityGroupRule

    if isinstance(SecurityGroupRule.__dict__.get("source_group"), property):
        return

    def keep(self, group):
        group = dict(group)
        if "Description" in group:
            self.ip_range = {**self.ip_range, "Description": group.pop("Description")}
        self.__dict__["source_group"] = group

    SecurityGroupRule.source_group = property(lambda self: self.__dict__["source_group"], keep)


def let_endpoints_change_their_names():
    """Changes whether an interface endpoint is found by its service's own name, which moto leaves as it was."""
    from moto.ec2.responses.vpcs import VPCs

    modify = VPCs.modify_vpc_endpoint

    def modify_with_names(self):
        answer = modify(self)
        private = self._get_param("PrivateDnsEnabled")
        if private is not None:
            endpoint = self.ec2_backend.vpc_end_points[self._get_param("VpcEndpointId")]
            endpoint.private_dns_enabled = str(private).lower() == "true"
        return answer

    if modify.__name__ != modify_with_names.__name__:
        VPCs.modify_vpc_endpoint = modify_with_names


def let_log_groups_have_keys():
    """Gives a log group another key, and takes it away, for which moto has no operation."""
    from moto.core.responses import EmptyResult
    from moto.logs.responses import LogsResponse

    def group(self):
        from moto.logs.exceptions import ResourceNotFoundException

        group = self.logs_backend.groups.get(self._get_param("logGroupName"))
        if group is None:
            raise ResourceNotFoundException()
        return group

    def associate(self):
        group(self).kms_key_id = self._get_param("kmsKeyId")
        return EmptyResult()

    def disassociate(self):
        group(self).kms_key_id = None
        return EmptyResult()

    LogsResponse.associate_kms_key, LogsResponse.disassociate_kms_key = associate, disassociate


def let_databases_keep_their_settings():
    """Shows whether Performance Insights is on, which moto forgets, keeps a subnet group that is changed, which it loses,
    puts the master user's name into the secret that is kept for it, takes a change of the exported logs twice, which breaks
    moto, and takes the first backup of a second database of that name within a minute, which moto refuses.
    """
    import secrets

    from moto.rds.models import DBInstance, MasterUserSecret, RDSBackend

    if isinstance(DBInstance.__dict__.get("performance_insights_enabled"), property):
        return
    create, modify = DBInstance.__init__, RDSBackend.modify_db_subnet_group

    class Exports(list):
        def remove(self, log):
            if log in self:
                super().remove(log)

        def extend(self, logs):
            super().extend(log for log in logs if log not in self)

    def create_with_insights(self, *args, **kwargs):
        create(self, *args, **kwargs)
        self.enabled_cloudwatch_logs_exports = Exports(self.enabled_cloudwatch_logs_exports)
        self.enable_performance_insights = kwargs.get("enable_performance_insights") or False

    first_backup = RDSBackend.create_auto_snapshot

    def create_auto_snapshot(self, name, snapshot):
        self.database_snapshots.pop(snapshot, None)
        return first_backup(self, name, snapshot)

    def modify_and_keep(self, subnet_name, description, subnets):
        group = self.subnet_groups[subnet_name] = modify(self, subnet_name, description, subnets)
        return group

    def credentials(self):
        return json.dumps({"username": self.resource.master_username, "password": secrets.token_urlsafe(21)})

    DBInstance.__init__, RDSBackend.modify_db_subnet_group = create_with_insights, modify_and_keep
    RDSBackend.create_auto_snapshot = create_auto_snapshot
    MasterUserSecret._generate_secret_string = credentials
    DBInstance.performance_insights_enabled = property(lambda self: self.enable_performance_insights)


# What some of them are in their families, where nobody sets them.
DEFAULTS = {"rds.force_ssl": "1"}

# Some parameters of the engines, and whether they change without a restart (RDS user guide, "Working with parameters on
# your RDS for PostgreSQL DB instance", and "Parameters for MySQL").
PARAMETERS = {
    "postgres": {
        "autovacuum_max_workers": "static",
        "idle_in_transaction_session_timeout": "dynamic",
        "log_connections": "dynamic",
        "log_disconnections": "dynamic",
        "log_lock_waits": "dynamic",
        "log_min_duration_statement": "dynamic",
        "log_statement": "dynamic",
        "max_connections": "static",
        "rds.force_ssl": "dynamic",
        "rds.logical_replication": "static",
        "shared_buffers": "static",
        "shared_preload_libraries": "static",
        "statement_timeout": "dynamic",
        "work_mem": "dynamic",
    },
    "mysql": {
        "character_set_server": "dynamic",
        "collation_server": "dynamic",
        "general_log": "dynamic",
        "innodb_buffer_pool_size": "dynamic",
        "log_output": "dynamic",
        "long_query_time": "dynamic",
        "max_connections": "dynamic",
        "performance_schema": "static",
        "require_secure_transport": "dynamic",
        "slow_query_log": "dynamic",
        "time_zone": "dynamic",
    },
}


def let_parameters_have_sources():
    """Lists the parameters of a group's family, tells those apart that somebody set, takes them back, and refuses those
    that there are not, and a static one that is to change without a restart.

    moto lists those alone that were set, and resets none.
    """
    from moto.core.responses import ActionResult
    from moto.rds.exceptions import DBParameterGroupNotFoundError, RDSClientError
    from moto.rds.responses import RDSResponse as Response

    modify = Response.modify_db_parameter_group

    def group(self):
        name = self.params.get("DBParameterGroupName")
        groups = self.backend.db_parameter_groups
        if name not in groups:
            raise DBParameterGroupNotFoundError(name)
        return groups[name]

    def known(of):
        return next((all for engine, all in PARAMETERS.items() if of.family.startswith(engine)), {})

    def check(self):
        of = group(self)
        for parameter in self.params.get("Parameters", []):
            name, method = parameter["ParameterName"], parameter.get("ApplyMethod")
            kind = known(of).get(name)
            if kind is None:
                raise RDSClientError("InvalidParameterValue", f"Could not find parameter with name: {name}")
            if kind == "static" and method == "immediate":
                message = "cannot use immediate apply method for static parameter"
                raise RDSClientError("InvalidParameterCombination", message)
        return of

    def describe(self):
        of, source = group(self), self.params.get("Source")
        all = []
        for name, kind in known(of).items():
            own = of.parameters.get(name, {})
            value, default = own.get("ParameterValue"), DEFAULTS.get(name)
            # What is set to the family's own value is not the user's.
            origin = "engine-default" if value in (None, default) else "user"
            method = own.get("ApplyMethod", "pending-reboot")
            one = {"ParameterName": name, "Source": origin, "ApplyType": kind, "ApplyMethod": method, "IsModifiable": True}
            if value is not None or default is not None:
                one["ParameterValue"] = default if value is None else value
            if source in (None, origin):
                all.append(one)
        return ActionResult({"Parameters": all})

    def modify_known(self):
        check(self)
        return modify(self)

    def reset(self):
        of = check(self)
        if str(self.params.get("ResetAllParameters", False)).lower() == "true":
            of.parameters.clear()
        for parameter in self.params.get("Parameters", []):
            of.parameters.pop(parameter["ParameterName"], None)
        return ActionResult({"DBParameterGroupName": of.name})

    if modify.__name__ != modify_known.__name__:
        Response.describe_db_parameters, Response.reset_db_parameter_group = describe, reset
        Response.modify_db_parameter_group = modify_known


def let_managed_policies_be_read_once():
    """Makes AWS's managed policies once, and gives them to accounts of the partition `aws` alone.

    moto makes them anew for each account and for each of the partitions, in which it looks for every access key: some
    seconds of each new account.
    """
    from moto.iam import models

    def of_account(self):
        if self.region_name != "aws" or not models.load_iam_aws_managed_policies():
            return []
        own = [copy.copy(policy) for policy in managed_policies()]
        for policy in own:
            policy.account_id = self.account_id
        return own

    models.IAMBackend._init_aws_policies = of_account


@functools.cache
def managed_policies():
    """To make them takes a tenth of a second, to copy them hardly any: what an account changes is how often each is attached."""
    from moto.iam import models

    all = json.loads(models.aws_managed_policies_data).items()
    return [models.AWSManagedPolicy.from_data(name, "aws", "aws", data) for name, data in all]


def let_modules_be_listed_once():
    """moto looks through its own folders at every call."""
    from moto import backends

    modules = frozenset(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules


def let_operations_be_listed_once():
    """For each call moto lists all that its service can do, which is half of the time that a call of EC2's takes."""
    from moto.core import responses, utils

    responses.method_names_from_class = functools.cache(lambda clazz: frozenset(utils.method_names_from_class(clazz)))


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


def let_buckets_be_made_with_tags():
    """Gives a new bucket the tags that the call has for it, which moto leaves out."""
    import xmltodict
    from moto.s3.responses import S3Response

    put = S3Response._bucket_response_put

    def put_with_tags(self, request, bucket_name, querystring):
        answer = put(self, request, bucket_name, querystring)
        # What sets a part of a bucket that is there says which in the query.
        if not set(querystring) - {"x-id"} and self.body:
            document = xmltodict.parse(self.body, force_list=["Tag"])
            tags = ((document.get("CreateBucketConfiguration") or {}).get("Tags") or {}).get("Tag", [])
            if tags:
                self.backend.put_bucket_tagging(bucket_name, {tag["Key"]: tag["Value"] or "" for tag in tags})
        return answer

    if put.__name__ != put_with_tags.__name__:
        S3Response._bucket_response_put = put_with_tags


def let_versioning_be_called_so():
    """Calls the answer to GetBucketVersioning as S3 does: an SDK that looks takes moto's for none."""
    from moto.s3.responses import S3Response

    get = S3Response.get_bucket_versioning

    def get_versioning(self):
        status, headers, body = get(self)
        return status, headers, body.replace("GetBucketVersioningResponse", "VersioningConfiguration")

    if get.__name__ != get_versioning.__name__:
        S3Response.get_bucket_versioning = get_versioning


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


def let_accounts_have_paths():
    """Shows an account with the units that it is in, which moto leaves out."""
    from moto.organizations.models import FakeAccount, organizations_backends

    describe = FakeAccount.describe

    def describe_with_path(self):
        units = {unit.id: unit for unit in organizations_backends[self.master_account_id]["aws"].ou}
        path, above = f"{self.id}/", self.parent_id
        while above in units:
            path, above = f"{above}/{path}", units[above].parent_id
        return {**describe(self), "Paths": [f"{self.organization_id}/{path}"]}

    FakeAccount.describe = describe_with_path


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
