//! The sandbox of one command.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![expect(clippy::print_stdout, reason = "how a helper process talks to its test")]

mod common;

use common::{create_role, eventually, has_role, helper, helper_home, line_with, listens, own_state, port, silent};
use sandbox::front::Weather;
use sandbox::{Progress, attach, status};

#[tokio::test]
async fn it_ends_when_closed_or_dropped() {
    let (_directory, home) = own_state();
    let progress = std::sync::Mutex::new(Vec::new());
    let note = |step| progress.lock().unwrap().push(step);
    let closed = attach(&home, Weather::default(), &note).await.unwrap();
    let dropped = attach(&home, Weather::default(), &silent).await.unwrap();
    assert!(!closed.kept());
    assert_eq!(status(&home).await.unwrap(), None);
    let ready = Progress::Ready { endpoint: closed.endpoint() };
    assert_eq!(progress.lock().unwrap().last(), Some(&ready));

    create_role(closed.server(), "made");
    assert!(has_role(closed.server(), "made"));
    assert!(!has_role(dropped.server(), "made"), "each is a world of its own");

    let (first, second) = (port(closed.server()), port(dropped.server()));
    closed.close().await;
    assert!(!listens(first));
    drop(dropped);
    eventually("the dropped one is gone", || !listens(second));
}

#[tokio::test]
async fn it_ends_when_its_owner_is_killed() {
    let (directory, _home) = own_state();
    let mut owner = helper("attach_and_wait", directory.path()).spawn().unwrap();
    let line = line_with(&mut owner, "endpoint=");
    let port = port(&line);
    assert!(listens(port));
    owner.kill().unwrap();
    owner.wait().unwrap();
    eventually("the server is gone", || !listens(port));
}

#[tokio::test]
#[ignore = "runs in a process of its own"]
async fn attach_and_wait() {
    let (_directory, home) = own_state();
    let sandbox = attach(&home.with_state(helper_home()), Weather::default(), &silent).await.unwrap();
    println!("\nendpoint={}", sandbox.server());
    std::future::pending::<()>().await;
}
