//! The roles of an account's services: by one the service's tasks are started, another is what they do themselves, and where
//! there is a pipeline, by a third its image is built and by a fourth it is brought out. Their policies are the other side of
//! what the common account lets them do.

use std::collections::{BTreeMap, BTreeSet};

use aws::Account;
use aws::resources::{AccountReady, EcrRepository, KmsKey, ManagedPolicy, Member, Role, Secret};
use engine::{Handle, Id, Key, Resource, Scope};
use fleet::{Fleet, RenderError, SecretRef, names};
use serde_json::{Value, json};

use crate::common::Shared;
use crate::rewrites::Rewrites;
use crate::secrets::Secrets;
use crate::templates::Templates;

/// What the roles of an account are made of.
pub(crate) struct Around<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) account: &'a fleet::Account,
    pub(crate) bounded: (Handle<AccountReady>, Handle<ManagedPolicy>),
    pub(crate) shared: &'a Shared,
    pub(crate) secrets: &'a Secrets,
    pub(crate) rewrites: &'a Rewrites,
}

/// The roles that services use, by service.
#[derive(Default)]
pub(crate) struct Roles {
    pub(crate) execution: BTreeMap<String, Handle<Role>>,
    pub(crate) task: BTreeMap<String, Handle<Role>>,
    /// Those by which `CodeDeploy` brings services out.
    pub(crate) deploy: BTreeMap<String, Handle<Role>>,
}

/// The documents of which roles of services are made, beside those that files name.
const DOCUMENTS: [&str; 10] = [
    "build",
    "build-trust",
    "deploy",
    "deploy-trust",
    "execution",
    "execution-database",
    "execution-logs",
    "execution-secrets",
    "execution-trust",
    EXEC,
];

/// What tasks may do in which commands can be executed.
const EXEC: &str = "task-exec";

/// Adds the roles of all services.
pub(crate) fn add(scope: &mut Scope<'_, Account>, around: &Around<'_>) -> Result<Roles, RenderError> {
    let templates = Templates::new(around.fleet, around.account);
    templates.check(&DOCUMENTS)?;
    let mut roles = Roles::default();
    for (name, service) in &around.account.services {
        let own: Vec<&str> = service.policies.iter().map(String::as_str).collect();
        templates.check(&own)?;
        let Some(repository) = around.shared.repositories.get(&service.image).copied() else { continue };
        let execution = execution_role(scope, name, service, repository, &templates, around);
        roles.execution.insert(name.clone(), execution);
        roles.task.insert(name.clone(), task_role(scope, name, service, &templates, around));
        if around.account.pipelines.contains_key(name) {
            build_role(scope, name, repository, &templates, around);
            roles.deploy.insert(name.clone(), deploy_role(scope, name, &templates, around));
        }
    }
    Ok(roles)
}

/// The secrets that a service reads, with the keys that they are encrypted with.
#[derive(Default)]
struct Reads {
    secrets: Vec<Handle<Secret>>,
    keys: Vec<Handle<KmsKey>>,
    regions: BTreeSet<String>,
}

impl Around<'_> {
    fn reads(&self, service: &fleet::Service) -> Reads {
        let mut reads = Reads::default();
        let secrets: BTreeSet<_> = service.secrets.values().collect();
        let (mut own, mut shared) = (false, false);
        for secret in secrets {
            match secret {
                SecretRef::Own(name) => {
                    own = true;
                    reads.secrets.extend(self.secrets.secrets.get(name).copied());
                }
                SecretRef::Shared(name) => {
                    shared = true;
                    reads.secrets.extend(self.shared.secrets.get(name).map(|shared| shared.secret));
                }
            }
        }
        let common = self.fleet.accounts.get(&self.fleet.common);
        for (is_used, key, region) in [
            (own, self.secrets.key, Some(&self.account.region)),
            (shared, self.shared.key, common.map(|common| &common.region)),
        ] {
            if is_used {
                reads.keys.extend(key);
                reads.regions.extend(region.cloned());
            }
        }
        reads
    }
}

fn execution_role(
    scope: &mut Scope<'_, Account>,
    name: &str,
    service: &fleet::Service,
    repository: Handle<EcrRepository>,
    templates: &Templates,
    around: &Around<'_>,
) -> Handle<Role> {
    type Inputs = (Member, Id<ManagedPolicy>, Id<EcrRepository>, Vec<Id<Secret>>, Vec<Id<KmsKey>>);
    let role = names::execution_role(name);
    let Reads { secrets, keys, regions } = around.reads(service);
    let services: Vec<_> = regions.iter().map(|region| format!("secretsmanager.{region}.amazonaws.com")).collect();
    let (node, templates, rewrites) =
        (Key::new(scope.name(), Role::KIND, &*role), templates.clone(), around.rewrites.clone());
    let (member, boundary) = around.bounded;
    let logs = [("service", json!(name))];
    let database = around.account.database.as_ref().filter(|_| service.database);
    let database = database.map(|_| [("database", json!(names::database(&around.account.name)))]);
    scope.add(
        role,
        (member, boundary, repository, secrets, keys),
        move |(member, boundary, repository, secrets, keys): Inputs| {
            let templates = templates.of_account(&member.id.to_string());
            let mut policies = BTreeMap::from([
                ("pull".to_owned(), templates.document("execution", &[("repositories", list(&[repository]))])),
                ("logs".to_owned(), templates.document("execution-logs", &logs)),
            ]);
            if let Some(database) = &database {
                policies.insert("database".to_owned(), templates.document("execution-database", database));
            }
            if !secrets.is_empty() {
                let own = [("secrets", list(&secrets)), ("keys", list(&keys)), ("secret_services", json!(services))];
                policies.insert("secrets".to_owned(), templates.document("execution-secrets", &own));
            }
            Role {
                trust: templates.document("execution-trust", &[]),
                policies: rewrites.documents(&node, policies),
                attached: BTreeSet::new(),
                boundary: Some(boundary),
            }
        },
    )
}

/// What a service may do is said by the documents that its file names.
fn task_role(
    scope: &mut Scope<'_, Account>,
    name: &str,
    service: &fleet::Service,
    templates: &Templates,
    around: &Around<'_>,
) -> Handle<Role> {
    let role = names::task_role(name);
    let database = around.account.database.as_ref().filter(|_| service.database);
    // A task that runs for long reads the password again, since RDS changes it.
    let built_in = service.exec.then_some(EXEC).into_iter().chain(database.map(|_| "execution-database"));
    let documents: Vec<String> = service.policies.iter().cloned().chain(built_in.map(str::to_owned)).collect();
    let own = [("database", json!(names::database(&around.account.name)))];
    let (node, templates, rewrites) =
        (Key::new(scope.name(), Role::KIND, &*role), templates.clone(), around.rewrites.clone());
    scope.add(role, around.bounded, move |(member, boundary): (Member, _)| {
        let templates = templates.of_account(&member.id.to_string());
        let policies = documents.iter().map(|name| (name.clone(), templates.document(name, &own)));
        Role {
            trust: templates.document("execution-trust", &[]),
            policies: rewrites.documents(&node, policies.collect()),
            attached: BTreeSet::new(),
            boundary: Some(boundary),
        }
    })
}

fn build_role(
    scope: &mut Scope<'_, Account>,
    name: &str,
    repository: Handle<EcrRepository>,
    templates: &Templates,
    around: &Around<'_>,
) {
    let role = names::build_role(name);
    let (node, templates, rewrites) =
        (Key::new(scope.name(), Role::KIND, &*role), templates.clone(), around.rewrites.clone());
    let (member, boundary) = around.bounded;
    scope.add(
        role,
        (member, boundary, repository),
        move |(member, boundary, repository): (Member, _, Id<EcrRepository>)| {
            let templates = templates.of_account(&member.id.to_string());
            let push = templates.document("build", &[("repositories", list(&[repository]))]);
            Role {
                trust: templates.document("build-trust", &[]),
                policies: rewrites.documents(&node, BTreeMap::from([("push".to_owned(), push)])),
                attached: BTreeSet::new(),
                boundary: Some(boundary),
            }
        },
    );
}

/// `CodeDeploy`'s own, for this service alone.
fn deploy_role(scope: &mut Scope<'_, Account>, name: &str, templates: &Templates, around: &Around<'_>) -> Handle<Role> {
    let role = names::deploy_role(name);
    let (node, templates, rewrites) =
        (Key::new(scope.name(), Role::KIND, &*role), templates.clone(), around.rewrites.clone());
    let own = [("service", json!(name))];
    scope.add(role, around.bounded, move |(member, boundary): (Member, _)| {
        let templates = templates.of_account(&member.id.to_string());
        let policies = BTreeMap::from([("deploy".to_owned(), templates.document("deploy", &own))]);
        Role {
            trust: templates.document("deploy-trust", &own),
            policies: rewrites.documents(&node, policies),
            attached: BTreeSet::new(),
            boundary: Some(boundary),
        }
    })
}

fn list<R>(ids: &[Id<R>]) -> Value {
    ids.iter().map(ToString::to_string).collect()
}
