//! A local AWS with a front before it, and boto3 to call both.

use std::env;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use boto3::Boto3;
use sandbox::front::{Front, Hook, Weather};
use sandbox::{Home, Sandbox};
use serde_json::Value;

/// What takes seconds to start: moto, and boto3 that calls it.
struct Started {
    boto3: Mutex<Boto3>,
    sandbox: Sandbox,
}

/// What tests are done with. The next one empties it first, so it is as good as new.
static IDLE: Mutex<Vec<Started>> = Mutex::new(Vec::new());

/// See the module. Each test has a world of its own.
pub(crate) struct Bench {
    pub(crate) front: Front,
    started: Option<Started>,
}

impl Bench {
    /// A front in this weather.
    pub(crate) async fn new(weather: &str) -> Self {
        Self::with(weather, None).await
    }

    /// The same with a hook.
    pub(crate) async fn with(weather: &str, hook: Option<Hook>) -> Self {
        let idle = IDLE.lock().unwrap().pop();
        let started = match idle {
            Some(started) => started,
            None => Started::new().await,
        };
        let weather: Weather = weather.parse().unwrap();
        let front = Front::start_with(started.sandbox.server(), weather, hook).await.unwrap();
        let begin = format!("begin('{}')", front.endpoint());
        let bench = Self { front, started: Some(started) };
        bench.ask(&begin);
        bench
    }

    /// Runs Python in which `moto` and `front` are the two ways in; gives the value of its last expression.
    #[track_caller]
    pub(crate) fn ask(&self, code: &str) -> Value {
        let boto3 = &self.started.as_ref().unwrap().boto3;
        // boto3 is asked in another process while the front answers in this one.
        tokio::task::block_in_place(|| boto3.lock().unwrap().ask(code))
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // After a failure, nobody knows what is still going on in there.
        if !std::thread::panicking() {
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).extend(self.started.take());
        }
    }
}

impl Started {
    async fn new() -> Self {
        let home =
            Home::from_env(|name| env::var(name).ok()).unwrap().with_state(Path::new(env!("CARGO_TARGET_TMPDIR")));
        let sandbox = sandbox::attach(&home, Weather::default(), &|_| {}).await.unwrap();
        let mut python = Command::new(home.python());
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
            python.env_remove(name);
        }
        python.envs([("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")]);
        let arguments = [sandbox.server(), sandbox::ACCESS_KEY_ID];
        let boto3 = Mutex::new(Boto3::start(python, include_str!("bench.py"), &arguments));
        Self { boto3, sandbox }
    }
}
