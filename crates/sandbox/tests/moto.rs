//! What a program with an SDK sees: `moto.py`, run by the sandbox's own Python.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::{own_state, silent};
use sandbox::attach;
use sandbox::front::Weather;
use tokio::process::Command;

#[tokio::test]
async fn an_sdk_is_answered_as_aws_would() {
    let (_directory, home) = own_state();
    let sandbox = attach(&home, Weather::default(), &silent).await.unwrap();
    let mut calls = Command::new(home.python());
    calls.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/moto.py"));
    calls.args([sandbox.server(), sandbox::ACCOUNT_ID]);
    let output = calls.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
