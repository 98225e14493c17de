//! The policy documents of the roles by which accounts are entered, put together from what each kind declares.

use std::collections::{BTreeMap, BTreeSet};

use aws::resources::{
    Declared, ManagedPolicy, Role, declared, declared_in_common, declared_in_management, declared_of_service,
};
use aws::{AUDITOR, BOUNDARY, DEPLOYER, DEPLOYER_POLICIES, Grant, WORKLOAD_BOUNDARY};
use fleet::{Fleet, LedgerLocation};
use serde_json::{Value, json};

/// The documents of what services may do in an account, beside those that services name.
const WORKLOADS: [&str; 8] = [
    "build",
    "deploy",
    "execution",
    "execution-database",
    "execution-logs",
    "execution-secrets",
    "flow-logs",
    "task-exec",
];

/// Services whose actions the boundary names one by one: with all of IAM or of the account, anything can be had.
const NAMED_ONE_BY_ONE: [&str; 2] = ["iam", "account"];

/// What no document of a workload gives: with these, anything can be had.
const NEVER: [&str; 2] = ["account:*", "organizations:*"];

/// Whom alone a workload may hand a role to: `CodeDeploy` starts tasks, which have roles.
const TASKS: &str = "ecs-tasks.amazonaws.com";

/// What is done to roles only within the boundary of workloads.
const WITHIN_BOUNDARY: [&str; 6] = [
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
];

/// What nobody does with the passwords that RDS manages: it makes and tags them in the name of whoever calls, and that is all
/// (RDS user guide, "Permissions required for Secrets Manager integration").
const OF_DATABASES: [&str; 6] = [
    "secretsmanager:DeleteSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
];

/// The account that a document is for.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) fleet: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) sort: Sort,
}

/// What an account is for: each holds kinds of objects that the others do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Management,
    Common,
    Project,
}

impl Place {
    /// What the kinds of objects declare that the account may hold.
    fn declared(&self) -> Vec<Declared> {
        let [entrance, services, rollouts] = self.declared_of_services();
        [self.declared_first(), entrance, services, rollouts].concat()
    }

    fn declared_first(&self) -> Vec<Declared> {
        let common = if self.sort == Sort::Common { declared_in_common() } else { Vec::new() };
        declared().into_iter().chain(common).collect()
    }

    fn declared_of_services(&self) -> [Vec<Declared>; 3] {
        if self.sort == Sort::Project { declared_of_service() } else { Default::default() }
    }

    fn fill(&self, text: &str) -> String {
        let text = text.replace("{account}", &self.account).replace("{region}", &self.region);
        text.replace("{fleet}", &self.fleet)
    }

    pub(super) fn role(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:role/{}", self.account, Role::name(name))
    }

    fn policy(&self, name: &str) -> String {
        ManagedPolicy::arn(&self.account, name)
    }
}

/// What building an account takes, and no more, but for its services.
pub(super) fn deployer(place: &Place) -> Value {
    building(place, &place.declared_first())
}

/// What building the services of a project takes, in three parts. The policies in a role take 10240 characters together, and
/// each beside it 6144 (IAM user guide, "IAM and AWS STS quotas"), so these are policies of their own.
pub(super) fn deployer_of_services(place: &Place, part: usize) -> Value {
    building(place, &place.declared_of_services()[part])
}

fn building(place: &Place, declared: &[Declared]) -> Value {
    allowing(place, declared.iter().flat_map(|kind| kind.reads.iter().chain(kind.changes)))
}

/// What looking at an account takes.
pub(super) fn auditor(place: &Place) -> Value {
    let all = place.declared();
    allowing(place, all.iter().flat_map(|kind| kind.reads))
}

/// What the two roles may not go beyond, whatever their policies say. It grants nothing by itself. A role that the deployer
/// makes has the boundary of [`workload`], so it cannot be stronger; and nobody within this one can change either, or the
/// roles by which the account is entered.
pub(super) fn boundary(place: &Place) -> Value {
    let all = place.declared();
    let grants = || all.iter().flat_map(|kind: &Declared| kind.reads.iter().chain(kind.changes));
    let services: BTreeSet<&str> = grants().flat_map(|grant| grant.actions).map(|action| service_of(action)).collect();
    let whole = services.iter().filter(|service| !NAMED_ONE_BY_ONE.contains(service));
    let whole: Vec<_> = whole.map(|service| format!("{service}:*")).collect();
    let one_by_one =
        grants().filter(|grant| grant.actions.iter().any(|action| NAMED_ONE_BY_ONE.contains(&service_of(action))));
    let mut statements = vec![json!({"Effect": "Allow", "Action": whole, "Resource": "*"})];
    statements.extend(statements_of(place, one_by_one));
    statements
        .push(json!({"Sid": "OnlyWithinTheBoundary", "Effect": "Deny", "Action": WITHIN_BOUNDARY, "Resource": "*",
        "Condition": {"StringNotEquals": {"iam:PermissionsBoundary": place.policy(WORKLOAD_BOUNDARY)}}}));
    let changes = ["Attach", "Create", "Delete", "Detach", "Put", "Set", "Tag", "Untag", "Update"];
    let changes = changes.map(|verb| format!("iam:{verb}*"));
    let policies = [BOUNDARY, WORKLOAD_BOUNDARY].into_iter().chain(DEPLOYER_POLICIES).map(|name| place.policy(name));
    let way_in: Vec<_> = [DEPLOYER, AUDITOR].map(|name| place.role(name)).into_iter().chain(policies).collect();
    let of_databases = format!("arn:aws:secretsmanager:*:{}:secret:rds!*", place.account);
    statements
        .push(json!({"Sid": "OfDatabasesAlone", "Effect": "Deny", "Action": OF_DATABASES, "Resource": of_databases}));
    statements.push(json!({"Sid": "TheWayInStays", "Effect": "Deny", "Action": changes, "Resource": way_in}));
    document(&statements)
}

/// What no role may go beyond that the deployer makes: the actions of the documents of workloads, and nothing of what roles
/// are made with. On which objects, each role's own document says.
pub(super) fn workload(fleet: &Fleet, account: &fleet::Account) -> Value {
    workload_of(&workload_actions(&documents_of_workloads(fleet, account)))
}

fn documents_of_workloads<'f>(fleet: &'f Fleet, account: &'f fleet::Account) -> Vec<&'f Value> {
    let named = account.services.values().flat_map(|service| service.policies.iter().map(String::as_str));
    WORKLOADS.into_iter().chain(named).filter_map(|name| fleet.documents.get(name)).collect()
}

fn workload_of(actions: &BTreeSet<&str>) -> Value {
    let allow = json!({"Sid": "WhatWorkloadsDo", "Effect": "Allow", "Action": actions, "Resource": "*"});
    let never = json!({"Sid": "NobodyElsesRights", "Effect": "Deny", "Action": NEVER, "Resource": "*"});
    // The key is that of `iam:PassRole` alone: whatever else IAM has is called without it, and so is denied.
    let nothing_of_iam = json!({"Sid": "NoRolesButOfTasks", "Effect": "Deny", "Action": "iam:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"iam:PassedToService": TASKS}}});
    // IAM takes no empty list of actions (IAM user guide, "Grammar of the IAM JSON policy language").
    let statements: Vec<_> =
        (!actions.is_empty()).then_some(allow).into_iter().chain([never, nothing_of_iam]).collect();
    document(&statements)
}

/// What the fleet's own workflows may do: look after the organization, keep the ledger, and enter its accounts. They may not
/// change the role that they have, nor make another.
pub(super) fn workflows(place: &Place, organization: &str, bootstrap: &str, ledger: &LedgerLocation) -> Value {
    let all = declared_in_management();
    let reads = all.iter().flat_map(|kind| kind.reads);
    let is_of_iam = |grant: &&Grant| grant.actions.iter().all(|action| service_of(action) == "iam");
    let changes = all.iter().flat_map(|kind| kind.changes).filter(|grant| !is_of_iam(grant));
    let mut statements = statements_of(place, reads.chain(changes));
    // What cannot be taken back within 90 days is for a person.
    statements.push(json!({"Effect": "Deny", "Action": "organizations:CloseAccount", "Resource": "*"}));
    let roles = [Role::name(DEPLOYER), Role::name(AUDITOR), bootstrap.to_owned()];
    let roles = roles.map(|role| format!("arn:aws:iam::*:role/{role}"));
    statements.push(json!({"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
        "Resource": roles, "Condition": {"StringEquals": {"aws:ResourceOrgID": organization}}}));
    if let LedgerLocation::Bucket { bucket, prefix } = ledger {
        let objects = format!(
            "arn:aws:s3:::{}",
            [bucket.as_str(), prefix, "*"].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
        );
        statements
            .push(json!({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": format!("arn:aws:s3:::{bucket}")}));
        statements.push(json!({"Effect": "Allow", "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], "Resource": objects}));
    }
    document(&statements)
}

/// The actions that the account's own services may be allowed.
fn workload_actions<'d>(documents: &[&'d Value]) -> BTreeSet<&'d str> {
    let statements = documents.iter().flat_map(|document| list(&document["Statement"]));
    let allowing = statements.filter(|statement| statement["Effect"] == "Allow");
    allowing.flat_map(|statement| list(&statement["Action"])).filter_map(Value::as_str).collect()
}

/// One value may stand for a list of one.
fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn service_of(action: &str) -> &str {
    action.split(':').next().unwrap_or_default()
}

fn allowing<'g>(place: &Place, grants: impl Iterator<Item = &'g Grant>) -> Value {
    document(&statements_of(place, grants))
}

pub(super) fn document(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// One statement for all actions on the same objects under the same conditions.
fn statements_of<'g>(place: &Place, grants: impl Iterator<Item = &'g Grant>) -> Vec<Value> {
    type Conditions = BTreeMap<&'static str, BTreeMap<&'static str, String>>;
    let mut statements: BTreeMap<(Vec<String>, Conditions), BTreeSet<&str>> = BTreeMap::new();
    for grant in grants {
        let resources = grant.resources.iter().map(|resource| place.fill(resource)).collect();
        let mut conditions = Conditions::new();
        for (operator, key, value) in grant.conditions {
            conditions.entry(operator).or_default().insert(key, place.fill(value));
        }
        statements.entry((resources, conditions)).or_default().extend(grant.actions);
    }
    let statement = |((resources, conditions), actions): ((Vec<String>, Conditions), BTreeSet<&str>)| {
        let mut statement = json!({"Effect": "Allow", "Action": actions, "Resource": resources});
        if !conditions.is_empty() {
            statement["Condition"] = json!(conditions);
        }
        statement
    };
    statements.into_iter().map(statement).collect()
}

#[cfg(test)]
pub(super) mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use fleet::Documents;
    use policy::{Caller, Context, Decision, Document, Key, Kind, Policies, Request, decide};

    use super::*;

    const ACCOUNT: &str = "111122223333";

    pub(in crate::access) fn place() -> Place {
        place_of(Sort::Common)
    }

    fn place_of(sort: Sort) -> Place {
        Place { fleet: "verb".to_owned(), account: ACCOUNT.to_owned(), region: "us-west-1".to_owned(), sort }
    }

    /// What workloads may do where no file says otherwise.
    fn built_in_workload() -> BTreeSet<String> {
        let documents = Documents::default();
        let documents: Vec<_> = WORKLOADS.iter().filter_map(|name| documents.get(name)).collect();
        assert_eq!(documents.len(), WORKLOADS.len());
        workload_actions(&documents).into_iter().map(str::to_owned).collect()
    }

    pub(in crate::access) fn parsed(value: &Value) -> Document {
        Document::from_value(value).unwrap()
    }

    fn bounding() -> Document {
        parsed(&boundary(&place()))
    }

    pub(in crate::access) fn administrator() -> Document {
        parsed(&document(&[json!({"Effect": "Allow", "Action": "*", "Resource": "*"})]))
    }

    /// Whether one of the two roles, of these policies, may do this.
    fn may(identity: &Document, action: &str, resource: &str, conditions: &[(&str, &str)]) -> bool {
        may_within(&bounding(), identity, action, resource, conditions)
    }

    /// Whether a role of these policies, within this boundary, may do this.
    fn may_within(
        bounding: &Document,
        identity: &Document,
        action: &str,
        resource: &str,
        conditions: &[(&str, &str)],
    ) -> bool {
        let caller = Caller::parse(&format!("arn:aws:iam::{ACCOUNT}:role/orgstrap-any")).unwrap();
        let mut context = Context::default();
        for (key, value) in conditions {
            context.set(Key::new(*key), vec![(*value).to_owned()]);
        }
        let request = Request::new(caller, action, resource, None, context);
        // Without its own policy, nobody may use a key; AWS's leaves it to the account's roles (KMS developer guide,
        // "Default key policy").
        let key_policy = parsed(&document(&[json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}})]));
        let is_key = resource.starts_with("arn:aws:kms:") && resource.contains(":key/");
        let resource = is_key.then_some(&key_policy);
        let policies = Policies { identity: vec![identity], resource, boundary: Some(bounding), ..Policies::default() };
        decide(&request, &policies).decision == Decision::Allow
    }

    #[test]
    fn the_deployer_may_do_what_every_kind_declares() {
        let part = |at: usize| {
            let project = place_of(Sort::Project);
            (project.clone(), declared_of_service()[at].clone(), deployer_of_services(&project, at))
        };
        for (place, kind, deployer) in [
            (place(), place().declared(), deployer(&place())),
            (place_of(Sort::Project), declared(), deployer(&place_of(Sort::Project))),
            part(0),
            part(1),
            part(2),
        ]
        .into_iter()
        .flat_map(|(place, kinds, deployer)| {
            kinds.into_iter().map(move |kind| (place.clone(), kind, parsed(&deployer)))
        }) {
            let bounding = parsed(&boundary(&place));
            for grant in kind.reads.iter().chain(kind.changes) {
                let conditions: Vec<_> =
                    grant.conditions.iter().map(|(_, key, value)| (*key, place.fill(value))).collect();
                let conditions: Vec<_> = conditions.iter().map(|(key, value)| (*key, value.as_str())).collect();
                for (action, resource) in
                    grant.actions.iter().flat_map(|action| grant.resources.iter().map(move |on| (action, on)))
                {
                    let resource = place.fill(resource).replace('*', "x");
                    let is_allowed = may_within(&bounding, &deployer, action, &resource, &conditions);
                    assert!(is_allowed, "{}: {action} on {resource}", kind.kind);
                }
            }
        }
    }

    #[test]
    fn the_auditor_only_reads() {
        let auditor = auditor(&place());
        let reads = ["Describe", "Get", "List", "View"];
        for action in list(&auditor["Statement"]).iter().flat_map(|statement| list(&statement["Action"])) {
            let verb = action.as_str().unwrap().split(':').nth(1).unwrap();
            assert!(reads.iter().any(|read| verb.starts_with(read)), "{action}");
        }
    }

    #[test]
    fn nobody_within_the_boundary_gets_out_of_it() {
        let (all, new) = (administrator(), format!("arn:aws:iam::{ACCOUNT}:role/orgstrap-new"));
        let (inside, own) = (place().policy(WORKLOAD_BOUNDARY), place().policy(BOUNDARY));
        let within = [("iam:PermissionsBoundary", inside.as_str())];
        assert!(may(&all, "iam:CreateRole", &new, &within));
        assert!(may(&all, "iam:PutRolePolicy", &new, &within));
        for action in WITHIN_BOUNDARY {
            assert!(!may(&all, action, &new, &[]), "{action} without a boundary");
            for outside in [own.as_str(), "arn:aws:iam::aws:policy/AdministratorAccess"] {
                let outside = [("iam:PermissionsBoundary", outside)];
                assert!(!may(&all, action, &new, &outside), "{action} within {outside:?}");
            }
            let foreign = format!("arn:aws:iam::{ACCOUNT}:role/OrganizationAccountAccessRole");
            assert!(!may(&all, action, &foreign, &within), "{action} on a role that is not ours");
        }
        for action in [
            "iam:CreateUser",
            "iam:CreateAccessKey",
            "iam:DeleteRolePermissionsBoundary",
            "iam:CreatePolicy",
            "sts:AssumeRole",
            "organizations:LeaveOrganization",
            "account:CloseAccount",
        ] {
            assert!(!may(&all, action, "*", &within), "{action}");
        }
        for role in [DEPLOYER, AUDITOR] {
            for action in ["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:DeleteRole", "iam:TagRole"] {
                assert!(!may(&all, action, &place().role(role), &within), "{action} on {role}");
            }
        }
        for action in ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicy"] {
            for boundary in [&inside, &own] {
                assert!(!may(&all, action, boundary, &within), "{action} on {boundary}");
            }
        }
    }

    /// A role that the deployer makes may have any policy: within its boundary it can what workloads do, and of all else that
    /// the deployer itself can or cannot, nothing.
    #[test]
    fn who_is_made_by_the_deployer_does_what_workloads_do() {
        let workloads = built_in_workload();
        let actions = workloads.iter().map(String::as_str).collect();
        let (all, bounding) = (administrator(), parsed(&workload_of(&actions)));
        let may = |action: &str| may_within(&bounding, &all, action, "*", &[]);
        for action in ["logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        {
            assert!(may(action), "{action}");
        }
        let declared = [place().declared(), declared_of_service().concat()].concat();
        let grants = declared.iter().flat_map(|kind| kind.reads.iter().chain(kind.changes));
        for action in grants.flat_map(|grant| grant.actions).filter(|action| !workloads.contains(**action)) {
            assert!(!may(action), "{action}");
        }
        for action in
            ["ec2:RunInstances", "s3:CreateBucket", "ecs:RunTask", "sts:AssumeRole", "organizations:LeaveOrganization"]
        {
            assert!(!may(action), "{action}");
        }
    }

    /// A document of a fleet that would give everything gives nothing of what roles are made with.
    #[test]
    fn a_wide_document_of_a_workload_is_no_way_out() {
        let bounding = parsed(&workload_of(&BTreeSet::from(["*"])));
        let may = |action: &str| may_within(&bounding, &administrator(), action, "*", &[]);
        assert!(may("logs:PutLogEvents"));
        assert!(!may("iam:CreateUser") && !may("account:CloseAccount") && !may("organizations:LeaveOrganization"));
        let role = format!("arn:aws:iam::{ACCOUNT}:role/orgstrap-web-task");
        let passes =
            |to: &str| may_within(&bounding, &administrator(), "iam:PassRole", &role, &[("iam:PassedToService", to)]);
        assert!(passes(TASKS) && !passes("ec2.amazonaws.com") && !may("iam:PassRole"));
    }

    #[test]
    fn workflows_enter_the_accounts_of_their_organization_and_leave_their_own_role_alone() {
        let (management, organization) = ("999988887777", "o-a1b2c3d4e5");
        let place = Place { account: management.to_owned(), ..place_of(Sort::Management) };
        let ledger = LedgerLocation::Bucket { bucket: "ledgers".to_owned(), prefix: "verb".to_owned() };
        let document = parsed(&workflows(&place, organization, "OrganizationAccountAccessRole", &ledger));
        // Whatever the roles of the accounts ask for themselves, here they let the management account in.
        let trust = parsed(&super::document(&[json!({"Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::{management}:root")}, "Action": "sts:*"})]));
        let may = |action: &str, resource: &str, of: &str| {
            let caller = Caller::parse(&format!("arn:aws:iam::{management}:role/orgstrap-ci")).unwrap();
            let mut context = Context::default();
            context.set(Key::new("aws:ResourceOrgID"), vec![of.to_owned()]);
            let request = Request::new(caller, action, resource, None, context);
            let resource = action.starts_with("sts:").then_some(&trust);
            let policies =
                Policies { identity: vec![&document], boundary: Some(&document), resource, ..Policies::default() };
            decide(&request, &policies).decision == Decision::Allow
        };
        let deployer = format!("arn:aws:iam::{ACCOUNT}:role/orgstrap-deployer");
        for action in ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"] {
            assert!(may(action, &deployer, organization), "{action}");
            assert!(!may(action, &deployer, "o-another"), "{action}");
            assert!(!may(action, &format!("arn:aws:iam::{ACCOUNT}:role/admin"), organization), "{action}");
        }
        assert!(may("organizations:CreateAccount", "*", organization));
        assert!(!may("organizations:CloseAccount", "*", organization));
        assert!(may("s3:PutObject", "arn:aws:s3:::ledgers/verb/runs/1", organization));
        assert!(!may("s3:PutObject", "arn:aws:s3:::ledgers/other/1", organization));
        for action in ["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:CreateRole", "iam:AttachRolePolicy"] {
            assert!(!may(action, &format!("arn:aws:iam::{management}:role/orgstrap-ci"), organization), "{action}");
        }
        assert!(document.size(Kind::Boundary).fits() && document.size(Kind::InlineOfRole).fits());
    }

    /// Fails the test if AWS would refuse the document as this.
    pub(in crate::access) fn is_sound(kind: Kind, value: &Value) {
        let document = parsed(value);
        let size = document.size(kind);
        assert!(size.fits(), "{kind:?}: {size:?}");
        let findings = policy::lint_as(&document, Some(kind));
        let serious: Vec<_> = findings.iter().filter(|finding| finding.severity == policy::Severity::Error).collect();
        assert!(serious.is_empty(), "{kind:?}: {serious:#?}");
    }

    #[test]
    fn the_documents_are_sound_and_small_enough() {
        for place in [place(), place_of(Sort::Project)] {
            for (kind, value) in [
                (Kind::Boundary, boundary(&place)),
                (Kind::InlineOfRole, deployer(&place)),
                (Kind::InlineOfRole, auditor(&place)),
            ] {
                is_sound(kind, &value);
            }
        }
        let actions = built_in_workload();
        is_sound(Kind::Boundary, &workload_of(&actions.iter().map(String::as_str).collect()));
        for part in 0..DEPLOYER_POLICIES.len() {
            is_sound(Kind::Managed, &deployer_of_services(&place_of(Sort::Project), part));
        }
    }
}
