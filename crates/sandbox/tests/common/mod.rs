//! What the tests share: homes, calls to moto, helper processes and a false Python.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sandbox::{Home, Progress};
use tempfile::TempDir;

/// A state of the test's own, on the user's installation, so that moto is installed only once.
pub(crate) fn own_state() -> (TempDir, Home) {
    let directory = tempfile::tempdir().unwrap();
    let home = Home::from_env(|name| std::env::var(name).ok()).unwrap();
    let home = home.with_state(directory.path());
    (directory, home)
}

/// Ends the kept server however the test ends.
pub(crate) struct Stopped(pub(crate) Home);

impl Drop for Stopped {
    fn drop(&mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let home = self.0.clone();
        // On a thread of its own, since a test's runtime cannot wait for another one.
        let stop = std::thread::spawn(move || runtime.unwrap().block_on(sandbox::stop(&home)));
        let _ = stop.join();
    }
}

pub(crate) fn silent(_: Progress) {}

/// Sends one unsigned call to a service of the sandbox; gives the whole answer.
pub(crate) fn call(endpoint: &str, service: &str, body: &str) -> String {
    let address = endpoint.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len(),
        sandbox::ACCESS_KEY_ID,
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

pub(crate) fn create_role(endpoint: &str, name: &str) -> String {
    let body = format!("Action=CreateRole&Version=2010-05-08&RoleName={name}&AssumeRolePolicyDocument=%7B%7D");
    call(endpoint, "iam", &body)
}

pub(crate) fn has_role(endpoint: &str, name: &str) -> bool {
    let body = format!("Action=GetRole&Version=2010-05-08&RoleName={name}");
    call(endpoint, "iam", &body).starts_with("HTTP/1.1 200")
}

/// Runs an ignored test of this binary as another process, for what must happen to a process:
/// another environment, or being killed. Its home is in `HELPER_HOME`.
pub(crate) fn helper(test: &str, home: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", test, "--nocapture"]);
    command.env("HELPER_HOME", home).stdout(Stdio::piped());
    command
}

/// Runs a [`helper`] to its end.
pub(crate) fn succeeds(helper: &mut Command) {
    let output = helper.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

/// The home that [`helper`] has passed on.
pub(crate) fn helper_home() -> PathBuf {
    PathBuf::from(std::env::var_os("HELPER_HOME").unwrap())
}

/// Reads what a helper prints until a line has the text; gives that line.
pub(crate) fn line_with(child: &mut Child, text: &str) -> String {
    use std::io::BufRead;
    let output = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut lines = output.lines().map(Result::unwrap);
    lines.find(|line| line.contains(text)).unwrap_or_else(|| panic!("the helper never said {text}"))
}

/// Waits until the condition holds, or fails the test.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < Duration::from_secs(20), "waited too long until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether anybody listens on the port.
pub(crate) fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// The port of an address such as `http://127.0.0.1:41267`.
pub(crate) fn port(endpoint: &str) -> u16 {
    endpoint.rsplit(':').next().unwrap().parse().unwrap()
}

/// A shell script that passes for a Python 3.12. The environment that it makes has itself as
/// Python; `pip` is what its pip does.
pub(crate) fn false_python(directory: &Path, pip: &str) -> String {
    let script = format!(
        r#"#!/bin/sh
case "$*" in
  *"import sys"*) echo 3 12 ;;
  *"-m venv"*) for last; do :; done; mkdir -p "$last/bin" && cp "$0" "$last/bin/python" ;;
  *"-m pip"*) {pip} ;;
esac
"#
    );
    write_program(&directory.join("false-python"), &script)
}

pub(crate) fn write_program(path: &Path, script: &str) -> String {
    std::fs::write(path, script).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The directories of environments in a cache, finished or not.
pub(crate) fn environments(cache: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cache).unwrap().map(|entry| entry.unwrap());
    let named = entries.filter(|entry| entry.file_name().to_str().unwrap().starts_with("moto-"));
    named.map(|entry| entry.path()).collect()
}
