"""What runs in an account and what leads there, without what AWS makes up: each object with its tags, and others by name."""


def services_of(member):
    """By kind, as `Member.objects` has them."""
    found = {}
    for part in (balancing_of, names_of, buckets_of, containers_of, rollouts_of, databases_of):
        found.update(part(member))
    return found


def balancing_of(member):
    elb = member.session.client("elbv2")
    balancers = member.all(elb, "describe_load_balancers", "LoadBalancers")
    groups = member.all(elb, "describe_target_groups", "TargetGroups")
    names = {one["TargetGroupArn"]: one["TargetGroupName"] for one in groups}
    listeners = [one for balancer in balancers for one in member.all(elb, "describe_listeners", "Listeners", LoadBalancerArn=balancer["LoadBalancerArn"])]
    rules = [rule for one in listeners for rule in member.all(elb, "describe_rules", "Rules", ListenerArn=one["ListenerArn"]) if not rule["IsDefault"]]

    def tags(arn):
        return elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]

    def attributes(read, **arn):
        # moto gives some of them at one time and not at another.
        ours = ("access_logs.s3.bucket", "access_logs.s3.enabled", "deletion_protection.enabled", "deregistration_delay.timeout_seconds",
                "idle_timeout.timeout_seconds", "routing.http.drop_invalid_header_fields.enabled")
        return {one["Key"]: one["Value"] for one in read(**arn)["Attributes"] if one["Key"] in ours}

    def leads_to(one):
        weighed = one.get("ForwardConfig", {}).get("TargetGroups", [])
        return {names[group["TargetGroupArn"]]: group["Weight"] for group in weighed} or names.get(one.get("TargetGroupArn"))

    def actions(of):
        return [[one["Type"], leads_to(one)] for one in of]

    return {
        "load-balancers": [{
            "Arn": one["LoadBalancerArn"], "Name": one["LoadBalancerName"], "Scheme": one["Scheme"], "Groups": one["SecurityGroups"],
            "Subnets": [zone["SubnetId"] for zone in one["AvailabilityZones"]], "Tags": tags(one["LoadBalancerArn"]),
            "Attributes": attributes(elb.describe_load_balancer_attributes, LoadBalancerArn=one["LoadBalancerArn"]),
        } for one in balancers],
        "target-groups": [{
            "Arn": one["TargetGroupArn"], "Name": one["TargetGroupName"], "Port": one["Port"], "Vpc": one["VpcId"], "Path": one["HealthCheckPath"],
            "Attributes": attributes(elb.describe_target_group_attributes, TargetGroupArn=one["TargetGroupArn"]),
            "Tags": tags(one["TargetGroupArn"]),
        } for one in groups],
        "listeners": [{
            "Arn": one["ListenerArn"], "Port": one["Port"], "Protocol": one["Protocol"], "Policy": one.get("SslPolicy"),
            "Certificates": len(one.get("Certificates", [])), "Actions": actions(one["DefaultActions"]), "Tags": tags(one["ListenerArn"]),
        } for one in listeners],
        "listener-rules": [{
            "Arn": one["RuleArn"], "Priority": one["Priority"], "Actions": actions(one["Actions"]),
            "Conditions": [[condition["Field"], condition.get("Values")] for condition in one["Conditions"]], "Tags": tags(one["RuleArn"]),
        } for one in rules],
    }  # fmt: skip


def names_of(member):
    acm, route53 = member.session.client("acm"), member.session.client("route53")
    zones = member.all(route53, "list_hosted_zones", "HostedZones")
    certificates = [acm.describe_certificate(CertificateArn=one["CertificateArn"])["Certificate"]
                    for one in member.all(acm, "list_certificates", "CertificateSummaryList")]  # fmt: skip

    def tags(zone):
        return route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone.split("/")[-1])["ResourceTagSet"]["Tags"]

    def records(zone):
        sets = member.all(route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone)
        return [[one["Name"], one["Type"], one.get("TTL"), "AliasTarget" in one, len(one.get("ResourceRecords", []))] for one in sets]

    return {
        "hosted-zones": [{"Arn": one["Id"], "Name": one["Name"], "Records": records(one["Id"]), "Tags": tags(one["Id"])} for one in zones],
        "certificates": [{
            "Arn": one["CertificateArn"], "Domain": one["DomainName"], "Names": one["SubjectAlternativeNames"], "Status": one["Status"],
            "Tags": acm.list_tags_for_certificate(CertificateArn=one["CertificateArn"])["Tags"],
        } for one in certificates],
    }  # fmt: skip


def buckets_of(member):
    s3 = member.session.client("s3")
    names = [one["Name"] for one in s3.list_buckets()["Buckets"]]
    return {
        "buckets": [{
            "Arn": name, "Policy": json.loads(s3.get_bucket_policy(Bucket=name)["Policy"]),
            "Public": s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"],
            "Rules": len(s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]), "Tags": s3.get_bucket_tagging(Bucket=name)["TagSet"],
        } for name in names],
    }  # fmt: skip


def containers_of(member):
    ecs, cloud_map = member.session.client("ecs"), member.session.client("servicediscovery")
    scaling = member.session.client("application-autoscaling")
    clusters = member.all(ecs, "list_clusters", "clusterArns")
    services = [one for cluster in clusters for arn in member.all(ecs, "list_services", "serviceArns", cluster=cluster)
                for one in ecs.describe_services(cluster=cluster, services=[arn], include=["TAGS"])["services"]]  # fmt: skip
    families = {arn.rsplit(":", 1)[0] for arn in member.all(ecs, "list_task_definitions", "taskDefinitionArns")}
    tasks = [ecs.describe_task_definition(taskDefinition=family, include=["TAGS"]) for family in families]

    def tags(of):
        return [{"Key": tag["key"], "Value": tag["value"]} for tag in of.get("tags", [])]

    def container(one):
        kept = ("name", "portMappings", "environment", "secrets", "user", "readonlyRootFilesystem", "logConfiguration")
        return {"image": one["image"].split("@")[0], **{name: one.get(name) for name in kept}}

    return {
        "clusters": [{
            "Arn": one["clusterArn"], "Providers": one["capacityProviders"], "Tags": tags(one),
        } for one in ecs.describe_clusters(clusters=clusters, include=["TAGS"])["clusters"]] if clusters else [],
        "services": [{
            "Arn": one["serviceArn"], "Count": one["desiredCount"], "Network": one["networkConfiguration"], "Tags": tags(one),
            "Targets": [[target["containerName"], target["containerPort"]] for target in one["loadBalancers"]],
            "Controller": one["deploymentController"]["type"], "Registries": len(one["serviceRegistries"]),
        } for one in services if one["status"] == "ACTIVE"],
        "task-definitions": [{
            "Arn": one["taskDefinition"]["family"], "Cpu": one["taskDefinition"]["cpu"], "Role": one["taskDefinition"]["executionRoleArn"],
            "Containers": [container(each) for each in one["taskDefinition"]["containerDefinitions"]], "Tags": tags(one),
        } for one in tasks],
        "namespaces": [{
            "Arn": one["Arn"], "Name": one["Name"], "Tags": cloud_map.list_tags_for_resource(ResourceARN=one["Arn"])["Tags"],
        } for one in member.all(cloud_map, "list_namespaces", "Namespaces")],
        "scalable-targets": [{
            "Arn": one["ResourceId"], "Least": one["MinCapacity"], "Most": one["MaxCapacity"],
        } for one in member.all(scaling, "describe_scalable_targets", "ScalableTargets", ServiceNamespace="ecs")],
    }  # fmt: skip


def rollouts_of(member):
    deploy, cloud_map = member.session.client("codedeploy"), member.session.client("servicediscovery")
    place = f"arn:aws:codedeploy:{member.session.region_name}:{member.id}"
    names = member.all(deploy, "list_applications", "applications")
    groups = [deploy.get_deployment_group(applicationName=name, deploymentGroupName=group)["deploymentGroupInfo"] for name in names
              for group in member.all(deploy, "list_deployment_groups", "deploymentGroups", applicationName=name)]  # fmt: skip
    kept = ("deploymentConfigName", "serviceRoleArn", "autoRollbackConfiguration", "deploymentStyle", "blueGreenDeploymentConfiguration", "ecsServices")

    def tags(kind, name):
        return deploy.list_tags_for_resource(ResourceArn=f"{place}:{kind}:{name}")["Tags"]

    return {
        "applications": [{
            "Arn": name, "Platform": deploy.get_application(applicationName=name)["application"]["computePlatform"],
            "Tags": tags("application", name),
        } for name in names],
        "deployment-groups": [{
            "Arn": f"{one['applicationName']}/{one['deploymentGroupName']}", **{name: one[name] for name in kept},
            "Groups": [group["name"] for pair in one["loadBalancerInfo"]["targetGroupPairInfoList"] for group in pair["targetGroups"]],
            "Tags": tags("deploymentgroup", f"{one['applicationName']}/{one['deploymentGroupName']}"),
        } for one in groups],
        "discovery-services": [{
            "Arn": one["Arn"], "Name": one["Name"], "Dns": one["DnsConfig"],
            "Tags": cloud_map.list_tags_for_resource(ResourceARN=one["Arn"])["Tags"],
        } for one in member.all(cloud_map, "list_services", "Services")],
    }  # fmt: skip


def databases_of(member):
    rds = member.session.client("rds")
    kept = ("Engine", "DBInstanceClass", "StorageEncrypted", "DeletionProtection", "MultiAZ", "BackupRetentionPeriod", "PubliclyAccessible")

    def tags(arn):
        return rds.list_tags_for_resource(ResourceName=arn)["TagList"]

    ours = [one for one in member.all(rds, "describe_db_parameter_groups", "DBParameterGroups") if one["DBParameterGroupName"].startswith("orgstrap-")]
    return {
        "databases": [{
            "Arn": one["DBInstanceArn"], **{name: one[name] for name in kept}, "Tags": one.get("TagList", []),
            "Groups": [group["VpcSecurityGroupId"] for group in one["VpcSecurityGroups"]], "Subnets": one["DBSubnetGroup"]["DBSubnetGroupName"],
        } for one in member.all(rds, "describe_db_instances", "DBInstances")],
        "db-subnet-groups": [{
            "Arn": one["DBSubnetGroupArn"], "Subnets": [subnet["SubnetIdentifier"] for subnet in one["Subnets"]], "Tags": tags(one["DBSubnetGroupArn"]),
        } for one in member.all(rds, "describe_db_subnet_groups", "DBSubnetGroups")],
        "db-parameter-groups": [{
            "Arn": one["DBParameterGroupArn"], "Family": one["DBParameterGroupFamily"], "Tags": tags(one["DBParameterGroupArn"]),
        } for one in ours],
    }  # fmt: skip
