//! A local AWS for one test, and the ways into it.

use std::any::type_name;
use std::collections::BTreeSet;
use std::env;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws::resources::{self, Member, MemberAccount, Organization};
use aws::{Account, Entry, Losses, MANAGEMENT, Options, Permissions, Sessions, Way};
use boto3::Boto3;
use engine::{
    Action, Connect, Creations, Error, Event, Events, Graph, Id, Key, Plan, Report, Resource, Retry, Run, Scope, Stage,
    Step, Tags,
};
use sandbox::front::{Outcome, Weather};
use sandbox::{Home, Nursery, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::patience::Patience;

/// The scope of the world's account.
pub const SCOPE: &str = "dev";

const FLEET: &str = "verb";
const REGION: &str = "us-west-1";

/// What is needed and no kind declares: boundaries are changed by the bootstrap role, which may do everything, and a few tests make
/// and ask for what no kind does.
const NOBODY_DECLARES: [&str; 8] = [
    "budgets:ListTagsForResource",
    "ecs:RunTask",
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:ListPolicyVersions",
    "iam:TagPolicy",
];

/// What is made is not seen by up to three calls of each operation, what is changed or deleted reads back as it was, and
/// states take a while. Those of NAT gateways have a test of their own: the SDK's waiters look at them every 15 seconds.
const WEATHER: &str = "stale=3/1500ms, pending=300ms, \
                       ec2.CreateNatGateway:pending=0ms, ec2.DeleteNatGateway:pending=0ms";

/// A local AWS with an organization and an account in it. It is gone when it is dropped.
pub struct World {
    outside: Mutex<Boto3>,
    sessions: Arc<Sessions>,
    /// None in a world without an organization.
    account: Option<Id<MemberAccount>>,
    /// What was begun to be made; the ledger's part in the program.
    creations: Creations,
    weather: Weather,
    sandbox: Sandbox,
    _folder: TempDir,
}

impl World {
    /// A world with an organization and an account, made by the graph that makes every account, in fair weather.
    pub async fn new() -> Self {
        let mut world = Self::without_organization().await;
        world.set_weather(Weather::default());
        let graph = world.management(|management| {
            let organization = management.add("main", (), |()| Organization::default());
            management.add(SCOPE, organization, |organization| Self::member(organization, SCOPE));
        });
        let plan = world.settle(&graph).await;
        let account = step(&plan, &Key::new(MANAGEMENT, MemberAccount::KIND, SCOPE)).id.clone().unwrap();
        world.boto3(&format!("enter('{account}')"));
        world.account = Some(Id::new(account));
        world.set_weather(world.weather.clone());
        world
    }

    /// A world with nothing but a management account.
    pub async fn without_organization() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::from_env(|name| env::var(name).ok()).unwrap().with_state(folder.path());
        let weather = weather();
        let home = Nursery::shared(&home).await.unwrap();
        let sandbox = sandbox::attach(&home, weather.clone(), &|_| {}).await.unwrap();
        let sessions = Arc::new(Sessions::new(options(sandbox.endpoint())).await);
        let outside = Mutex::new(Boto3::start(
            python(&home, sandbox.server()),
            include_str!("outside.py"),
            &[REGION, &sandbox.endpoint()],
        ));
        Self { outside, sessions, account: None, creations: Creations::default(), weather, sandbox, _folder: folder }
    }

    /// As if another process went on: what the runs before it have done is known from AWS alone.
    pub fn restart(&mut self) {
        self.creations = Creations::default();
    }

    /// From now on deletions may go so far.
    pub async fn may_lose(&mut self, losses: Losses) {
        let options = Options { losses, ..options(self.sandbox.endpoint()) };
        self.sessions = Arc::new(Sessions::new(options).await);
    }

    /// Another weather from now on.
    pub fn set_weather(&self, weather: Weather) {
        self.sandbox.front().set_weather(weather);
    }

    /// Does something in fair weather: what counts calls.
    pub async fn in_fair_weather<T>(&self, work: impl Future<Output = T>) -> T {
        self.set_weather(Weather::default());
        let done = work.await;
        self.set_weather(self.weather.clone());
        done
    }

    /// The desired state of an account, as the law of accounts begins.
    pub fn member(organization: Id<Organization>, name: &str) -> MemberAccount {
        let (email, role) = (format!("aws+{name}@verb.example"), "OrganizationAccountAccessRole".into());
        MemberAccount { organization, name: Some(name.into()), email, unit: None, adopt: None, role }
    }

    /// The id of the world's account.
    pub fn account(&self) -> &Id<MemberAccount> {
        self.account.as_ref().expect("the world has an organization")
    }

    /// The sessions of all walks in this world.
    pub fn sessions(&self) -> &Arc<Sessions> {
        &self.sessions
    }

    /// The world's account, as a command that only looks enters it.
    pub async fn enter(&self) -> Account {
        let member = Member { id: self.account().clone(), young: false };
        self.sessions.enter(SCOPE, &member, REGION).await.unwrap().expect("the account exists")
    }

    /// How many calls of this operation have been answered so far.
    pub fn answered(&self, operation: &str) -> usize {
        self.sandbox.calls().named(operation).only(|recorded| recorded.outcome == Outcome::Done).count()
    }

    /// Fails the test if a kind declares an action that no call in the world's account has needed so far, or if a call has
    /// needed one that no kind declares. (That the kind itself declares it is seen end to end, where accounts are entered by
    /// roles that may do what is declared and nothing else.)
    pub fn needed_all_declared_by<P: Permissions>(&self) {
        let account = self.account().known().unwrap_or_default();
        let calls = self.sandbox.calls().of(account);
        let needed: BTreeSet<_> = calls.iter().flat_map(|recorded| &recorded.needs).map(|need| &need.action).collect();
        let declared = P::READS.iter().chain(P::CHANGES).flat_map(|grant| grant.actions);
        let unused: BTreeSet<_> = declared.filter(|action| !needed.contains(&(**action).to_owned())).collect();
        assert!(unused.is_empty(), "no call needed what {} declares: {unused:?}", type_name::<P>());
        let of_accounts = resources::declared().into_iter().chain(resources::declared_in_common());
        let all = of_accounts
            .chain(resources::declared_of_service().into_iter().flatten())
            .chain(resources::declared_in_management());
        let all: BTreeSet<_> =
            all.flat_map(|kind| kind.reads.iter().chain(kind.changes)).flat_map(|grant| grant.actions).collect();
        let is_declared = |action: &str| all.contains(&action) || NOBODY_DECLARES.contains(&action);
        let undeclared: BTreeSet<_> = needed.iter().filter(|action| !is_declared(action)).collect();
        assert!(undeclared.is_empty(), "no kind declares what was needed: {undeclared:?}");
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
        let plan = graph.plan(&self.run()).await;
        assert!(plan.is_complete(), "{:#?}", plan.failures().collect::<Vec<_>>());
        plan
    }

    /// Plans until the plan is as it should be; fails the test if it never is.
    pub async fn plan_until(&self, graph: &Graph<Account>, what: &str, is_so: impl Fn(&Plan) -> bool) -> Plan {
        let mut patience = Patience::new();
        loop {
            let plan = self.plan(graph).await;
            if is_so(&plan) {
                return plan;
            }
            assert!(patience.lasts().await, "never {what}; the last plan: {:#?}", plan.changes().collect::<Vec<_>>());
        }
    }

    /// Plans until the node's step has this action.
    pub async fn planned(&self, graph: &Graph<Account>, key: &Key, action: Action) -> Plan {
        self.plan_until(graph, &format!("{action:?} of {key}"), |plan| step(plan, key).action == Some(action)).await
    }

    /// Plans until the plan is empty.
    pub async fn in_sync(&self, graph: &Graph<Account>) -> Plan {
        self.plan_until(graph, "in sync", Plan::is_empty).await
    }

    /// Plans until something cannot be looked at; gives the one error.
    pub async fn refusal(&self, graph: &Graph<Account>) -> Error {
        let mut patience = Patience::new();
        loop {
            let plan = graph.plan(&self.run()).await;
            let mut failures = plan.failures();
            if let Some((_, error)) = failures.next() {
                assert!(failures.next().is_none(), "one error is enough");
                return error.clone();
            }
            assert!(patience.lasts().await, "everything can be looked at");
        }
    }

    /// Plans; gives what the operator is told.
    pub async fn told(&self, graph: &Graph<Account>) -> Vec<String> {
        let (events, mut told) = Events::channel();
        graph.plan(&Run { events, ..self.run() }).await;
        let told = std::iter::from_fn(|| told.try_recv().ok());
        let text = |event: Event| if let Stage::Told { what } = event.stage { Some(what) } else { None };
        told.filter_map(text).collect()
    }

    /// Converges; fails the test if a node failed.
    pub async fn converge(&self, graph: &Graph<Account>, plan: &Plan) -> Report {
        let report = graph.converge(plan, &self.run()).await;
        assert!(report.is_success(), "{report:#?}");
        report
    }

    /// Converges; gives the one error that a node failed with.
    pub async fn failure(&self, graph: &Graph<Account>, plan: &Plan) -> Error {
        let report = graph.converge(plan, &self.run()).await;
        let mut failures = report.failures();
        let (_, error) = failures.next().expect("a node fails");
        assert!(failures.next().is_none(), "one error is enough");
        error.clone()
    }

    /// Plans, deletes what is replaced, and converges, whatever the plan shows.
    pub async fn apply(&self, graph: &Graph<Account>) {
        let plan = self.plan(graph).await;
        self.delete(graph, &plan, |step| step.action == Some(Action::Replace)).await;
        self.converge(graph, &plan).await;
    }

    /// Applies once, and then plans until the plan is empty.
    pub async fn settle(&self, graph: &Graph<Account>) -> Plan {
        self.apply(graph).await;
        self.in_sync(graph).await
    }

    /// Deletes; fails the test if something could not be deleted.
    pub async fn delete(&self, graph: &Graph<Account>, plan: &Plan, doomed: impl Fn(&Step) -> bool) -> Report {
        let report = graph.delete(plan, doomed, &self.run()).await;
        assert!(report.is_success(), "{report:#?}");
        report
    }

    /// Deletes; gives what could not be deleted, and why, in the order of keys.
    pub async fn undeletable(
        &self,
        graph: &Graph<Account>,
        plan: &Plan,
        doomed: impl Fn(&Step) -> bool,
    ) -> Vec<(Key, Error)> {
        let report = graph.delete(plan, doomed, &self.run()).await;
        let mut failures: Vec<_> = report.failures().map(|(key, error)| (key.clone(), error.clone())).collect();
        failures.sort_by(|(one, _), (other, _)| one.cmp(other));
        failures
    }

    /// A run that looks again soon: what was done is seen within seconds.
    fn run(&self) -> Run {
        let (first, longest) = (Duration::from_millis(20), Duration::from_millis(250));
        let (retry, creations) = (Retry { first, longest, total: Duration::from_secs(15) }, self.creations.clone());
        Run { retry, creations, ..Run::new(Events::ignored()) }
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
        way: Way::Bootstrap,
        bootstrap_role: "OrganizationAccountAccessRole".into(),
        session_name: "law".into(),
        external_id: None,
        source_identity: None,
        session_tags: Vec::new(),
        duration: Duration::from_hours(1),
    };
    let (fleet, region, sandbox) = (FLEET.into(), REGION.into(), Some(endpoint));
    Options { fleet, region, profile: None, sandbox, entry, parallelism: 8, losses: Losses::default() }
}

/// The weather of a test. A failing one shows what it printed.
#[expect(clippy::print_stdout, reason = "the test's own output")]
fn weather() -> Weather {
    let clock = || SystemTime::UNIX_EPOCH.elapsed().map_or(0, |time| u64::from(time.subsec_nanos()));
    let seed = env::var("SEED").map_or_else(|_| clock(), |seed| seed.parse().expect("SEED is a number"));
    println!("SEED={seed}");
    format!("{WEATHER}, seed={seed}").parse().unwrap()
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
