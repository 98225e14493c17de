//! A world for one test.

use std::env;
use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use boto3::Boto3;
use sandbox::{Home, Nursery};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::binary::{binary, repository};
use crate::mother::Mother;
use crate::run::Run;

/// The project account that most tests work on.
pub const DEV: &str = "headless-cms-dev";

/// A fleet's files, a local AWS, and the ways to both. It is gone when it is dropped.
#[derive(Debug)]
pub struct World {
    // Dropped first: it stops the server, whose files are in the folder.
    driver: Mutex<Boto3>,
    folder: TempDir,
    /// Where the local AWS answers.
    pub endpoint: String,
    python: PathBuf,
}

impl World {
    /// A copy of the repository's fleet without what runs in its accounts, so that there is nothing of the common account to
    /// be made; and an empty AWS.
    pub fn new() -> Self {
        let world = Self::whole();
        for file in [DEV, "storefront-dev", "verb-common"] {
            let path = world.folder().join(format!("accounts/{file}.toml"));
            let text = fs::read_to_string(&path).unwrap();
            let names = text.find("[dns]").expect("the example has names, and services and the like after them");
            fs::write(path, &text[..names]).unwrap();
        }
        world
    }

    /// A copy of the repository's fleet, and an empty AWS.
    pub fn whole() -> Self {
        let world = Self::start(nursery());
        copy_fleet(world.folder());
        world
    }

    /// The same as [`new`](Self::new) with [`onboard`](Self::onboard) after it, which is done once for all tests.
    pub fn onboarded() -> Self {
        static MOTHER: OnceLock<Mother> = OnceLock::new();
        MOTHER.get_or_init(|| Mother::of(Self::new().with_account())).copy()
    }

    /// The same as [`whole`](Self::whole) with [`onboard`](Self::onboard) after it, which is done once for all tests.
    pub fn whole_onboarded() -> Self {
        static MOTHER: OnceLock<Mother> = OnceLock::new();
        MOTHER.get_or_init(|| Mother::of(Self::whole().with_account())).copy()
    }

    fn with_account(self) -> Self {
        self.onboard();
        self
    }

    /// A world whose AWS comes from this nursery, without files.
    pub(crate) fn start(nursery: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut start = orgstrap_in(folder.path(), ["sandbox", "start", "--format", "json"]);
        start.env("ORGSTRAP_SANDBOX_NURSERY", nursery);
        let started = run(start);
        let endpoint = started.exits(0).json()["endpoint"].as_str().unwrap().to_owned();
        let python = Home::from_env(|name| env::var(name).ok()).unwrap().python();
        let mut command = isolated(&python, folder.path());
        command.envs(credentials(&endpoint));
        let driver = Boto3::start(
            command,
            concat!(include_str!("services.py"), include_str!("driver.py")),
            &[binary().to_str().unwrap(), "sandbox", "stop"],
        );
        Self { driver: Mutex::new(driver), folder, endpoint, python }
    }

    /// The folder of `orgstrap.toml`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The Python that has boto3.
    pub fn python(&self) -> &str {
        self.python.to_str().unwrap()
    }

    /// The program with these arguments, not started yet.
    pub fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = orgstrap_in(self.folder(), arguments);
        command.arg("--sandbox").env("ORGSTRAP_SANDBOX_FAULTS", FEW_REGIONS);
        command
    }

    /// Runs the program in the sandbox, to its end. What it would read from a terminal is empty.
    #[track_caller]
    pub fn orgstrap(&self, arguments: &[&str]) -> Run {
        // What comes after `--` is another program's.
        let at = arguments.iter().position(|argument| *argument == "--").unwrap_or(arguments.len());
        let mut all = arguments.to_vec();
        all.insert(at, "--sandbox");
        let mut command = orgstrap_in(self.folder(), all);
        run({
            command.env("ORGSTRAP_SANDBOX_FAULTS", FEW_REGIONS);
            command
        })
    }

    /// The program without `--sandbox`, as for an endpoint of the user's own.
    pub fn orgstrap_at_endpoint(&self, arguments: &[&str]) -> Run {
        let mut command = orgstrap_in(self.folder(), arguments);
        run({
            command.envs(credentials(&self.endpoint));
            command
        })
    }

    /// Onboards the account that most tests work on.
    #[track_caller]
    pub fn onboard(&self) -> Run {
        self.orgstrap(&["onboard", DEV]).exits(0)
    }

    /// Runs Python with boto3 and the helpers of `driver.py`; gives the value of its last expression.
    #[track_caller]
    pub fn boto3(&self, code: &str) -> Value {
        self.driver.lock().unwrap_or_else(PoisonError::into_inner).ask(code)
    }

    /// Everything in the project account, with its ids.
    #[track_caller]
    pub fn objects(&self) -> Value {
        self.boto3("member().objects()")
    }

    /// Everything in the project account, with each id replaced by what the object is for.
    #[track_caller]
    pub fn canonical(&self) -> Value {
        self.boto3("canonical(member().objects())")
    }

    /// Everything in the common account, in the same way.
    #[track_caller]
    pub fn canonical_common(&self) -> Value {
        self.boto3("canonical(member('verb-common').objects())")
    }

    /// Switches off what moto does not have, for runs that go to moto without the front.
    pub fn leave_to_moto(&self) {
        let lacks = |control| format!("{control} = {{ off = \"this AWS does not have it\" }}\n");
        let lacking = ["access_analyzer", "ecr_settings", "ecs_settings", "instance_metadata"].map(lacks).concat();
        self.edit("orgstrap.toml", "[ledger]", &format!("[hardening]\n{lacking}\n[ledger]"));
    }

    /// Replaces a part of a file of the fleet, which has to be there.
    #[track_caller]
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.folder().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(path, text.replace(from, to)).unwrap();
    }
}

/// Fails the test unless two answers of [`World::objects`] or [`World::canonical`] are equal; names what differs.
#[track_caller]
pub fn assert_same(actual: &Value, expected: &Value, when: &str) {
    let mut said = String::new();
    for (kind, expected) in expected.as_object().unwrap() {
        let (actual, expected) = (actual[kind].as_array().unwrap(), expected.as_array().unwrap());
        let only = |these: &[Value], those: &[Value]| -> Vec<Value> {
            these.iter().filter(|item| !those.contains(item)).cloned().collect()
        };
        if actual != expected {
            let (more, less) = (Value::from(only(actual, expected)), Value::from(only(expected, actual)));
            let _ =
                write!(said, "\n{kind}: {} instead of {}, there is {more}, not {less}", actual.len(), expected.len());
        }
    }
    assert!(said.is_empty(), "{when}: {said}");
}

/// Fails the test unless the project account is the same as another one, has no object twice, and is there once.
#[track_caller]
pub fn assert_whole(world: &World, meant: &Value, when: &str) {
    assert_same(&world.canonical(), meant, when);
    let keys =
        "keys = [tags[KEY] for _, _, tags in tagged(member().objects()) if KEY in tags]; len(keys) - len(set(keys))";
    assert_eq!(world.boto3(keys), 0, "{when}: an object is there twice");
    let names = "pages = root('organizations').get_paginator('list_accounts').paginate()\n\
                 [a['Name'] for page in pages for a in page['Accounts']].count('headless-cms-dev')";
    assert_eq!(world.boto3(names), 1, "{when}: the account is not there once");
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// What is done in every region is done often enough in three of them.
pub(crate) const FEW_REGIONS: &str = "regions=3";

/// The program, in an environment that has nothing of the caller's AWS or orgstrap.
pub fn orgstrap_in(folder: &Path, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = isolated(binary(), folder);
    command.args(arguments);
    command
}

/// Runs a command to its end.
pub fn run(mut command: Command) -> Run {
    command.stdin(Stdio::null()).output().unwrap().into()
}

/// A program in a folder, without what the caller's environment says about AWS and about orgstrap, but for where moto
/// is installed.
fn isolated(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    let kept = ["ORGSTRAP_CACHE_DIR", "ORGSTRAP_PYTHON"];
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if (text.starts_with("AWS_") || text.starts_with("ORGSTRAP_")) && !kept.contains(&text.as_ref()) {
            command.env_remove(name);
        }
    }
    command.current_dir(folder).env("ORGSTRAP_SANDBOX_HOME", folder.join(".sandbox"));
    command.env("AWS_CONFIG_FILE", folder.join("none")).env("AWS_SHARED_CREDENTIALS_FILE", folder.join("none"));
    command.env("AWS_EC2_METADATA_DISABLED", "true").env_remove("CLICOLOR_FORCE");
    command.env("ORGSTRAP_SANDBOX_NURSERY", nursery());
    // Where the example's fleet says that the value of a secret comes from.
    command.env("GITHUB_TOKEN", "ghp-of-the-tests");
    command
}

/// Where the servers of all tests come from.
fn nursery() -> &'static Path {
    static NURSERY: OnceLock<PathBuf> = OnceLock::new();
    NURSERY.get_or_init(|| {
        let home = Home::from_env(|name| env::var(name).ok()).unwrap();
        let shared = Runtime::new().unwrap().block_on(Nursery::shared(&home)).unwrap();
        shared.nursery().unwrap().to_owned()
    })
}

pub(crate) fn credentials(endpoint: &str) -> [(&'static str, &str); 4] {
    [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", sandbox::ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", sandbox::SECRET_ACCESS_KEY),
        ("AWS_DEFAULT_REGION", "us-west-1"),
    ]
}

fn copy_fleet(to: &Path) {
    fs::copy(repository().join("orgstrap.toml"), to.join("orgstrap.toml")).unwrap();
    for folder in ["accounts", "policies", "policies/scp"] {
        fs::create_dir(to.join(folder)).unwrap();
        for file in fs::read_dir(repository().join(folder)).unwrap().map(Result::unwrap) {
            if file.file_type().unwrap().is_file() {
                fs::copy(file.path(), to.join(folder).join(file.file_name())).unwrap();
            }
        }
    }
}

/// Every file below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
