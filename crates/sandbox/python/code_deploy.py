"""CodeDeploy and Cloud Map as far as services of ECS are brought out and found by them: moto keeps a deployment and does
nothing with it.

A deployment of a service makes a second task set beside the first one, moves the listener from the one target group to the
other, and ends the first one (CodeDeploy user guide, "Deployments on an Amazon ECS compute platform"). Both groups stay in
the listener, with the weights 100 and 0 (terraform-provider-aws, issue 28129).
"""

import functools
import json
import threading

# How long the first stage of a deployment takes, in seconds: until requests go to the new tasks. The front says it; moto
# alone has no time to lose.
STAGE = "X-Orgstrap-Stage"

# How many times as long the second one takes, until the old tasks are gone: for the most part it is a wait that is wanted
# (CodeDeploy API reference, `BlueInstanceTerminationOption`).
OLD_STAY = 5

EVENTS = ["BeforeInstall", "Install", "AfterInstall", "BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"]
RUNNING = ("Created", "Queued", "InProgress", "Baking", "Ready")


def let_deployments_bring_services_out():
    """Adds what moto lacks: changing and deleting groups, deleting applications, and what a deployment does."""
    from moto.codedeploy import responses
    from moto.codedeploy.exceptions import ApplicationDoesNotExistException, DeploymentGroupAlreadyExistsException
    from moto.core.exceptions import JsonRESTError
    from moto.core.responses import ActionResult, EmptyResult

    Response = responses.CodeDeployResponse
    if hasattr(Response, "stop_deployment"):
        return

    def delete_application(self):
        backend, name = self.codedeploy_backend, self._get_param("applicationName")
        for group in list(backend.deployment_groups.pop(name, {})):
            backend.tagger.delete_all_tags_for_resource(backend._deployment_group_arn(name, group))
        backend.applications.pop(name, None)
        backend.tagger.delete_all_tags_for_resource(backend._application_arn(name))
        return EmptyResult()

    def delete_deployment_group(self):
        backend, name = self.codedeploy_backend, self._get_param("applicationName")
        if name not in backend.applications:
            raise ApplicationDoesNotExistException(f"No application found for name: {name}")
        group = self._get_param("deploymentGroupName")
        backend.deployment_groups.get(name, {}).pop(group, None)
        backend.tagger.delete_all_tags_for_resource(backend._deployment_group_arn(name, group))
        return ActionResult({"hooksNotCleanedUp": []})

    def update_deployment_group(self):
        backend, name = self.codedeploy_backend, self._get_param("applicationName")
        group = backend.get_deployment_group(name, self._get_param("currentDeploymentGroupName"))
        changed = {
            "autoRollbackConfiguration": "auto_rollback_configuration",
            "blueGreenDeploymentConfiguration": "blue_green_deployment_configuration",
            "deploymentConfigName": "deployment_config_name",
            "deploymentStyle": "deployment_style",
            "ecsServices": "ecs_services",
            "loadBalancerInfo": "load_balancer_info",
            "serviceRoleArn": "service_role_arn",
        }
        for parameter, attribute in changed.items():
            if (value := self._get_param(parameter)) is not None:
                setattr(group, attribute, value)
        new = self._get_param("newDeploymentGroupName")
        if new:
            groups = backend.deployment_groups[name]
            if new in groups:
                raise DeploymentGroupAlreadyExistsException(f"Deployment group name already exists: {new}")
            groups[new] = groups.pop(group.deployment_group_name)
            group.deployment_group_name = new
        return ActionResult({"hooksNotCleanedUp": []})

    def batch_get_deployment_groups(self):
        backend, name = self.codedeploy_backend, self._get_param("applicationName")
        if name not in backend.applications:
            raise ApplicationDoesNotExistException(f"No application found for name: {name}")
        there = backend.deployment_groups.get(name, {})
        found = [there[group] for group in self._get_param("deploymentGroupNames") if group in there]
        return ActionResult({"deploymentGroupsInfo": [responses._deployment_group_info(group) for group in found]})

    create = Response.create_deployment

    def create_deployment(self):
        answer = create(self)
        backend = self.codedeploy_backend
        deployment = backend.deployments[answer.result["deploymentId"]]
        # As AWS has them, and shorter than an id of moto's.
        deployment.deployment_id = "d-" + deployment.deployment_id.replace("-", "")[:9].upper()
        backend.deployments = {one.deployment_id: one for one in backend.deployments.values()}
        Rollout(backend, deployment).begin(float(self.headers.get(STAGE, 0)))
        return ActionResult({"deploymentId": deployment.deployment_id})

    def stop_deployment(self):
        deployment = self.codedeploy_backend.get_deployment(self._get_param("deploymentId"))
        if deployment.status not in RUNNING:
            message = f"Deployment {deployment.deployment_id} is already completed"
            raise JsonRESTError("DeploymentAlreadyCompletedException", message)
        deployment.rollout.stop(self._get_param("autoRollbackEnabled"))
        return ActionResult({"status": "Succeeded", "statusMessage": "No more events will be scheduled."})

    def target(self):
        deployment = self.codedeploy_backend.get_deployment(self._get_param("deploymentId"))
        return {"deploymentTargetType": "ECSTarget", "ecsTarget": deployment.rollout.target()}

    def get_deployment_target(self):
        return ActionResult({"deploymentTarget": target(self)})

    def list_deployment_targets(self):
        return ActionResult({"targetIds": [target(self)["ecsTarget"]["targetId"]]})

    describe = responses._deployment_info

    def deployment_info(deployment):
        shown = describe(deployment)
        shown["errorInformation"] = getattr(deployment, "error_information", None)
        shown["instanceTerminationWaitTimeStarted"] = deployment.rollout.is_over("AllowTraffic")
        return {name: value for name, value in shown.items() if value is not None}

    responses._deployment_info = deployment_info
    for operation in (delete_application, delete_deployment_group, update_deployment_group, batch_get_deployment_groups,
                      create_deployment, stop_deployment, get_deployment_target, list_deployment_targets):  # fmt: skip
        setattr(Response, operation.__name__, operation)


class Rollout:
    """What a deployment does to a service and to its listener."""

    def __init__(self, backend, deployment):
        self.backend, self.deployment, self.lock, self.timer = backend, deployment, threading.RLock(), None
        self.stage, self.green = 0, None
        deployment.rollout = self
        group = deployment.deployment_group
        self.place = group.ecs_services[0]
        [pair] = group.load_balancer_info["targetGroupPairInfoList"]
        self.names = [one["name"] for one in pair["targetGroups"]]
        self.listeners = pair["prodTrafficRoute"]["listenerArns"]

    @property
    def ecs(self):
        from moto.ecs.models import ecs_backends

        return ecs_backends[self.backend.account_id][self.backend.region_name]

    @property
    def service(self):
        return self.ecs.services.get(f"{self.place['clusterName']}:{self.place['serviceName']}")

    def begin(self, seconds):
        import yaml
        from moto.core.utils import utcnow
        from moto.ecs.models import TaskSet

        self.deployment.status, self.deployment.start_time = "InProgress", utcnow()
        [resource] = yaml.safe_load(self.deployment.revision["appSpecContent"]["content"])["Resources"]
        wanted = next(iter(resource.values()))["Properties"]
        service, balancer = self.service, wanted["LoadBalancerInfo"]
        self.blue = primary(service)
        groups = self.groups()
        used = self.blue.load_balancers[0]["targetGroupArn"]
        other = next(arn for arn in groups if arn != used)
        network = wanted.get("NetworkConfiguration", {}).get("AwsvpcConfiguration")
        names = {"Subnets": "subnets", "SecurityGroups": "securityGroups", "AssignPublicIp": "assignPublicIp"}
        network = network and {"awsvpcConfiguration": {names[name]: value for name, value in network.items()}}
        self.green = TaskSet(
            service.name,
            service.cluster_name,
            wanted["TaskDefinition"],
            self.backend.account_id,
            self.backend.region_name,
            external_id=self.deployment.deployment_id,
            network_configuration=network or self.blue.network_configuration,
            load_balancers=[{
                "targetGroupArn": other, "containerName": balancer["ContainerName"], "containerPort": balancer["ContainerPort"],
            }],
            service_registries=self.blue.service_registries,
            launch_type=service.launch_type,
        )  # fmt: skip
        self.green.started_by = "CODE_DEPLOY"
        service.task_sets.append(self.green)
        count(service)
        self.weigh(used, other)
        self.later(seconds, self.shift, seconds)

    def later(self, seconds, work, *arguments):
        if not seconds:
            return work(*arguments)
        self.timer = threading.Timer(seconds, work, arguments)
        self.timer.daemon = True
        self.timer.start()

    def shift(self, seconds):
        """From now on requests go to the new tasks."""
        with self.lock:
            service = self.service
            if self.deployment.status != "InProgress" or service is None or self.green not in service.task_sets:
                return
            self.blue.status, self.green.status = "ACTIVE", "PRIMARY"
            service.task_definition, service.load_balancers = self.green.task_definition, self.green.load_balancers
            service.network_configuration = self.green.network_configuration
            self.weigh(self.green.load_balancers[0]["targetGroupArn"], self.blue.load_balancers[0]["targetGroupArn"])
            self.stage = 1
        self.later(OLD_STAY * seconds, self.end)

    def end(self):
        """The old tasks are gone."""
        with self.lock:
            if self.deployment.status == "InProgress":
                self.remove(self.blue)
                self.close("Succeeded")
                self.stage = 2

    def stop(self, back):
        """Ends the deployment. What has been moved is moved back if that is wanted."""
        with self.lock:
            if self.timer:
                self.timer.cancel()
            used, other = self.blue.load_balancers[0]["targetGroupArn"], self.green.load_balancers[0]["targetGroupArn"]
            service = self.service
            if self.stage == 0 or back:
                if service is not None:
                    self.blue.status = "PRIMARY"
                    service.task_definition, service.load_balancers = self.blue.task_definition, self.blue.load_balancers
                self.remove(self.green)
                self.weigh(used, other)
            self.deployment.error_information = {"code": "MANUAL_STOP", "message": "The deployment was stopped by a user."}
            self.close("Stopped")

    def close(self, status):
        from moto.core.utils import utcnow

        self.deployment.status, self.deployment.complete_time = status, utcnow()

    def remove(self, task_set):
        service = self.service
        if service is not None and task_set in service.task_sets:
            service.task_sets.remove(task_set)
            count(service)

    def balancing(self):
        from moto.elbv2.models import elbv2_backends

        return elbv2_backends[self.backend.account_id][self.backend.region_name]

    def groups(self):
        return [arn for arn, group in self.balancing().target_groups.items() if group.name in self.names]

    def weigh(self, all_of_it, nothing):
        """Gives one of the two groups every request, wherever the listener or one of its rules leads to either."""
        from moto.elbv2.models import FakeAction

        elb = self.balancing()
        listeners = [one for balancer in elb.load_balancers.values() for one in balancer.listeners.values()]
        for listener in (one for one in listeners if one.arn in self.listeners):
            for rule in listener.rules.values():
                named = {arn for action in rule.actions for arn in elb._get_target_group_arns_from(action.data)}
                if not named & {all_of_it, nothing}:
                    continue
                weights = [{"TargetGroupArn": all_of_it, "Weight": 100}, {"TargetGroupArn": nothing, "Weight": 0}]
                rule.actions = [FakeAction({"Type": "forward", "ForwardConfig": {"TargetGroups": weights}})]
                if rule.is_default:
                    listener.default_actions = rule.actions
        for arn in (all_of_it, nothing):
            if arn in elb.target_groups and not elb.target_groups[arn].load_balancer_arns:
                elb.target_groups[arn].load_balancer_arns.extend({one.load_balancer_arn for one in listeners})

    def is_over(self, event):
        return self.stage > 0 or EVENTS.index(event) < EVENTS.index("Install")

    def target(self):
        place = f"{self.place['clusterName']}:{self.place['serviceName']}"
        ends = {"Stopped": "Skipped", "Failed": "Failed"}
        going = lambda event: "InProgress" if event == "Install" else "Pending"
        status = lambda event: "Succeeded" if self.is_over(event) else ends.get(self.deployment.status, going(event))
        sets = [one for one in (self.blue, self.green) if self.service and one in self.service.task_sets]
        return {
            "deploymentId": self.deployment.deployment_id,
            "targetId": place,
            "status": self.deployment.status if self.deployment.status != "Stopped" else "Failed",
            "lifecycleEvents": [{"lifecycleEventName": event, "status": status(event)} for event in EVENTS],
            "taskSetsInfo": [{
                "identifer": one.id, "desiredCount": one.computed_desired_count, "pendingCount": 0,
                "runningCount": one.running_count, "status": one.status, "trafficWeight": 100.0 if one.status == "PRIMARY" else 0.0,
                "taskSetLabel": "Blue" if one is self.blue else "Green",
            } for one in sets],
        }  # fmt: skip


def primary(service):
    return next(one for one in service.task_sets if one.status == "PRIMARY")


def count(service):
    """Each task set runs as many tasks as the service wants (ECS API reference, `TaskSet`, `scale`)."""
    for one in service.task_sets:
        one.computed_desired_count = one.running_count = service.desired_count
        one.pending_count = 0
    service.running_count, service.pending_count = service.desired_count * len(service.task_sets), 0


def let_services_have_task_sets():
    """Gives a service of the controller CODE_DEPLOY the task set that it begins with, and counts its tasks."""
    from moto.ecs.models import EC2ContainerServiceBackend as Backend, TaskSet

    if hasattr(Backend.create_service, "__wrapped__"):
        return
    create, update = Backend.create_service, Backend.update_service

    @functools.wraps(create)
    def create_with_task_set(self, *args, **kwargs):
        service = create(self, *args, **kwargs)
        if service.deployment_controller["type"] == "CODE_DEPLOY":
            first = TaskSet(
                service.name,
                service.cluster_name,
                service.task_definition,
                self.account_id,
                self.region_name,
                network_configuration=service.network_configuration,
                load_balancers=service.load_balancers,
                service_registries=service.service_registries,
                launch_type=service.launch_type,
            )
            first.status, first.started_by = "PRIMARY", "CODE_DEPLOY"
            service.task_sets.append(first)
            count(service)
        return service

    @functools.wraps(update)
    def update_and_count(self, *args, **kwargs):
        service = update(self, *args, **kwargs)
        if service.deployment_controller["type"] == "CODE_DEPLOY":
            count(service)
        return service

    Backend.create_service, Backend.update_service = create_with_task_set, update_and_count


def let_names_be_registered():
    """Has one service of a name in a namespace, lists those of one, deletes what is empty alone, and makes and deletes the
    zone of a namespace.

    moto makes a second one, lists all, deletes whatever there is, calls the zone otherwise and keeps it, and has tags of what is
    gone. It has one namespace for a network, and AWS one of each name.
    """
    from moto.core.exceptions import JsonRESTError
    from moto.moto_api._internal import mock_random
    from moto.route53 import route53_backends
    from moto.servicediscovery.models import Namespace, ServiceDiscoveryBackend as Backend
    from moto.servicediscovery.responses import ServiceDiscoveryResponse as Response

    if hasattr(Backend.create_service, "__wrapped__"):
        return
    create, delete, delete_namespace = Backend.create_service, Backend.delete_service, Backend.delete_namespace

    def zones(self):
        return route53_backends[self.account_id]["aws"]

    def create_private_dns_namespace(self, name, creator_request_id, description, vpc, tags, properties):
        if any((one.name, one.vpc) == (name, vpc) for one in self.namespaces.values()):
            raise JsonRESTError("NamespaceAlreadyExists", f"The namespace {name} exists already.")
        comment = "Created by AWS Cloud Map"
        zone = zones(self).create_hosted_zone(f"{name}.", True, f"{mock_random.uuid4()}", vpc, self.region_name, comment)
        own = {**(properties or {}).get("DnsProperties", {}), "HostedZoneId": zone.resource_id}
        kind = (self.account_id, self.region_name, name, "DNS_PRIVATE")
        namespace = Namespace(*kind, creator_request_id, description, own, {"HttpName": name}, vpc)
        self.namespaces[namespace.id] = namespace
        if tags:
            self.tagger.tag_resource(namespace.arn, tags)
        return self._create_operation("CREATE_NAMESPACE", targets={"NAMESPACE": namespace.id})

    def delete_namespace_and_zone(self, namespace_id):
        namespace = self.get_namespace(namespace_id)
        if any(service.namespace_id == namespace_id for service in self.services.values()):
            raise JsonRESTError("ResourceInUse", "The namespace has services.")
        zones(self).zones.pop(namespace.dns_properties.get("HostedZoneId"), None)
        self.tagger.delete_all_tags_for_resource(namespace.arn)
        return delete_namespace(self, namespace_id)

    @functools.wraps(create)
    def create_once(self, name, namespace_id, *args, **kwargs):
        # An ARN names one too.
        namespace_id = namespace_id.rsplit("/", 1)[-1]
        self.get_namespace(namespace_id)
        if any((one.name, one.namespace_id) == (name, namespace_id) for one in self.services.values()):
            raise JsonRESTError("ServiceAlreadyExists", f"The service {name} exists already.")
        return create(self, name, namespace_id, *args, **kwargs)

    def delete_empty(self, service_id):
        if self.get_service(service_id).instances:
            raise JsonRESTError("ResourceInUse", "The service has instances.")
        self.tagger.delete_all_tags_for_resource(self.services[service_id].arn)
        delete(self, service_id)

    def list_services(self):
        filters = json.loads(self.body or "{}").get("Filters", [])
        wanted = {value for one in filters if one["Name"] == "NAMESPACE_ID" for value in one["Values"]}
        all = self.servicediscovery_backend.list_services()
        return json.dumps({"Services": [one.to_json() for one in all if not wanted or one.namespace_id in wanted]})

    tags_of = Backend.list_tags_for_resource

    def tags_of_what_is_there(self, resource_arn):
        there = [*self.namespaces.values(), *self.services.values()]
        if resource_arn not in {one.arn for one in there}:
            raise JsonRESTError("ResourceNotFoundException", f"Resource not found: {resource_arn}")
        return tags_of(self, resource_arn)

    Backend.create_private_dns_namespace = create_private_dns_namespace
    Backend.list_tags_for_resource = tags_of_what_is_there
    Backend.delete_namespace, Backend.create_service = delete_namespace_and_zone, create_once
    Backend.delete_service, Response.list_services = delete_empty, list_services
