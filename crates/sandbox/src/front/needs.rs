//! What whoever makes a call has to be allowed: the actions of the service authorization reference, which are not always
//! called as the operations are, and the objects that they are about.

mod autoscaling;
mod codedeploy;
mod ecr;
mod ecs;
mod elasticloadbalancing;
mod kms;
mod rds;
mod route53;
mod s3;
mod secretsmanager;
mod servicediscovery;

use policy::{Context, Key};

use super::call::{Call, Parameters, Request};

/// An action that has to be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Such as `ec2:CreateVpc`.
    pub action: String,
    /// The object's ARN, where the call says it, else `*`: then a statement has to be about all objects.
    pub resource: String,
    /// Condition keys that this need has beside the call's own.
    pub context: Context,
}

impl Need {
    pub(crate) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), context: Context::default() }
    }

    pub(crate) fn with(mut self, key: &str, value: Option<&str>) -> Self {
        self.set(key, value.map(str::to_owned).into_iter().collect());
        self
    }

    /// Sets a condition key that has values.
    pub(crate) fn set(&mut self, key: &str, values: Vec<String>) {
        if !values.is_empty() {
            self.context.set(Key::new(key), values);
        }
    }
}

/// Operations whose action is called otherwise (service authorization reference, "Amazon S3").
const RENAMED: [(&str, &str); 12] = [
    ("s3.DeleteBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
    ("s3.DeleteObjects", "s3:DeleteObject"),
    ("s3.GetBucketEncryption", "s3:GetEncryptionConfiguration"),
    ("s3.GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
    ("s3.ListBuckets", "s3:ListAllMyBuckets"),
    ("s3.ListObjectVersions", "s3:ListBucketVersions"),
    ("s3.ListObjectsV2", "s3:ListBucket"),
    ("s3.PutBucketEncryption", "s3:PutEncryptionConfiguration"),
    ("s3.PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
    ("s3control.DeletePublicAccessBlock", "s3:PutAccountPublicAccessBlock"),
    ("s3control.GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"),
    ("s3control.PutPublicAccessBlock", "s3:PutAccountPublicAccessBlock"),
];

/// Actions that an operation needs when it sets tags ("Actions, resources, and condition keys" of each service).
const TAGGING: [(&str, &str); 26] = [
    ("access-analyzer.CreateAnalyzer", "access-analyzer:TagResource"),
    ("acm.RequestCertificate", "acm:AddTagsToCertificate"),
    ("application-autoscaling.RegisterScalableTarget", "application-autoscaling:TagResource"),
    ("budgets.CreateBudget", "budgets:TagResource"),
    ("codedeploy.CreateApplication", "codedeploy:TagResource"),
    ("codedeploy.CreateDeploymentGroup", "codedeploy:TagResource"),
    ("ecr.CreateRepository", "ecr:TagResource"),
    ("elasticloadbalancing.CreateListener", "elasticloadbalancing:AddTags"),
    ("elasticloadbalancing.CreateLoadBalancer", "elasticloadbalancing:AddTags"),
    ("elasticloadbalancing.CreateRule", "elasticloadbalancing:AddTags"),
    ("elasticloadbalancing.CreateTargetGroup", "elasticloadbalancing:AddTags"),
    ("ecs.CreateCluster", "ecs:TagResource"),
    ("ecs.CreateService", "ecs:TagResource"),
    ("ecs.RegisterTaskDefinition", "ecs:TagResource"),
    ("iam.CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider"),
    ("iam.CreatePolicy", "iam:TagPolicy"),
    ("iam.CreateRole", "iam:TagRole"),
    ("kms.CreateKey", "kms:TagResource"),
    ("logs.CreateLogGroup", "logs:TagResource"),
    ("rds.CreateDBInstance", "rds:AddTagsToResource"),
    ("rds.CreateDBParameterGroup", "rds:AddTagsToResource"),
    ("rds.CreateDBSubnetGroup", "rds:AddTagsToResource"),
    ("secretsmanager.CreateSecret", "secretsmanager:TagResource"),
    ("servicediscovery.CreateHttpNamespace", "servicediscovery:TagResource"),
    ("servicediscovery.CreatePrivateDnsNamespace", "servicediscovery:TagResource"),
    ("servicediscovery.CreateService", "servicediscovery:TagResource"),
];

/// Calls that make a service-linked role when the account has none, with the service that it is for and its name.
const LINKED: [(&str, &str, &str); 8] = [
    ("rds.CreateDBSubnetGroup", "rds.amazonaws.com", "AWSServiceRoleForRDS"),
    ("access-analyzer.CreateAnalyzer", "access-analyzer.amazonaws.com", "AWSServiceRoleForAccessAnalyzer"),
    // Application Auto Scaling user guide, "Service-linked roles".
    (
        "application-autoscaling.RegisterScalableTarget",
        "ecs.application-autoscaling.amazonaws.com",
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
    ),
    (
        "elasticloadbalancing.CreateLoadBalancer",
        "elasticloadbalancing.amazonaws.com",
        "AWSServiceRoleForElasticLoadBalancing",
    ),
    // ECR user guide, "Amazon ECR service-linked role for replication".
    ("ecr.PutReplicationConfiguration", "replication.ecr.amazonaws.com", "AWSServiceRoleForECRReplication"),
    // ECS developer guide, "Using service-linked roles for Amazon ECS": when a cluster or service is made.
    ("ecs.CreateCluster", "ecs.amazonaws.com", "AWSServiceRoleForECS"),
    ("ecs.CreateService", "ecs.amazonaws.com", "AWSServiceRoleForECS"),
    // RDS user guide, "Using service-linked roles for Amazon RDS".
    ("rds.CreateDBInstance", "rds.amazonaws.com", "AWSServiceRoleForRDS"),
];

/// All that a call needs, as far as the call itself says it. Who one is may be asked by everybody.
pub(crate) fn needs(request: &Request) -> Vec<Need> {
    let call = &request.call;
    if call.service == "sts" {
        return Vec::new();
    }
    let name = format!("{}.{}", call.service, call.operation);
    let of = |table: &[(&'static str, &'static str)]| {
        table.iter().find(|(operation, _)| *operation == name).map(|(_, other)| *other)
    };
    let action = of(&RENAMED).map_or_else(|| action(call), str::to_owned);
    let boundary = request.parameters.text("PermissionsBoundary");
    let about = |action: &str| objects(request, action).into_iter().map(|object| Need::new(action, object)).collect();
    let mut needs: Vec<Need> = about(&action);
    needs = needs.into_iter().map(|need| need.with("iam:PermissionsBoundary", boundary)).collect();
    if has_tags(&request.parameters) {
        needs.extend(of(&TAGGING).map(about).unwrap_or_default());
        if call.service == "ec2" && call.operation != "CreateTags" {
            needs.push(Need::new("ec2:CreateTags", "*"));
        }
    }
    if let Some((_, service, role)) = LINKED.iter().find(|(operation, ..)| *operation == name) {
        let role = format!("arn:aws:iam::{}:role/aws-service-role/{service}/{role}", call.account);
        needs.push(Need::new("iam:CreateServiceLinkedRole", role).with("iam:AWSServiceName", Some(service)));
    }
    if let Some(role) = request.parameters.text("DeliverLogsPermissionArn") {
        needs.push(Need::new("iam:PassRole", role).with("iam:PassedToService", Some("vpc-flow-logs.amazonaws.com")));
    }
    match call.service.as_str() {
        "application-autoscaling" => autoscaling::complete(request, &mut needs),
        "ec2" if has_private_names(&request.parameters) => {
            needs.push(Need::new("route53:AssociateVPCWithHostedZone", "*"));
        }
        "codedeploy" => needs.extend(codedeploy::beside(request)),
        "ecs" => needs.extend(ecs::passed(request)),
        "elasticloadbalancing" => needs.extend(elasticloadbalancing::beside(request)),
        "rds" => rds::complete(request, &mut needs),
        "s3" => s3::complete(request, &mut needs),
        "secretsmanager" => secretsmanager::complete(request, &mut needs),
        "servicediscovery" => needs.extend(servicediscovery::beside(request)),
        _ => {}
    }
    needs
}

fn action(call: &Call) -> String {
    let Call { service, operation, .. } = call;
    let is_read = ["Describe", "Get", "List"].iter().any(|verb| operation.starts_with(verb));
    match service.as_str() {
        // Service authorization reference, "AWS Budget Service": budgets have one action to read and one to change.
        "budgets" if !operation.ends_with("Resource") => {
            let action = if is_read { "ViewBudget" } else { "ModifyBudget" };
            format!("budgets:{action}")
        }
        "tagging" => format!("tag:{operation}"),
        service => format!("{service}:{operation}"),
    }
}

/// Whether a VPC endpoint is to be found by its service's own name (service authorization reference, "Amazon EC2",
/// `CreateVpcEndpoint`, "Dependent actions").
fn has_private_names(parameters: &Parameters) -> bool {
    parameters.text("PrivateDnsEnabled") == Some("true")
}

fn has_tags(parameters: &Parameters) -> bool {
    let is_tag = |name: &str| {
        ["Tags.member.", "Tags.Tag.", "TagSpecification.1.Tag.", "tags."].iter().any(|prefix| name.starts_with(prefix))
    };
    let json = parameters.json().unwrap_or_default();
    let lists = ["tags", "Tags", "ResourceTags"].map(|name| &json[name]);
    let in_json = lists.iter().any(|tags| tags.as_array().is_some_and(|tags| !tags.is_empty()) || tags.is_object());
    in_json || parameters.texts().iter().any(|(name, _)| is_tag(name))
}

/// The ARNs of what a call is about, where policies name it.
fn objects(request: &Request, action: &str) -> Vec<String> {
    match request.call.service.as_str() {
        "codedeploy" => vec![codedeploy::object(request, action)],
        "ecr" => ecr::objects(request),
        "ecs" => ecs::objects(request, action),
        "elasticloadbalancing" => vec![elasticloadbalancing::object(request, action)],
        "kms" => kms::objects(request, action),
        "rds" => rds::objects(request, action),
        "route53" => route53::objects(request),
        "s3" => vec![s3::object(request)],
        "secretsmanager" => secretsmanager::objects(request),
        "servicediscovery" => vec![servicediscovery::object(request, action)],
        _ => vec![object(request, action)],
    }
}

/// The same of services whose calls are about one object.
fn object(request: &Request, action: &str) -> String {
    let Call { service, operation, account, region, .. } = &request.call;
    let text = |name| request.parameters.text(name);
    match service.as_str() {
        "iam" => {
            let role = text("RoleName").map(|name| format!("arn:aws:iam::{account}:role/{name}"));
            let policy = text("PolicyArn").map(str::to_owned);
            let new = text("PolicyName").map(|name| format!("arn:aws:iam::{account}:policy/{name}"));
            let provider = text("OpenIDConnectProviderArn").map(str::to_owned);
            let url = text("Url").and_then(|url| url.strip_prefix("https://"));
            let new_provider = url.map(|host| format!("arn:aws:iam::{account}:oidc-provider/{host}"));
            role.or(policy).or(new).or(provider).or(new_provider).unwrap_or_else(|| "*".to_owned())
        }
        // But for tags, the ARN of a group ends in `:*` (CloudWatch Logs user guide, "CloudWatch Logs resources and
        // operations").
        "logs" => match text("logGroupName") {
            Some(name) if operation.starts_with("Tag") => format!("arn:aws:logs:{region}:{account}:log-group:{name}"),
            Some(name) => format!("arn:aws:logs:{region}:{account}:log-group:{name}:*"),
            None => "*".to_owned(),
        },
        "application-autoscaling" if operation == "RegisterScalableTarget" => {
            format!("arn:aws:application-autoscaling:{region}:{account}:scalable-target/*")
        }
        // Of tags the path has the whole ARN.
        "access-analyzer" if operation.ends_with("Resource") => text("name").unwrap_or("*").to_owned(),
        "access-analyzer" => match analyzer(request) {
            Some(name) => format!("arn:aws:access-analyzer:{region}:{account}:analyzer/{name}"),
            None => "*".to_owned(),
        },
        "account" => format!("arn:aws:account::{account}:account"),
        // Of a new certificate any, which is what it is tagged as too.
        "acm" if action == "acm:AddTagsToCertificate" && text("CertificateArn").is_none() => {
            format!("arn:aws:acm:{region}:{account}:certificate/*")
        }
        "acm" => text("CertificateArn").unwrap_or("*").to_owned(),
        "budgets" => {
            let json = request.parameters.json().unwrap_or_default();
            let name = json["BudgetName"].as_str().or(json["Budget"]["BudgetName"].as_str());
            format!("arn:aws:budgets::{account}:budget/{}", name.unwrap_or("*"))
        }
        _ => "*".to_owned(),
    }
}

/// The name of an analyzer, in the body or in the path.
fn analyzer(request: &Request) -> Option<String> {
    let in_body = || Some(request.parameters.json()?.get("analyzerName")?.as_str()?.to_owned());
    let path = request.target.split('?').next().unwrap_or_default();
    let in_path = || path.strip_prefix("/analyzer/").map(str::to_owned).filter(|name| !name.is_empty());
    in_path().or_else(in_body)
}
