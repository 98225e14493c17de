//! A local AWS for one test, and the ways into it.

use std::env;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws::resources::{Member, MemberAccount, Organization};
use aws::{Account, Entry, MANAGEMENT, Options, Sessions};
use boto3::Boto3;
use engine::{Connect, Error, Events, Graph, Id, Key, Plan, Report, Resource, Retry, Run, Scope, Step, Tags};
use sandbox::front::Weather;
use sandbox::{Home, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The scope of the world's account.
pub const SCOPE: &str = "dev";

const FLEET: &str = "verb";
const REGION: &str = "us-west-1";

/// A local AWS with an organization and an account in it. It is gone when it is dropped.
pub struct World {
    outside: Mutex<Boto3>,
    sessions: Arc<Sessions>,
    /// None in a world without an organization.
    account: Option<Id<MemberAccount>>,
    _sandbox: Sandbox,
    _folder: TempDir,
}

impl World {
    /// A world with an organization and an account, made by the graph that makes every account.
    pub async fn new() -> Self {
        let mut world = Self::without_organization().await;
        let graph = world.management(|management| {
            let organization = management.add("main", (), |()| Organization::default());
            management.add(SCOPE, organization, |organization| Self::member(organization, SCOPE));
        });
        let plan = world.settle(&graph).await;
        let account = step(&plan, &Key::new(MANAGEMENT, MemberAccount::KIND, SCOPE)).id.clone().unwrap();
        world.boto3(&format!("enter('{account}')"));
        world.account = Some(Id::new(account));
        world
    }

    /// A world with nothing but a management account.
    pub async fn without_organization() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::from_env(|name| env::var(name).ok()).unwrap().with_state(folder.path());
        let sandbox = sandbox::attach(&home, Weather::default(), &|_| {}).await.unwrap();
        let sessions = Arc::new(Sessions::new(options(sandbox.endpoint())).await);
        let outside = Mutex::new(Boto3::start(python(&home, sandbox.server()), include_str!("outside.py"), &[REGION]));
        Self { outside, sessions, account: None, _sandbox: sandbox, _folder: folder }
    }

    /// The desired state of an account, as the law of accounts begins.
    pub fn member(organization: Id<Organization>, name: &str) -> MemberAccount {
        let (email, role) = (format!("aws+{name}@verb.example"), "OrganizationAccountAccessRole".into());
        MemberAccount { organization, name: name.into(), email, adopt: None, role }
    }

    /// The id of the world's account.
    pub fn account(&self) -> &Id<MemberAccount> {
        self.account.as_ref().expect("the world has an organization")
    }

    /// The sessions of all walks in this world.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// A graph of what `build` adds to the world's account.
    pub fn graph(&self, build: impl FnOnce(&mut Scope<'_, Account>)) -> Graph<Account> {
        self.graph_with(&Tags::new(), build)
    }

    /// The same with tags that the account's file gives to everything in it.
    pub fn graph_with(&self, tags: &Tags, build: impl FnOnce(&mut Scope<'_, Account>)) -> Graph<Account> {
        let (sessions, member) = (Arc::clone(&self.sessions), Member { id: self.account().clone(), young: false });
        let connect = move |()| {
            let (sessions, member) = (Arc::clone(&sessions), member.clone());
            Box::pin(async move { Ok(sessions.enter(SCOPE, &member, REGION).await?.map(Arc::new)) }) as Connect<Account>
        };
        scoped(SCOPE, tags, connect, build)
    }

    /// A graph of what `build` adds to the management account.
    pub fn management(&self, build: impl FnOnce(&mut Scope<'_, Account>)) -> Graph<Account> {
        let sessions = Arc::clone(&self.sessions);
        let connect = move |()| {
            let sessions = Arc::clone(&sessions);
            Box::pin(async move { Ok(Some(Arc::new(sessions.home().await?))) }) as Connect<Account>
        };
        scoped(MANAGEMENT, &Tags::new(), connect, build)
    }

    /// The tags that a node's object has in a graph without others.
    pub fn tags_of(key: &Key) -> Tags {
        aws::ownership(FLEET, key, &Tags::new())
    }

    /// Plans; fails the test if anything could not be looked at.
    pub async fn plan(&self, graph: &Graph<Account>) -> Plan {
        let plan = graph.plan(&run()).await;
        assert!(plan.is_complete(), "{:#?}", plan.failures().collect::<Vec<_>>());
        plan
    }

    /// Plans; gives the one error of what could not be looked at.
    pub async fn refusal(&self, graph: &Graph<Account>) -> Error {
        let plan = graph.plan(&run()).await;
        let mut failures = plan.failures();
        let (_, error) = failures.next().expect("something cannot be looked at");
        assert!(failures.next().is_none(), "one error is enough");
        error.clone()
    }

    /// Converges; fails the test if a node failed.
    pub async fn converge(&self, graph: &Graph<Account>, plan: &Plan) -> Report {
        let report = graph.converge(plan, &run()).await;
        assert!(report.is_success(), "{report:#?}");
        report
    }

    /// Converges; gives the one error that a node failed with.
    pub async fn failure(&self, graph: &Graph<Account>, plan: &Plan) -> Error {
        let report = graph.converge(plan, &run()).await;
        let mut failures = report.failures();
        let (_, error) = failures.next().expect("a node fails");
        assert!(failures.next().is_none(), "one error is enough");
        error.clone()
    }

    /// Plans, deletes what is replaced, converges, and plans again: fails the test unless that plan is empty.
    pub async fn settle(&self, graph: &Graph<Account>) -> Plan {
        let plan = self.plan(graph).await;
        self.delete(graph, &plan, |step| step.action == Some(engine::Action::Replace)).await;
        self.converge(graph, &plan).await;
        let plan = self.plan(graph).await;
        assert!(plan.is_empty(), "not settled: {:#?}", plan.changes().collect::<Vec<_>>());
        plan
    }

    /// Deletes; fails the test if something could not be deleted.
    pub async fn delete(&self, graph: &Graph<Account>, plan: &Plan, doomed: impl Fn(&Step) -> bool) -> Report {
        let report = graph.delete(plan, doomed, &run()).await;
        assert!(report.is_success(), "{report:#?}");
        report
    }

    /// Runs Python with boto3 and the helpers of `outside.py`; gives the value of its last expression.
    #[track_caller]
    pub fn boto3(&self, code: &str) -> Value {
        self.outside.lock().unwrap_or_else(PoisonError::into_inner).ask(code)
    }

    /// The same about one node: `key`, `scope`, `name` and `tags` are its own.
    #[track_caller]
    pub fn boto3_about(&self, key: &Key, tags: &Tags, code: &str) -> Value {
        let (text, tags) = (json!(key), json!(tags));
        let (scope, name) = (json!(key.scope), json!(key.name));
        self.boto3(&format!("key, scope, name, tags = {text}, {scope}, {name}, {tags}\n{code}"))
    }
}

/// The step of a node; fails the test if there is none.
pub fn step<'p>(plan: &'p Plan, key: &Key) -> &'p Step {
    plan.steps().find(|step| step.key == *key).unwrap_or_else(|| panic!("{key} is not in the plan"))
}

fn scoped(
    name: &str,
    tags: &Tags,
    connect: impl Fn(()) -> Connect<Account> + Send + Sync + 'static,
    build: impl FnOnce(&mut Scope<'_, Account>),
) -> Graph<Account> {
    let (mut graph, tags) = (Graph::default(), tags.clone());
    build(&mut graph.scope(name, move |key| aws::ownership(FLEET, key, &tags), (), connect));
    graph
}

fn options(endpoint: String) -> Options {
    let entry = Entry {
        role: "OrganizationAccountAccessRole".into(),
        session_name: "law".into(),
        external_id: None,
        source_identity: None,
        session_tags: Vec::new(),
        duration: Duration::from_hours(1),
    };
    let (fleet, region, sandbox) = (FLEET.into(), REGION.into(), Some(endpoint));
    Options { fleet, region, profile: None, sandbox, entry, parallelism: 8 }
}

/// A run that is told of soon: what has to be repeated here succeeds at once or never.
fn run() -> Run {
    let retry =
        Retry { first: Duration::from_millis(20), longest: Duration::from_millis(100), total: Duration::from_secs(1) };
    Run { retry, ..Run::new(Events::ignored()) }
}

/// Python with boto3, in an environment that leads to this sandbox and nowhere else.
fn python(home: &Home, endpoint: &str) -> Command {
    let mut command = Command::new(home.python());
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    command.envs([
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", sandbox::ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", sandbox::SECRET_ACCESS_KEY),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]);
    command
}
