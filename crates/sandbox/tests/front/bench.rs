//! A local AWS with a front before it, and boto3 to call both.

use std::env;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use boto3::Boto3;
use sandbox::front::{Front, Hook, Weather};
use sandbox::{Home, Nursery, Sandbox};
use serde_json::Value;
use tempfile::TempDir;

/// See the module. Each test has a world of its own, which is gone when this is dropped.
pub(crate) struct Bench {
    pub(crate) front: Front,
    boto3: Mutex<Boto3>,
    _moto: Sandbox,
    _folder: TempDir,
}

impl Bench {
    /// A front in this weather.
    pub(crate) async fn new(weather: &str) -> Self {
        Self::with(weather, None).await
    }

    /// The same with a hook.
    pub(crate) async fn with(weather: &str, hook: Option<Hook>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::from_env(|name| env::var(name).ok()).unwrap().with_state(folder.path());
        let home = Nursery::shared(&home).await.unwrap();
        let moto = sandbox::attach(&home, Weather::default(), &|_| {}).await.unwrap();
        let weather: Weather = weather.parse().unwrap();
        let front = Front::start_with(moto.server(), weather, hook).await.unwrap();
        let arguments = [sandbox::ACCESS_KEY_ID, moto.server(), &front.endpoint()];
        let boto3 = Mutex::new(Boto3::start(python(&home), include_str!("bench.py"), &arguments));
        Self { front, boto3, _moto: moto, _folder: folder }
    }

    /// Runs Python in which `moto` and `front` are the two ways in; gives the value of its last expression.
    #[track_caller]
    pub(crate) fn ask(&self, code: &str) -> Value {
        // boto3 is asked in another process while the front answers in this one.
        tokio::task::block_in_place(|| self.boto3.lock().unwrap_or_else(PoisonError::into_inner).ask(code))
    }
}

/// The sandbox's Python, in an environment that leads to no account.
fn python(home: &Home) -> Command {
    let mut python = Command::new(home.python());
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        python.env_remove(name);
    }
    python.envs([("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")]);
    python
}
