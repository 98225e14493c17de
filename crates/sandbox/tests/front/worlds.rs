//! A moto of its own for each test, without the seconds that it takes to start one.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use sandbox::Home;
use serde_json::Value;

/// The process that they are made by, which ends with this one.
static MAKER: Mutex<Option<Maker>> = Mutex::new(None);

struct Maker {
    _process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// A moto, which is gone when this is dropped.
pub(crate) struct World {
    pub(crate) endpoint: String,
    process: u64,
}

impl World {
    /// A new and empty one.
    pub(crate) fn new(home: &Home) -> Self {
        let mut maker = MAKER.lock().unwrap();
        let maker = maker.get_or_insert_with(|| Maker::new(home));
        writeln!(maker.orders, "new").unwrap();
        let mut line = String::new();
        maker.answers.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        Self { endpoint: answer["endpoint"].as_str().unwrap().to_owned(), process: answer["pid"].as_u64().unwrap() }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(maker) = &mut *MAKER.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = writeln!(maker.orders, "end {}", self.process);
        }
    }
}

impl Maker {
    fn new(home: &Home) -> Self {
        let mut python = python(home);
        python.args(["-c", include_str!("worlds.py"), concat!(env!("CARGO_MANIFEST_DIR"), "/python/launcher.py")]);
        let mut process = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (orders, answers) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        Self { _process: process, orders, answers }
    }
}

/// The sandbox's Python, in an environment that leads to no account.
pub(crate) fn python(home: &Home) -> Command {
    let mut python = Command::new(home.python());
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        python.env_remove(name);
    }
    python.envs([("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")]);
    python
}
